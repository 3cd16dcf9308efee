"""What the winding guide shows: a view and a window's size in, lines of styled text out. No terminal is needed here."""

import textwrap
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from wcwidth import wcswidth

from stringart.cli._wind_ring import ring_picture
from stringart.hand.guide import Phase, View
from stringart.hand.guide_words import ENGLISH, GuideWords
from stringart.hand.keys import FEW, LEFT_OUT, Does, Key, shown_keys
from stringart.plan.steps import Instruction
from stringart.units import format_duration

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
    words : GuideWords
    """

    title: str
    message: str = ""
    every_s: float | None = None
    unicode: bool = True
    panel: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    xy_mm: NDArray[np.float64] | None = None
    drawn: bool = False
    words: GuideWords = ENGLISH


def compose(view: View, screen: Screen, columns: int, rows: int) -> list[Line]:
    """Return the lines of a window, at most ``rows``, none wider than ``columns``."""
    if columns < SMALLEST[0] or rows < SMALLEST[1]:
        lines = _small(view, screen, columns, rows)
    else:
        body = _body(view, screen, columns, rows - _AROUND)
        lines = [
            *_head(view, screen, columns),
            *body,
            [(_message(view, screen), "warn")],
            _keys(view, screen.words, columns),
        ]
    cut = [_cut(line, columns) for line in lines[:rows]]
    return cut if screen.unicode else [[(_ascii(text), style) for text, style in line] for line in cut]


def way_round(step: Instruction, words: GuideWords) -> str:
    """How the thread goes, for people: round the pin, or along the rim."""
    if step.is_rim:
        return words("way_rim", sign=step.sign, pins=words.counted("pin", abs(step.walk)))
    if not step.way:
        return words("way_knot")
    return words("way_right" if step.way > 0 else "way_left", sign=step.sign, way=words.way(step))


def _sign(step: Instruction) -> str:
    return step.sign or "•"


def _small(view: View, screen: Screen, columns: int, rows: int) -> list[Line]:
    step, words = view.step, screen.words
    now = words("all_wound") if step is None else f"{step.from_pin} → {step.to_pin} {_sign(step)}"
    if view.phase is Phase.TIE and step:
        now = words("tie_thread", thread=view.thread.name, pin=step.from_pin)
    needed = words("small_needs", size=f"{columns} x {rows}", needed=f"{SMALLEST[0]} x {SMALLEST[1]}")
    return [
        [(now, "bold")],
        [(words("step_of", n=min(view.done + 1, view.total), total=view.total), "plain")],
        [(screen.message or (words("paused") if view.paused else ""), "warn")],
        [(words("small_window"), "warn")],
        [(needed, "warn")],
    ]


def _head(view: View, screen: Screen, columns: int) -> list[Line]:
    words, total = screen.words, view.total
    now = words("all_of", total=total) if view.phase is Phase.DONE else words("step_of", n=view.done + 1, total=total)
    count = f"{now}   {words.decimal(f'{view.percent:.1f}')} %"
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
        main = _done(view, screen.words)
    elif view.phase is Phase.TIE:
        main = _tie(view, screen, room, rows - len(figures))
    else:
        main = _now(view, screen.words, room, rows)
    left = rows - len(main) - len(figures)
    near = _near(view, screen.words, left, columns) if view.phase is Phase.WIND else []
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


def _done(view: View, words: GuideWords) -> list[Line]:
    last = words("knot_at", pin=view.before[-1].to_pin) if view.before else ""
    return [[], [(words("wound"), "bold")], [(last, "plain")]]


def _tie(view: View, screen: Screen, room: int, rows: int) -> list[Line]:
    assert view.step is not None
    words, lines = screen.words, [[]]  # type: GuideWords, list[Line]
    width = words.decimal(f"{view.thread.diameter_mm:g} mm")
    takes = words("layer_takes", length=words.length(view.layer_left_mm), steps=words.counted("step", view.layer_total))
    if view.done:
        lines.append([(words("knot_hangs"), "bold")])
    lines += [
        [(f"{words('take')}  ", "bold"), ("███ ", view.thread.color), (view.thread.name, "big")],
        [(words("wide", color=view.thread.color, width=width), "dim")],
        [(words("tie_it", pin=view.step.from_pin), "big")],
        *([(text, "plain")] for text in _wrapped(takes, room)),
        [(words("press_tied"), "plain")],
    ]
    if view.done == 0:
        about = [row for text in screen.about for row in _wrapped(text, room)]
        lines += [[], *([(text, "dim")] for text in about)] if about else []
    return lines[: max(rows, 6)]


def _now(view: View, words: GuideWords, room: int, rows: int) -> list[Line]:
    assert view.step is not None
    step, from_text = view.step, words("from_pin")
    scale = 2 if rows >= 30 and room >= 100 else 1
    start, end, arrow = _big(str(step.from_pin), scale), _big(str(step.to_pin), scale), _scaled(_ARROW, scale)
    both = 2 + max(len(start[0]), len(from_text)) + len(arrow[0]) + 8 + len(end[0])
    if both > room or room < _WIDE - 2 * _RING_ROWS - 1:
        picture = [[(f"  {text}", "big")] for text in end]
        label = words("from_to", from_pin=step.from_pin)
    else:
        spread = max(len(start[0]), len(from_text))
        label = f"{from_text:{spread + len(arrow[0]) + 8}}{words('to_pin')}"
        picture = [
            [("  ", "plain"), (f"{a:{spread}}", "dim"), (f"    {b}    ", "dim"), (c, "big")]
            for a, b, c in zip(start, arrow, end, strict=True)
        ]
    gap: list[Line] = [[]] if rows >= 18 else []
    how = [[(f"  {text}", "bold")] for text in _wrapped(way_round(step, words), room - 2)]
    if view.layer_done + 1 == view.layer_total and step.way:
        how.append([(f"  {words('then_knot')}", "bold")])
    return [*gap, [(f"  {label}", "dim")], *picture, *gap, *how]


def _big(text: str, scale: int) -> list[str]:
    rows = [" ".join(_DIGITS[digit][row] for digit in text) for row in range(5)]
    return _scaled(rows, scale)


def _scaled(rows: Sequence[str], scale: int) -> list[str]:
    return ["".join(char * scale for char in row) for row in rows for _ in range(scale)]


def _near(view: View, words: GuideWords, rows: int, room: int) -> list[Line]:
    """Steps before and after the present one: a line each, or all in a single line where there is little room."""
    if rows < 1:
        return []
    if rows < 6:
        was = "  ".join(_brief(step, words) for step in view.before[-2:])
        then = words("then")
        for step in view.upcoming:
            if len(was) + len(then) + len(_brief(step, words)) + 6 > room:
                break
            then += f"  {_brief(step, words)}"
        return [[(f"  {was}  ", "dim"), (then, "plain")]]
    past = view.before[-min(rows // 3, len(view.before)) :] if view.before else ()
    after = view.upcoming[: rows - 2 - len(past)]
    lines: list[Line] = [
        [(f"  {words.count(s.number):>7}   {_listed(s, words)}   {words('done')}", "dim")] for s in past
    ]
    if view.step is not None:
        lines.append([(f"▶ {words.count(view.step.number):>7}   {_listed(view.step, words)}", "bold")])
    lines += [[(f"  {words.count(s.number):>7}   ", "dim"), (_listed(s, words), "plain")] for s in after]
    return [[], *lines]


def _listed(step: Instruction, words: GuideWords) -> str:
    rim = f"  {words('rim')}, {words.counted('pin', abs(step.walk))}" if step.is_rim else ""
    return f"{step.from_pin:>4} → {step.to_pin} {_sign(step)}{rim}"


def _brief(step: Instruction, words: GuideWords) -> str:
    rim = f" {words('rim')}" if step.is_rim else ""
    return f"{step.to_pin} {_sign(step)}{rim}"


def _figures(view: View, screen: Screen, columns: int) -> list[Line]:
    words, wide = screen.words, columns >= _WIDE
    layer = f"{words('layer_of', n=view.layer + 1, total=view.layers)}   "
    steps = f"   {words('steps_of', n=view.layer_done, total=view.layer_total)}" if wide else ""
    thread = _clip(view.thread.name, columns - len(layer) - len(steps) - 3) + steps
    return [
        [(layer, "plain"), ("██ ", view.thread.color), (thread, "plain")],
        *(_figures_wide(view, screen) if wide else [_figures_brief(view, words)]),
    ]


def _figures_wide(view: View, screen: Screen) -> list[Line]:
    words = screen.words
    pace = words("own_pace" if view.pace_measured else "beginners_pace")
    own = f", {words('every', s=words.decimal(f'{screen.every_s:g}'))}" if screen.every_s else ""
    chord_s = words.decimal(f"{view.pace.chord_s:.1f}")
    return [
        [(words("thread_left", length=words.length(view.layer_left_mm)), "plain"), *_spool(view, words, "   ", "left")],
        [(words("time_left", time=format_duration(view.left_s), s=chord_s, pace=pace) + own, "plain")],
    ]


def _figures_brief(view: View, words: GuideWords) -> Line:
    left = words("left", time=format_duration(view.left_s))
    spool = _spool(view, words, ", ", "brief")
    return [(words.length(view.layer_left_mm), "plain"), *spool, (f", {left}", "plain")]


def _spool(view: View, words: GuideWords, gap: str, how: str) -> Line:
    if view.spool_left_mm is None:
        return []
    text = words(f"spool_{how}", length=words.length(view.spool_left_mm))
    return [(f"{gap}{text}", "warn" if view.spool_low else "plain")]


def _message(view: View, screen: Screen) -> str:
    if screen.message:
        return screen.message
    if view.paused:
        return screen.words("paused_goes_on")
    return screen.words("spool_ends") if view.spool_low and view.phase is Phase.WIND else ""


def _keys(view: View, words: GuideWords, columns: int) -> Line:
    shown = shown_keys(FEW if columns < _READABLE else None)
    items = {key.does: _key(*_called(key, view, words)) for key in shown}
    for does in LEFT_OUT:
        if sum(len(text) for item in items.values() for text, _ in item) > columns:
            items.pop(does, None)
    return [span for item in items.values() for span in item]


def _called(key: Key, view: View, words: GuideWords) -> tuple[str, str]:
    """How a key and what it does are called now."""
    word = "key_go_on" if key.does is Does.PAUSE and view.paused else key.word
    return words("key_space") if key.shown == "space" else key.shown, words(word)


def _key(key: str, what: str) -> Line:
    return [(f" {key} ", "key"), (f" {what} ", "dim")]


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
    return latin(text.translate(_PLAIN))


_LATIN = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "’": "'", "œ": "oe"}
)


def latin(text: str) -> str:
    """Return a text in ASCII: letters without their accents, ``?`` for what has no such form."""
    bare = unicodedata.normalize("NFKD", text.translate(_LATIN))
    return "".join(char for char in bare if not unicodedata.combining(char)).encode("ascii", "replace").decode()
