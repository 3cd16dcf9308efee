"""Colour: layers searched with their true neighbours, inside one budget, each of them worth its place."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import skimage.data
from PIL import Image

from stringart.board.boards import make_board
from stringart.errors import PaletteError
from stringart.look.paint import paint
from stringart.look.score import score
from stringart.picture.photo import load_photo
from stringart.plan.materials import materials_of
from stringart.plan.model import Thread
from stringart.search.events import Finished, Searched
from stringart.search.options import Controls, DesignOptions
from stringart.search.pipeline import design, design_events
from stringart.threads.schedule import default_schedule, parse_schedule

THREADS = tuple(
    Thread(name=name, color=color)
    for name, color in (("white", "#ffffff"), ("red", "#c02010"), ("blue", "#2040c0"), ("black", "#000000"))
)


@pytest.fixture(scope="module")
def photo():
    rows, cols = np.mgrid[-1:1:120j, -1:1:120j]
    picture = np.full((120, 120, 3), 20, np.uint8)
    picture[cols < -0.1] = (200, 40, 20)
    picture[cols > 0.1] = (40, 70, 200)
    picture[rows**2 + cols**2 < 0.15] = 240
    return load_photo(picture)


def options(**changes):
    given = {
        "pin_count": 90,
        "lines": 1500,
        "importance": "none",
        "threads": THREADS,
        "board": make_board(color="#000000"),
        "quality": "draft",
    }
    return DesignOptions(**(given | changes))


@pytest.fixture(scope="module")
def settled(photo):
    """The end of a search of normal quality, which is dear, with a thread that nothing in the photo asks for."""
    green = Thread(name="green", color="#00ff00")
    return list(design_events(photo, options(threads=(*THREADS, green), quality="normal")))[-1]


def color_at(plan, row, col):
    """Mean light round a place, -1..1 down and right."""
    picture = paint(plan, 120)
    r, c = round((row + 1) * 59.5), round((col + 1) * 59.5)
    return picture[r - 6 : r + 7, c - 6 : c + 7].mean((0, 1))


def test_every_region_gets_its_color(settled):
    left, right, middle = (color_at(settled.plan, 0, col) for col in (-0.7, 0.7, 0))
    assert left[0] > 1.5 * left[2]
    assert right[2] > 1.5 * right[0]
    assert middle.min() > max(left.mean(), right.mean())


def test_the_events_add_up_to_the_plan(events):
    *events, last = events
    held = Counter()
    for event in events:
        if isinstance(event, Searched):
            held.update(map(tuple, event.added[:, :3].tolist()))
            held.subtract(map(tuple, event.removed[:, :3].tolist()))
    assert isinstance(last, Finished)
    plan = last.plan
    of_layer = [layer.thread for layer in plan.layers]
    across = plan.steps[~plan.is_rim].tolist()
    assert +held == Counter((of_layer[layer], min(i, j), max(i, j)) for layer, i, j in across)


def test_the_budget_holds_over_all_layers(plain):
    assert 0 < plain.chords <= 1500


def test_the_same_input_gives_the_same_bytes(photo, plain):
    assert design(photo, options()).to_bytes() == plain.to_bytes()


def test_removing_any_layer_makes_it_worse(photo):
    plan = design(photo, options(lines=800, schedule=parse_schedule("white,red,blue,black x2", THREADS)))
    whole = score(plan, photo)[1]
    for number in range(len(plan.layers)):
        without = replace(plan, layers=plan.layers[:number] + plan.layers[number + 1 :])
        less = score(without, photo)[1]
        assert less.delta_e > whole.delta_e or less.ssim < whole.ssim


def test_a_limited_thread_is_enough_with_its_knots(photo):
    limits = (None, 30_000.0, None, None)
    plan = design(photo, options(thread_limits_mm=limits))
    assert 15_000 < materials_of(plan).threads[1].total_mm <= 30_000


def test_all_threads_together_keep_the_length(photo):
    plan = design(photo, options(thread_length_mm=150_000.0))
    assert 75_000 < materials_of(plan).total_mm <= 150_000


def test_so_many_metres_are_shared_as_so_many_chords_are(photo):
    by_count = design(photo, options(lines=600))
    by_length = design(photo, options(thread_length_mm=materials_of(by_count).total_mm))
    assert {layer.thread for layer in by_length.layers} == {layer.thread for layer in by_count.layers}
    assert by_length.chords == pytest.approx(by_count.chords, rel=0.25)


def test_layers_lie_as_they_are_asked_for(photo):
    plan = design(photo, options(schedule=parse_schedule("black; white,red:20%,blue x2", THREADS)))
    order = [layer.thread for layer in plan.layers]
    assert order[0] in (3, 0)
    assert set(order) <= {0, 1, 2, 3}
    assert len(order) <= 7


def test_dear_changes_of_thread_make_fewer_of_them(photo):
    free, dear = (len(design(photo, options(change_minutes=minutes)).layers) for minutes in (0.0, 200.0))
    assert dear < free


def test_a_thread_that_gains_nothing_is_dropped_and_said(settled):
    assert "green" not in {thread.name for thread in settled.plan.threads}
    assert any("green" in note for note in settled.notes)


def test_a_region_is_kept_free_of_a_thread(photo):
    mask = np.zeros((120, 120), np.uint8)
    mask[:, :50] = 255
    controls = Controls(regions=((frozenset({1, 3}), Image.fromarray(mask)),))
    plan = design(photo, options(controls=controls))
    xy = plan.pins.xy_mm
    of_layer = [layer.thread for layer in plan.layers]
    for layer, i, j in plan.steps[~plan.is_rim].tolist():
        if of_layer[layer] in (0, 2):
            assert min(xy[i, 0], xy[j, 0]) > -300 + 600 * 45 / 120


def test_a_region_without_any_thread_is_refused(photo):
    white = Image.new("L", (120, 120), 255)
    controls = Controls(regions=((frozenset({0}), white), (frozenset({1}), white)))
    with pytest.raises(PaletteError, match="without any thread"):
        design(photo, options(controls=controls))


def test_a_painted_separation_is_followed(photo):
    painted = np.zeros((120, 120), np.uint8)
    painted[:50] = 255
    plan = design(photo, options(controls=Controls(separations={1: Image.fromarray(painted)})))
    above, below = color_at(plan, -0.6, 0.5), color_at(plan, 0.6, 0.5)
    assert above[0] / above[2] > 2 * below[0] / below[2]


def test_one_thread_may_stand_in_for_another(photo):
    matrix = np.eye(4)
    matrix[1] = [0, 0, 1, 0]  # blue for red
    plan = design(photo, options(controls=Controls(stand_in=matrix)))
    left = color_at(plan, 0, -0.7)
    assert left[2] > left[0]


def test_a_matrix_of_the_wrong_size_is_refused(photo):
    with pytest.raises(PaletteError, match="3 x 3"):
        design(photo, options(controls=Controls(stand_in=np.eye(3))))


def test_importance_for_one_thread_moves_it(photo, plain):
    mask = np.zeros((120, 120), np.uint8)
    mask[60:] = 255
    assert plain != design(photo, options(controls=Controls(importance={0: Image.fromarray(mask)})))


def chords_of_layers(plan):
    return [plan.only_layer(number).chords for number in range(1, len(plan.layers) + 1)]


def test_no_layer_is_a_handful_of_chords_unless_it_is_asked_for(photo, settled):
    assert min(chords_of_layers(settled.plan)) >= 0.015 * settled.plan.chords
    assert len(settled.plan.layers) <= 16
    few = parse_schedule("white,red,blue:1%,black", THREADS)
    asked = design(photo, options(schedule=few))
    assert 0 < min(chords_of_layers(asked)) < 0.015 * asked.chords


def test_a_piece_tells_what_fewer_layers_and_the_reverse_would_cost(events):
    last = events[-1]
    (trade,) = (note for note in last.notes if note.startswith("layers, hours"))
    rows = [row.split() for row in trade.split(": ", 1)[1].split("; ")]
    assert int(rows[0][0].rstrip(":")) == len(last.plan.layers)
    hours = [float(row[1]) for row in rows]
    assert hours == sorted(hours, reverse=True)
    assert float(rows[-1][-1]) > float(rows[0][-1])
    assert any(note.startswith("the same layers from the top down") for note in last.notes)


def test_layers_may_be_wound_from_dark_to_light(photo):
    reversed_ = design(photo, options(schedule=parse_schedule("reverse", THREADS)))
    assert min(chords_of_layers(reversed_)) >= 0.015 * reversed_.chords  # an order alone is asked for, no thin layers
    reverse = [slot.thread for slot in parse_schedule("reverse", THREADS)]
    assert reverse == [slot.thread for slot in reversed(default_schedule(THREADS))]
    assert THREADS[reverse[0]].name == "black"


def test_bright_threads_on_a_dark_board_show_the_picture():
    """They laid a tenth of the chords once, and nothing was seen."""
    photo = load_photo(skimage.data.chelsea()[40:260, 80:300])
    threads = tuple(
        Thread(name=name, color=color)
        for name, color in (("white", "#ffffff"), ("gold", "#ffd700"), ("red", "#ff0000"))
    )
    navy = make_board(color="#000080")
    plan = design(photo, options(threads=threads, board=navy, pin_count=180, lines=4000))
    near, far = score(plan, photo, gray=True)
    assert plan.chords > 3000
    assert near.ssim_fit > 0.65
    assert far.ssim_fit > 0.75
