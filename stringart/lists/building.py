"""A plan from a winding list: where its pins stand, and in our numbers, from 12 o'clock clockwise."""

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stringart._version import __version__
from stringart.board import outlines
from stringart.board.boards import PLAIN_SHAPES, make_board, place_pins
from stringart.errors import PlanError
from stringart.lists.found import FoundList
from stringart.plan.model import Array, Board, Layer, Pins, Plan, Provenance, Thread

STARTS = {"top": (0, 1), "top-right": (1, 1), "right": (1, 0), "bottom-right": (1, -1), "bottom": (0, -1),
          "bottom-left": (-1, -1), "left": (-1, 0), "top-left": (-1, 1)}  # fmt: skip
"""Where the first pin may stand: x and y of the board's middle lines and corners."""
DIRECTIONS = ("cw", "ccw")
_TURN = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*(?:deg|°)")
_DENSE = 2**15


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOptions:
    """What a list does not tell, or tells wrong: what is given here counts.

    Parameters
    ----------
    pins : int, optional
        How many there are.
    first : int, optional
        The number of the first pin: 0 or 1.
    start : str, optional
        Where that one stands, seen from the front: a key of `STARTS`, or degrees clockwise from the top, as in 45deg.
    direction : str, optional
        In which the numbers grow, seen from the front: ``cw`` or ``ccw``.
    y_axis : str, optional
        Where y grows in a file that gives the pins' places: ``up`` or ``down``, as on screens.
    shape : str
        As for `make_board`.
    size_mm : (width, height), optional
    pin_diameter_mm : float
    color : str
        sRGB ``#rrggbb`` of the board.
    threads : tuple of Thread
        One for each run of the list, or one for all; by default black, or what the file tells.
    """

    pins: int | None = None
    first: int | None = None
    start: str | None = None
    direction: str | None = None
    y_axis: str | None = None
    shape: str = "circle"
    size_mm: tuple[float, float] | None = None
    pin_diameter_mm: float = 2.0
    color: str = "#ffffff"
    threads: tuple[Thread, ...] = ()


def plan_of_list(
    found: FoundList, options: ListOptions, name: str = "list", command: str = ""
) -> tuple[Plan, tuple[str, ...]]:
    """Return the plan of a list, and what to say about it.

    Parameters
    ----------
    found : FoundList
    options : ListOptions
    name : str
        Of its file, said in errors.
    command : str
        Kept in the plan.

    Raises
    ------
    PlanError
        If the file does not tell, nor the options, how many pins there are, where the first one stands and which way
        they run: all that is open, in one line.
    BoardError
        If such a board cannot be made.

    Examples
    --------
    >>> from stringart.lists.reading import read_list
    >>> found = read_list(b"1,106,58", "a.txt")
    >>> plan, notes = plan_of_list(found, ListOptions(pins=200, first=1, start="right", direction="ccw"))
    >>> plan.layers[0].pins.tolist()
    [50, 145, 193]
    """
    pins, first = _asked(found, options, name)
    board, ring, place_of = _board(found, options, pins)
    notes: list[str] = []
    layers = []
    threads, of_run = _threads(found, options)
    for number, run in enumerate(found.runs):
        if len(run.numbers) < 2:
            continue
        winding = place_of[np.array(run.numbers, np.intp) - first]
        moved = np.concatenate([[True], winding[1:] != winding[:-1]])
        if not moved.all():
            notes.append(f"{(~moved).sum()} steps from a pin to itself are left out")
        layers.append(Layer(thread=of_run[number], pins=winding[moved].astype(np.int32)))
    plan = Plan(
        board=board, pins=ring, threads=threads, layers=tuple(layers),
        provenance=Provenance(version=__version__, command=command, seed=0),
    )  # fmt: skip
    return plan, tuple(dict.fromkeys(notes))


def _asked(found: FoundList, options: ListOptions, name: str) -> tuple[int, int]:
    """How many pins there are, and the number of the first; what is open is asked for in one line."""
    most = max(max(run.numbers, default=0) for run in found.runs)
    least = min(min(run.numbers, default=0) for run in found.runs)
    pins = options.pins or found.pins
    first = options.first if options.first is not None else found.first
    if first is None and pins is not None:
        first = 0 if least == 0 else 1 if most == pins else None
    missing = []
    if pins is None:
        missing.append((f"how many pins there are (its numbers go from {least} to {most})", "--pins N"))
    elif first is None:
        missing.append((f"whether the first pin is 0 or 1 (its numbers go from {least} to {most})", "--first 0"))
    missing += _missing_places(found, options)
    if missing:
        what, how = zip(*missing, strict=True)
        raise PlanError(f"'{name}' does not say {_listed(what)}", f"add {' '.join(how)}")
    assert pins is not None
    assert first is not None
    if not (first <= least and most - first < pins):
        raise PlanError(
            f"'{name}' has numbers from {least} to {most}, but {pins} pins go from {first} to {first + pins - 1}",
            "give the right --pins, or --first 1 where they count from 1",
        )
    return pins, first


def _missing_places(found: FoundList, options: ListOptions) -> list[tuple[str, str]]:
    if found.places:
        return (
            [] if options.y_axis or found.y_axis else [("whether y grows up or down, as on screens", "--y-axis down")]
        )
    missing = []
    if not (options.start or found.start):
        missing.append(("where the first pin stands", f"--start {'|'.join(list(STARTS)[:3])}..."))
    if not (options.direction or found.direction):
        missing.append(("which way they are numbered, seen from the front", "--direction cw|ccw"))
    return missing


def _listed(what: Sequence[str]) -> str:
    return what[0] if len(what) == 1 else f"{', '.join(what[:-1])} and {what[-1]}"


