"""What is said of a design while it runs, away from a terminal."""

import importlib.util
import os
from pathlib import Path

import pytest
from sample_plans import random_plan

from stringart import _kernels, _numba_cache
from stringart.cli._progress import shown
from stringart.plan.model import Board
from stringart.search.events import Finished, Prepared


@pytest.mark.parametrize(
    ("shape", "said"), [("circle", "on a circle"), ("ellipse", "on an ellipse"), ("pins", "as given, on a board")]
)
def test_pins_board_and_threads_are_told_first(
    shape: str, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_numba_cache, "is_kept", lambda kernel: True)
    plan = random_plan(board=Board(shape=shape, width_mm=600, height_mm=400.04, color="#ffffff"))
    assert shown(iter([Prepared(plan=plan), Finished(plan=plan)])).plan is plan
    told = capsys.readouterr().err
    assert told == f"60 pins {said} of 600 x 400 mm, sand 0.25 mm, rust 0.25 mm, navy 0.25 mm\n"


def test_a_first_search_is_told_to_be_compiled_and_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the same program is installed anew, and where one in another folder was compiled later."""
    source = tmp_path / "kernel.py"
    source.write_text(
        "from stringart._numba_cache import njit\n\n\n@njit(cache=True)\ndef double(n):\n    return 2 * n\n"
    )
    monkeypatch.setattr(_numba_cache, "kernel_folder", lambda: tmp_path / "kept")
    plan = random_plan()
    for installed_s in (1e9, 1e9, 2e9):
        os.utime(source, (installed_s, installed_s))
        spec = importlib.util.spec_from_file_location("kernel", source)
        assert spec is not None
        assert spec.loader is not None
        kernel = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(kernel)
        monkeypatch.setattr(_kernels, "lay_best", kernel.double)
        assert shown(iter([Finished(plan=plan)])).plan is plan
        told = "compiled for this computer" in capsys.readouterr().err
        assert kernel.double(2) == 4
        assert told == (not kernel.double.stats.cache_hits)
