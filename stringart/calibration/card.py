"""The test card: a plan like any other, with patches from sparse to dense, and four corner marks to find it by."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from stringart.errors import UnitError
from stringart.plan.model import Board, Layer, Pins, Plan, Provenance, Thread

PITCH_MM, COLUMNS, HEIGHT_MM, PIN_MM = 4.0, 43, 90.0, 2.0
MARK_MM, MARK_X_MM, MARK_Y_MM = 12.0, 16.0, 14.0  # side of a corner mark; its centre beyond the pins
_PATCHES = ((0, 6, 1), (9, 17, 2), (20, 27, 6), (31, 43, 11))  # first and last column, farthest offset top to bottom
Array = NDArray[np.float64]


def card_plan(
    thread: Thread, board_color: str = "#ffffff", version: str = "", command: str = "", pin_mm: float = PIN_MM
) -> Plan:
    """Return the test card as a plan: pins in two rows, four patches of rising coverage.

    Parameters
    ----------
    thread : Thread
        The thread to be measured, with a first guess of its width.
    board_color : str
        sRGB ``#rrggbb`` of the ground.
    version, command : str
        Named in the plan.
    pin_mm : float
        Diameter of the pins that will be driven in, 0.5 to 3.5 mm; the fit measures it, too.

    Raises
    ------
    UnitError
        If such pins would not stand side by side.
    """
    if not 0.5 <= pin_mm <= 3.5:
        raise UnitError(
            f"pins of {pin_mm:g} mm do not fit a card whose pins stand {PITCH_MM:g} mm apart: 0.5 to 3.5 mm do",
            "take other pins for the card; the thread's width does not depend on them",
        )
    width_mm = PITCH_MM * (COLUMNS - 1)
    x = (np.arange(COLUMNS) - COLUMNS // 2) * PITCH_MM
    top = np.column_stack([x, np.full(COLUMNS, HEIGHT_MM / 2)])
    bottom = np.column_stack([x[::-1], np.full(COLUMNS, -HEIGHT_MM / 2)])
    xy_mm = np.roll(np.concatenate([top, bottom]), -(COLUMNS // 2), axis=0)
    layer = Layer(thread=0, pins=np.array([_pin(row, column) for row, column in _trail()], np.int32))
    return Plan(
        board=Board(shape="rectangle", width_mm=width_mm, height_mm=HEIGHT_MM, color=board_color),
        pins=Pins(diameter_mm=pin_mm, xy_mm=xy_mm),
        threads=(thread,),
        layers=(layer,),
        provenance=Provenance(version=version, command=command) if version else None,
    )


def marks_mm(card: Plan) -> Array:
    """Centres of the four corner marks in the board's frame, (4, 2) in mm, clockwise from the left upper one."""
    x, y = card.board.width_mm / 2 + MARK_X_MM, card.board.height_mm / 2 + MARK_Y_MM
    return np.array([[-x, y], [x, y], [x, -y], [-x, -y]])


def _pin(row: int, column: int) -> int:
    """Number of a pin: row 0 is the upper one, columns from the left."""
    place = column if row == 0 else 2 * COLUMNS - 1 - column
    return (place - COLUMNS // 2) % (2 * COLUMNS)


def _trail() -> list[tuple[int, int]]:
    """The winding of all patches as (row, column), joined along the rows of pins."""
    trail: list[tuple[int, int]] = []
    for first, stop, farthest in _PATCHES:
        for number, offset in enumerate(range(farthest, -farthest, -2)):
            sweep = list(_sweep(first, stop, offset))
            for point in sweep if number % 2 == 0 else sweep[::-1]:
                trail += [*_walk(trail[-1], point), point] if trail else [point]
    return [point for number, point in enumerate(trail) if number == 0 or trail[number - 1] != point]


def _sweep(first: int, stop: int, offset: int) -> Iterator[tuple[int, int]]:
    """A zigzag over the chords whose lower end lies ``offset`` or one less to the right of the upper end."""
    chords = [(t, t + o) for t in range(first, stop) for o in (offset - 1, offset) if first <= t + o < stop]
    chords.sort(key=sum)
    row = 1 if chords[0][0] == chords[1][0] else 0  # begin at the end that the second chord does not share
    yield row, chords[0][row]
    for chord in chords:
        row = 1 - row
        yield row, chord[row]


def _walk(here: tuple[int, int], there: tuple[int, int]) -> list[tuple[int, int]]:
    """Along the row to the column of ``there``, or where ``there`` is a chord's other end, nothing."""
    row, column = here
    if row != there[0] and abs(column - there[1]) <= COLUMNS // 3:
        return []
    step = 1 if there[1] > column else -1
    return [(row, c) for c in range(column + step, there[1] + step, step)]
