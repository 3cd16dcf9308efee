"""What each stage of a design costs, and how it grows: pytest --benchmark-only tests/benchmarks/test_search.py.

`test_a_plain_fan_greedy` is the search that most programs use (from the pin where the thread is, subtract darkness
along the line), compiled like ours: the ratio of `test_search` to it in the same run is what choosing among all chords
costs.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fan_greedy import fan_greedy

from stringart.board import boards
from stringart.look.paint import png_bytes
from stringart.look.score import score
from stringart.picture.light import luminance
from stringart.picture.photo import Photo, crop_to_board, load_photo
from stringart.plan.model import PhotoRef, Plan
from stringart.search import many_threads as polychrome
from stringart.search import one_thread as monochrome
from stringart.search.options import DesignOptions
from stringart.search.pipeline import design
from stringart.search.problem import Problem, pose
from stringart.search.winding import wind
from stringart.threads.request import parse_palette
from stringart.threads.schedule import default_schedule

ROOT = Path(__file__).parents[2]
PINS = (100, 288, 500, 1000)
LINES = (1000, 4000, 10_000, 20_000)
SCALING = [(pins, 4000) for pins in PINS] + [(288, lines) for lines in LINES if lines != 4000] + [(1000, 20_000)]


@pytest.fixture(scope="module")
def photo() -> Photo:
    return load_photo(ROOT / "examples" / "astronaut.jpg")


def options(pins: int = 288, lines: int = 4000, quality: str = "draft") -> DesignOptions:
    """Return defaults, with pins thin enough for 1,000 of them."""
    return DesignOptions(pin_count=pins, pin_diameter_mm=1.0, lines=lines, quality=quality, importance="none")


def framed(photo: Photo, choice: DesignOptions) -> Problem:
    pins = boards.place_pins(choice.board, choice.pin_count, choice.pin_diameter_mm)
    crop = crop_to_board(photo, choice.board)
    seen = PhotoRef(name=photo.name, sha256=photo.sha256, crop_px=crop)
    empty = Plan(board=choice.board, pins=pins, threads=choice.threads, layers=(), photo=seen)
    return pose(empty, photo, choice)


@pytest.fixture(scope="module")
def plan(photo: Photo) -> Plan:
    return design(photo, options())


def test_prepare(benchmark: Any, photo: Photo) -> None:
    choice = options()
    benchmark(lambda: monochrome.OneThread(framed(photo, choice), choice))


@pytest.mark.parametrize(("pins", "lines"), SCALING)
def test_search(benchmark: Any, photo: Photo, pins: int, lines: int) -> None:
    choice = options(pins, lines)
    frame = framed(photo, choice)

    def search(work: monochrome.OneThread) -> monochrome.OneThread:
        for _ in work.run():
            pass
        return work

    work = benchmark.pedantic(
        search, setup=lambda: ((monochrome.OneThread(frame, choice),), {}), rounds=3, warmup_rounds=1
    )
    assert len(work.search.laid) > lines / 4


@pytest.mark.parametrize(("pins", "lines"), SCALING)
def test_search_and_refinement(benchmark: Any, photo: Photo, pins: int, lines: int) -> None:
    choice = options(pins, lines, "normal")
    frame = framed(photo, choice)

    def search(work: monochrome.OneThread) -> None:
        for _ in work.run():
            pass

    benchmark.pedantic(search, setup=lambda: ((monochrome.OneThread(frame, choice),), {}), rounds=2, warmup_rounds=1)


@pytest.mark.parametrize(
    ("threads", "cycles", "lines"),
    [(2, 4, 10_000), (5, 4, 10_000), (8, 4, 10_000), (5, 1, 10_000), (5, 2, 10_000), (5, 4, 2500), (5, 4, 5000)],
)
def test_colors(benchmark: Any, photo: Photo, threads: int, cycles: int, lines: int) -> None:
    names = ("white", "black", "#c8501e", "#283c78", "#e0ac8c", "#5a2814", "#7a8a99", "#a02030")[:threads]
    palette = parse_palette(",".join(names)).threads
    choice = replace(options(lines=lines, quality="normal"), threads=palette)
    choice = replace(choice, schedule=default_schedule(palette, cycles))
    frame = framed(photo, choice)

    def search(work: polychrome.ManyThreads) -> None:
        for _ in work.run():
            pass

    benchmark.pedantic(search, setup=lambda: ((polychrome.ManyThreads(frame, choice),), {}), rounds=1, warmup_rounds=1)


@pytest.mark.parametrize("pins", PINS)
def test_a_plain_fan_greedy(benchmark: Any, photo: Photo, pins: int) -> None:
    choice = options(pins)
    frame = framed(photo, choice)
    dark = (1 - luminance(frame.target)).astype(np.float32)
    half = frame.grid.size / 2
    col_row = frame.plan.pins.xy_mm * [frame.grid.px_per_mm, -frame.grid.px_per_mm] + half
    wound = benchmark.pedantic(
        fan_greedy, setup=lambda: ((dark.copy(), col_row, 4000, 0.1), {}), rounds=3, warmup_rounds=1
    )
    assert len(set(wound.tolist())) > pins / 4


@pytest.mark.parametrize("lines", [4000, 20_000])
def test_wind(benchmark: Any, lines: int) -> None:
    pins = boards.place_pins(boards.make_board())
    pairs = np.random.default_rng(1).choice(boards.allowed_chords(boards.make_board(), pins), lines)
    benchmark(wind, pins.xy_mm, pairs)


@pytest.mark.parametrize("width_px", [500, 1000, 4000])
def test_paint(benchmark: Any, plan: Plan, width_px: int) -> None:
    benchmark.pedantic(png_bytes, (plan, width_px), rounds=2, warmup_rounds=1)


def test_score(benchmark: Any, plan: Plan, photo: Photo) -> None:
    benchmark(score, plan, photo)
