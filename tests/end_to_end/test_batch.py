"""``stringart batch`` and ``stringart sweep`` as a user runs them; with real workers where those are the point."""

import contextlib
import csv
import io
import json
import math
import os
import pty
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from command import STRINGART, Ended
from in_process import Here, called
from PIL import Image

from stringart.many.local_workers import remove_stale_scratch, stale_scratch
from stringart.plan.model import Plan

EXAMPLES = Path(__file__).parents[2] / "examples"
QUICK = ("--pins", "60", "--lines", "100", "--quality", "draft", "--importance", "none", "--crop", "centre")
LONGER = ("--pins", "160", "--lines", "1500", *QUICK[4:])
OUR_OWN = (".stringart-batch.json", ".stringart-one-batch-at-a-time.lock")
OF_ALL = ("contact-sheet.html", "contact-sheet.png", "pieces.csv", "pieces.json")
posix = pytest.mark.skipif(os.name != "posix", reason="signals")


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Here:
    """A crew of this process: that of workers makes the same bytes, as `test_killed_workers_lose_nothing` shows."""
    crew = Here()
    monkeypatch.setattr("stringart.cli._many.CrewOptions.open_crew", lambda options, pieces: crew.open(pieces))
    return crew


def make_photos(folder: Path, count: int, side: int = 120) -> list[str]:
    """Crops of an example, named 0.png, 1.png ...; return the names."""
    folder.mkdir(exist_ok=True)
    with Image.open(EXAMPLES / "camera.png") as image:
        for k in range(count):
            image.crop((20 * k, 10 * k, 20 * k + side, 10 * k + side)).save(folder / f"{k}.png")
    return [f"{folder.name}/{k}.png" for k in range(count)]


def files(folder: Path) -> dict[str, bytes]:
    """The pieces: what tells of all of them is left out."""
    found = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    return {name: data for name, data in found.items() if name not in (*OUR_OWN, *OF_ALL)}


def until(condition: Callable[[], object], what: str, limit_s: float = 300) -> None:
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@contextmanager
def begun(*arguments: str, cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """Run the command in a session of its own."""
    command = [*STRINGART, *arguments]
    with subprocess.Popen(command, cwd=cwd, stderr=subprocess.PIPE, text=True, start_new_session=True) as child:
        try:
            yield child
        finally:
            if child.poll() is None:
                child.kill()


def read_until(child: subprocess.Popen[str], beginning: str) -> None:
    assert child.stderr is not None
    for line in child.stderr:
        if line.startswith(beginning):
            return
    raise AssertionError(f"the command ended before it said {beginning!r}")


def are_gone(processes: list[psutil.Process]) -> bool:
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes)


def test_the_bytes_are_those_of_single_commands(tmp_path: Path, here: Here) -> None:
    photos = [str(EXAMPLES / "astronaut.jpg"), str(EXAMPLES / "chelsea.jpg")]
    words = (*QUICK, "--palette", "auto:2,black", "--background", "auto", "--crop", "20,20,270,270")
    ended = called("batch", *photos, "-o", "out", "--export", "png,steps.csv,gcode", *words, cwd=tmp_path)
    assert ended.status == 0, ended.err
    assert ended.out == b""
    assert ended.lines()[-1] == "2 made, 0 unchanged, in out"
    for photo in photos:
        name = Path(photo).stem
        single = ("-o", f"{name}.json", "-o", f"{name}.png", *words)
        assert called("design", photo, *single, cwd=tmp_path).status == 0
        export = ("-o", f"{name}.gcode", "-o", f"{name}.steps.csv")
        assert called("export", f"{name}.json", *export, cwd=tmp_path).status == 0
        for ending in ("json", "png", "gcode", "steps.csv"):
            assert (tmp_path / "out" / f"{name}.{ending}").read_bytes() == (tmp_path / f"{name}.{ending}").read_bytes()


