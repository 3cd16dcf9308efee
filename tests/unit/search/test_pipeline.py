from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import skimage.data
from PIL import Image

from stringart.board.boards import make_board, place_pins
from stringart.errors import PaletteError, PhotoError, StringartError, UnitError
from stringart.look.paint import paint
from stringart.look.score import score
from stringart.picture.light import lightness, luminance
from stringart.picture.photo import load_photo
from stringart.plan.materials import materials_of
from stringart.plan.model import Board, Layer, Plan, Thread
from stringart.search.events import Finished, Prepared, Searched
from stringart.search.options import DesignOptions
from stringart.search.pipeline import design, design_events, without_unused


@pytest.fixture(scope="module")
def photo():
    rows, cols = np.mgrid[-1:1:120j, -1:1:120j]
    disc = np.where((rows + 0.2) ** 2 + (cols - 0.1) ** 2 < 0.3, 40, 210) - 30 * cols
    return load_photo(disc.astype(np.uint8))


def options(**changes):
    return DesignOptions(**({"pin_count": 90, "lines": 500, "importance": "none"} | changes))


def test_the_events_add_up_to_the_plan(events):
    first, *middle, last = events
    assert isinstance(first, Prepared)
    assert isinstance(last, Finished)
    held = Counter()
    for event in middle:
        assert isinstance(event, Searched)
        held.update(map(tuple, event.added[:, :3].tolist()))
        held.subtract(map(tuple, event.removed[:, :3].tolist()))
    plan = last.plan
    across = plan.steps[~plan.is_rim]
    assert +held == Counter((0, min(i, j), max(i, j)) for _, i, j in across.tolist())


def test_the_same_input_gives_the_same_bytes(photo, plain):
    assert design(photo, options()).to_bytes() == plain.to_bytes()


def test_lines_count_chords_across_the_board(plain):
    assert 450 <= plain.chords <= 500
    assert len(plain.layers) == 1


def test_the_thread_is_no_longer_than_asked(photo):
    plan = design(photo, options(thread_length_mm=80_000.0))
    assert 70_000 < materials_of(plan).total_mm <= 80_000


def test_one_thread_keeps_its_limit(photo):
    plan = design(photo, options(thread_limits_mm=(20_000.0,)))
    assert 10_000 < materials_of(plan).total_mm <= 20_000


def test_thread_that_is_too_short_is_refused(photo):
    with pytest.raises(UnitError, match=r"300 mm of thread is too short: knots take 300 mm and a chord in each of 1"):
        design(photo, options(thread_length_mm=300.0))


def test_a_search_that_begins_without_contrast_ends(photo):
    thin = (Thread(name="black", color="#000000", diameter_mm=0.1),)
    assert design(photo, options(threads=thin, lines=1)).chords == 1


def test_an_empty_plan_is_told(photo):
    coarse = (Thread(name="black", color="#000000", diameter_mm=2.9),)
    board = make_board("circle", (90.0, 90.0))
    *_, last = design_events(photo, options(board=board, threads=coarse, pin_count=36))
    assert isinstance(last, Finished)
    assert bool(last.plan.layers) != any("the plan is empty" in note for note in last.notes)


def darkness_inside_and_outside(plan):
    tone = lightness(luminance(paint(plan, 120)))
    rows, cols = np.mgrid[-1:1:120j, -1:1:120j]
    disc = (rows + 0.2) ** 2 + (cols - 0.1) ** 2 < 0.2
    around = ((rows + 0.2) ** 2 + (cols - 0.1) ** 2 > 0.45) & (rows**2 + cols**2 < 0.8)
    return tone[disc].mean(), tone[around].mean()


def test_the_picture_shows_the_photo(plain):
    disc, around = darkness_inside_and_outside(plain)
    assert disc < around - 8


def test_white_thread_on_black_works_the_same_way(photo):
    white = (Thread(name="white", color="#ffffff"),)
    plan = design(photo, options(threads=white, board=make_board(color="#000000")))
    disc, around = darkness_inside_and_outside(plan)
    assert disc < around - 8


@pytest.mark.parametrize("shape", ["ellipse", "rectangle"])
def test_other_boards_show_it_too(photo, shape):
    plan = design(photo, options(board=make_board(shape, (400.0, 300.0))))
    assert plan.chords > 300
    assert plan.photo is not None
    left, top, right, bottom = plan.photo.crop_px
    assert (right - left) / (bottom - top) == pytest.approx(4 / 3, abs=0.02)


