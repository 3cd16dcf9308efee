"""A clip on one board: bounded changes from frame to frame, none where nothing moves, and less flicker."""

import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stringart.errors import PhotoError, UnitError
from stringart.look.clip_film import Flipbook
from stringart.look.paint import Painting
from stringart.look.score import score, score_of
from stringart.picture.clip_reader import open_clip
from stringart.picture.photo import Photo
from stringart.plan.model import Plan, Thread
from stringart.search.clips import GHOSTS, ghosts_note, plan_clip
from stringart.search.options import DesignOptions
from stringart.search.pipeline import design

EXAMPLES = Path(__file__).parents[3] / "examples"
OPTIONS = DesignOptions(pin_count=120, lines=900, importance="none", quality="draft")
FRAMES = 5 if os.environ.get("STRINGART_FULL") else 3  # every one after the first is planned from the one before
COLORS = tuple(Thread(name=name, color=name) for name in ("#000000", "#ffffff", "#c8501e"))


def moving_disc(folder: Path, frames: int, step_px: float = 4.0, noise: float = 0.0) -> Path:
    """A dark disc on a slope, ``step_px`` further with every frame."""
    folder.mkdir()
    y, x = np.indices((120, 120))
    for number in range(frames):
        disc = np.hypot(x - 40 - step_px * number, y - 60) < 22
        picture = np.where(disc, 30, 120 + x) + np.random.default_rng(number).normal(0, 1, (120, 120)) * noise
        color = np.stack([picture, picture * 0.8, picture * 0.6], -1)
        Image.fromarray(np.clip(color, 0, 255).astype(np.uint8)).save(folder / f"{number}.png")
    return folder


def panned(folder: Path, frames: int) -> Path:
    """A view that glides over a photo."""
    folder.mkdir()
    with Image.open(EXAMPLES / "chelsea.jpg") as photo:
        side = round(min(photo.size) * 0.7)
        for number in range(frames):
            left, top = 60 + 2 * number, 20 + number
            photo.crop((left, top, left + side, top + side)).save(folder / f"{number}.png")
    return folder


def threads(plan: Plan) -> Counter:
    """Counted anew, step by step: which thread lies between which pins."""
    rim = {1, len(plan.pins) - 1}
    return Counter(
        (layer.thread, *sorted((int(a), int(b))))
        for layer in plan.layers
        for a, b in pairwise(layer.pins)
        if abs(int(a) - int(b)) not in rim
    )


def changes(plans: list[Plan]) -> list[float]:
    shares = []
    for before, now in pairwise(map(threads, plans)):
        shares.append(max((now - before).total() / now.total(), (before - now).total() / before.total()))
    return shares


@pytest.fixture(scope="module")
def of_moving_disc(tmp_path_factory):
    """The planned frames of a disc that moves, by the share that may change and the threads."""
    clip = open_clip(moving_disc(tmp_path_factory.mktemp("disc") / "clip", FRAMES, step_px=12))
    return cache(
        lambda share, palette: list(plan_clip(clip, replace(OPTIONS, threads=palette), share, keep_ghosts=True))
    )


@pytest.mark.parametrize("palette", [COLORS[:1], COLORS], ids=["one thread", "three threads"])
@pytest.mark.parametrize("share", [0.05, 0.2])
def test_no_more_threads_change_than_is_allowed(of_moving_disc, share, palette):
    planned = of_moving_disc(share, palette)
    counted = changes([frame.plan for frame in planned])
    assert max(counted) <= share
    assert np.mean(counted) > share / 2  # and what may change is used while the disc moves
    assert [frame.changed for frame in planned[1:]] == pytest.approx(counted, abs=0.01)
    assert [(frame.number, frame.total) for frame in planned] == [(k, FRAMES) for k in range(1, FRAMES + 1)]


@pytest.mark.parametrize(("palette", "most"), [(COLORS[:1], 0.02), (COLORS, 0.06)], ids=["one thread", "three threads"])
def test_later_frames_hardly_walk_the_rim_either(of_moving_disc, palette, most):
    plans = [frame.plan for frame in of_moving_disc(0.2, palette)]
    assert max(plan.is_rim.sum() / plan.chords for plan in plans[1:]) < most


@pytest.mark.parametrize("palette", [COLORS[:1], COLORS], ids=["one thread", "three threads"])
def test_what_stands_still_does_not_change(tmp_path, palette):
    clip = open_clip(moving_disc(tmp_path / "clip", 3, step_px=0))
    plans = [frame.plan for frame in plan_clip(clip, replace(OPTIONS, threads=palette), 0.5)]
    assert {plan.sha256 for plan in plans} == {plans[0].sha256}


@pytest.mark.parametrize("palette", [COLORS[:1], COLORS], ids=["one thread", "three threads"])
def test_noise_changes_little(tmp_path, palette):
    clip = open_clip(moving_disc(tmp_path / "clip", 4, step_px=0, noise=3))
    planned = plan_clip(clip, replace(OPTIONS, threads=palette), 0.2)
    assert np.mean([frame.changed for frame in planned][1:]) < 0.1