def test_what_is_done_is_not_done_again_and_one_broken_photo_stops_nothing(tmp_path: Path, here: Here) -> None:
    photos = make_photos(tmp_path / "photos", 3)
    (tmp_path / "photos" / "1.png").write_bytes(b"no photo")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "0.png").write_bytes((tmp_path / "photos" / "2.png").read_bytes())
    words = ("batch", *photos, "-o", "out", *QUICK)
    first = called(*words, cwd=tmp_path)
    assert first.status == 1
    failure = "failed: photos/1.png: '1.png' is not a picture that can be read; save it as JPEG, PNG or TIFF"
    assert failure in first.lines()
    assert first.lines()[-3:] == [
        "2 made, 0 unchanged, in out",
        "error: 1 of 3 pieces failed: 1.png",
        "hint: the reasons stand above; the other 2 are done",
    ]
    before = files(tmp_path / "out")
    assert sorted(before) == ["0.json", "2.json"]
    make_photos(tmp_path / "photos", 3)
    second = called(*words, cwd=tmp_path)
    assert (second.status, second.lines()[-1]) == (0, "1 made, 2 unchanged, in out")
    third = called(*words, "other/0.png", "photos/0.png", cwd=tmp_path)
    assert (third.status, third.lines()[-1]) == (0, "2 made, 2 unchanged, in out")
    assert "1 photos are named twice; each is made once" in third.err
    assert "left as it is: 0.json; its photo's piece is called photos-0.png.json now" in third.lines()
    now = files(tmp_path / "out")
    assert sorted(now) == ["0.json", "1.json", "2.json", "other-0.png.json", "photos-0.png.json"]
    assert {name: now[name] for name in before} == before


def test_the_owner_is_told_of_every_piece_and_of_all_together(tmp_path: Path, here: Here) -> None:
    """In a table, as JSON and on a sheet; a line a piece only when asked for."""
    photos = make_photos(tmp_path / "photos", 3)
    words = ("batch", *photos, "-o", "out", *QUICK, "--palette", "black,#c8501e")
    ended = called(*words, cwd=tmp_path)
    assert ended.status == 0, ended.err
    assert not [line for line in ended.lines() if line.startswith("1 of 3")]
    total = next(line for line in ended.lines() if line.startswith("all 3: "))
    out = tmp_path / "out"
    *rows, last = csv.DictReader(io.StringIO((out / "pieces.csv").read_text()))
    told = json.loads((out / "pieces.json").read_text())
    assert [row["piece"] for row in rows] == ["0", "1", "2"] == [one["piece"] for one in told["pieces"]]
    for row, one in zip(rows, told["pieces"], strict=True):
        plan = Plan.load(out / f"{row['piece']}.json")
        assert int(row["chords"]) == one["chords"] == plan.chords == sum(used["chords"] for used in one["threads"])
        assert float(row["thread_m"]) * 1000 == pytest.approx(sum(used["thread_mm"] for used in one["threads"]), abs=60)
        assert float(row["score"]) == pytest.approx((one["near"] + one["far"]) / 2, abs=1e-4)
        assert one["hand_s"] == pytest.approx(sum(used["hand_s"] for used in one["threads"]))
    assert last["piece"] == "total"
    assert float(last["thread_m"]) == pytest.approx(sum(float(row["thread_m"]) for row in rows), abs=0.2)
    of_all = sum(used["thread_mm"] for used in told["totals"]["threads"]) / 1000
    assert f"{of_all:,.0f} m of thread" in total
    page = (out / "contact-sheet.html").read_text()
    assert re.findall(r'<img src="(contact-sheet/\d\.jpg)"', page) == [f"contact-sheet/{k}.jpg" for k in range(3)]
    for k in range(3):
        with Image.open(out / "contact-sheet" / f"{k}.jpg") as picture:
            assert picture.size == (400, 400)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file() and path.name not in OUR_OWN}
    again = called(*words, "--verbose", cwd=tmp_path)
    assert again.lines()[0].startswith("1 of 3: photos/0.png -> 0.json: ")
    changed = {path.name for path, data in before.items() if path.read_bytes() != data}
    assert changed == {"pieces.csv", "pieces.json"}  # made, and unchanged
    assert called(*words, "--quiet", cwd=tmp_path).err == ""
    assert called(*words, "--quiet", "--verbose", cwd=tmp_path).status == 2


