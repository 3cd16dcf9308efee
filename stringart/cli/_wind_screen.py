"""What the winding guide shows: a view and a window's size in, lines of styled text out. No terminal is needed here."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from wcwidth import wcswidth

from stringart.cli._wind_ring import ring_picture
from stringart.hand.guide import Phase, View
from stringart.plan.steps import Instruction, pins_text
from stringart.units import format_duration, format_length

Span = tuple[str, str]  # text, style: plain, dim, bold, big, good, warn, key, or a colour #rrggbb
Line = list[Span]
SMALLEST = (40, 14)  # columns, rows
_WIDE = 72  # columns from which on both pins are written large, and the ring is drawn beside them
_RING_ROWS = 10
_HEAD, _AROUND = 2, 4  # rows above the body, and above and below it
_READABLE = 78
_DIGITS = {
    "0": ("█████", "█   █", "█   █", "█   █", "█████"),
    "1": ("  █  ", " ██  ", "  █  ", "  █  ", "█████"),
    "2": ("█████", "    █", "█████", "█    ", "█████"),
    "3": ("█████", "    █", " ████", "    █", "█████"),
    "4": ("█   █", "█   █", "█████", "    █", "    █"),
    "5": ("█████", "█    ", "█████", "    █", "█████"),
    "6": ("█████", "█    ", "█████", "█   █", "█████"),
    "7": ("█████", "    █", "   █ ", "  █  ", "  █  "),
    "8": ("█████", "█   █", "█████", "█   █", "█████"),
    "9": ("█████", "█   █", "█████", "    █", "█████"),
}
_ARROW = ("      ", "   █  ", "██████", "   █  ", "      ")
_KEYS = (
    ("space", "next"),
    ("b", "back"),
    ("j", "jump"),
    ("u", "undo"),
    ("p", "pause"),
    ("s", "spool"),
    ("?", "help"),
    ("q", "quit"),
)
_FEW_KEYS = ("space", "b", "?", "q")


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What stands around the view.

    Parameters
    ----------
    title : str
        Of the piece.
    message : str
        One line of news or a question.
    every_s : float, optional
        The pace at which the guide goes on by itself.
    unicode : bool
        False where the terminal shows ASCII only.
    panel : tuple of str
        Shown in place of the step: help, a list to choose from.
    about : tuple of str
        Said before the first step.
    xy_mm : (N, 2) float array, optional
        The pins, for the picture of the ring.
    drawn : bool
        The ring is drawn in pixels afterwards: its place stays free.
    """

    title: str
    message: str = ""
    every_s: float | None = None
    unicode: bool = True
    panel: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    xy_mm: NDArray[np.float64] | None = None
    drawn: bool = False


def compose(view: View, screen: Screen, columns: int, rows: int) -> list[Line]:
    """Return the lines of a window, at most ``rows``, none wider than ``columns``."""
    if columns < SMALLEST[0] or rows < SMALLEST[1]:
        lines = _small(view, screen, columns, rows)
    else:
        body = _body(view, screen, columns, rows - _AROUND)
        lines = [*_head(view, screen, columns), *body, [(_message(view, screen), "warn")], _keys(view, columns)]
    cut = [_cut(line, columns) for line in lines[:rows]]
    return cut if screen.unicode else [[(_ascii(text), style) for text, style in line] for line in cut]


def way_round(step: Instruction, *, words: bool = True) -> str:
    """How the thread goes, for people: round the pin, or along the rim."""
    if not words:
        return step.sign or "•"
    name = {1: "clockwise", -1: "counter-clockwise", 0: ""}[step.way]
    if step.is_rim:
        return f"{step.sign} along the rim, {pins_text(step.walk)}, outside"
    side = "right" if step.way > 0 else "left"
    return f"{step.sign} {name}, pin on the {side}" if step.way else "knot it there, then cut it"


def _small(view: View, screen: Screen, columns: int, rows: int) -> list[Line]:
    step = view.step
    now = "all wound" if step is None else f"{step.from_pin} → {step.to_pin} {way_round(step, words=False)}"
    if view.phase is Phase.TIE and step:
        now = f"tie {view.thread.name} on at pin {step.from_pin}"
    return [
        [(now, "bold")],
        [(f"step {min(view.done + 1, view.total):,} of {view.total:,}", "plain")],
        [(screen.message or ("paused" if view.paused else ""), "warn")],
        [("window too small:", "warn")],
        [(f"{columns} x {rows}, needs {SMALLEST[0]} x {SMALLEST[1]}", "warn")],
    ]


def _head(view: View, screen: Screen, columns: int) -> list[Line]:
    now = "all" if view.phase is Phase.DONE else f"step {view.done + 1:,}"
    count = f"{now} of {view.total:,}   {view.percent:.1f} %"
    room = columns - len(count) - 2
    title = _clip(screen.title, room)
    full = view.done * columns // view.total
    return [
        [(title, "bold"), (" " * (columns - wcswidth(title) - len(count)), "plain"), (count, "plain")],
        [("━" * full, "good"), ("─" * (columns - full), "dim")],
    ]


