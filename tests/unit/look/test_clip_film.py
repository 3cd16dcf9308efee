"""A film of whole plans, written by the exporters and read back by independent readers."""

import io

import av
import numpy as np
import pytest
from PIL import Image, ImageSequence
from sample_plans import THREADS, random_plan

from stringart.errors import UnitError
from stringart.export import apng, gif, mp4, webp
from stringart.look.clip_film import Flipbook
from stringart.look.paint import Painting, paint_srgb
from stringart.plan.model import Board

PLANS = [random_plan(seed=seed, steps=(150,), threads=THREADS[4:], board=Board(color="#ffffff")) for seed in range(4)]


def book(durations_s=(0.1, 0.1, 0.1, 0.1)) -> Flipbook:
    return Flipbook(PLANS, durations_s, 120)


@pytest.mark.parametrize("writer", [gif, webp, apng], ids=lambda module: module.__name__.rpartition(".")[2])
def test_animations_show_every_plan_for_its_time(writer):
    data = writer.encode(book((0.1, 0.3, 0.05, 0.2)))
    with Image.open(io.BytesIO(data)) as image:
        frames = [
            (np.asarray(f.convert("RGB")).astype(int), image.info["duration"]) for f in ImageSequence.Iterator(image)
        ]
    assert [ms for _, ms in frames] == [100, 300, 50, 200]
    for (shown, _), plan in zip(frames, PLANS, strict=True):
        assert abs(shown - paint_srgb(Painting(plan), 120)).mean() < 4


@pytest.mark.parametrize(
    ("durations_s", "fps", "shown"),
    [((0.1,) * 4, 10, [1, 1, 1, 1]), ((1 / 25,) * 4, 25, [1, 1, 1, 1]), ((0.1, 0.3, 0.05, 0.2), 20, [2, 6, 1, 4])],
)
def test_a_video_shows_every_plan_for_its_time(durations_s, fps, shown):
    with av.open(io.BytesIO(mp4.encode(book(durations_s)))) as file:
        stream = file.streams.video[0]
        assert stream.average_rate == fps
        frames = [frame.to_ndarray(format="rgb24").astype(int) for frame in file.decode(stream)]
    expected = [plan for plan, times in zip(PLANS, shown, strict=True) for _ in range(times)]
    assert len(frames) == len(expected)
    for frame, plan in zip(frames, expected, strict=True):
        assert abs(frame - paint_srgb(Painting(plan), 120)).mean() < 8


def test_a_film_needs_a_duration_for_every_plan():
    with pytest.raises(UnitError, match="4 plans with 3 durations"):
        book((0.1,) * 3)
    with pytest.raises(UnitError, match="outside 1 to 8000"):
        Flipbook(PLANS, [0.1] * 4, 9000)