def test_the_owner_is_told_what_the_thread_of_each_piece_and_of_all_costs(tmp_path: Path, here: Here) -> None:
    """Whole spools: three pieces alone take more of them than together; nothing is made anew for a price."""
    photos = make_photos(tmp_path / "photos", 3)
    words = ("batch", *photos, "-o", "out", *QUICK, "--spool", "50m", "--spare", "0")
    unpriced = called(*words, cwd=tmp_path)
    *rows, last = csv.DictReader(io.StringIO((tmp_path / "out" / "pieces.csv").read_text()))
    assert {row["cost"] for row in (*rows, last)} == {""}
    priced = called(*words, "--price", "2.50", cwd=tmp_path)
    assert priced.lines()[-1] == "0 made, 3 unchanged, in out"
    *rows, last = csv.DictReader(io.StringIO((tmp_path / "out" / "pieces.csv").read_text()))
    told = json.loads((tmp_path / "out" / "pieces.json").read_text())
    assert told["bought"] == {"spool_mm": 50_000, "spare": 0, "spool_price": 2.5}
    for row, one in zip(rows, told["pieces"], strict=True):
        assert one["spools"] == int(row["spools"]) == math.ceil(one["thread_mm"] / 49_700)  # a join takes two knots
        assert one["cost"] == float(row["cost"]) == 2.5 * one["spools"]
    of_all = math.ceil(sum(one["thread_mm"] for one in told["pieces"]) / 49_700)
    assert (int(last["spools"]), float(last["cost"]), told["totals"]["cost"]) == (of_all, 2.5 * of_all, 2.5 * of_all)
    assert f"to buy, 0% to spare: {of_all} spools of 50 m, {2.5 * of_all:.2f} together" in priced.lines()
    assert f"to buy, 0% to spare: {of_all} spools of 50 m" in unpriced.lines()


def test_what_became_of_photos_that_went_or_were_renamed_is_told(tmp_path: Path, here: Here) -> None:
    photos = make_photos(tmp_path / "photos", 4)
    assert called("batch", *photos, "-o", "out", *QUICK, cwd=tmp_path).status == 0
    (tmp_path / "photos" / "0.png").unlink()
    (tmp_path / "photos" / "1.png").rename(tmp_path / "photos" / "renamed.png")
    ended = called("batch", "photos/renamed.png", "photos/3.png", "-o", "out", *QUICK, cwd=tmp_path)
    assert ended.status == 0, ended.err
    left = [line for line in ended.lines() if line.startswith("left as it is: ")]
    assert left == [
        f"left as it is: 0.json; its photo {tmp_path / 'photos' / '0.png'} is gone",
        "left as it is: 1.json; its photo is called renamed.png now, and its piece renamed.json",
        "left as it is: 2.json; its photo was not named this time",
    ]
    assert list(json.loads((tmp_path / "out" / "pieces.json").read_text())["left_over"]) == [
        "0.json",
        "1.json",
        "2.json",
    ]
    assert sorted(files(tmp_path / "out")) == ["0.json", "1.json", "2.json", "3.json", "renamed.json"]


def test_a_photo_called_as_our_own_files_takes_no_place_of_theirs(tmp_path: Path, here: Here) -> None:
    (photo,) = make_photos(tmp_path / "photos", 1)
    names = [f"photos/{name}.png" for name in ("pieces", "contact-sheet")]
    for name in names:
        (tmp_path / name).write_bytes((tmp_path / photo).read_bytes())
    assert called("batch", *names, "-o", "out", *QUICK, cwd=tmp_path).status == 0
    assert sorted(files(tmp_path / "out")) == ["contact-sheet-2.json", "pieces-2.json"]


@posix
@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_leaves_finished_plans_and_no_process(tmp_path: Path, times: int) -> None:
    photos = make_photos(tmp_path / "photos", 12)
    words = ("batch", *photos, "-o", "out", "--workers", "1", "--verbose", *LONGER)
    with begun(*words, cwd=tmp_path) as child:
        read_until(child, "1 of 12")
        workers = psutil.Process(child.pid).children(recursive=True)
        for _ in range(times):
            os.killpg(child.pid, signal.SIGINT)
        assert child.stderr is not None
        rest = child.stderr.read()
        assert child.wait(300) == 130
    assert "pieces are done; the same command makes the rest" in rest
    assert "Traceback" not in rest
    until(lambda: are_gone(workers), "a worker is left")
    made = [name for name in files(tmp_path / "out") if name.endswith(".json")]
    assert 1 <= len(made) < 12
    for name in made:
        assert Plan.load(tmp_path / "out" / name).chords > 100
    assert set(files(tmp_path / "out")) == set(made)


