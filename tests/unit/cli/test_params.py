"""The photo that a plan is compared with."""

from pathlib import Path

from PIL import Image
from sample_plans import random_plan

from stringart.cli._params import load_matching_photo
from stringart.plan.model import Board


def test_what_is_transparent_shows_the_board(tmp_path: Path) -> None:
    Image.new("RGBA", (8, 8), (255, 255, 255, 0)).save(tmp_path / "clear.png")
    plan = random_plan(board=Board(width_mm=600, height_mm=600, color="#204060"))
    photo = load_matching_photo(str(tmp_path / "clear.png"), plan)
    assert photo.srgb[4, 4].tolist() == [0x20, 0x40, 0x60]
