"""A plan with something changed, and what it is shown and written as, without an import."""

import io
import json
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image
from sample_plans import ring

from stringart import Board, Layer, OutputError, Plan, PlanError, Thread, UnitError
from stringart.export import ExportOptions, exporter_for
from stringart.plan.steps import steps_of

RED, BLUE = Thread(name="red", color="#ff0000"), Thread(name="blue", color="#0000ff", diameter_mm=0.4)


def made(*layers: tuple[int, list[int]], threads: tuple[Thread, ...] = (RED, BLUE)) -> Plan:
    wound = tuple(Layer(thread=thread, pins=pins) for thread, pins in layers)
    return Plan(board=Board(), pins=ring(16), threads=threads, layers=wound)


PLAN = made((0, [0, 8, 3]), (1, [1, 9]), (0, [2, 3, 4, 12]))


def test_layers_are_dropped_and_put_in_another_order() -> None:
    first, second, third = PLAN.layers
    assert PLAN.without_layers(2).layers == (first, third)
    assert PLAN.without_layers().layers == PLAN.layers
    assert PLAN.with_layers(3, 1).layers == (third, first)
    assert PLAN.layers == (first, second, third)
    for number in (0, 4, "1", 1.5, None):
        with pytest.raises(PlanError, match=r"there is no layer .*counted from 1"):
            PLAN.without_layers(number)  # type: ignore[arg-type]
    with pytest.raises(PlanError, match="named twice"):
        PLAN.with_layers(1, 1)


def test_a_thread_is_exchanged_with_its_name() -> None:
    assert PLAN.recolored("blue", "#123456").threads == (RED, Thread(name="#123456", color="#123456", diameter_mm=0.4))
    assert PLAN.recolored(0, BLUE).threads == (BLUE, BLUE)
    assert PLAN.recolored(RED, "Teal").threads[0] == Thread(name="Teal", color="#008080")
    assert PLAN.recolored("red", "navy").layers == PLAN.layers
    for wrong in ("green", 2, -1, None, True):
        with pytest.raises(PlanError, match=r"there is no thread .*the plan has red, blue"):
            PLAN.recolored(wrong, "navy")  # type: ignore[arg-type]
    with pytest.raises(PlanError, match="'nosuch'"):
        PLAN.recolored("red", "nosuch")
    with pytest.raises(PlanError, match="thread 1 should be a Thread, not 5"):
        PLAN.recolored("red", 5)  # type: ignore[arg-type]
    with pytest.raises(PlanError, match="2 threads 'red'"):
        made((0, [0, 8]), threads=(RED, RED)).recolored("red", "blue")


def test_plans_of_one_board_are_wound_over_each_other() -> None:
    green = Thread(name="green", color="green")
    over = made((0, [5, 13]), (1, [6, 14]), threads=(green, RED))
    both = PLAN + over
    assert both.threads == (RED, BLUE, green)
    assert [(layer.thread, layer.pins.tolist()) for layer in both.layers[3:]] == [(2, [5, 13]), (0, [6, 14])]
    assert both.chords == PLAN.chords + over.chords
    with pytest.raises(PlanError, match="different boards or pins"):
        _ = PLAN + Plan(board=Board(), pins=ring(20), threads=(RED,), layers=())
    with pytest.raises(TypeError, match="unsupported operand"):
        _ = PLAN + 1  # type: ignore[operator]


def test_kinds_and_directions_of_the_steps() -> None:
    assert PLAN.instructions() == steps_of(PLAN)
    assert [step.kind.value for step in PLAN.instructions()] == ["chord", "chord", "chord", "rim walk", "chord"]


def test_what_a_file_holds_without_a_file() -> None:
    assert PLAN.export(".svg") == exporter_for("-.svg")(PLAN, ExportOptions())
    with Image.open(io.BytesIO(PLAN.export("piece.gif", width_px=100, frames=4, seconds=0.5))) as film:
        assert (film.format, film.size[0], getattr(film, "n_frames", 0)) == ("GIF", 100, 4)
    assert PLAN.gcode().startswith("(stringart job")
    assert PLAN.gcode("grbl").encode() == PLAN.export(".gcode", machine="grbl")
    with pytest.raises(OutputError, match=r"the ending '\.giff' is not known"):
        PLAN.export(".giff")
    with pytest.raises(OutputError, match="its name has no ending"):
        PLAN.export("gif")
    wrong = {"width": 100, "machine": "grbl", "width_px": "wide", "frames": 2.5, "counter": 1, "spacing": "odd"}
    for name, value in wrong.items():
        with pytest.raises(UnitError, match=name):
            PLAN.export(".gif", **{name: value})
    with pytest.raises(UnitError, match="ending should be the ending of a file"):
        PLAN.export(5)  # type: ignore[arg-type]


class Reader(HTMLParser):
    """The texts, tags and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())


def test_a_notebook_shows_picture_layers_length_and_hours() -> None:
    plan = PLAN.recolored("red", Thread(name="<b>&", color="#ff0000"))
    page = Reader(plan._repr_html_())
    (image,) = [attributes for tag, attributes in page.tags if tag == "img"]
    assert (image["src"] or "").startswith("data:image/png;base64,")
    assert [text for text in page.texts if text in ("<b>&", "blue")] == ["<b>&", "blue", "<b>&"]
    said = " ".join(page.texts)
    for part in ("16 pins", "5 steps", "m of thread", "for a first piece", "by machine"):
        assert part in said
    assert not {"script", "link"} & {tag for tag, _ in page.tags}


def test_a_notebook_shows_the_winding_with_a_slider() -> None:
    player = PLAN.player()
    ((tag, frame),) = Reader(player._repr_html_()).tags
    assert tag == "iframe"
    assert frame["srcdoc"] == exporter_for("-.html")(PLAN, ExportOptions()).decode()
    assert 'type="range"' in unescape(frame["srcdoc"] or "")
    assert len(repr(player)) < 160


def test_plans_of_parts_that_came_as_json() -> None:
    parts = json.loads(PLAN.to_bytes())
    again = Plan(
        board=Board(**parts["board"]), pins=PLAN.pins, threads=[Thread(**one) for one in parts["threads"]],
        layers=[Layer(**one) for one in parts["layers"]],
    )  # fmt: skip
    assert again == PLAN
    assert np.array_equal(again.steps, PLAN.steps)
