"""The pin template 1:1 on one large page, for a plotter or a copy shop."""

from stringart.export import EDGE, ExportOptions
from stringart.export._sheet import GREY, Sheet, made_of, title_of
from stringart.export._template import template_of
from stringart.export._template_draw import STRIP_MM, about, draw_template
from stringart.plan.model import Plan

MARGIN_MM, _LEAST_MM = 10.0, 190.0

OPTIONS = (EDGE,)


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return a PDF of one page as large as the template.

    Raises
    ------
    OutputError
        If the board is too large to draw.
    """
    template = template_of(plan, options)
    left, bottom, right, top = template.box_mm
    wide, high = right - left, top - bottom
    size = (max(wide, _LEAST_MM) + 2 * MARGIN_MM, high + 2 * MARGIN_MM + STRIP_MM + 4)
    pdf = Sheet(size, plan, f"{title_of(plan)}: pin template")
    pdf.add_page()
    origin = (size[0] / 2 - (left + right) / 2, MARGIN_MM + top)
    draw_template(pdf, template, origin, (0, 0, size[0], MARGIN_MM + high + 3))
    y = size[1] - MARGIN_MM - STRIP_MM
    pdf.pin_diagram(plan, (MARGIN_MM, y, STRIP_MM))
    for number, line in enumerate([*about(plan, template), "print at 100 %, then measure the bar"]):
        room = size[0] - 2 * MARGIN_MM - STRIP_MM - 4
        pdf.put(MARGIN_MM + STRIP_MM + 4, y + 4 + 3.6 * number, line, 8, bold=number == 0, room_mm=room)
    pdf.scale_bar(MARGIN_MM + STRIP_MM + 4, y + STRIP_MM - 3.5, 100)
    pdf.put(size[0] - MARGIN_MM, y + STRIP_MM, made_of(plan), 6.5, color=GREY, align="R")
    return pdf.finish()
