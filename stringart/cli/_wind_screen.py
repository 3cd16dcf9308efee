"""What the winding guide shows: a view and a window's size in, lines of styled text out. No terminal is needed here."""

from collections.abc import Sequence
from dataclasses import dataclass

from wcwidth import wcswidth

from stringart.hand.guide import Phase, Step, View
from stringart.units import format_duration, format_length

Span = tuple[str, str]  # text, style: plain, dim, bold, big, good, warn, or a colour #rrggbb
Line = list[Span]
SMALLEST = (50, 14)  # columns, rows
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
    ("p", "pause"),
    ("s", "new spool"),
    ("q", "quit"),
)


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
    """

    title: str
    message: str = ""
    every_s: float | None = None
    unicode: bool = True


def compose(view: View, screen: Screen, columns: int, rows: int) -> list[Line]:
    """Return the lines of a window, at most ``rows``, none wider than ``columns``."""
    if columns < SMALLEST[0] or rows < SMALLEST[1]:
        lines = _small(view, screen, columns, rows)
    else:
        body = _body(view, screen, columns, rows - 4)
        lines = [*_head(view, screen, columns), *body, [(_message(view, screen), "warn")], _keys(view, columns)]
    cut = [_cut(line, columns) for line in lines[:rows]]
    return cut if screen.unicode else [[(_ascii(text), style) for text, style in line] for line in cut]


def way_round(step: Step, *, words: bool = True) -> str:
    """How the thread goes round the pin, for people."""
    if step.direction == 0:
        return "tie it off there" if words else "•"
    sign, name, side = ("↻", "clockwise", "right") if step.direction > 0 else ("↺", "counter-clockwise", "left")
    return f"{sign} {name}: the pin stays on the thread's {side}" if words else sign


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
    count = f"{view.done:,} of {view.total:,} steps   {view.percent:.1f} %"
    room = columns - len(count) - 2
    title = _clip(screen.title, room)
    full = view.done * columns // view.total
    return [
        [(title, "bold"), (" " * (columns - wcswidth(title) - len(count)), "plain"), (count, "plain")],
        [("━" * full, "good"), ("─" * (columns - full), "dim")],
    ]


def _body(view: View, screen: Screen, columns: int, rows: int) -> list[Line]:
    """The step, what follows and the figures: as much of it as there are rows."""
    figures = _figures(view, screen)
    if view.phase is Phase.DONE:
        main: list[Line] = [[], [("The piece is wound.", "bold")], [("Cut the thread and knot it.", "plain")]]
    elif view.phase is Phase.TIE:
        main = _tie(view)
    else:
        main = _now(view, columns, rows)
    left = rows - len(main) - len(figures)
    upcoming = _upcoming(view, left - 2) if view.phase is Phase.WIND else []
    gap: list[Line] = [[] for _ in range(left - len(upcoming))]
    return [*main, *upcoming, *gap, *figures]


def _tie(view: View) -> list[Line]:
    assert view.step is not None
    first = "Take" if view.done == 0 else "Knot and cut the thread, then take"
    return [
        [],
        [(f"{first}  ", "bold"), ("███ ", view.thread.color), (view.thread.name, "big")],
        [(f"{view.thread.color}, {view.thread.diameter_mm:g} mm wide on the board", "dim")],
        [(f"Tie it on at pin {view.step.from_pin}.", "big")],
        [(f"This layer takes {format_length(view.layer_left_mm)} of it, {view.layer_total:,} steps.", "plain")],
        [("Press space when it is tied.", "plain")],
    ]


def _now(view: View, columns: int, rows: int) -> list[Line]:
    assert view.step is not None
    step = view.step
    scale = 2 if rows >= 30 and columns >= 100 else 1
    start, end = _big(str(step.from_pin), scale), _big(str(step.to_pin), scale)
    arrow = _scaled(_ARROW, scale)
    spread = max(len(start[0]), len("from pin"))
    label = f"{'from pin':{spread + len(arrow[0]) + 8}}to pin"
    picture: list[Line] = [
        [("  ", "plain"), (f"{a:{spread}}", "dim"), (f"    {b}    ", "dim"), (c, "big")]
        for a, b, c in zip(start, arrow, end, strict=True)
    ]
    how = "along the rim, outside the pins; " if step.is_rim else ""
    gap: list[Line] = [[]] if rows >= 18 else []
    return [*gap, [(f"  {label}", "dim")], *picture, *gap, [(f"  {how}{way_round(step)}", "bold")]]


def _big(text: str, scale: int) -> list[str]:
    rows = [" ".join(_DIGITS[digit][row] for digit in text) for row in range(5)]
    return _scaled(rows, scale)


def _scaled(rows: Sequence[str], scale: int) -> list[str]:
    return ["".join(char * scale for char in row) for row in rows for _ in range(scale)]


def _upcoming(view: View, rows: int) -> list[Line]:
    """The steps that follow, one a line, or in a single line where there is little room."""
    if rows < 1 or not view.upcoming:
        return []
    texts = [f"{s.to_pin} {'rim ' if s.is_rim else ''}{way_round(s, words=False)}" for s in view.upcoming]
    if rows < 5:
        return [[], [("  then  ", "dim"), ("   ".join(texts[:8]), "plain")]]
    shown = list(zip(view.upcoming, texts, strict=True))[: rows - 1]
    return [[], *([(f"  {s.number:>7,}   ", "dim"), (f"{s.from_pin:>4} → {text}", "plain")] for s, text in shown)]


def _figures(view: View, screen: Screen) -> list[Line]:
    spool = "" if view.spool_left_mm is None else f"   spool: {format_length(view.spool_left_mm)} left"
    measured = "your pace" if view.pace_measured else "a guess until you have wound a little"
    own = f", goes on every {screen.every_s:g} s" if screen.every_s else ""
    left = format_duration(view.left_s)
    return [
        [
            (f"layer {view.layer + 1} of {view.layers}   ", "plain"),
            ("██ ", view.thread.color),
            (f"{view.thread.name}   {view.layer_done:,} of {view.layer_total:,} steps", "plain"),
        ],
        [
            (f"thread: {format_length(view.layer_left_mm)} to the layer's end", "plain"),
            (spool, "warn" if view.spool_low else "plain"),
        ],
        [(f"time left: {left}   {view.pace_s:.1f} s a step, {measured}{own}", "plain")],
    ]


def _message(view: View, screen: Screen) -> str:
    if screen.message:
        return screen.message
    if view.paused:
        return "paused: space or p goes on"
    low = view.spool_low and view.phase is Phase.WIND
    return "the spool is nearly empty: tie a new one on at a pin and press s" if low else ""


def _keys(view: View, columns: int) -> Line:
    line: Line = []
    gap = " " if columns >= 72 else ""
    for key, what in _KEYS:
        what = "go on" if view.paused and key == "p" else what.removeprefix("" if gap else "new ")
        line += [(f" {key} ", "key"), (f" {what} {gap}", "dim")]
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


_PLAIN = str.maketrans({"█": "#", "━": "=", "─": "-", "→": ">", "↻": "cw", "↺": "ccw", "•": "*", "…": "."})


def _ascii(text: str) -> str:
    return text.translate(_PLAIN).encode("ascii", "replace").decode()
