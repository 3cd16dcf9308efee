"""Palettes chosen for a photo: what the choice must and must not do."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from stringart.board.boards import make_board
from stringart.errors import PaletteError
from stringart.picture import light
from stringart.picture.photo import load_photo
from stringart.plan.model import Thread
from stringart.threads import palette_search
from stringart.threads.palette import choose, parse_palette, proposals

EXAMPLES = "examples"
SQUARE, ROUND = make_board("rectangle"), make_board()


def halves(*colors):
    """A photo of stripes."""
    stripes = [np.broadcast_to(np.array(color, np.uint8), (128, 128 // len(colors), 3)) for color in colors]
    return load_photo(np.concatenate(stripes, 1))


@pytest.fixture(scope="module")
def coffee():
    return load_photo(f"{EXAMPLES}/coffee.jpg")


@pytest.fixture(scope="module")
def coarse():
    """The same in a hundred colours: the search takes as long as there are colours to match."""
    with Image.open(f"{EXAMPLES}/coffee.jpg") as photo:
        return load_photo(photo.resize((12, 8), Image.Resampling.BOX))


def near(color, wanted, tolerance=12):
    return all(abs(int(color[k : k + 2], 16) - w) <= tolerance for k, w in zip((1, 3, 5), wanted, strict=True))


def test_a_photo_of_two_colours_gets_these():
    choice = choose(parse_palette("auto:2"), halves((200, 60, 30), (30, 60, 160)), SQUARE, "#ffffff")
    assert near(choice.threads[0].color, (200, 60, 30), 35)
    assert near(choice.threads[1].color, (30, 60, 160), 35)
    assert choice.shares[1:] == pytest.approx((0.49, 0.49), abs=0.03)
    assert choice.error < 2.5


def test_mixtures_are_left_to_the_eye():
    """Of three greys and their ends, two threads are the ends, not the centres of clusters."""
    photo = halves((20, 20, 20), (110, 110, 110), (150, 150, 150), (188, 188, 188), (240, 240, 240))
    choice = choose(parse_palette("auto:2"), photo, SQUARE, "#000000")
    levels = sorted(int(thread.color[1:3], 16) for thread in choice.threads)
    assert levels[0] < 40
    assert levels[1] > 215


def test_the_choice_beats_the_centres_of_clusters(coffee):
    from scipy.cluster.vq import kmeans2

    choice = choose(parse_palette("auto:5"), coffee, ROUND, "#000000")
    pixels = coffee.linear[::8, ::8].reshape(-1, 3).astype(float)
    centres, _ = kmeans2(pixels, 5, seed=1, minit="++")
    codes = np.rint(np.clip(centres, 0, 1) ** (1 / 2.2) * 255).astype(int)
    named = ",".join("#" + "".join(f"{v:02x}" for v in code) for code in codes)
    assert choice.error < 0.8 * choose(parse_palette(named), coffee, ROUND, "#000000").error


def test_a_dark_board_gets_a_dark_thread_too(coffee):
    """Threads stray over what should stay dark; something has to cover them."""
    threads = choose(parse_palette("auto:5"), coffee, ROUND, "#000000").threads
    assert min(sum(int(t.color[k : k + 2], 16) for k in (1, 3, 5)) for t in threads) < 100


def test_threads_come_light_first_the_users_own_before_them(coarse):
    choice = choose(parse_palette("navy,auto:4"), coarse, ROUND)
    assert choice.threads[0].name == "navy"
    lightness = [light.to_lab([int(t.color[k : k + 2], 16) / 255 for k in (1, 3, 5)])[0] for t in choice.threads[1:]]
    assert lightness == sorted(lightness, reverse=True)


def test_the_same_photo_gives_the_same_palette(coffee):
    first = choose(parse_palette("dmc:auto:3"), coffee, ROUND, "auto")
    assert first == choose(parse_palette("dmc:auto:3"), coffee, ROUND, "auto")


def test_a_catalogue_and_an_own_list_are_kept_to(coffee, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"Cream": "#fff5e6", "Ink": "#101010", "Brick": "#b03a20", "Amber": "#e09030", "Sky": "#80c0ff"}
    rows = [f'[[thread]]\nname = "{n}"\ncolor = "{c}"\ndiameter_mm = 0.3\n' for n, c in names.items()]
    (tmp_path / "threads.toml").write_text("".join(rows))
    chosen = choose(parse_palette("threads.toml:auto:4"), coffee, ROUND, "#000000").threads
    assert [thread.name for thread in chosen] == ["Cream", "Amber", "Brick", "Ink"]
    assert {thread.diameter_mm for thread in chosen} == {0.3}
    catalogue = parse_palette("dmc:auto:4")
    chosen = choose(catalogue, coffee, ROUND, "#000000").threads
    assert len(set(chosen)) == 4
    assert set(chosen) <= set(catalogue.candidates)


def test_the_board_of_a_light_photo_is_light_of_a_dark_one_dark():
    light, dark = (
        halves((250, 250, 245), (235, 235, 230), (200, 30, 30)),
        halves((6, 6, 6), (20, 20, 20), (200, 30, 30)),
    )
    for photo, is_light in ((light, True), (dark, False)):
        board = choose(parse_palette("auto:1"), photo, SQUARE, "auto").board_color
        assert (int(board[1:3], 16) > 128) is is_light


def test_a_board_that_is_chosen_is_no_worse_than_white_or_black(coarse):
    free = choose(parse_palette("auto:4"), coarse, ROUND, "auto")
    for background in ("#000000", "#ffffff"):
        assert free.error <= choose(parse_palette("auto:4"), coarse, ROUND, background).error * 1.02


def test_a_preset_brings_its_board_unless_the_user_has_one(coffee):
    assert choose(parse_palette("two-tone"), coffee, ROUND).board_color == "#808080"
    assert choose(parse_palette("two-tone"), coffee, ROUND, "#204020").board_color == "#204020"
    assert choose(parse_palette("auto:2"), coffee, ROUND).board_color == "#ffffff"


def test_more_threads_are_never_worse(coarse):
    found = list(proposals(parse_palette("auto"), coarse, ROUND, "#000000", range(2, 6)))
    assert [len(choice.threads) for choice in found] == list(range(2, 6))
    errors = [choice.error for choice in found]
    assert all(more <= fewer + 0.1 for fewer, more in pairwise(errors))
    assert errors[-1] < 0.8 * errors[0]


def test_shares_are_shares(coarse):
    choice = choose(parse_palette("white,auto:11"), coarse, ROUND, "#000000")
    assert len(choice.threads) == 12
    assert sum(choice.shares) == pytest.approx(1, abs=0.003)
    assert min(choice.shares) >= 0
    assert len({thread.color for thread in choice.threads}) == 12
    assert len({thread.name for thread in choice.threads}) == 12


def test_what_counts_is_within_the_board_and_what_is_important():
    corners = np.full((200, 200, 3), (20, 200, 40), np.uint8)
    rows, cols = np.mgrid[:200, :200] - 99.5
    corners[rows**2 + cols**2 < 100**2] = (180, 40, 30)
    assert near(
        choose(parse_palette("auto:1"), load_photo(corners), ROUND, "#000000").threads[0].color, (180, 40, 30), 25
    )
    left = np.zeros((50, 50), np.float32)
    left[:, :20] = 1
    photo = halves((180, 40, 30), (20, 200, 40))
    assert near(
        choose(parse_palette("auto:1"), photo, SQUARE, "#000000", weights=left).threads[0].color, (180, 40, 30), 25
    )


@pytest.mark.parametrize("text", ["white", "#fffefe,#fdfdfd", "white,snow"])
def test_a_palette_that_is_all_board_is_refused(text, coffee):
    with pytest.raises(PaletteError, match="differs from the board, #ffffff"):
        choose(parse_palette(text), coffee, ROUND, "#ffffff")
    assert choose(parse_palette(f"{text},black"), coffee, ROUND, "#ffffff").threads[-1].name == "black"


def test_a_thread_that_does_nothing_is_told_of():
    photo = halves((0, 0, 0), (255, 255, 255))
    assert any("'lime'" in note for note in choose(parse_palette("black,lime"), photo, SQUARE).notes)


def test_bookkeeping_of_one_more_colour_is_a_full_solution(coffee):
    """The short cut that skips targets which a candidate cannot help gives what solving all of them does."""
    colors = palette_search.colors_of(coffee.linear[::8, ::8], np.ones(coffee.linear[::8, ::8].shape[:2], np.float32))
    judge = palette_search.Judge(colors)
    board, threads = np.zeros(3, np.uint8), np.array([[255, 255, 255], [180, 60, 20]], np.uint8)
    candidates = np.array([[0, 0, 0], [230, 180, 110], [10, 200, 30], [90, 40, 20]], np.uint8)
    quick = judge.joined(board, threads, candidates)
    full = [judge.cost(board, np.vstack([threads, candidate])) for candidate in candidates]
    np.testing.assert_allclose(quick, full, rtol=0.08)


@pytest.mark.parametrize("seed", range(4))
def test_an_exchange_ends_where_no_single_thread_can_be_bettered(seed):
    """What is left out, threads that no other one has changed since they were tried, is nothing that would change."""
    chance = np.random.default_rng(seed)
    colors = palette_search.Colors(linear=chance.random((60, 3)), weights=np.full(60, 1 / 60))
    judge, candidates = palette_search.Judge(colors), palette_search.free_candidates(colors)[::4]
    threads = np.array([[0, 0, 0], [10, 10, 10], [20, 20, 20], [30, 30, 30]], np.uint8)  # bad ones: all are exchanged
    found = palette_search.Found(board=np.full(3, 255, np.uint8), threads=threads, cost=np.inf)
    for settle in (palette_search.exchanged, palette_search.settled):
        ended = settle(judge, found, candidates, 1)
        again = settle(judge, ended, candidates, 1)
        assert (ended.threads[1:] != threads[1:]).any(1).all()
        assert np.array_equal(again.threads, ended.threads)
        assert np.array_equal(ended.threads[0], threads[0])


def test_a_width_is_handed_on(coffee):
    request = parse_palette("auto:2@0.4mm")
    assert {thread.diameter_mm for thread in choose(request, coffee, ROUND).threads} == {0.4}
    assert choose(replace(request, count=1), coffee, ROUND).threads[0].diameter_mm == 0.4
    assert isinstance(request.threads, tuple)
    assert choose(parse_palette("black@1mm"), coffee, ROUND).threads == (
        Thread(name="black", color="#000000", diameter_mm=1),
    )


def test_auto_without_a_number_takes_as_many_threads_as_are_worth_it(coarse):
    gray = load_photo(np.repeat(np.linspace(0, 255, 40).astype(np.uint8)[None], 40, 0))
    assert len(choose(parse_palette("auto"), gray, SQUARE, "auto").threads) <= 3
    many = choose(parse_palette("auto"), coarse, ROUND, "#000000")
    count = len(many.threads)
    assert 3 < count < 8
    assert many == choose(parse_palette(f"auto:{count}"), coarse, ROUND, "#000000")
    more = choose(parse_palette(f"auto:{count + 1}"), coarse, ROUND, "#000000")
    assert many.error - more.error < 0.5
