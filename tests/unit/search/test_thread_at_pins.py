"""A thread can be wound as it was searched: it touches no pin but its own, and hardly walks the rim."""

import pytest
import skimage.data
from thread_facts import ThreadFacts, thread_facts

from stringart.board.boards import make_board
from stringart.picture.photo import Photo, load_photo
from stringart.plan.model import Thread
from stringart.search.options import DesignOptions
from stringart.search.pipeline import design

FIVE = tuple(Thread(name=color, color=color) for color in ("#ffffff", "#e0ac8c", "#c8501e", "#283c78", "#000000"))


@pytest.fixture(scope="module")
def photo() -> Photo:
    return load_photo(skimage.data.cat(), name="cat")


def facts_of(photo: Photo, **changes: object) -> ThreadFacts:
    plain = {"pin_count": 144, "lines": 1200, "quality": "draft", "importance": "none"}
    return thread_facts(design(photo, DesignOptions(**(plain | changes))))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("board", "nails_mm"),
    [
        (make_board(), 2.0),
        (make_board(), 3.0),
        (make_board("rectangle", (600.0, 400.0)), 2.0),
        (make_board("heart"), 2.0),
    ],
    ids=["2 mm pins", "3 mm nails", "rectangle", "heart"],
)
def test_one_thread_touches_no_third_pin_and_hardly_walks_the_rim(photo, board, nails_mm):
    facts = facts_of(photo, board=board, pin_diameter_mm=nails_mm)
    assert facts.chords > 600
    assert facts.third_pins_touched == 0
    assert facts.rim_moves < 0.005 * facts.chords
    assert facts.rim_moves_at_ends == facts.turns_back_on_rim == 0


def test_layers_of_five_threads_do_not_either(photo):
    facts = facts_of(photo, threads=FIVE, lines=3000, board=make_board(color="#000000"))
    assert facts.third_pins_touched == 0
    assert facts.rim_moves < 0.03 * facts.chords
    assert facts.rim_moves_at_ends == facts.turns_back_on_rim == 0
    assert facts.longest_rim_run <= 6
