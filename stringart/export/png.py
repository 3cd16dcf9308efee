"""The finished piece as a PNG: the honest preview."""

from stringart.export import ExportOptions
from stringart.model import Plan
from stringart.paint import png_bytes


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return a PNG, ``options.width_px`` wide."""
    return png_bytes(plan, options.width_px)
