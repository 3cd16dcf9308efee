"""What each format costs: pytest tests/benchmarks/test_exports.py --benchmark-only."""

from functools import cache

import pytest
from sample_plans import THREADS, photo_plan

from stringart.export import ExportOptions, exporter_for
from stringart.look.film import Film, FilmOptions, visible_progress
from stringart.plan.materials import materials_of
from stringart.plan.model import Plan

ENDINGS = (".gif", ".webp", ".apng", ".mp4", ".html", ".csv", ".txt", ".jsonl", ".shopping.txt", ".svg", ".png")


@cache
def plan(chords: int) -> Plan:
    return photo_plan("examples/astronaut.jpg", chords, threads=THREADS[4:] if chords == 4000 else THREADS)


@pytest.mark.parametrize("chords", [4000, 10_000])
@pytest.mark.parametrize("ending", ENDINGS)
def test_export(benchmark, ending, chords):
    if ending == ".mp4":
        pytest.importorskip("av", reason="the extra 'video' is not installed")
    export = exporter_for(ending)
    export(plan(chords).upto(20), ExportOptions(width_px=60, film=FilmOptions(width_px=60)))  # kernels are compiled
    data = benchmark.pedantic(export, (plan(chords), ExportOptions()), rounds=1)
    benchmark.extra_info["megabytes"] = round(len(data) / 1e6, 3)


@pytest.mark.parametrize("chords", [4000, 10_000])
def test_frames_alone(benchmark, chords):
    film = Film(plan(chords), FilmOptions())
    benchmark.pedantic(lambda: sum(1 for _ in film.frames()), rounds=1)


@pytest.mark.parametrize("chords", [4000, 10_000])
def test_spacing_by_progress(benchmark, chords):
    benchmark.pedantic(visible_progress, (plan(chords),), rounds=1)


def test_materials(benchmark):
    benchmark(materials_of, plan(10_000))