def _threads(found: FoundList, options: ListOptions) -> tuple[tuple[Thread, ...], tuple[int, ...]]:
    """The threads, and the one of each run: runs of the same name and colour are of one thread."""
    told = [(run.thread, run.color) for run in found.runs]
    kinds = list(dict.fromkeys(told))
    of_kind = tuple(kinds.index(one) for one in told)
    if not options.threads:
        return tuple(_thread(*kind, number) for number, kind in enumerate(kinds, 1)), of_kind
    if len(options.threads) == 1:
        return options.threads, (0,) * len(told)
    if len(options.threads) not in (len(kinds), len(told)):
        raise PlanError(f"the list winds {len(told)} threads, {len(options.threads)} are given", "give one, or as many")
    return options.threads, of_kind if len(options.threads) == len(kinds) else tuple(range(len(told)))


def _thread(name: str, color: str | None, number: int) -> Thread:
    if color is None:
        return Thread(name=name or "black", color="#000000")
    return Thread(name=name or f"thread {number}", color=color)


# --- where the pins stand ---


def _board(found: FoundList, options: ListOptions, count: int) -> tuple[Board, Pins, NDArray[np.intp]]:
    """The board, its pins, and for each pin of the list, from its first one on, the number that it has here."""
    if found.places:
        return _given(found, options)
    board = make_board(options.shape, options.size_mm, options.color)
    start, direction = options.start or found.start or "top", options.direction or found.direction or "cw"
    ours = place_pins(board, count, options.pin_diameter_mm)  # refused here if so many do not fit
    order = np.arange(count) if direction == "cw" else -np.arange(count)
    if board.shape not in PLAIN_SHAPES:
        return board, ours, (_nearest(ours.xy_mm, _towards(start, board)) + order) % count
    ring = _ring_from(board, count, start)
    turn = _nearest(ring, np.array([0.0, board.height_mm / 2]))
    return (
        board,
        Pins(diameter_mm=options.pin_diameter_mm, xy_mm=np.roll(ring, -turn, axis=0)),
        (order - turn) % count,
    )


def _nearest(xy: Array, target: Array) -> int:
    return int(np.argmin(np.round(np.hypot(*(xy - target).T), 6)))


def _towards(start: str, board: Board) -> Array:
    """A point in the direction of the start: on the box's middle line, at its corner, or along the turned ray."""
    half = np.array([board.width_mm / 2, board.height_mm / 2])
    if start in STARTS:
        return np.asarray(half * STARTS[start])
    match = _TURN.fullmatch(start)
    if match is None:
        raise PlanError(f"'{start}' is no place for the first pin", f"one of {', '.join(STARTS)}, or as in 45deg")
    turn = math.radians(float(match[1]))
    return np.array([math.sin(turn), math.cos(turn)]) * float(np.hypot(*half))


def _ring_from(board: Board, count: int, start: str) -> Array:
    """Pins evenly by arc length, clockwise, the first where the start is."""
    towards = _towards(start, board)
    half = np.array([board.width_mm / 2, board.height_mm / 2])
    if board.shape == "circle":
        turn = math.atan2(*towards) + np.arange(count) * (2 * math.pi / count)
        ring = np.column_stack([np.sin(turn), np.cos(turn)]) * half
    else:
        dense = _dense_outline(board, half)
        angles = np.arctan2(*(dense / half).T)
        wanted = math.atan2(*(towards / half))
        first = int(np.argmin(np.abs(np.angle(np.exp(1j * (angles - wanted))))))
        dense = np.roll(dense, -first, axis=0)
        closed = np.vstack([dense, dense[:1]])
        length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
        at = np.arange(count) * (length[-1] / count)
        ring = np.column_stack([np.interp(at, length, closed[:, axis]) for axis in (0, 1)])
    return np.asarray(np.round(ring, 6) + 0.0)


def _dense_outline(board: Board, half: Array) -> Array:
    """Many points of an ellipse or a rectangle, clockwise from the top; corners and middles of sides among them."""
    if board.shape == "ellipse":
        turn = np.arange(_DENSE) * (2 * math.pi / _DENSE)
        return np.column_stack([np.sin(turn), np.cos(turn)]) * half
    corners = np.array([[0, 1], [1, 1], [1, 0], [1, -1], [0, -1], [-1, -1], [-1, 0], [-1, 1], [0, 1]]) * half
    steps = np.arange(_DENSE // 8) / (_DENSE // 8)
    return np.vstack([a + steps[:, None] * (b - a) for a, b in itertools.pairwise(corners)])


def _given(found: FoundList, options: ListOptions) -> tuple[Board, Pins, NDArray[np.intp]]:
    """Pins at the places of the file, in a box of the size asked for."""
    xy = np.array(found.places) * [1, 1 if (options.y_axis or found.y_axis) == "up" else -1]
    box = np.ptp(xy, axis=0)
    if not box.min() > 0:
        raise PlanError(
            "the places of the pins have no area", "do all pins stand on one line? Two columns are needed, x and y"
        )
    size = np.array(options.size_mm or (box if found.is_mm else outlines.DEFAULT_SIZE_MM))
    xy = np.round((xy - (xy.max(0) + xy.min(0)) / 2) * (size / box).min(), 6) + 0.0
    ring = outlines.from_twelve(xy, split=False)
    number = {(x, y): k for k, (x, y) in enumerate(ring.tolist())}
    if len(number) != len(xy):
        raise PlanError(
            "two of the pins stand at the same place", "delete one of them, or is the list closed by its first pin?"
        )
    width, height = (float(side) for side in np.ptp(ring, axis=0))
    board = Board(shape="pins", width_mm=width, height_mm=height, color=options.color, outline_mm=ring)
    place_of = np.array([number[x, y] for x, y in xy.tolist()], np.intp)
    return board, place_pins(board, None, options.pin_diameter_mm), place_of