@posix
def test_a_command_that_is_killed_leaves_no_process_and_nothing_for_ever(
    tmp_path: Path, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = make_photos(tmp_path / "photos", 12)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", None)
    with begun("batch", *photos, "-o", "out", "--workers", "1", "--verbose", *LONGER, cwd=tmp_path) as child:
        read_until(child, "1 of 12")
        workers = psutil.Process(child.pid).children(recursive=True)
        assert stale_scratch() == []
        child.kill()
    assert workers
    until(lambda: are_gone(workers), "a worker is left")
    assert len(stale_scratch()) == 1
    remove_stale_scratch()
    assert list(temporary.iterdir()) == []
    again = called("batch", *photos[:1], "-o", "out", *LONGER, cwd=tmp_path)
    assert again.status == 0, again.err


@posix
def test_a_terminal_shows_a_bar_over_all(tmp_path: Path) -> None:
    photos = make_photos(tmp_path / "photos", 2)
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "30"}
    command = [*STRINGART, "batch", *photos, "-o", "out", "--workers", "1", "--verbose", *QUICK]
    with subprocess.Popen(command, cwd=tmp_path, env=env, stderr=theirs) as child:
        os.close(theirs)
        parts = []
        with contextlib.suppress(OSError):  # Linux says so when the last process has gone
            while part := os.read(ours, 65536):
                parts.append(part)
        os.close(ours)
        assert child.wait(300.0) == 0
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", b"".join(parts).decode())
    assert re.search(r"pieces ━+ *2/2 0:00:0\d left", plain)
    assert "2 of 2: photos/" in plain
    assert plain.rstrip().endswith("2 made, 0 unchanged, in out")


def worker_processes(pid: int) -> list[psutil.Process]:
    """Children that make pieces, as soon as they are there."""
    try:
        children = psutil.Process(pid).children()
        return [child for child in children if "spawn_main" in " ".join(child.cmdline())]
    except psutil.NoSuchProcess:
        return []


def cpu_s(process: psutil.Process) -> float:
    return float(process.cpu_times().user)


def until_at_work(worker: psutil.Process) -> None:
    """Wait until it computes: between two pieces it has none to lose."""
    before_s = cpu_s(worker)
    until(lambda: cpu_s(worker) > before_s + 0.03, "the worker does nothing")


@posix
def test_killed_workers_lose_nothing(tmp_path: Path, here: Here) -> None:
    many = bool(os.environ.get("STRINGART_ALL_ACCIDENTS"))
    photos = make_photos(tmp_path / "photos", 6 if many else 4)
    assert called("batch", *photos, "-o", "calm", *LONGER, cwd=tmp_path).status == 0
    kills = 0
    with begun("batch", *photos, "-o", "out", "--workers", "2", "--verbose", *LONGER, cwd=tmp_path) as child:
        for made in (1, 2, 3) if many else (1, 2):  # by what is made, not by the clock: a fast computer is through soon
            read_until(child, f"{made} of {len(photos)}")
            with contextlib.suppress(psutil.NoSuchProcess, ValueError):  # it ended by itself, as did all
                worker = max(worker_processes(child.pid), key=cpu_s)  # not one that only begins
                until_at_work(worker)
                worker.kill()
                kills += 1
        assert child.stderr is not None
        rest = child.stderr.read()
        assert child.wait(400) == 0, rest
    assert kills >= 1
    assert files(tmp_path / "out") == files(tmp_path / "calm")


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "127.0.0.1:nowhere", "nobody://127.0.0.1:9"])
def test_a_scheduler_that_is_not_there_is_named(tmp_path: Path, address: str) -> None:
    photos = make_photos(tmp_path / "photos", 1)
    words = ("--scheduler", address, "--patience", "0.5")
    ended = called("batch", *photos, "-o", "out", *words, *QUICK, cwd=tmp_path)
    assert ended.status == 1
    error, hint = ended.lines()
    assert error.startswith(f"error: the scheduler '{address}' cannot be reached")
    assert hint.startswith("hint: is it running? stringart cluster start")


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--export", "png,xyz"), 1, "the ending '.xyz' is not known"),
        (("--machine", "nowhere"), 1, "the machine profile 'nowhere' is not known"),
        (("--memory", "2"), 2, "'2' is not an amount of memory"),
        (("--workers", "0"), 2, "0 is not in the range"),
        (("--scheduler", "tcp://127.0.0.1:1", "--workers", "2"), 2, "leave --workers and --memory out"),
        (("--importance", "nowhere.png"), 1, "'nowhere.png' does not exist"),
        (("--lines", "5", "--thread-length", "1m"), 2, "exclude each other"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_made(
    tmp_path: Path, words: tuple[str, ...], status: int, said: str
) -> None:
    photos = make_photos(tmp_path / "photos", 1)
    ended = called("batch", *photos, "-o", "out", *words, cwd=tmp_path)
    assert ended.status == status
    assert said in ended.err
    assert not (tmp_path / "out").exists()


def swept(tmp_path: Path, *words: str) -> Ended:
    return called("sweep", str(EXAMPLES / "chelsea.jpg"), "-o", "out", *words, *QUICK[2:], cwd=tmp_path)


def test_a_sweep_makes_every_combination_and_a_sheet(tmp_path: Path, here: Here) -> None:
    words = ("--pins", "60,80", "--palette", "black;auto:2", "--background", "#f0f0f0")
    ended = swept(tmp_path, *words)
    assert ended.status == 0, ended.err
    assert ended.lines()[0] == "4 pieces: 2 pins x 2 palette"
    plans = [name for name in files(tmp_path / "out") if name.endswith(".json")]
    assert len(plans) == 4
    name = "chelsea_pins-80_palette-auto-2"
    single = ("design", str(EXAMPLES / "chelsea.jpg"), "-o", "one.json", "--pins", "80", "--palette", "auto:2")
    assert called(*single, *words[4:], *QUICK[2:], cwd=tmp_path).status == 0
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "out" / f"{name}.json").read_bytes()
    page = (tmp_path / "out" / "contact-sheet.html").read_text()
    assert page.count("<li") == 4
    with Image.open(tmp_path / "out" / "contact-sheet.png") as sheet:
        assert sheet.width > 1000
    before = files(tmp_path / "out")
    again = swept(tmp_path, *words)
    assert again.lines()[-2] == "0 made, 4 unchanged, in out"
    assert again.lines()[-1].startswith("closest: ")
    assert files(tmp_path / "out") == before


