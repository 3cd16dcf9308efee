import tracemalloc
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from sample_plans import random_plan

from stringart.errors import PlanError, UnitError
from stringart.look.film import Film, FilmOptions, Spacing, to_levels, visible_progress
from stringart.look.paint import Canvas, paint
from stringart.picture.light import to_bytes
from stringart.picture.photo import load_photo, resample
from stringart.plan.model import Board, PhotoRef

PLAN = random_plan()


def film(plan=PLAN, **options) -> Film:
    return Film(plan, FilmOptions(**{"width_px": 120, **options}))


def test_every_frame_is_what_paint_shows_of_the_piece_so_far():
    made = film(frames=9)
    for step, frame in zip(made.steps, made.frames(), strict=True):
        canvas = Canvas(PLAN, 120)
        canvas.lay(0, int(step))
        expected = to_bytes(canvas.picture()).astype(int)
        assert abs(frame.astype(int) - expected).max() <= 1


def test_frames_go_from_the_empty_board_to_the_piece_and_always_on():
    for spacing in Spacing:
        steps = film(frames=30, spacing=spacing).steps
        assert (steps[0], steps[-1], len(steps)) == (0, len(PLAN.steps), 30)
        assert (np.diff(steps) > 0).all()


def test_frames_by_chords_lay_as_many_each():
    assert set(np.diff(film(frames=14, spacing=Spacing.CHORDS).steps)) == {10}


def test_frames_by_progress_change_the_picture_evenly():
    """White threads on white paper are seen to change nothing, so the film hurries over them."""
    threads = (replace(PLAN.threads[0], color=PLAN.board.color), PLAN.threads[1])
    plan = random_plan(steps=(300, 300), threads=threads)
    steps = film(plan, frames=13).steps
    assert (steps < 300).sum() <= 3
    changes = [
        abs(to_bytes(paint(plan.upto(int(b)), 100)).astype(int) - to_bytes(paint(plan.upto(int(a)), 100))).mean()
        for a, b in pairwise(steps[2:])
    ]
    assert max(changes) < 1.6 * min(changes)


def test_progress_never_falls_and_ends_at_one():
    done = visible_progress(PLAN)
    assert done[0] == 0
    assert done[-1] == 1
    assert (np.diff(done) > 0).all()


def test_a_short_plan_has_no_more_frames_than_pictures():
    assert film(PLAN.upto(3), frames=200).steps.tolist() == [0, 1, 2, 3]


def test_durations_keep_the_whole_length_in_ticks():
    made = film(frames=70, seconds=5, hold_s=2)
    assert made.durations_s[-1] == 2
    assert made.ticks(100).sum() == pytest.approx((5 / 69 * 69 + 2) * 100, abs=1)
    assert set(made.ticks(100)[:-1]) == {7, 8}


def test_the_counter_stands_below_and_the_photo_beside(tmp_path):
    rng = np.random.default_rng(0)
    photo = load_photo(rng.integers(0, 255, (90, 120, 3)).astype(np.uint8))
    crop = (15, 0, 105, 90)
    plan = replace(PLAN, photo=PhotoRef(name="p", sha256=photo.sha256, crop_px=crop))
    made = Film(plan, FilmOptions(width_px=120, frames=3, counter=True, photo=photo))
    *_, frame = made.frames()
    width, height = made.size_px
    assert frame.shape == (height, width, 3)
    assert (frame[:120, -120:] == to_levels(resample(photo, crop, (120, 120)))).all()
    assert abs(frame[:120, :120].astype(int) - to_bytes(paint(plan, 120))).max() <= 1
    strips = [picture[120:].copy() for picture in made.frames()]
    assert strips[0].shape[0] >= 8
    assert not (strips[0] == strips[1]).all()


def test_boards_that_are_not_square():
    plan = random_plan(board=Board(shape="rectangle", width_mm=400, height_mm=600))
    *_, frame = film(plan, frames=4).frames()
    assert frame.shape == (180, 120, 3)


def test_memory_does_not_grow_with_the_number_of_frames():
    def peak(frames: int) -> int:
        tracemalloc.start()
        for _ in film(frames=frames, spacing=Spacing.CHORDS).frames():
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(3)
    assert peak(100) < 1.05 * peak(5)


def test_refusals():
    with pytest.raises(PlanError, match="no chords"):
        film(replace(PLAN, layers=()))
    for wrong in ({"frames": 1}, {"frames": 10**6}, {"seconds": 0}, {"hold_s": -1}, {"seconds": float("nan")}):
        with pytest.raises(UnitError, match="outside"):
            film(**wrong)
    with pytest.raises(UnitError, match="outside 1 to 8000"):
        film(width_px=9000)
