"""The board's rim as DXF for a laser or CNC: arcs that fit the sheet, with puzzle joints, holes for nails and kerf.

Layers CUT, HOLES and NUMBERS, in millimetres; sheets stand side by side.
"""

import io
from typing import Any

from stringart.errors import MissingExtraError
from stringart.export import ExportOptions
from stringart.export._ring import PLANE_OPTIONS
from stringart.export._ring_sheets import sheets_of
from stringart.plan.model import Plan

OPTIONS = PLANE_OPTIONS
_LAYERS = (("CUT", 1), ("HOLES", 1), ("NUMBERS", 5))


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return a DXF of release R2010.

    Raises
    ------
    MissingExtraError
        Without the extra ``dxf``.
    OutputError
        If the ring cannot be cut so.
    """
    try:
        from ezdxf._options import options as settings
        from ezdxf.filemanagement import new
    except ImportError:
        raise MissingExtraError("a DXF file", "dxf") from None
    sheets, _ = sheets_of(plan, options)
    before = settings.write_fixed_meta_data_for_testing
    settings.write_fixed_meta_data_for_testing = True  # no clock and no random names: the same bytes on every run
    try:
        document = new("R2010", units=4)  # millimetres
        for name, color in _LAYERS:
            document.layers.add(name, color=color)
        space: Any = document.modelspace()
        for sheet in sheets:
            for line in sheet.outlines:
                space.add_lwpolyline(line[:-1].tolist(), close=True, dxfattribs={"layer": "CUT"})
            for x, y, diameter in sheet.holes_mm.tolist():
                space.add_circle((x, y), diameter / 2, dxfattribs={"layer": "HOLES"})
            for start, end in (stroke.tolist() for stroke in sheet.strokes):
                space.add_line(start, end, dxfattribs={"layer": "NUMBERS"})
        file = io.StringIO()
        document.write(file)
        return file.getvalue().encode()
    finally:
        settings.write_fixed_meta_data_for_testing = before
