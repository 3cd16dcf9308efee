"""Progress on real disks: what is recorded survives whatever happens to the last line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sample_plans import random_plan, rim_plan

from stringart.errors import OutputError, StringartError
from stringart.hand.guide import Guide, Standing
from stringart.hand.progress import ProgressStore
from stringart.plan.steps import Kind, steps_of


@pytest.fixture
def store(tmp_path):
    return ProgressStore(tmp_path / "progress", clock=lambda: 1000.0)


def _journal(store):
    (path,) = store.folder.glob("*.jsonl")
    return path


def test_a_place_comes_back_with_the_pace_and_the_spools(store):
    plan, place = rim_plan(), Standing(done=17, tied=True, spools={2: 4}, spool_mm=5e5)
    with store.open(plan, "a.json") as progress:
        progress.record(place, (Kind.CHORD, 8.5))
        progress.record(place, (Kind.RIM_WALK, 30.0))
        progress.record(place, (Kind.CHORD, 9.25))
    with store.open(plan, "a.json") as progress:
        assert progress.place == place
        assert progress.recent_s == {Kind.CHORD: (8.5, 9.25), Kind.RIM_WALK: (30.0,)}


@pytest.mark.parametrize("keep", range(1, 30, 4))
def test_a_line_torn_by_a_power_cut_costs_that_line_only_and_later_ones_are_kept(store, keep):
    plan = random_plan()
    with store.open(plan) as progress:
        for done in (5, 6, 7):
            progress.record(Standing(done=done, tied=True))
    path = _journal(store)
    *whole, last = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(whole) + last[:keep])
    with store.open(plan) as progress:
        assert progress.place.done == 6
        progress.record(Standing(done=7, tied=True))
    with store.open(plan) as progress:
        assert progress.place.done == 7


def test_garbage_in_the_middle_is_passed_over(store):
    plan = random_plan()
    with store.open(plan) as progress:
        progress.record(Standing(done=5))
    with _journal(store).open("ab") as file:
        file.write(b'\0\0\0\0\n[1, 2]\n{"done": "x"}\n')
    with store.open(plan) as progress:
        assert progress.place.done == 5


def test_a_record_is_on_the_disk_when_the_process_is_killed_at_once(tmp_path, store):
    code = (
        "import os, sys; sys.path.insert(0, sys.argv[2])\n"
        "from sample_plans import random_plan; from stringart.hand.progress import ProgressStore\n"
        "from stringart.hand.guide import Standing\n"
        "p = ProgressStore(sys.argv[1]).open(random_plan())\n"
        "p.record(Standing(done=9, tied=True)); os.kill(os.getpid(), 9)"
    )
    here = str(Path(__file__).parents[2])
    ended = subprocess.run([sys.executable, "-c", code, str(store.folder), here])
    assert ended.returncode == -9
    with store.open(random_plan()) as progress:
        assert progress.place == Standing(done=9, tied=True)


def test_a_second_window_on_the_same_piece_is_refused_and_a_copy_is_not(store):
    plan = random_plan()
    with store.open(plan) as progress:
        progress.record(Standing(done=3))
        with pytest.raises(StringartError, match="another window"):
            store.open(plan)
        with store.open(plan, name="für Jürgen") as copy:
            assert copy.place == Standing()
    with store.open(plan):
        pass


def test_restart_begins_again_and_keeps_the_old_journal_beside(store):
    plan = random_plan()
    with store.open(plan) as progress:
        progress.record(Standing(done=3))
    with store.open(plan, restart=True) as progress:
        assert progress.place == Standing()
    assert b'"done":3' in _journal(store).with_suffix(".jsonl.old").read_bytes()


def test_pieces_are_listed_the_last_one_first(tmp_path):
    now = iter(range(100))
    store = ProgressStore(tmp_path, clock=lambda: float(next(now)))
    plans = [random_plan(seed=k) for k in range(3)]
    for number, plan in enumerate(plans):
        with store.open(plan, f"plan{number}.json", name="Kopie ü") as progress:
            progress.record(Standing(done=number))
    (tmp_path / "stray.jsonl").write_text("not ours\n")
    found = store.pieces()
    assert [piece.plan_sha256 for piece in found] == [plan.sha256 for plan in reversed(plans)]
    assert [piece.done for piece in found] == [2, 1, 0]
    total = len(steps_of(plans[2]))
    assert (found[0].name, found[0].plan_file, found[0].total) == ("Kopie ü", "plan2.json", total)


def test_a_long_journal_is_cut_to_what_matters(store):
    plan = random_plan()
    with store.open(plan) as progress:
        progress.record(Standing(done=5), (Kind.CHORD, 7.0))
    path = _journal(store)
    path.write_bytes(path.read_bytes() + path.read_bytes().splitlines(keepends=True)[1] * 30_000)
    with store.open(plan) as progress:
        assert progress.place.done == 5
        assert progress.recent_s == {Kind.CHORD: (7.0,) * 60}
    with store.open(plan) as progress:
        assert progress.recent_s == {Kind.CHORD: (7.0,) * 60}
    assert path.stat().st_size < 2000


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs a user who may not write everywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="progress cannot be kept"):
        ProgressStore(tmp_path / "x").open(random_plan())


def test_a_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "x").write_text("")
    with pytest.raises(OutputError, match="progress cannot be kept"):
        ProgressStore(tmp_path / "x" / "y").open(random_plan())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_said_and_the_place_before_stays(store):
    progress = store.open(random_plan())
    progress.record(Standing(done=4))
    with progress._file, Path("/dev/full").open("ab", buffering=0) as full:
        progress._file = full
        with pytest.raises(OutputError, match="No space left"):
            progress.record(Standing(done=5))
    progress.close()
    with store.open(random_plan()) as again:
        assert again.place.done == 4


def test_every_line_is_plain_json(store):
    with store.open(random_plan(), "Müller.json") as progress:
        progress.record(Standing(done=1, spools={0: 1}))
    lines = [json.loads(line) for line in _journal(store).read_text("utf-8").splitlines()]
    assert lines[0]["file"] == "Müller.json"
    assert lines[1] == {"done": 1, "step": 1, "tied": False, "at_s": 1000.0, "spools": {"0": 1}}


OLD_HEAD = {"format": "stringart-progress", "version": 1, "file": "a.json", "name": ""}


def _old_journal(store, plan, *lines):
    """A journal as it was written when every straight piece of thread was a step."""
    store.folder.mkdir(parents=True)
    head = OLD_HEAD | {"plan": plan.sha256, "total": len(plan.steps)}
    path = store.folder / f"{plan.sha256}.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in (head, *lines)))


@pytest.mark.parametrize(("pieces", "step"), [(0, 0), (1, 0), (17, 0), (18, 1), (19, 2), (24, 7), (30, 7), (31, 8)])
def test_a_journal_of_before_is_read_and_a_place_within_a_walk_is_its_beginning(store, pieces, step):
    plan = rim_plan()
    _old_journal(store, plan, {"done": pieces, "tied": True, "at_s": 5.0, "recent_s": [9.0], "spools": {"0": 19}})
    assert [(piece.done, piece.total) for piece in store.pieces()] == [(pieces, len(plan.steps))]
    with store.open(plan, "a.json") as progress:
        assert (progress.place.done, progress.place.tied) == (step, True)
        assert progress.place.spools == {0: 2}
        assert progress.recent_s == {Kind.CHORD: (9.0,)}
        progress.record(Standing(done=step + 1, tied=True))
    assert [(piece.done, piece.total) for piece in store.pieces()] == [(step + 1, len(steps_of(plan)))]


def test_a_journal_of_a_later_version_is_refused_in_one_line_and_left_as_it_is(store):
    plan = rim_plan()
    _old_journal(store, plan, {"done": 3, "tied": True, "at_s": 5.0})
    path = _journal(store)
    path.write_text(path.read_text().replace('"version": 1', '"version": 7'))
    before = path.read_bytes()
    with pytest.raises(StringartError, match="is of version 7, this stringart reads version 1"):
        store.open(plan, "a.json")
    assert path.read_bytes() == before
    with store.open(plan, "a.json", restart=True) as progress:
        assert progress.place == Standing()


def test_a_jump_is_taken_back_by_the_guide_of_the_next_day(store: ProgressStore) -> None:
    plan = rim_plan()
    with store.open(plan) as progress:
        guide = Guide(plan, Standing(done=17, tied=True))
        for number in (40, 3):
            guide.jump(number, 0.0)
            progress.record(guide.place)
    with store.open(plan) as progress:
        guide = Guide(plan, progress.place)
        assert (guide.undo(0.0), guide.place.done, guide.place.tied) == (True, 39, True)
        progress.record(guide.place)
    with store.open(plan) as progress:
        guide = Guide(plan, progress.place)
        assert (guide.undo(0.0), guide.place.done, guide.undo(0.0)) == (True, 17, False)
