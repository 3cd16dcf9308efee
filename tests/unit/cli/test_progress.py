"""What is said of a design while it runs, away from a terminal."""

import pytest
from sample_plans import random_plan

from stringart.cli._progress import shown
from stringart.plan.model import Board
from stringart.search.events import Finished, Prepared


@pytest.mark.parametrize(
    ("shape", "said"), [("circle", "on a circle"), ("ellipse", "on an ellipse"), ("pins", "as given, on a board")]
)
def test_pins_board_and_threads_are_told_first(shape: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    plan = random_plan(board=Board(shape=shape, width_mm=600, height_mm=400.04, color="#ffffff"))
    assert shown(iter([Prepared(plan=plan), Finished(plan=plan)])).plan is plan
    told = capsys.readouterr().err
    assert told == f"60 pins {said} of 600 x 400 mm, sand 0.25 mm, rust 0.25 mm, navy 0.25 mm\n"
