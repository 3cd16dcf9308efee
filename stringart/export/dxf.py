"""The pin template as DXF for a laser or a CNC: layers PINS, OUTLINE, EDGE and NUMBERS, in millimetres.

x right, y up, origin at the board's centre, seen from the front.
"""

import io
import re
from typing import Any

from stringart._version import __version__
from stringart.errors import MissingExtraError
from stringart.export import EDGE, ExportOptions
from stringart.export._template import Label, template_of
from stringart.look.paint import notes_of
from stringart.plan.model import Plan

OPTIONS = (EDGE,)


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return a DXF of release R2010.

    Raises
    ------
    MissingExtraError
        Without the extra ``dxf``.
    OutputError
        If the board is too large to draw.
    """
    try:
        from ezdxf._options import options as settings
        from ezdxf.filemanagement import new
    except ImportError:
        raise MissingExtraError("a DXF file", "dxf") from None
    template = template_of(plan, options)
    before = settings.write_fixed_meta_data_for_testing
    settings.write_fixed_meta_data_for_testing = True  # no clock and no random names: the same bytes on every run
    try:
        document = new("R2010", units=4)  # millimetres
        _layers(document)
        space = document.modelspace()
        for x, y in template.xy_mm:
            space.add_circle((float(x), float(y)), template.pin_mm / 2, dxfattribs={"layer": "PINS"})
        _outline(space, plan, template.outline_mm.tolist())
        if template.edge_mm is not None:
            space.add_lwpolyline(template.edge_mm.tolist(), close=True, dxfattribs={"layer": "EDGE"})
        for label in template.labels:
            _number(space, label)
        for key, value in _notes(plan).items():
            document.header.custom_vars.append(key, value)
        document.classes.add_required_classes(document.dxfversion)
        document.classes.classes = dict(sorted(document.classes.classes.items()))  # a set decides their order otherwise
        text = io.StringIO()
        document.write(text)
    finally:
        settings.write_fixed_meta_data_for_testing = before
    comments = "".join(f"999\n{_one_line(f'{key}: {value}')}\n" for key, value in _notes(plan).items())
    return (comments + text.getvalue()).encode("utf-8", "replace")


def _notes(plan: Plan) -> dict[str, str]:
    about = "pin 0 at 12 o'clock, clockwise, front view; millimetres"
    return {"Program": f"stringart {__version__}", **notes_of(plan), "Pins": about}


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _layers(document: Any) -> None:
    for name, color in (("PINS", 7), ("OUTLINE", 8), ("EDGE", 1), ("NUMBERS", 5)):
        document.layers.add(name, color=color)
    document.styles.add("BOLD", font="arialbd.ttf")


def _outline(space: Any, plan: Plan, points: list[list[float]]) -> None:
    """A true circle where the board is one, so that a cutter moves smoothly."""
    if plan.board.shape == "circle":
        space.add_circle((0.0, 0.0), plan.board.width_mm / 2, dxfattribs={"layer": "OUTLINE"})
    else:
        space.add_lwpolyline(points, close=True, dxfattribs={"layer": "OUTLINE"})


def _number(space: Any, label: Label) -> None:
    from ezdxf.enums import TextEntityAlignment

    style = {"layer": "NUMBERS", "rotation": label.angle_deg, "style": "BOLD" if label.bold else "Standard"}
    text = space.add_text(label.text, height=label.em_mm * 0.7, dxfattribs=style)
    text.set_placement((label.x_mm, label.y_mm), align=TextEntityAlignment.MIDDLE_CENTER)
