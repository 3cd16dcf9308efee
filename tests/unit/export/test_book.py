"""The winding book, read back by an independent PDF reader: every step once, in order, and what stands around it."""

import re
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pypdfium2
import pytest
from sample_plans import THREADS, random_plan, rim_plan, ring

from stringart.errors import OutputError, PlanError
from stringart.export import ExportOptions, exporter_for
from stringart.export.book import export
from stringart.hand.trouble import TROUBLES
from stringart.plan.materials import materials_of
from stringart.plan.model import Board, Layer, PhotoRef, Plan, Thread
from stringart.plan.nails import nails_of
from stringart.plan.steps import steps_of
from stringart.units import format_length

ROW = re.compile(r"^(\d+) (\d+) ?(↻|↺|end)(?: ?rim (\d+))?(?:, end| ?end)?$")
PHOTO = PhotoRef(name="Übungsstück Łódź – Пётр 糸.jpg", sha256="0" * 64, crop_px=(0, 0, 9, 9))


@pytest.fixture(scope="module")
def plan():
    return replace(random_plan((430, 60, 0, 201), THREADS[1:4]), photo=PHOTO)


@cache
def on_paper(plan, paper):
    return export(plan, ExportOptions(paper=paper))


@pytest.fixture(scope="module")
def book(plan):
    return on_paper(plan, "A4")


@pytest.fixture(scope="module")
def pages(book):
    return _pages(book)


def _pages(data):
    document = pypdfium2.PdfDocument(data)
    return [document[k].get_textpage().get_text_range().split("\r\n") for k in range(len(document))]


def _rows(pages):
    return [match.groups() for lines in pages for line in lines if (match := ROW.match(line))]


@pytest.mark.parametrize("paper", ["A4", "A5"])
def test_every_step_stands_in_the_book_once_in_order_and_walks_are_whole(plan, paper):
    for piece in (plan, rim_plan()):
        rows = _rows(_pages(on_paper(piece, paper)))
        steps = steps_of(piece)
        assert [int(row[0]) for row in rows] == [step.number for step in steps]
        assert [int(row[1]) for row in rows] == [step.to_pin for step in steps]
        assert [{"↻": 1, "↺": -1, "end": 0}[row[2]] for row in rows] == [step.way for step in steps]
        assert [int(row[3] or 0) for row in rows] == [abs(step.walk) for step in steps]


def test_every_column_begins_with_the_pin_it_comes_from(plan, pages):
    for lines in pages[3:]:
        for line, after in pairwise(lines):
            if match := re.match(r"^from (\d+)$", line):
                step = int(ROW.match(after)[1])
                assert int(match[1]) == steps_of(plan)[step - 1].from_pin


def test_a_page_says_its_total_its_running_count_and_where_the_thread_is(plan, pages):
    first, second, third = (" ".join(lines) for lines in pages[3:6])
    assert "sand" in first
    assert "layer 1 of 4, page 1 of 3 of the layer" in first
    assert "This page: 200 steps" in first
    assert "Wound when it is done: 400 of 689 steps, 58 %" in second
    steps = steps_of(plan)
    assert f"The thread is at pin {steps[200].from_pin}; it ends at pin {steps[399].to_pin}." in second
    assert "This page: 30 steps" in third
    assert f"tie off at pin {plan.layers[0].pins[-1]}." in third


def test_the_cover_and_the_tables_say_what_is_needed(plan, pages):
    text, use = " ".join(pages[0] + pages[1]), materials_of(plan)
    for part in (
        "Übungsstück Łódź – Пётр <7CF8>",
        "60 of 2 mm",
        "600 × 600 mm",
        plan.sha256[:32],
        "stringart design Пётр.jpg --seed 3",
        f"all threads: {format_length(use.total_mm)}",
        *(format_length(thread.total_mm) for thread in use.threads),
        "half a turn round each pin",
        "150 mm for each of the two knots",
        "3% for slack and waste",
    ):
        assert part in text


def test_the_pin_diagram_is_on_every_page(pages):
    for lines in pages:
        text = " ".join(lines)
        assert "front view" in text
        assert {"0", "15", "30", "45"} <= set(lines)


@pytest.mark.parametrize(("book", "per_page"), [("compact", 624), ("large", 72)])
def test_a_compact_and_a_large_setting_hold_the_same_steps(plan, book, per_page):
    pages = _pages(export(plan, ExportOptions(book=book)))
    rows = _rows(pages)
    assert [int(row[0]) for row in rows] == list(range(1, len(steps_of(plan)) + 1))
    assert max(len(_rows([lines])) for lines in pages) == min(per_page, 430)


def test_a_setting_that_is_not_known_is_refused(plan):
    with pytest.raises(OutputError, match="the book is not set 'tiny'"):
        export(plan, ExportOptions(book="tiny"))


