"""Chosen threads against one black or white one, and looks that cannot show a photo."""

import re

import numpy as np
import pytest

from stringart.look.paint import Painting
from stringart.look.score import closeness
from stringart.order.loaded import load_order, options_for
from stringart.order.order import Order
from stringart.order.rivals import better_look
from stringart.picture.photo import Photo, load_photo
from stringart.search.pipeline import design

FEW = {"pins": 60, "lines": 200, "quality": "draft", "importance": "none"}


@pytest.fixture(scope="module")
def gray() -> Photo:
    """A grey disc with a dark eye on white: black on white draws it best."""
    rows, cols = np.indices((120, 120)) / 60 - 1
    tone = np.where(np.hypot(rows, cols) < 0.6, 150 - 60 * rows, 250)
    return load_photo(np.where(np.hypot(rows + 0.1, cols - 0.1) < 0.2, 10, tone).astype(np.uint8))


@pytest.fixture(scope="module")
def best_plain(gray: Photo) -> float:
    """How close one thread, black or white, comes to it."""
    plain = [
        options_for(gray, load_order(Order(palette=name, **FEW)))[0] for name in ("black-on-white", "white-on-black")
    ]
    return max(closeness(Painting(design(gray, made)), gray) for made in plain)


@pytest.mark.parametrize("palette", ["auto:2", "auto:4"])
def test_chosen_threads_are_never_behind_one_black_or_white_one(gray: Photo, best_plain: float, palette: str) -> None:
    made, notes = options_for(gray, load_order(Order(palette=palette, **FEW)))
    assert closeness(Painting(design(gray, made)), gray) >= best_plain - 1e-4
    assert len(made.threads) == 1
    assert any("comes closer to this photo" in note for note in notes)


def test_on_a_board_of_the_users_own_colour_chosen_threads_stay(gray: Photo) -> None:
    made, _ = options_for(gray, load_order(Order(palette="auto:2", background="#203050", **FEW)))
    assert (made.board.color, len(made.threads)) == ("#203050", 2)


def test_threads_that_are_named_stay(gray: Photo) -> None:
    made, _ = options_for(gray, load_order(Order(palette="#ff0000,#00ff00", **FEW)))
    assert [thread.color for thread in made.threads] == ["#ff0000", "#00ff00"]


@pytest.mark.parametrize(("size", "palette"), [(0.08, "black-on-white"), (0.05, "white-on-black")])
def test_a_look_that_shows_next_to_nothing_names_one_that_shows_the_photo(size: float, palette: str) -> None:
    """A black dot on white: black chords would cross the white, white ones would have to cover all of it."""
    rows, cols = np.indices((120, 120)) / 60 - 1
    dot = load_photo(np.where(np.hypot(rows, cols) < size, 0, 255).astype(np.uint8))
    made, _ = options_for(dot, load_order(Order(palette=palette, **FEW)))
    told = better_look(dot, Painting(design(dot, made)), made)
    assert re.search("shows little of this photo .* --look two-tone shows more", told)


def test_a_look_that_shows_the_photo_stands_alone(gray: Photo) -> None:
    made, _ = options_for(gray, load_order(Order(**FEW)))
    assert better_look(gray, Painting(design(gray, made)), made) == ""


def test_the_plain_look_names_another_one_that_draws_more_finely() -> None:
    """White and black eyes in a grey face: black thread alone has to leave the face as bright as the eyes."""
    rows, cols = np.indices((160, 160)) / 80 - 1
    face = np.full((160, 160), 60, np.uint8)
    for x in (-0.3, 0.3):
        face[np.hypot(rows + 0.2, cols - x) < 0.22] = 250
        face[np.hypot(rows + 0.2, cols - x) < 0.1] = 5
    photo, few = load_photo(face), FEW | {"pins": 100, "lines": 2200}
    made, _ = options_for(photo, load_order(Order(**few)))
    told = better_look(photo, Painting(design(photo, made)), made)
    assert re.search("--look two-tone draws this photo more finely .* stringart looks shows all looks", told)
    other, _ = options_for(photo, load_order(Order(palette="two-tone", **few)))
    assert better_look(photo, Painting(design(photo, other)), other) == ""  # it was asked for