@pytest.mark.parametrize("palette", [COLORS[:1], COLORS], ids=["one thread", "three threads"])
def test_it_flickers_less_than_frames_designed_each_alone_and_still_follows(tmp_path, palette):
    clip, options = open_clip(panned(tmp_path / "clip", FRAMES)), replace(OPTIONS, threads=palette)
    photos = [frame.photo for frame in clip.frames()]
    together = [frame.plan for frame in plan_clip(clip, options, 0.2)]
    alone = [design(photo, options) for photo in photos]
    assert flicker(together) < 0.75 * flicker(alone)
    followed, best = (mean_score(map(Painting, plans), photos) for plans in (together, alone))
    stuck = mean_score([Painting(together[0])] * len(photos), photos)
    assert followed > best - 0.05
    assert followed > stuck + 0.03  # the first plan alone would not do
    assert followed - stuck > 0.6 * (best - stuck)


def mean_score(pieces: Iterable[Painting], photos: list[Photo]) -> float:
    """Of all frames but the first."""
    pairs = list(zip(pieces, photos, strict=True))[1:]
    return float(np.mean([score_of(piece, photo)[0].ssim_fit for piece, photo in pairs]))


def flicker(plans: list[Plan]) -> float:
    frames = [frame.astype(int) for frame in Flipbook(plans, [0.1] * len(plans), 200).frames()]
    return float(np.mean([abs(b - a).mean() for a, b in pairwise(frames)]))


def test_a_clip_may_begin_with_a_blank_frame(tmp_path):
    folder = moving_disc(tmp_path / "clip", 3)
    Image.new("RGB", (120, 120), "white").save(folder / "0.png")
    plans = [frame.plan for frame in plan_clip(open_clip(folder), OPTIONS, 0.5)]
    assert plans[0].chords < plans[1].chords < plans[2].chords


def test_a_clip_of_blank_frames_is_refused(tmp_path):
    for number in range(2):
        Image.new("RGB", (60, 60), "white").save(tmp_path / f"{number}.png")
    with pytest.raises(PhotoError, match="has no contrast"):
        list(plan_clip(open_clip(tmp_path), OPTIONS))


def test_the_same_clip_gives_the_same_plans_and_they_name_their_frames(tmp_path):
    clip = open_clip(moving_disc(tmp_path / "clip", 3))
    once, again = ([frame.plan for frame in plan_clip(clip, OPTIONS)] for _ in range(2))
    assert [plan.to_bytes() for plan in once] == [plan.to_bytes() for plan in again]
    assert [plan.photo.name for plan in once] == ["0.png", "1.png", "2.png"]
    assert once[1].photo.sha256 == list(clip.frames())[1].photo.sha256


def test_shares_and_lengths_that_cannot_be(tmp_path):
    clip = open_clip(moving_disc(tmp_path / "clip", 2))
    for share in (-0.1, 1.1, float("nan")):
        with pytest.raises(UnitError, match="outside 0 to 1"):
            next(plan_clip(clip, OPTIONS, share))
    with pytest.raises(UnitError, match="not by length"):
        next(plan_clip(clip, replace(OPTIONS, thread_length_mm=1e6)))


def test_ghosts_of_a_clip_that_is_faster_than_its_threads_may_change_are_told_with_the_share_that_follows(tmp_path):
    clip = open_clip(str(moving_disc(tmp_path / "clip", 3, step_px=24.0)))
    few = replace(OPTIONS, pin_count=90, lines=600, quality="draft")
    slow, quick = (list(plan_clip(clip, few, share, keep_ghosts=True)) for share in (0.05, 0.8))
    note = ghosts_note(slow, 0.05)
    found = re.fullmatch(
        r"ghosts: in [12] of 3 frames up to (\d+)% of the threads are those of frames before, "
        r"since no more than 5% may change: --changed (\d+)% follows the clip",
        note,
    )
    assert found
    assert int(found[1]) > 10
    assert 5 + int(found[1]) <= int(found[2]) <= 10 + int(found[1])
    assert ghosts_note(quick, 0.8) == ""
    assert_no_ghosts(clip, few, slow, quick)


def assert_no_ghosts(clip, options, kept, whole):
    """Without --keep-ghosts the share grows: no more ghosts than where all may change, and the frames are met."""
    freed = list(plan_clip(clip, options, 0.05))
    assert max(frame.ghosts for frame in freed) <= max(GHOSTS, 1.3 * max(frame.ghosts for frame in whole))
    photos = [frame.photo for frame in clip.frames()]
    for k in (1, 2):  # seen from afar, the tones are those of the frame
        before, now = (score(frames[k].plan, photos[k])[1].rmse_lightness for frames in (kept, freed))
        assert now < before - 0.5
    most = max(frame.changed for frame in freed)
    assert ghosts_note(freed, 0.05) == (
        f"ghosts: in 2 of 3 frames up to {most:.0%} of the threads changed in place of 5%, so that those of frames "
        "before are not seen: --keep-ghosts holds to 5%"
    )