def test_a_board_that_is_not_convex_is_not_left(photo, tmp_path):
    from shapely import LineString, Polygon

    outline = tmp_path / "l.svg"
    outline.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="300mm" height="300mm" viewBox="0 0 300 300">'
        '<path d="M0 0H300V140H140V300H0Z"/></svg>'
    )
    plan = design(photo, options(board=make_board(str(outline)), lines=200))
    board = Polygon(plan.board.outline_mm).buffer(0.01)
    for _, i, j in plan.steps[~plan.is_rim].tolist():
        assert board.covers(LineString(plan.pins.xy_mm[[i, j]]))


def test_closing_the_iterator_ends_the_work(photo):
    events = design_events(photo, options(lines=100_000))
    next(events)
    next(events)
    events.close()
    with pytest.raises(StopIteration):
        next(events)


def test_the_plan_survives_its_file(photo, tmp_path):
    plan = design(photo, options(command="stringart design café.jpg", quality="draft"))
    plan.save(tmp_path / "plan.json")
    assert Plan.load(tmp_path / "plan.json") == plan


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"lines": 0}, UnitError, "0 lines"),
        ({"quality": "ultra"}, UnitError, "ultra"),
        ({"thread_length_mm": -1.0}, UnitError, "-1 mm"),
        ({"threads": (Thread(name="white", color="#ffffff"),)}, PaletteError, "#ffffff"),
        ({"threads": (Thread(name="pale", color="#fbfbfb"),)}, PaletteError, "as light as"),
        ({"threads": (Thread(name="rope", color="#000000", diameter_mm=30.0),)}, StringartError, "30"),
        ({"pin_count": 7}, StringartError, "7 pins"),
        ({"pin_count": 2000}, StringartError, "0.942 mm apart"),
    ],
)
def test_what_cannot_be_made_is_refused_with_the_numbers(photo, changes, error, words):
    with pytest.raises(error, match=words):
        list(design_events(photo, options(**changes)))


def test_a_photo_without_contrast_is_refused():
    with pytest.raises(PhotoError, match="contrast"):
        design(load_photo(Image.new("L", (50, 50), 130)), options())


def test_better_quality_is_nearer_to_the_target(photo):
    fine = {"pin_count": 120, "lines": 800}
    plans = [design(photo, options(quality=quality, **fine)) for quality in ("draft", "best")]
    draft, best = (score(plan, photo)[1].ssim_fit for plan in plans)
    assert best > draft


def test_white_on_black_is_ahead_of_a_negative_in_black_on_white_with_the_colours_swapped():
    """The way round, which was far better than what the program made of a dark photo."""
    picture = skimage.data.chelsea()[20:280, 70:330] // 2
    asked = {"pin_count": 180, "lines": 2200, "quality": "draft", "importance": "none"}
    white = (Thread(name="white", color="#ffffff"),)
    plan = design(load_photo(picture), DesignOptions(threads=white, board=make_board(color="#000000"), **asked))
    negative = design(load_photo(255 - picture), DesignOptions(**asked))
    swapped = replace(negative, board=make_board(color="#000000"), threads=white)
    ours, other = (score(made, load_photo(picture)) for made in (plan, swapped))
    assert sum(s.ssim_fit for s in ours) > sum(s.ssim_fit for s in other) + 0.01
    assert plan.chords > 1500  # 363 of 4,000 were laid on a dark photo once, and nothing was seen


def test_a_face_in_white_on_black_keeps_its_dark_hair_and_eyes():
    """The whole picture's score takes a paler one, L* 60, by which the face is a mask."""
    picture = load_photo(skimage.data.astronaut()[0:240, 104:344])
    white = (Thread(name="white", color="#ffffff"),)
    board = make_board(color="#000000")
    *_, done = design_events(
        picture, DesignOptions(threads=white, board=board, pin_count=160, lines=4000, quality="draft")
    )
    assert isinstance(done, Finished)
    (tone,) = (note for note in done.notes if note.startswith("tone:"))
    assert "lifted to L* 45" in tone or "lifted to L* 50" in tone


def test_a_thread_that_no_layer_has_is_not_in_the_plan():
    threads = tuple(Thread(name=color, color=color) for color in ("red", "green", "blue"))
    plan = Plan(
        board=Board(),
        pins=place_pins(Board(), 8),
        threads=tuple(replace(t, color=c) for t, c in zip(threads, ("#ff0000", "#00ff00", "#0000ff"), strict=True)),
        layers=(Layer(thread=2, pins=[0, 4, 1]), Layer(thread=0, pins=[0, 3]), Layer(thread=2, pins=[1, 5])),
    )
    less = without_unused(plan)
    assert [thread.name for thread in less.threads] == ["red", "blue"]
    assert [less.threads[layer.thread].name for layer in less.layers] == ["blue", "red", "blue"]
    assert without_unused(less) is less
    assert without_unused(replace(plan, layers=())).threads == plan.threads
