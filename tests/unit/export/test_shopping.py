import csv
import io

import pypdfium2
import pytest
from sample_plans import random_plan

from stringart.errors import UnitError
from stringart.export import ExportOptions, exporter_for
from stringart.export.shopping import PRICE
from stringart.plan.materials import materials_of
from stringart.plan.nails import nails_of

PLAN = random_plan(steps=(400, 600, 300))


def rows(plan=PLAN, **options) -> list[dict[str, str]]:
    data = exporter_for("x.shopping.csv")(plan, ExportOptions(**options))
    return list(csv.DictReader(io.StringIO(data.decode())))


def test_threads_are_bought_in_whole_spools():
    uses = materials_of(PLAN).threads
    found = [row for row in rows(spool_mm=50_000.0) if row["what"].startswith("thread")]
    assert [int(row["amount"]) for row in found] == [use.spools(50_000, 0.1) for use in uses]
    assert all("10% to spare" in row["note"] for row in found)
    bare = [row for row in rows(spool_mm=50_000.0, spare=0.0) if row["what"].startswith("thread")]
    assert sum(int(row["amount"]) for row in bare) < sum(int(row["amount"]) for row in found)
    for row, use in zip(found, uses, strict=True):
        assert use.joins(50_000) > 0
        assert f"{use.joins(50_000)} join" in row["note"]
    assert [row["color"] for row in found] == [thread.color for thread in PLAN.threads]
    assert all(row["unit"] == "spool of 50 m" for row in found)
    assert all(", like DMC " in row["what"] for row in found)


def test_a_thread_that_no_layer_uses_is_not_bought():
    assert len([row for row in rows(PLAN.after_layer(1)) if row["what"].startswith("thread")]) == 1


def test_pins_come_with_spares_and_the_board_with_its_edge():
    pins, board = (
        next(row for row in rows(edge_mm=25.0) if row["what"].startswith(what)) for what in ("pins", "board")
    )
    assert pins["amount"] == "62"
    nails = nails_of(PLAN)
    assert pins["what"] == f"pins (nails, brads) of 2 x {nails.length_mm:g} mm"
    assert pins["note"].startswith("60 and 2 to spare; ")
    assert f"{nails.board_mm:g} mm thick" in board["note"]
    assert board["what"] == "board, 650 x 650 mm, white"


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_sheets_are_the_pages_of_the_template(paper):
    (sheets,) = [row["amount"] for row in rows(paper=paper) if row["what"].startswith("paper")]
    template = exporter_for("x.template.pdf")(PLAN, ExportOptions(paper=paper))
    assert int(sheets) == len(pypdfium2.PdfDocument(template))


def test_drill_glue_and_holder_are_on_the_list():
    what = [row["what"] for row in rows()]
    assert f"drill bit of {nails_of(PLAN).drill_mm:g} mm" in what
    assert any("glue" in text for text in what)
    assert "holder for the thread" in what


def test_the_text_has_the_same_lines_and_the_assumptions():
    text = exporter_for("x.shopping.txt")(PLAN, ExportOptions()).decode()
    for row in rows():
        assert row["what"] in text
        assert row["note"] in text
    for about in ("about_thread", "about_hand", "about_machine"):
        assert getattr(materials_of(PLAN).assumptions, about) in text
    assert PLAN.sha256 in text


def test_nothing_wound_needs_no_thread_and_a_spool_needs_a_length():
    assert not [row for row in rows(PLAN.upto(0)) if row["what"].startswith("thread")]
    with pytest.raises(UnitError, match="holds no thread"):
        rows(spool_mm=0.0)


def test_what_the_thread_costs_is_told_where_a_spool_has_a_price():
    assert not [row for row in rows() if row["unit"] == "to pay"]
    spools = sum(int(row["amount"]) for row in rows() if row["what"].startswith("thread"))
    [cost] = [row for row in rows(spool_price=3.5) if row["unit"] == "to pay"]
    assert float(cost["amount"]) == spools * 3.5
    assert cost["note"].startswith(f"{spools} spool")
    assert PRICE.read("3.5") == 3.5
    for wrong in ("-1", "four", "nan"):
        with pytest.raises(UnitError):
            PRICE.read(wrong)
