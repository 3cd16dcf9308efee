"""A photo tried in several looks."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from stringart.many.look_sheet import look_lines, look_sheet
from stringart.many.trials import Trial, best_of, try_looks
from stringart.order.look_files import find_look
from stringart.picture.photo import PhotoFile, load_photo

FEW = {"pins": 60, "lines": 80, "importance": "none"}


@pytest.fixture(scope="module")
def photo() -> PhotoFile:
    rows, cols = np.indices((90, 90)) - 45
    picture = np.where(np.hypot(rows, cols)[..., None] < 25, (240, 120, 30), (30, 60, 90)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return PhotoFile(name="disc.png", data=file.getvalue())


@pytest.fixture(scope="module")
def trials(photo: PhotoFile) -> list[Trial]:
    told: list[str] = []
    looks = [find_look(name) for name in ("black-on-white", "two-tone", "weekend")]
    found = try_looks(photo, looks, FEW, lambda done, total, title: told.append(f"{done} of {total} {title}"))
    assert told == ["1 of 3 Black on white", "2 of 3 Two tones on grey", "3 of 3 A weekend"]
    return found


def test_each_look_is_wound_as_it_says(trials: list[Trial]) -> None:
    assert [trial.plan.board.color for trial in trials] == ["#ffffff", "#808080", "#ffffff"]
    assert [len(trials[k].plan.threads) for k in (0, 2)] == [1, 1]
    assert trials[2].plan.board.width_mm == 400
    assert {len(trial.plan.pins) for trial in trials} == {60}  # what is said wins over the look
    assert all(0 < trial.closeness < 1 for trial in trials)


def test_the_best_is_the_closest_of_those_there_is_time_for(trials: list[Trial]) -> None:
    by_closeness = sorted(trials, key=lambda one: one.closeness)
    assert best_of(trials)[0] is by_closeness[-1]
    hours = sorted(one.materials.hand_s / 3600 for one in trials)
    best, told = best_of(trials, hours[1] + 1e-6)
    assert best.materials.hand_s / 3600 <= hours[1] + 1e-6
    assert "that take" in told
    shortest, told = best_of(trials, hours[0] / 2)
    assert shortest.materials.hand_s / 3600 == hours[0]
    assert "every look takes more than" in told


def test_the_sheet_shows_the_photo_and_every_look(trials: list[Trial], photo: PhotoFile) -> None:
    data = look_sheet(load_photo(photo, "#ffffff"), "a disc.png", trials, 500_000)
    assert data == look_sheet(load_photo(photo, "#ffffff"), "a disc.png", trials, 500_000)
    with Image.open(io.BytesIO(data)) as sheet:
        pixels = np.asarray(sheet.convert("RGB"), int)
    assert np.abs(pixels[28 + 210, 28 + 210] - (240, 120, 30)).max() < 12  # the photo's middle
    assert np.abs(pixels[32, 28 + 2 * 448 + 4] - (128, 128, 128)).max() < 3  # the corner of the grey board
    lines = look_lines(trials[1], "a disc.png", 500_000)
    assert re.fullmatch(r"1 spool of 500 m; closeness 0\.\d\d", lines[2])  # no price is made up
    priced = look_lines(trials[1], "a disc.png", 500_000, 4.25)
    assert priced[2].startswith("1 spool of 500 m, 4.25 together; closeness")
    assert lines[0] == "Two tones on grey"
    assert lines[3] == "stringart design 'a disc.png' --look two-tone"
