"""The finished piece as a PNG: the honest preview."""

from stringart.export import PAINTING, WIDTH, ExportOptions
from stringart.look.paint import png_bytes
from stringart.plan.model import Plan

OPTIONS = (WIDTH,)


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return a PNG, as wide as its option says."""
    return png_bytes(plan, options[WIDTH], options[PAINTING])
