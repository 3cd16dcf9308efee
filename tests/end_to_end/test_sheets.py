"""Sheets from the command line: all of them at once, the same bytes again, and every refusal in one line."""

import os
import sys
from pathlib import Path

import pytest
from command import stringart_text
from sample_plans import THREADS, random_plan

STRINGART = str(Path(sys.executable).with_name("stringart"))
ENDINGS = ("book.pdf", "template.pdf", "sheet.pdf", "template.svg", "dxf", "drill.gcode", "drill.nc", "pins.csv")


def _export(folder, *arguments):
    ran = stringart_text("export", *arguments, cwd=folder)
    assert "Traceback" not in ran.stderr
    return ran


@pytest.fixture
def folder(tmp_path):
    random_plan((60, 40), THREADS).save(tmp_path / "plan.json")
    return tmp_path


def test_every_sheet_in_one_go_and_the_same_bytes_in_another_process(folder):
    for run in ("one", "two"):
        outputs = [part for ending in ENDINGS for part in ("-o", f"{run}.{ending}")]
        ran = _export(folder, "plan.json", "--paper", "Letter", *outputs)
        assert ran.returncode == 0, ran.stderr
    for ending in ENDINGS:
        assert (folder / f"one.{ending}").read_bytes() == (folder / f"two.{ending}").read_bytes()


@pytest.mark.skipif(os.name != "posix", reason="peak memory is read from resource")
def test_twenty_thousand_steps_over_five_hundred_pins_make_a_book(tmp_path):
    random_plan((20_000,), THREADS[4:], pins=500).save(tmp_path / "plan.json")
    ran = _export(tmp_path, "plan.json", "-o", "book.pdf")
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "book.pdf").stat().st_size < 10_000_000


def test_what_cannot_be_written_is_refused_in_one_line(folder):
    random_plan(()).save(folder / "empty.json")
    for arguments, said in (
        (("plan.json", "-o", "x.template.pdf", "--paper", "50x50mm"), "too small"),
        (("plan.json", "-o", "x.pdf", "--paper", "B17"), "not known"),
        (("plan.json", "-o", "x.pdff"), "not known"),
        (("plan.json", "-o", "nowhere/x.pdf"), "folder does not exist"),
        (("empty.json", "-o", "x.pdf"), "no chords"),
        (("plan.json", "-o", "x.drill.nc", "--drill-depth", "0mm"), "--drill-depth"),
    ):
        ran = _export(folder, *arguments)
        assert ran.returncode == 1
        assert said in ran.stderr
    assert not list(folder.glob("x*"))
