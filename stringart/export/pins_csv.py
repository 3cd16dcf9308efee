"""The pins as CSV: number and place in millimetres from the board's centre, x right, y up, seen from the front."""

from stringart.export import ExportOptions
from stringart.plan.model import Plan


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return CSV with the columns ``pin,x_mm,y_mm,diameter_mm``; pin 0 at 12 o'clock, clockwise."""
    size = f"{plan.pins.diameter_mm:g}"
    rows = [f"{number},{_text(x)},{_text(y)},{size}" for number, (x, y) in enumerate(plan.pins.xy_mm)]
    return "\r\n".join(["pin,x_mm,y_mm,diameter_mm", *rows, ""]).encode()


def _text(value: float) -> str:
    """Four decimals, without a minus before zero."""
    return f"{round(float(value), 4) + 0.0:.4f}"
