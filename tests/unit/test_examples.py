"""The notebook runs from its first cell to the last, shows plans, and holds nothing of the machine it was made on."""

import base64
import io
import json
from pathlib import Path

import numpy as np
import pytest
from notebooks import run
from PIL import Image

EXAMPLES = Path(__file__).parents[2] / "examples"
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_what_is_stored(path: Path) -> None:
    stored = [cell["outputs"] for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    shown = run(path)
    assert texts(shown) == texts(stored)
    pictures = list(zip(images(shown), images(stored), strict=True))
    assert pictures
    for now, kept in pictures:
        assert now.std() > 20
        assert abs(now - kept).mean() < 12  # it is kept in few colours


def texts(outputs: list[list[dict]]) -> list[list[object]]:
    return [[output.get("text", output.get("data", {}).get("text/plain")) for output in cell] for cell in outputs]


def images(outputs: list[list[dict]]) -> list[np.ndarray]:
    found = [
        output["data"]["image/png"] for cell in outputs for output in cell if "image/png" in output.get("data", {})
    ]
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(one))).convert("RGB")).astype(int) for one in found]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_small_and_names_no_place(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text) < 700_000
    book = json.loads(text)
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert [key for key in ("/home/", "/tmp/", "/Users/", str(Path.home()), str(EXAMPLES.parent)) if key in text] == []
    assert {cell["id"] for cell in book["cells"]} == {f"cell-{k}" for k in range(len(book["cells"]))}


def test_there_is_a_notebook() -> None:
    assert NOTEBOOKS
