"""The finished piece as a PNG: the honest preview."""

from stringart.export import ExportOptions
from stringart.look.paint import png_bytes
from stringart.plan.model import Plan


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return a PNG, ``options.width_px`` wide."""
    return png_bytes(plan, options.width_px)
