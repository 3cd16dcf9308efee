"""``stringart film``: the real command, its films read by independent readers."""

import os
import re
import signal
import subprocess
import time
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from command import STRINGART, stringart
from PIL import Image, ImageSequence

from stringart.plan.model import Plan

ROOT = Path(__file__).parents[2]
SMALL = ("--pins", "100", "--lines", "500", "--width", "160px", "--importance", "none", "--crop", "centre")
TIMES_MS = [80, 80, 200, 80, 120, 80]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A view that glides over a photo for four frames, then rests."""
    path = tmp_path_factory.mktemp("clip") / "clip.apng"
    with Image.open(ROOT / "examples" / "chelsea.jpg") as photo:
        frames = [photo.crop((60 + x, 20, 260 + x, 220)) for x in (0, 6, 12, 18)]
    frames[3].putpixel((0, 0), (1, 2, 3))
    still = frames[3].copy()
    still.putpixel((0, 0), (250, 250, 250))  # in the corner, which no board shows: Pillow does not store a frame twice
    first, *rest = [*frames, still, frames[3]]
    first.save(path, "PNG", save_all=True, append_images=rest, duration=TIMES_MS)
    return path


def test_a_clip_becomes_films_and_plans_with_its_own_timing(tmp_path: Path, clip: Path) -> None:
    outputs = ("-o", "out.gif", "-o", "out.mp4", "-o", "out.webp")
    ended = stringart(
        "film", clip, *outputs, "--plans", "plans", "--changed", "15%", "--keep-ghosts", *SMALL, cwd=tmp_path
    )
    assert (ended.status, ended.out) == (0, b"")
    assert ended.lines()[-3:] == ["frames: 6, 0.64 s", ended.lines()[-2], "wrote out.gif, out.mp4, out.webp"]
    assert re.search(r": \d+\.\d%, 1[0-5]\.\d% at most$", ended.lines()[-2])
    for name in ("out.gif", "out.webp"):
        frames, times_ms = read(tmp_path / name)
        assert sum(times_ms) == sum(TIMES_MS)
        assert times_ms[:3] == TIMES_MS[:3]  # frames that do not differ may be one
    with av.open(str(tmp_path / "out.mp4")) as film:
        stream = film.streams.video[0]
        shown = [frame.to_ndarray(format="rgb24").astype(int) for frame in film.decode(stream)]
        assert len(shown) / float(stream.average_rate) == pytest.approx(0.64)
    assert abs(shown[0] - frames[0]).mean() < 12
    assert abs(shown[-1] - frames[-1]).mean() < 12


def test_the_plans_are_plans_whose_threads_change_little_and_not_where_the_clip_rests(
    tmp_path: Path, clip: Path
) -> None:
    ended = stringart(
        "film", clip, "-o", "out.gif", "--plans", "plans", "--changed", "15%", "--keep-ghosts", *SMALL, cwd=tmp_path
    )
    assert ended.status == 0
    plans = [Plan.load(path) for path in sorted((tmp_path / "plans").iterdir())]
    assert len(plans) == 6
    last = len(plans[0].pins) - 1
    steps = [[(min(a, b), max(a, b)) for a, b in pairwise(wound(plan))] for plan in plans]
    chords = [{(a, b) for a, b in one if b - a not in (1, last)} for one in steps]  # walks along the rim apart
    new = [len(now - before) / len(now) for before, now in pairwise(chords)]
    assert 0.05 < max(new) < 0.16
    assert plans[3].sha256 == plans[4].sha256 == plans[5].sha256
    assert stringart("paint", "plans/0004.json", "-o", "seen.png", cwd=tmp_path).status == 0
    assert (
        "stringart film clip.apng -o out.gif --changed 15% --keep-ghosts --no-defaults" in plans[0].provenance.command
    )


def test_plans_remember_their_command_without_folders_and_are_not_mixed_with_others(tmp_path: Path, clip: Path) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "map.png").write_bytes((ROOT / "examples" / "camera.png").read_bytes())
    words = ("film", clip, "-o", "./-x.gif", "--plans", "plans", "--fps", "9.5", "--importance", "private/map.png",
             "--pins", "60", "--lines", "60", "--width", "100px")  # fmt: skip
    assert stringart(*words, cwd=tmp_path).status == 0
    plans = sorted((tmp_path / "plans").iterdir())
    assert Plan.load(plans[0]).provenance.command == (
        "stringart film clip.apng -o ./-x.gif --changed 20% --fps 9.5 --no-defaults --pins 60 --lines 60 "
        "--importance map.png"
    )
    before = [path.read_bytes() for path in plans]
    again = stringart(*words, "--lines", "50", cwd=tmp_path)
    assert again.status == 1
    told = f"the folder 'plans' holds the plans of a film already: {len(plans)}, from 0001.json to {plans[-1].name}"
    assert again.lines() == [f"error: {told}", "hint: move them away, or name another folder with --plans"]
    assert [path.read_bytes() for path in sorted((tmp_path / "plans").iterdir())] == before


def wound(plan: Plan) -> list[int]:
    return [int(pin) for layer in plan.layers for pin in layer.pins]


def read(path: Path) -> tuple[list[np.ndarray], list[int]]:
    with Image.open(path) as image:
        frames = []
        times_ms = []
        for frame in ImageSequence.Iterator(image):
            frames.append(np.asarray(frame.convert("RGB")).astype(int))
            times_ms.append(round(frame.info["duration"]))
    return frames, times_ms


def test_a_folder_and_a_palette(tmp_path: Path) -> None:
    (tmp_path / "frames").mkdir()
    with Image.open(ROOT / "examples" / "coffee.jpg") as photo:
        for number in range(3):
            photo.crop((100 + 5 * number, 50, 300 + 5 * number, 250)).save(tmp_path / "frames" / f"{number}.jpg")
    ended = stringart("film", "frames", "-o", "out.apng", "--fps", "5", "--palette", "black,white,#aa5a28", *SMALL,
                      "--plans", "plans", cwd=tmp_path)  # fmt: skip
    assert ended.status == 0
    frames, times_ms = read(tmp_path / "out.apng")
    assert times_ms == [200, 200, 200]
    assert np.ptp(frames[0], axis=-1).max() > 10  # there is colour: of a grey film it is 0
    assert len(Plan.load(tmp_path / "plans" / "0002.json").layers) >= 3


def test_a_mistake_gets_one_line_before_anything_is_planned(tmp_path: Path, clip: Path) -> None:
    (tmp_path / "one.png").write_bytes((ROOT / "examples" / "camera.png").read_bytes())
    for arguments, told in (
        ((clip, "-o", "out.png"), "no film for 'out.png'"),
        ((clip, "-o", "no/out.gif"), "the folder does not exist"),
        (("one.png", "-o", "out.gif"), "holds one picture"),
        (("none.gif", "-o", "out.gif"), "does not exist"),
        ((clip, "-o", "out.gif", "--thread-length", "1km"), "by their number, not by length"),
        ((clip, "-o", "out.gif", "--fps", "0"), "outside 0.01 to 1000"),
        ((clip, "-o", "out.gif", "--plans", "one.png"), "cannot make the folder"),
    ):
        ended = stringart("film", *arguments, cwd=tmp_path)
        assert ended.status == 1
        assert told in ended.lines()[0]
        assert "Traceback" not in ended.err
    assert [path.name for path in tmp_path.iterdir()] == ["one.png"]


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c_leaves_whole_plans_and_no_film(tmp_path: Path, clip: Path) -> None:
    slow = ("--pins", "200", "--lines", "2000")
    command = [*STRINGART, "film", str(clip), "-o", "out.gif", "--plans", "plans", *slow]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as child:
        first = tmp_path / "plans" / "0001.json"
        while not first.exists():
            assert child.poll() is None
            time.sleep(0.01)
        child.send_signal(signal.SIGINT)
        assert child.stderr is not None
        told = child.stderr.read()
    assert child.returncode == 130
    assert "interrupted" in told
    assert "Traceback" not in told
    kept = sorted((tmp_path / "plans").iterdir())
    assert 1 <= len(kept) < 6
    assert [Plan.load(path).chords > 1000 for path in kept] == [True] * len(kept)
    assert [path.name for path in tmp_path.iterdir()] == ["plans"]
