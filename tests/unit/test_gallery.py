"""The looks of the gallery are read, and its drawn photos are photos."""

import runpy
from pathlib import Path

import pytest

from stringart.order.project_file import read_project_file

EXAMPLES = Path(__file__).parents[2] / "examples"
LOOKS = sorted((EXAMPLES / "looks").glob("*.toml"))


def test_eight_pieces_each_with_a_look_and_a_photo() -> None:
    made = runpy.run_path(str(EXAMPLES / "gallery.py"))
    assert sorted(made["PIECES"]) == [path.stem for path in LOOKS]
    assert len(LOOKS) == 8
    for name, photo in made["PIECES"].items():
        if photo:
            assert (EXAMPLES / photo).is_file()
        else:
            assert made[name]().shape == (500, 500, 3)
            assert made[name]().std() > 40


@pytest.mark.parametrize("path", LOOKS, ids=lambda path: path.stem)
def test_a_look_of_the_gallery_can_be_read(path: Path) -> None:
    assert read_project_file(path).title
