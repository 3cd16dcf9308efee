"""What the plan reader says of plans made elsewhere."""

from dataclasses import replace
from pathlib import Path

import pytest
from sample_plans import random_plan, ring

from stringart.cli._params import load_plan


def test_threads_of_anothers_plan_that_run_into_pins_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = replace(random_plan(), pins=ring(60, diameter_mm=15.0))
    plan.save(tmp_path / "own.json")
    replace(plan, provenance=None).save(tmp_path / "other.json")
    load_plan(str(tmp_path / "own.json"))
    assert capsys.readouterr().err == ""
    load_plan(str(tmp_path / "other.json"))
    told = capsys.readouterr().err
    assert told.startswith(f"note: {tmp_path / 'other.json'}: ")
    assert "run into a third pin" in told
    few = replace(plan, layers=(replace(plan.layers[0], pins=[0, 20, 40]),), pins=ring(60, diameter_mm=1.0))
    replace(few, provenance=None).save(tmp_path / "clear.json")
    load_plan(str(tmp_path / "clear.json"))
    assert capsys.readouterr().err == ""