def _body(view: View, screen: Screen, columns: int, rows: int) -> list[Line]:
    """The step, what was and what follows, and the figures: as much of it as there are rows."""
    if screen.panel:
        lines = [row for text in screen.panel for row in _wrapped(text, columns)]
        return [[(text, "bold" if k == 0 else "plain")] for k, text in enumerate(lines[:rows])] + _blank(
            rows - len(lines)
        )
    figures = _figures(view, screen, columns)
    ring = _ring(view, screen, columns, rows)
    room = columns - (2 * _RING_ROWS + 1 if ring else 0)
    if view.phase is Phase.DONE:
        main = _done(view)
    elif view.phase is Phase.TIE:
        main = _tie(view, screen, room, rows - len(figures))
    else:
        main = _now(view, room, rows)
    left = rows - len(main) - len(figures)
    near = _near(view, left, columns) if view.phase is Phase.WIND else []
    return [*_beside([*main, *near, *_blank(left - len(near))], ring, room), *figures]


def _blank(rows: int) -> list[Line]:
    return [[] for _ in range(rows)]


def _wrapped(text: str, columns: int) -> list[str]:
    """Lines of a text; rows of a list are indented where they go on."""
    indent = " " * (len(text) - len(text.lstrip()))
    hang = "   " if indent or text[1:3] == "  " else ""
    return textwrap.wrap(text, min(columns, _READABLE), subsequent_indent=indent + hang) or [""]


def ring_cells(screen: Screen, columns: int, rows: int) -> tuple[int, int, int, int] | None:
    """Column, row, columns and rows of a window's ring; None where it has no room."""
    is_shown = screen.xy_mm is not None and screen.unicode and not screen.panel
    if not is_shown or columns < _WIDE or rows < max(_RING_ROWS + 3 + _AROUND, SMALLEST[1]):
        return None
    return columns - 2 * _RING_ROWS - 1, _HEAD, 2 * _RING_ROWS, _RING_ROWS


def _ring(view: View, screen: Screen, columns: int, rows: int) -> list[Line]:
    if screen.xy_mm is None or ring_cells(screen, columns, rows + _AROUND) is None:
        return []
    if screen.drawn:
        return [[(" " * (2 * _RING_ROWS), "plain")] for _ in range(_RING_ROWS)]
    return ring_picture(screen.xy_mm, view.step if view.phase is Phase.WIND else None, _RING_ROWS)


def _beside(lines: list[Line], ring: list[Line], room: int) -> list[Line]:
    """Put the ring to the right of the first lines."""
    for number, spans in enumerate(ring[: len(lines)]):
        line = _cut(lines[number], room)
        used = sum(wcswidth(text) for text, _ in line)
        lines[number] = [*line, (" " * (room - used), "plain"), *spans]
    return lines


def _done(view: View) -> list[Line]:
    last = f"Knot the thread at pin {view.before[-1].to_pin}, then cut it." if view.before else ""
    return [[], [("The piece is wound.", "bold")], [(last, "plain")]]


def _tie(view: View, screen: Screen, room: int, rows: int) -> list[Line]:
    assert view.step is not None
    lines: list[Line] = [[]]
    if view.done:
        lines.append([("Knot the thread it hangs on, then cut it.", "bold")])
    lines += [
        [("Take  ", "bold"), ("███ ", view.thread.color), (view.thread.name, "big")],
        [(f"{view.thread.color}, {view.thread.diameter_mm:g} mm wide on the board", "dim")],
        [(f"Tie it on at pin {view.step.from_pin}.", "big")],
        *([(text, "plain")] for text in _wrapped(_layer_takes(view), room)),
        [("Press space when it is tied.", "plain")],
    ]
    if view.done == 0:
        about = [row for text in screen.about for row in _wrapped(text, room)]
        lines += [[], *([(text, "dim")] for text in about)] if about else []
    return lines[: max(rows, 6)]


def _layer_takes(view: View) -> str:
    return f"This layer takes {format_length(view.layer_left_mm)} of it, {view.layer_total:,} steps."


def _now(view: View, room: int, rows: int) -> list[Line]:
    assert view.step is not None
    step = view.step
    scale = 2 if rows >= 30 and room >= 100 else 1
    start, end, arrow = _big(str(step.from_pin), scale), _big(str(step.to_pin), scale), _scaled(_ARROW, scale)
    both = 2 + max(len(start[0]), len("from pin")) + len(arrow[0]) + 8 + len(end[0])
    if both > room or room < _WIDE - 2 * _RING_ROWS - 1:
        picture = [[(f"  {text}", "big")] for text in end]
        label = f"from pin {step.from_pin} to pin"
    else:
        spread = max(len(start[0]), len("from pin"))
        label = f"{'from pin':{spread + len(arrow[0]) + 8}}to pin"
        picture = [
            [("  ", "plain"), (f"{a:{spread}}", "dim"), (f"    {b}    ", "dim"), (c, "big")]
            for a, b, c in zip(start, arrow, end, strict=True)
        ]
    gap: list[Line] = [[]] if rows >= 18 else []
    how = [[(f"  {text}", "bold")] for text in _wrapped(way_round(step), room - 2)]
    if view.layer_done + 1 == view.layer_total and step.way:
        how.append([("  then knot it there, and cut it", "bold")])
    return [*gap, [(f"  {label}", "dim")], *picture, *gap, *how]