@pytest.mark.parametrize("paper", ["A4", "A5", "Letter"])
def test_every_trouble_is_in_the_book_before_the_steps(plan, paper):
    pages = _pages(on_paper(plan, paper))
    first = next(k for k, lines in enumerate(pages) if _rows([lines]))
    text = " ".join(" ".join(lines) for lines in pages[:first])
    for trouble in TROUBLES:
        assert trouble.title in text
        assert all(sentence in text for sentence in trouble.advice)
    assert "both ends at the same pin" in text


def test_no_command_is_cut_and_threads_are_named_as_shops_do(plan):
    command = "stringart design " + " ".join(f"--limit 'thread {k}=400m'" for k in range(40))
    long = replace(plan, provenance=replace(plan.provenance, command=command))
    cover = " ".join(_pages(export(long, ExportOptions()))[0])
    assert command.replace(" ", "") in cover.replace(" ", "")
    assert "…" not in cover
    assert "sand (like DMC" in cover
    assert nails_of(plan).text in cover
    assert materials_of(plan).hand_text in cover


def test_the_print_dialogue_is_asked_not_to_scale(book):
    assert b"/PrintScaling /None" in book


def test_bookmarks_lead_to_every_layer_and_page(book):
    marks = [(m.level, m.get_title(), m.get_dest().get_index()) for m in pypdfium2.PdfDocument(book).get_toc()]
    assert [mark for mark in marks if mark[1].startswith("Layer")] == [
        (0, "Layer 1 of 4: sand", 3),
        (0, "Layer 2 of 4: rust", 6),
        (0, "Layer 4 of 4: sand", 7),
    ]
    assert (1, "Steps 201 to 400", 4) in marks


def test_metadata_name_program_command_and_plan(plan, book):
    notes = pypdfium2.PdfDocument(book).get_metadata_dict()
    assert plan.sha256 in notes["Subject"]
    assert notes["Keywords"] == "stringart design Пётр.jpg --seed 3"
    assert notes["Creator"].startswith("stringart ")


def test_the_same_plan_gives_the_same_bytes(plan, book):
    assert export(plan, ExportOptions()) == book


def test_the_progress_picture_grows_from_page_to_page(book):
    document = pypdfium2.PdfDocument(book)
    shades = [np.asarray(document[k].render(scale=1).to_pil().crop((265, 30, 375, 140))).mean() for k in (3, 4, 5)]
    assert shades[0] > shades[1] > shades[2]


@pytest.mark.parametrize("paper", ["Letter", "A5", "a3", "180x250mm"])
def test_other_paper_holds_every_step_within_the_page(plan, paper):
    data = on_paper(plan, paper)
    assert [int(row[0]) for row in _rows(_pages(data))] == list(range(1, len(steps_of(plan)) + 1))
    document = pypdfium2.PdfDocument(data)
    for page in document:
        wide, high = page.get_size()
        text = page.get_textpage()
        boxes = np.array([text.get_charbox(k) for k in range(text.count_chars())])
        assert boxes[:, :2].min() >= 0
        assert boxes[:, 2].max() <= wide
        assert boxes[:, 3].max() <= high


def test_names_that_are_too_long_are_cut_and_do_not_touch_what_stands_beside(plan):
    long = replace(
        plan,
        photo=replace(PHOTO, name="Donaudampfschifffahrtsgesellschaft" * 8),
        threads=tuple(Thread(name="sehr langer Name " * 12, color=t.color) for t in plan.threads),
    )
    page = pypdfium2.PdfDocument(export(long, ExportOptions()))[3]
    beside = page.get_textpage().get_text_bounded(left=285, bottom=690, right=560, top=830)
    assert "langer" not in beside


def test_many_layers_fill_several_pages_of_the_list():
    plan = random_plan((3,) * 80, THREADS)
    pages = _pages(export(plan, ExportOptions()))
    assert len(_rows(pages)) == 240
    listed = [line for lines in pages[1:4] for line in lines if re.match(r"^\d+ (white|sand|rust|navy|black) 3 ", line)]
    assert len(listed) == 80
    assert listed[-1].endswith(f" {len(pages)}")


def test_a_thousand_pins_and_a_tall_board():
    board = Board(shape="rectangle", width_mm=200, height_mm=900)
    pins = ring(1000, 200, 900)
    plan = Plan(
        board=board, pins=pins, threads=THREADS[:1], layers=(Layer(thread=0, pins=np.arange(0, 5000, 7) % 1000),)
    )
    assert [int(row[1]) for row in _rows(_pages(export(plan, ExportOptions())))] == plan.steps[:, 2].tolist()


def test_a_plan_without_chords_is_refused():
    with pytest.raises(PlanError, match="no chords"):
        export(random_plan(()), ExportOptions())


@pytest.mark.parametrize(("paper", "said"), [("B9", "not known"), ("60x60mm", "too small"), ("x", "not known")])
def test_paper_that_will_not_do_is_refused(plan, paper, said):
    with pytest.raises(OutputError, match=said):
        export(plan, ExportOptions(paper=paper))


def test_the_endings_pick_the_book():
    assert exporter_for("x.pdf") is exporter_for("x.book.PDF") is export
