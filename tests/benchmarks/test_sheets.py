"""What a person waits for before the printer starts."""

import pytest
from sample_plans import THREADS, random_plan

from stringart.export import ExportOptions, exporter_for


@pytest.mark.parametrize("ending", [".book.pdf", ".template.pdf", ".dxf"])
@pytest.mark.parametrize("steps", [(4000,), (2000,) * 5])
def test_sheets(benchmark, ending, steps):
    plan = random_plan(steps, THREADS[-len(steps) :], pins=288)
    export = exporter_for("x" + ending)
    benchmark.pedantic(export, (plan, ExportOptions()), rounds=3, warmup_rounds=1)
