"""The folder of a batch: what counts as done, what is never lost, how plans are called."""

import json
import os
from pathlib import Path

import pytest

from stringart.errors import OutputError
from stringart.many.folder import RECORD, BatchFolder, File, plan_names

LOCK = ".stringart-one-batch-at-a-time.lock"


def keep(folder: BatchFolder, name: str, key: str, data: bytes, told: dict[str, object] | None = None) -> list[str]:
    return folder.keep([File(name=name, key=key, data=data, told=told or {})])


def test_what_is_kept_is_done_for_the_same_key_only(tmp_path: Path) -> None:
    with BatchFolder(tmp_path / "new" / "out") as folder:
        assert folder.entry("a.json", "k") is None
        assert keep(folder, "a.json", "k", b"plan", {"about": {"chords": 3}}) == []
        assert folder.entry("a.json", "other") is None
    with BatchFolder(tmp_path / "new" / "out") as folder:
        entry = folder.entry("a.json", "k")
        assert entry is not None
        assert entry["about"] == {"chords": 3}
    assert sorted(path.name for path in (tmp_path / "new" / "out").iterdir()) == [RECORD, LOCK, "a.json"]


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b"null", b'{"format":"stringart-batch","version":2,"files":{}}', b'{"format":1}', b"\xff" * 9],
)
def test_a_damaged_record_means_made_again(tmp_path: Path, damage: bytes) -> None:
    with BatchFolder(tmp_path) as folder:
        keep(folder, "a.json", "k", b"plan")
    (tmp_path / RECORD).write_bytes(damage)
    with BatchFolder(tmp_path) as folder:
        assert folder.entry("a.json", "k") is None
        assert keep(folder, "a.json", "k", b"plan") == []  # the same bytes: nothing to keep aside
        assert folder.entry("a.json", "k") is not None


def test_a_changed_or_missing_file_is_not_done(tmp_path: Path) -> None:
    with BatchFolder(tmp_path) as folder:
        for name in ("a.json", "b.json"):
            keep(folder, name, "k", b"plan")
        (tmp_path / "a.json").write_bytes(b"plan, changed")
        (tmp_path / "b.json").unlink()
        assert folder.entry("a.json", "k") is None
        assert folder.entry("b.json", "k") is None


def test_what_others_wrote_is_kept_aside(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"somebody's")
    with BatchFolder(tmp_path) as folder:
        assert keep(folder, "a.json", "k", b"plan") == ["the 'a.json' that was there is kept as 'a.json.old'"]
        assert keep(folder, "a.json", "k2", b"plan 2") == []  # ours
        (tmp_path / "a.json").write_bytes(b"changed by hand")
        assert keep(folder, "a.json", "k3", b"plan 3") == ["the 'a.json' that was there is kept as 'a.json.old1'"]
    assert [(tmp_path / name).read_bytes() for name in ("a.json", "a.json.old", "a.json.old1")] == [
        b"plan 3", b"somebody's", b"changed by hand",
    ]  # fmt: skip


def test_one_batch_at_a_time(tmp_path: Path) -> None:
    with BatchFolder(tmp_path), pytest.raises(OutputError, match="another batch is at work"):
        BatchFolder(tmp_path)
    with BatchFolder(tmp_path):
        pass


def test_a_batch_that_waited_for_the_lock_is_not_joined_by_another(tmp_path: Path) -> None:
    first = BatchFolder(tmp_path)
    waiting = os.open(tmp_path / LOCK, os.O_RDWR)  # a second batch, between opening the file and locking it
    first.__exit__()
    try:
        assert os.path.samestat(os.fstat(waiting), (tmp_path / LOCK).stat())  # a third one locks the same file
    finally:
        os.close(waiting)


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(OutputError, match="cannot write to"):
        BatchFolder(tmp_path / "out")


def test_the_record_says_what_it_is(tmp_path: Path) -> None:
    with BatchFolder(tmp_path) as folder:
        keep(folder, "é.json", "k", b"plan")
    record = json.loads((tmp_path / RECORD).read_bytes())
    assert (record["format"], record["version"], list(record["files"])) == ("stringart-batch", 1, ["é.json"])


@pytest.mark.parametrize(
    ("photos", "names"),
    [
        (["cat.jpg", "x/dog.jpg"], ["cat", "dog"]),
        (["cat.jpg", "cat.png", "dog.jpg"], ["cat.jpg", "cat.png", "dog"]),
        (["a/cat.jpg", "b/cat.jpg", "b/cat.png"], ["a-cat.jpg", "b-cat.jpg", "cat.png"]),
        (["Cat.jpg", "cAT.JPG"], ["Cat", "cAT-2"]),  # one file where case does not count
        (["x/a/cat.jpg", "y/a/cat.jpg"], ["x-a-cat.jpg", "y-a-cat.jpg"]),
        (["a/b.jpg", "c/b.jpg", "a-b.jpg.png"], None),
        ([".stringart-batch.jpg"], [".stringart-batch-2"]),
        ([], []),
    ],
)
def test_no_two_plans_have_one_name(photos: list[str], names: list[str] | None) -> None:
    found = plan_names(photos)
    assert names is None or found == names
    assert len({name.casefold() for name in found}) == len(photos)