def test_a_sweep_tells_what_failed_even_if_its_sheet_cannot_be_written(tmp_path: Path, here: Here) -> None:
    (tmp_path / "out" / "contact-sheet.png").mkdir(parents=True)
    ended = swept(tmp_path, "--pins", "40,48", "--size", "2500mm", "--export", "gcode")
    assert ended.status == 1
    told = [line for line in ended.lines() if line.startswith(("failed: ", "2 made", "0 made", "error: "))]
    assert [line.split(":")[0] for line in told] == ["failed", "failed", "0 made, 0 unchanged, in out", "error"]
    assert ": .gcode: " in told[0]
    assert "contact-sheet.png" in told[-1]


def test_a_sweep_takes_its_options_in_any_order(tmp_path: Path, here: Here) -> None:
    words = ("--workers", "1", "--pins", "40,48", "--machine", "grbl", "--memory", "1GB", "--export", "svg")
    ended = swept(tmp_path, *words)
    assert ended.status == 0, ended.err
    made = {Path(name).suffix for name in files(tmp_path / "out") if name.startswith("chelsea")}
    assert made == {".json", ".png", ".svg"}
    ended = swept(tmp_path, "--machine", "nowhere", "--pins", "40,48", "--export", "gif")
    assert ended.lines()[0].startswith("error: the machine profile 'nowhere' is not known")


def test_a_sweep_that_is_wrong_is_told_first(tmp_path: Path, here: Here) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no photo")
    ended = called("sweep", "broken.jpg", "-o", "out", "--pins", "60,80", cwd=tmp_path)
    assert ended.status == 1
    assert ended.lines()[0] == "error: 'broken.jpg' is not a picture that can be read"
    assert not (tmp_path / "out").exists()
    for words, said in (
        (("--pins", "100..999", "--lines", "1..900"), "that is 810,000 pieces"),
        (("--pins", "60..80:x"), "'x' is not a whole number"),
        (("--pins", "60..68:4,70..72", "--lines", "1..900", "--cycles", "1..9"), "that is 48,600 pieces"),
        (("--lines", "5,6", "--thread-length", "1m,2m"), "exclude each other"),
        (("--pins", "60,80", "--palette", "blakc;auto:2"), "'blakc' is not a colour"),
    ):
        ended = called("sweep", str(EXAMPLES / "chelsea.jpg"), "-o", "out", *words, cwd=tmp_path)
        assert ended.status in (1, 2)
        assert said in ended.err
        assert not (tmp_path / "out").exists()
