"""Films, read back by independent readers and compared with what paint shows."""

import ctypes
import io
import re
import struct
import tracemalloc
from functools import cache

import imageio.v3 as imageio
import numpy as np
import pytest
from PIL import Image, ImageSequence
from sample_plans import THREADS, random_plan

from stringart.errors import MissingExtraError, PlanError
from stringart.export import ExportOptions, exporter_for
from stringart.export.gif import note_on_frames
from stringart.look.film import Film, FilmOptions, Spacing
from stringart.plan.model import Board, Thread

COLORS = random_plan(steps=(60, 60, 60, 60), threads=THREADS[1:], board=Board(color="#ffffff"))
BLACK = random_plan(steps=(200,), threads=THREADS[4:], board=Board(color="#ffffff"))
FILM = FilmOptions(width_px=150, frames=25, seconds=3, hold_s=2)
ENDINGS = (".gif", ".webp", ".apng")
M_PERTURB = -6  # of malloc.h


def write(plan, ending: str, film: FilmOptions = FILM) -> bytes:
    return exporter_for(ending)(plan, ExportOptions(film=film))


@cache
def written(plan, ending: str) -> bytes:
    """The film that most tests look at, made once."""
    return write(plan, ending)


@cache
def painted_frames(plan) -> list[np.ndarray]:
    return [frame.astype(int) for frame in Film(plan, FILM).frames()]


def read(data: bytes) -> tuple[list[np.ndarray], list[float]]:
    with Image.open(io.BytesIO(data)) as image:
        frames = [
            (np.asarray(frame.convert("RGB")).astype(int), image.info["duration"])
            for frame in ImageSequence.Iterator(image)
        ]
    return [frame for frame, _ in frames], [ms for _, ms in frames]


def rms(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.sqrt(((a - b) ** 2).mean()))


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_frame_is_as_painted(ending):
    frames, _ = read(written(COLORS, ending))
    painted = painted_frames(COLORS)
    assert len(frames) == len(painted)
    for shown, expected in zip(frames, painted, strict=True):
        assert rms(shown, expected) < 5
        assert abs(shown - expected).max() < 40


@pytest.mark.parametrize("ending", ENDINGS)
def test_one_black_thread_is_nearly_exact(ending):
    frames, _ = read(written(BLACK, ending))
    *_, painted = painted_frames(BLACK)
    assert rms(frames[-1], painted) < 2
    assert abs(frames[-1] - painted).max() <= 4


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_does_not_change_does_not_flicker(ending):
    frames, _ = read(written(COLORS, ending))
    painted = painted_frames(COLORS)
    for k in range(1, len(frames) - 1):
        still = (painted[k] == painted[k - 1]).all(2)
        assert (frames[k][still] == frames[k - 1][still]).all()


@pytest.mark.parametrize("ending", ENDINGS)
def test_bare_board_and_single_threads_have_their_own_colours(ending):
    frames, _ = read(written(COLORS, ending))
    assert (frames[0] == 255).all()
    wide = random_plan(steps=(4,), threads=(Thread(name="rust", color="#c8501e", diameter_mm=30.0),))
    frames, _ = read(write(wide, ending))
    assert {tuple(color) for color in frames[-1].reshape(-1, 3)} >= {(0xC8, 0x50, 0x1E), (0xF4, 0xF0, 0xE8)}


@pytest.mark.parametrize("ending", ENDINGS)
def test_time_is_kept_and_the_last_frame_held(ending):
    _, durations = read(written(COLORS, ending))
    assert sum(durations) == pytest.approx(5000, abs=10)
    assert durations[-1] == pytest.approx(2000, abs=10)


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_same_bytes_on_every_run(ending):
    assert write(COLORS, ending) == written(COLORS, ending)


@pytest.mark.parametrize("ending", ENDINGS)
def test_imageio_reads_as_many_frames(ending):
    frames = imageio.imread(written(COLORS, ending), index=...)
    assert len(frames) == FILM.frames


@pytest.mark.parametrize("ending", ENDINGS)
def test_it_names_program_command_and_plan(ending):
    data = written(COLORS, ending)
    for note in (COLORS.sha256, "stringart 0.1.0", "stringart design Пётр.jpg --seed 3"):
        assert note.encode() in data
    with Image.open(io.BytesIO(data)) as image:
        assert image.info["loop"] == 0
        held = {".gif": "comment", ".webp": "xmp", ".apng": "Plan"}[ending]
        found = image.info[held]
        assert COLORS.sha256 in (found if isinstance(found, str) else found.decode())


