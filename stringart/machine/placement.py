"""Where the board is on the machine: a turn, a scale and a shift, fitted to pins that the user touched."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from stringart.errors import MachineError
from stringart.machine.profile import BoardPlace
from stringart.plan.model import Array

MAX_SCALE_ERROR = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardFit:
    """A place and how well it explains what was touched.

    Parameters
    ----------
    place : BoardPlace
    residuals_mm : dict of int to float
        For every pin, how far the place puts it from where it was touched.
    """

    place: BoardPlace
    residuals_mm: dict[int, float]

    @property
    def worst(self) -> tuple[int, float]:
        """Pin with the largest residual, and that in mm."""
        pin = max(self.residuals_mm, key=lambda k: self.residuals_mm[k])
        return pin, self.residuals_mm[pin]

    @property
    def rms_mm(self) -> float:
        """Root mean square of the residuals."""
        return math.sqrt(sum(r * r for r in self.residuals_mm.values()) / len(self.residuals_mm))


def to_machine(place: BoardPlace, xy_mm: ArrayLike) -> Array:
    """Points of the machine's plane, (N, 2) mm, for points of the board's frame."""
    turn = math.radians(place.rotation_deg)
    cosine, sine = math.cos(turn), math.sin(turn)
    rotation = np.array([[cosine, -sine], [sine, cosine]])
    return np.asarray(place.scale * (np.asarray(xy_mm, np.float64) @ rotation.T) + np.array(place.center_mm))


def to_board(place: BoardPlace, xy_mm: ArrayLike) -> Array:
    """Points of the board's frame, (N, 2) mm, for points of the machine's plane."""
    turn = math.radians(place.rotation_deg)
    cosine, sine = math.cos(turn), math.sin(turn)
    rotation = np.array([[cosine, -sine], [sine, cosine]])
    return np.asarray((np.asarray(xy_mm, np.float64) - np.array(place.center_mm)) @ rotation / place.scale)


def fit_place(pins_mm: ArrayLike, touched_mm: Mapping[int, tuple[float, float]], before: BoardPlace) -> BoardFit:
    """Least squares over any number of touched pins.

    One pin moves the board, two or more also turn and scale it (a similarity, never a mirror image).

    Parameters
    ----------
    pins_mm : (N, 2) float array
        In the board's frame.
    touched_mm : mapping of pin to (x, y)
        Where the machine's plane has them.
    before : BoardPlace
        What is known already; its height stays.

    Raises
    ------
    MachineError
        If no pin was touched, one does not exist, or two of them cannot be told apart.
    """
    xy = np.asarray(pins_mm, np.float64)
    unknown = [pin for pin in touched_mm if not 0 <= pin < len(xy)]
    if unknown:
        raise MachineError(f"there is no pin {unknown[0]}: they are numbered 0 to {len(xy) - 1}")
    if not touched_mm:
        raise MachineError("no pin was touched", "touch at least two pins that are far apart")
    board = xy[list(touched_mm)]
    machine = np.array(list(touched_mm.values()), np.float64)
    place = _shifted(before, board, machine) if len(board) == 1 else _similar(before, board, machine)
    residuals = np.hypot(*(to_machine(place, board) - machine).T)
    return BoardFit(place=place, residuals_mm={pin: float(r) for pin, r in zip(touched_mm, residuals, strict=True)})


def _shifted(before: BoardPlace, board: Array, machine: Array) -> BoardPlace:
    shift = (machine - to_machine(before, board))[0]
    return replace(before, center_mm=(before.center_mm[0] + shift[0], before.center_mm[1] + shift[1]))


def _similar(before: BoardPlace, board: Array, machine: Array) -> BoardPlace:
    """As complex numbers: machine = a board + b, a linear least-squares problem."""
    p, q = board[:, 0] + 1j * board[:, 1], machine[:, 0] + 1j * machine[:, 1]
    dp, dq = p - p.mean(), q - q.mean()
    spread = float((np.abs(dp) ** 2).sum())
    if spread < 1.0:
        raise MachineError("the touched pins are all in one place", "touch pins that are far apart")
    if float((np.abs(dq) ** 2).sum()) < 1.0:
        raise MachineError(f"the tool stood in one place for all {len(p)} pins", "jog it over a pin, then touch it")
    a = complex((dq * dp.conj()).sum()) / spread
    scale = abs(a)
    if abs(scale - 1) > MAX_SCALE_ERROR:
        raise MachineError(
            f"the touched pins make the board {scale:.3f} times its size: plan and machine differ in their millimetres",
            "check the numbers of the pins, and the steps per mm of the machine",
        )
    center = complex(q.mean()) - a * complex(p.mean())
    turn = math.degrees(math.atan2(a.imag, a.real))
    return replace(before, center_mm=(center.real, center.imag), rotation_deg=turn, scale=scale)
