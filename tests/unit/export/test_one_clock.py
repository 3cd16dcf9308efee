"""One clock: report, guide, book, shopping list, steps files, player and studio tell the same steps and hours."""

import csv
import io
import json
import re
from functools import cache

import pypdfium2
import pytest
from sample_plans import random_plan, rim_plan

from stringart.export import ExportOptions, exporter_for
from stringart.hand.guide import Guide
from stringart.plan.materials import materials_of
from stringart.plan.model import Plan
from stringart.studio.jobs import numbers_of
from stringart.units import format_duration


def made(plan: Plan, ending: str) -> bytes:
    return exporter_for(f"x{ending}")(plan, ExportOptions())


@cache
def cover_of(plan: Plan) -> str:
    return str(pypdfium2.PdfDocument(made(plan, ".book.pdf"))[0].get_textpage().get_text_range())


def steps_told(plan: Plan) -> dict[str, int]:
    """By what is written, each read on its own."""
    rows = list(csv.DictReader(io.StringIO(made(plan, ".csv").decode("utf-8-sig"))))
    lines = [json.loads(line) for line in made(plan, ".jsonl").splitlines()]
    played = re.search(rb'id="plan-data">(.*?)</script>', made(plan, ".html"), re.DOTALL)
    assert played
    cover = cover_of(plan)
    return {
        "report": materials_of(plan).steps,
        "guide": Guide(plan).view().total,
        "csv": sum(row["kind"] in ("chord", "rim walk") for row in rows),
        "jsonl": sum(line.get("kind") in ("chord", "rim walk") for line in lines),
        "player": len(json.loads(played[1])["steps"]["stops"]),
        "book": int(re.search(r"Steps\s+([\d,]+) \(", cover)[1].replace(",", "")),  # type: ignore[index]
        "studio": numbers_of(plan)["steps"],
    }


def hours_told(plan: Plan) -> dict[str, str]:
    """As people read them."""
    cover = cover_of(plan)
    by_hand = r"by hand:? +([^,]*?) for a first piece"
    found = {"book": re.search(by_hand, cover), "shopping": re.search(by_hand, made(plan, ".shopping.txt").decode())}
    assert all(found.values())
    return {name: match[1].strip() for name, match in found.items() if match} | {
        "report": format_duration(materials_of(plan).hand_s),
        "guide": format_duration(Guide(plan).view().left_s),
        "studio": format_duration(numbers_of(plan)["hand_s"]),
    }


@pytest.mark.parametrize("plan", [rim_plan(), random_plan()], ids=["with walks along the rim", "of three colours"])
def test_steps_and_hours_are_the_same_everywhere(plan: Plan) -> None:
    steps, hours = steps_told(plan), hours_told(plan)
    assert set(steps.values()) == {materials_of(plan).steps}, steps
    assert set(hours.values()) == {format_duration(materials_of(plan).hand_s)}, hours


def main(names: list[str]) -> None:
    """``python tests/unit/export/test_one_clock.py black.json heart.json``: the table of real pieces."""
    for name in names:
        plan = Plan.load(name)
        for told in (steps_told(plan), hours_told(plan)):
            print(name, *(f"{key} {value}" for key, value in told.items()), sep="  ")


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
