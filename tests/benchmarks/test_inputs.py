"""What a user waits for before the search begins: pytest --benchmark-only tests/benchmarks/test_inputs.py."""

import io
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from stringart.board.boards import allowed_chords, make_board, place_pins
from stringart.board.outlines import from_twelve
from stringart.picture.importance import find_faces
from stringart.picture.photo import crop_to_board, load_photo, resample
from stringart.plan.model import Board, Plan

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("count", [100, 288, 1000])
@pytest.mark.parametrize("shape", ["circle", "rectangle"])
def test_chords_of_a_convex_board(benchmark: Any, shape: str, count: int) -> None:
    board = make_board(shape)
    pins = place_pins(board, count, 1.0)
    benchmark(allowed_chords, board, pins)


@pytest.mark.parametrize("count", [100, 300, 1000])
def test_chords_of_a_star(benchmark: Any, count: int) -> None:
    turn = [math.pi * k / 5 for k in range(10)]
    ring = np.array([(math.sin(a) * r, math.cos(a) * r) for a, r in zip(turn, [300, 150] * 5, strict=True)])
    ring = from_twelve(ring - (ring.max(0) + ring.min(0)) / 2)
    width_mm, height_mm = np.ptp(ring, axis=0)
    board = Board(shape="outline", width_mm=width_mm, height_mm=height_mm, outline_mm=ring)
    benchmark(allowed_chords, board, place_pins(board, count, 0.8))


def test_a_photo_of_twelve_megapixels(benchmark: Any) -> None:
    rows, cols = np.indices((3000, 4000))
    pixels = (np.stack([rows % 251, cols % 241, (rows + cols) % 239], -1)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=90)

    def read() -> None:
        photo = load_photo(file.getvalue())
        resample(photo, crop_to_board(photo, make_board()), (256, 256))

    benchmark(read)


def test_faces(benchmark: Any) -> None:
    photo = load_photo(EXAMPLES / "astronaut.jpg")
    benchmark(find_faces, photo, (0, 0, 512, 512))


def test_reading_a_plan_of_a_hundred_thousand_steps(benchmark: Any) -> None:
    board = make_board()
    pins = place_pins(board)
    chords = allowed_chords(board, pins).reshape(-1)[:100_000].tolist()
    data = Plan(board=board, pins=pins, threads=(), layers=()).to_bytes()
    thread = b'"threads": [{"name": "black", "color": "#000000", "diameter_mm": 0.25}]'
    layers = f'"layers": [{{"thread": 0, "pins": {chords}}}]'.encode()
    data = data.replace(b'"threads": []', thread).replace(b'"layers": []', layers)
    assert len(benchmark(Plan.from_bytes, data).steps) == len(chords) - 1
