"""The calibration card on paper: 1:1 with its corner marks, and the steps to wind it."""

from stringart.calibration.card import MARK_MM, marks_mm
from stringart.export import PAPER, ExportOptions
from stringart.export._paper import check_at_least, paper_size_mm
from stringart.export._sheet import GREY, Sheet, made_of, rgb
from stringart.export._template import template_of
from stringart.export._template_draw import STRIP_MM, draw_template
from stringart.plan.model import Plan
from stringart.plan.steps import steps_of
from stringart.units import format_length

_MARGIN_MM, _ROWS, _COLUMNS = 10.0, 34, 7


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return a PDF of a card that `stringart.calibration.card.card_plan` made.

    Raises
    ------
    OutputError
        If the paper is not known or too small.
    """
    upright = paper_size_mm(options[PAPER])
    size = (max(upright), min(upright))
    marks = marks_mm(plan)
    least = (2 * marks[:, 0].max() + MARK_MM + 2 * _MARGIN_MM, 2 * marks[:, 1].max() + MARK_MM + STRIP_MM + 20)
    check_at_least(options[PAPER], size, least, "the card, printed across,")
    pdf = Sheet(size, plan, "stringart: calibration card")
    pdf.add_page()
    origin = (size[0] / 2, _MARGIN_MM + 4 + marks[:, 1].max() + MARK_MM / 2)
    _ground(pdf, plan, origin)
    for number, (x, y) in enumerate(marks):
        _mark(pdf, origin[0] + x, origin[1] - y, filled=number == 0)
    template = template_of(plan, ExportOptions(edge_mm=0))
    draw_template(pdf, template, origin, (0, 0, size[0], size[1] - STRIP_MM - _MARGIN_MM), inside_too=False)
    _notes(pdf, plan, size)
    _steps(pdf, plan, size)
    return pdf.finish()


def _ground(pdf: Sheet, plan: Plan, origin: tuple[float, float]) -> None:
    board = plan.board
    if board.color == "#ffffff":
        return
    pdf.set_fill_color(*rgb(board.color))
    corner = (origin[0] - board.width_mm / 2, origin[1] - board.height_mm / 2)
    pdf.rect(*corner, board.width_mm, board.height_mm, style="F")


def _mark(pdf: Sheet, x: float, y: float, *, filled: bool) -> None:
    for side, color in ((MARK_MM, "#000000"), (MARK_MM * 2 / 3, "#ffffff"), (MARK_MM / 3, "#000000")):
        if color == "#ffffff" or side == MARK_MM or filled:
            pdf.set_fill_color(*rgb(color))
            pdf.rect(x - side / 2, y - side / 2, side, side, style="F")


def _notes(pdf: Sheet, plan: Plan, size: tuple[float, float]) -> None:
    y, thread = size[1] - _MARGIN_MM - STRIP_MM, plan.threads[0]
    x = _MARGIN_MM + STRIP_MM + 4
    pdf.pin_diagram(plan, (_MARGIN_MM, y, STRIP_MM))
    length = format_length(float(plan.step_lengths_mm.sum()) * 1.1 + 300)
    pdf.put(x, y + 4, f"Calibration card: {thread.name}", 11, bold=True, room_mm=120)
    for number, text in enumerate(
        (
            "Print at 100 % on matt white paper, glue it on a flat board, drive the pins in where the circles are.",
            f"Wind it as the next page says, or with the guide: {len(steps_of(plan))} steps, about {length} of thread.",
            "Photograph it from above in soft, even daylight, all four marks in the picture, not overexposed. Then:",
            "stringart calibrate fit PHOTO --card card.json --name NAME",
        )
    ):
        pdf.put(x, y + 8.6 + 3.7 * number, text, 7.5)
    pdf.scale_bar(size[0] - _MARGIN_MM - 50, y + 10, 50)
    pdf.put(size[0] - _MARGIN_MM, y + STRIP_MM, made_of(plan), 6.5, color=GREY, align="R")
    pdf.put(x, y + STRIP_MM, "pin 0 at 12 o'clock, clockwise, front view", 6.5, color=GREY)


def _steps(pdf: Sheet, plan: Plan, size: tuple[float, float]) -> None:
    row_mm, wide = (size[1] - 2 * _MARGIN_MM - 16) / _ROWS, (size[0] - 2 * _MARGIN_MM) / _COLUMNS
    steps = steps_of(plan)
    for number, step in enumerate(steps):
        place = number % (_ROWS * _COLUMNS)
        if place == 0:
            begin = f"tie on at pin {step.from_pin}" if number == 0 else f"go on from pin {step.from_pin}"
            pdf.add_page()
            pdf.put(_MARGIN_MM, _MARGIN_MM + 5, f"Calibration card: {begin}", 12, bold=True)
            pdf.pin_diagram(plan, (size[0] - _MARGIN_MM - 18, _MARGIN_MM - 6, 18), numbers=False)
            pdf.put(_MARGIN_MM, size[1] - _MARGIN_MM + 3, made_of(plan), 6.5, color=GREY)
        x, y = _MARGIN_MM + wide * (place // _ROWS), _MARGIN_MM + 13 + row_mm * (place % _ROWS)
        pdf.ink(GREY, 0.2)
        pdf.rect(x, y - 2.6, 2.8, 2.8)
        pdf.put(x + 11, y, f"{step.number}", 6.5, color=GREY, align="R")
        pdf.put(x + 13, y, f"{step.to_pin}", 10.5, bold=True)
        pdf.put(x + 21, y, (step.sign or "end") + (f" rim {abs(step.walk)}" if step.is_rim else ""), 8)