def test_a_gif_stores_only_the_rectangle_that_changed():
    data = write(BLACK.upto(8), ".gif", FilmOptions(width_px=150, frames=9))
    first, *later = boxes_of_gif(data)
    assert first == (0, 0, 150, 150)
    assert all(box[2] * box[3] < 150 * 150 for box in later)


def boxes_of_gif(data: bytes) -> list[tuple[int, int, int, int]]:
    """Left, top, width, height of every image block, by walking the blocks."""
    at, boxes = 13 + 3 * 256, []
    while data[at] != 0x3B:
        if data[at] == 0x2C:
            boxes.append(struct.unpack_from("<HHHH", data, at + 1))
            at += 11
        else:
            at += 2
        while data[at]:
            at += data[at] + 1
        at += 1
    return boxes


@pytest.mark.parametrize("ending", ENDINGS)
def test_memory_beyond_the_file_does_not_grow_with_the_frames(ending):
    """The board fills with threads early, then hardly changes: more frames are hardly more bytes."""

    def peak(frames: int) -> int:
        tracemalloc.start()
        data = write(BLACK, ending, FilmOptions(width_px=200, frames=frames, spacing=Spacing.CHORDS))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most - 3 * len(data)

    peak(3)
    assert peak(80) < 1.1 * peak(8)


@pytest.mark.parametrize("ending", [*ENDINGS, ".mp4"])
def test_a_plan_without_chords_is_refused(ending):
    with pytest.raises(PlanError, match="nothing to animate"):
        write(COLORS.upto(0), ending)


def test_mp4_frames_are_as_painted():
    av = pytest.importorskip("av", reason="the extra 'video' is not installed")
    data = written(BLACK, ".mp4")
    with av.open(io.BytesIO(data)) as file:
        frames = [frame.to_ndarray(format="rgb24").astype(int) for frame in file.decode(video=0)]
        seconds = float(file.duration / av.time_base)
        comment = file.metadata["comment"]
    painted = painted_frames(BLACK)
    assert seconds == pytest.approx(5, abs=0.15)
    assert BLACK.sha256 in comment
    assert "Пётр" in comment
    for shown, expected in zip(frames, painted, strict=False):
        assert rms(shown, expected) < 6
        assert abs((shown - expected).mean()) < 1
    assert rms(frames[-1], painted[-1]) < 6
    assert data == write(BLACK, ".mp4")


def test_mp4_is_the_same_whatever_lay_in_memory_before():
    """The C library fills fresh memory with what it is told, as other programs' leavings would."""
    pytest.importorskip("av", reason="the extra 'video' is not installed")
    try:
        fill = ctypes.CDLL(None).mallopt
    except (AttributeError, TypeError, OSError):
        pytest.skip("the C library of this system has no mallopt")
    films = []
    for value in (1, 85):
        fill(M_PERTURB, value)
        films.append(write(BLACK, ".mp4", FilmOptions(width_px=208, frames=20)))
    fill(M_PERTURB, 0)
    assert films[0] == films[1]


def test_mp4_of_odd_size_is_made_even():
    av = pytest.importorskip("av", reason="the extra 'video' is not installed")
    data = write(BLACK, ".mp4", FilmOptions(width_px=101, frames=3))
    with av.open(io.BytesIO(data)) as file:
        assert (file.streams.video[0].width, file.streams.video[0].height) == (102, 102)


def test_mp4_without_its_extra_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "av", None)
    with pytest.raises(MissingExtraError) as caught:
        write(BLACK, ".mp4")
    assert caught.value.hint == 'pip install "stringart-studio[video]"'


@pytest.mark.parametrize(("frames", "seconds"), [(61, 1.0), (200, 1.0), (101, 2.0), (50, 1.0)])
def test_no_frame_of_a_gif_is_shorter_than_20_ms_and_fewer_are_told(frames, seconds):
    film = FilmOptions(width_px=60, frames=frames, seconds=seconds, hold_s=1.0, spacing=Spacing.CHORDS)
    plan = random_plan(steps=(400,))
    pictures, durations = read(exporter_for("x.gif")(plan, ExportOptions(film=film)))
    assert min(durations) >= 20
    assert sum(durations) == pytest.approx(1000 * seconds + 1000, abs=20)
    note = note_on_frames(Film(plan, film))
    assert (note == "") == ((frames - 1) / seconds <= 50)
    if note:
        count = int(re.match(r"the GIF shows (\d+) of (\d+) frames", note)[1])
        assert len(pictures) <= count < frames
    *_, painted = Film(plan, film).frames()
    assert rms(pictures[-1], painted) < 5
