"""Files that are whole or not there, on real folders, pipes, links and a real full disk."""

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firmware_io import Job, Step
from stringart.errors import OutputError, PlanError, StringartError
from stringart.files import read_bytes, write_atomically
from stringart.machine.own_profile import write_profile
from stringart.many.certificates import Certificate, keep_certificate
from stringart.plan.model import Thread
from stringart.runs.journals import begin_journal
from stringart.threads.own_threads import save_thread


def refusal(path: Path | str, data: bytes = b"new") -> OutputError:
    with pytest.raises(OutputError) as caught:
        write_atomically(path, data)
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_file_is_written_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    write_atomically(tmp_path / "плàn.json", b"data")
    assert [p.name for p in tmp_path.iterdir()] == ["плàn.json"]
    assert (tmp_path / "плàn.json").read_bytes() == b"data"


def test_a_new_file_has_the_users_permissions_and_a_replaced_one_keeps_its_own(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "new", b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    (tmp_path / "new").chmod(0o604)
    write_atomically(tmp_path / "new", b"again")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o604


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("elsewhere/real")
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "elsewhere" / "real").read_bytes() == b"new"


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 64 KB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if sys.platform != "linux" or os.getuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root can mount the small file system that this test fills")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_said_and_the_old_file_survives(full_disk: Path) -> None:
    write_atomically(full_disk / "plan.json", b"old" * 1000)
    error = refusal(full_disk / "plan.json", b"x" * 100_000)
    assert str(error).endswith("the disk is full")
    assert "free some space" in error.hint
    assert (full_disk / "plan.json").read_bytes() == b"old" * 1000
    assert [p.name for p in full_disk.iterdir()] == ["plan.json"]


@pytest.fixture
def read_only_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in which nothing can be made, for root neither."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "plan.json").write_bytes(b"old")
    if os.getuid() == 0:
        bind = ["mount", "--bind", "-o", "ro", str(folder), str(folder)]
        if subprocess.run(bind, capture_output=True).returncode:
            pytest.skip("root writes everywhere, and a read-only mount cannot be made here")
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        yield folder
        subprocess.run(["umount", str(folder)], check=True)
    else:
        folder.chmod(0o555)
        yield folder
        folder.chmod(0o755)


def test_a_read_only_folder_is_said_and_the_old_file_survives(read_only_folder: Path) -> None:
    error = refusal(read_only_folder / "plan.json")
    assert "read-only" in str(error) or "permission is denied" in str(error)
    assert (read_only_folder / "plan.json").read_bytes() == b"old"


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "plan.json").write_bytes(b"old")

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "plan.json", b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["plan.json"]
    assert (tmp_path / "plan.json").read_bytes() == b"old"


def test_a_killed_write_leaves_the_old_file(tmp_path: Path) -> None:
    """SIGKILL in the middle: nobody tidies up, and the old file is whole."""
    (tmp_path / "plan.json").write_bytes(b"old")
    code = (
        "import os, signal, stringart.files as f\n"
        "os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"f.write_atomically({str(tmp_path / 'plan.json')!r}, b'new' * 100000)\n"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == -9
    assert (tmp_path / "plan.json").read_bytes() == b"old"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("no/such/plan.json", "the folder does not exist"),
        ("file/plan.json", "its folder is a file"),
        ("folder", "it is a folder"),
        ("x" * 300, "the name is too long"),
        ("a\0b", "null"),
        ("loop/plan.json", "loop"),
    ],
)
def test_places_that_cannot_be_written_are_refused(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    assert said in str(refusal(tmp_path / name)).lower()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder", "loop"]


@pytest.mark.parametrize("keep", ["a thread", "a profile", "a certificate", "a journal"])
def test_a_folder_of_the_users_own_that_cannot_be_made_is_said(tmp_path: Path, keep: str) -> None:
    """In one line that says what to do, to Python's callers too."""
    (tmp_path / "file").touch()
    target = tmp_path / "file" / "folder" / "kept"
    ways: dict[str, Callable[[], object]] = {
        "a thread": lambda: save_thread(Thread(name="red", color="#ff0000"), target),
        "a profile": lambda: write_profile(target, ""),
        "a certificate": lambda: keep_certificate(Certificate(key="", certificate="", authority=""), target),
        "a journal": lambda: begin_journal(target, "", Job.from_steps("job", [Step(lines=("G21",))]), {}),
    }
    with pytest.raises(StringartError) as caught:
        ways[keep]()
    assert str(caught.value).startswith(f"cannot make '{target.parent}': its folder is a file")
    assert caught.value.hint == "choose another folder"


def test_long_names_in_any_script_can_be_written(tmp_path: Path) -> None:
    write_atomically(tmp_path / ("щ" * 120), b"data")
    assert (tmp_path / ("щ" * 120)).read_bytes() == b"data"


def test_a_pipe_is_written_through(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=write_atomically, args=(tmp_path / "pipe", b"through"))
    writer.start()
    assert (tmp_path / "pipe").read_bytes() == b"through"
    writer.join()
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_reading_refuses_in_the_callers_kind(tmp_path: Path) -> None:
    (tmp_path / "ten").write_bytes(b"0123456789")
    assert read_bytes(tmp_path / "ten", PlanError, 10) == b"0123456789"
    for path, limit, said in (
        (tmp_path / "ten", 9, "more than the 9 bytes"),
        (tmp_path / "none", 9, "does not exist"),
        (tmp_path, 9, "cannot be read"),
        (tmp_path / "a\0b", 9, "cannot be read"),
    ):
        with pytest.raises(PlanError, match=said):
            read_bytes(path, PlanError, limit)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no endless file here")
def test_an_endless_file_is_refused() -> None:
    with pytest.raises(PlanError, match="more than the 1,000 bytes"):
        read_bytes("/dev/zero", PlanError, 1000)
