"""The piece as it will hang on a wall: nails, board, light and shadow; a picture, not a measure."""

from stringart import units
from stringart.export import EDGE, WIDTH, ExportOption, ExportOptions
from stringart.export._options import with_default, write_mm
from stringart.look.material import GROUNDS, PAINTED, WIDTH_PX, Real, material_png
from stringart.plan.model import Plan

_HEADING = "The piece on its wall (.real.png)"
GROUND = ExportOption(
    name="ground", key="ground", default=PAINTED, title="Ground", read=str, choices=GROUNDS, metavar="GROUND",
    about=f"Of the board on the wall: {PAINTED} in its colour, or wood.", heading=_HEADING,
)  # fmt: skip
WALL: "ExportOption[float | None]" = ExportOption(
    name="wall_mm", key="wall", default=None, title="Width of the wall (mm)", read=units.parse_length_mm,
    write=lambda wall_mm: "" if wall_mm is None else write_mm(wall_mm), metavar="LENGTH",
    about="How much wall is seen.", said="the board and a little", heading=_HEADING, low=100, high=20_000,
)  # fmt: skip
OPTIONS = (_WIDTH := with_default(WIDTH, WIDTH_PX), EDGE, GROUND, WALL)


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return a PNG of the piece on its wall.

    Raises
    ------
    UnitError
        If the wall is narrower than the board, or the picture larger than 4000 px.
    """
    real = Real(width_px=options[_WIDTH], ground=options[GROUND], wall_mm=options[WALL], edge_mm=options[EDGE])
    return material_png(plan, real)