def _big(text: str, scale: int) -> list[str]:
    rows = [" ".join(_DIGITS[digit][row] for digit in text) for row in range(5)]
    return _scaled(rows, scale)


def _scaled(rows: Sequence[str], scale: int) -> list[str]:
    return ["".join(char * scale for char in row) for row in rows for _ in range(scale)]


def _near(view: View, rows: int, room: int) -> list[Line]:
    """Steps before and after the present one: a line each, or all in a single line where there is little room."""
    if rows < 1:
        return []
    if rows < 6:
        was = "  ".join(_brief(step) for step in view.before[-2:])
        then = "then"
        for step in view.upcoming:
            if len(was) + len(then) + len(_brief(step)) + 6 > room:
                break
            then += f"  {_brief(step)}"
        return [[(f"  {was}  ", "dim"), (then, "plain")]]
    past = view.before[-min(rows // 3, len(view.before)) :] if view.before else ()
    after = view.upcoming[: rows - 2 - len(past)]
    lines: list[Line] = [[(f"  {s.number:>7,}   {_listed(s)}   done", "dim")] for s in past]
    if view.step is not None:
        lines.append([(f"▶ {view.step.number:>7,}   {_listed(view.step)}", "bold")])
    lines += [[(f"  {s.number:>7,}   ", "dim"), (_listed(s), "plain")] for s in after]
    return [[], *lines]


def _listed(step: Instruction) -> str:
    rim = f"  rim, {pins_text(step.walk)}" if step.is_rim else ""
    return f"{step.from_pin:>4} → {step.to_pin} {way_round(step, words=False)}{rim}"


def _brief(step: Instruction) -> str:
    return f"{step.to_pin} {way_round(step, words=False)}{' rim' if step.is_rim else ''}"


def _figures(view: View, screen: Screen, columns: int) -> list[Line]:
    left = format_duration(view.left_s)
    spool = "" if view.spool_left_mm is None else f"   spool: {format_length(view.spool_left_mm)} left"
    spool_style = "warn" if view.spool_low else "plain"
    layer = f"layer {view.layer + 1} of {view.layers}   "
    if columns < _WIDE:
        room = columns - len(layer) - 3
        spool = "" if view.spool_left_mm is None else f", spool {format_length(view.spool_left_mm)}"
        return [
            [(layer, "plain"), ("██ ", view.thread.color), (_clip(view.thread.name, room), "plain")],
            [(format_length(view.layer_left_mm), "plain"), (spool, spool_style), (f", {left} left", "plain")],
        ]
    measured = "your pace" if view.pace_measured else "a beginner's pace"
    own = f", goes on every {screen.every_s:g} s" if screen.every_s else ""
    steps = f"   {view.layer_done:,} of {view.layer_total:,} steps"
    room = columns - len(layer) - len(steps) - 3
    return [
        [(layer, "plain"), ("██ ", view.thread.color), (_clip(view.thread.name, room) + steps, "plain")],
        [(f"thread: {format_length(view.layer_left_mm)} to the layer's end", "plain"), (spool, spool_style)],
        [(f"time left: {left}   {view.pace.chord_s:.1f} s a chord, {measured}{own}", "plain")],
    ]


def _message(view: View, screen: Screen) -> str:
    if screen.message:
        return screen.message
    if view.paused:
        return "paused: space or p goes on"
    low = view.spool_low and view.phase is Phase.WIND
    return "the spool ends soon: join at a pin (? 6), press s" if low else ""


def _keys(view: View, columns: int) -> Line:
    line: Line = []
    for key, what in _KEYS:
        if columns < 78 and key not in _FEW_KEYS:
            continue
        what = "go on" if view.paused and key == "p" else what
        line += [(f" {key} ", "key"), (f" {what} ", "dim")]
    return line


def _clip(text: str, columns: int) -> str:
    while wcswidth(text) > max(columns, 0):
        text = text[:-2].rstrip() + "…" if len(text) > 1 else ""
    return text


def _cut(line: Line, columns: int) -> Line:
    out: Line = []
    left = columns
    for text, style in line:
        text = "".join(char for char in text if char.isprintable())
        text = text if wcswidth(text) <= left else _clip(text, left)
        left -= wcswidth(text)
        out.append((text, style))
    return out


_PLAIN = str.maketrans({"█": "#", "━": "=", "─": "-", "→": ">", "▶": ">", "↻": "cw", "↺": "ccw", "•": "*", "…": "."})


def _ascii(text: str) -> str:
    return text.translate(_PLAIN).encode("ascii", "replace").decode()
