"""The search that most string-art programs use, written anew and compiled: a walk along the darkest line at each pin.

From the pin where the thread is, the line to every other pin is looked at; the one with the most darkness per pixel is
wound, and some darkness is subtracted along it. No thread is taken out again, and a thread's width is not known: how
much is subtracted is set by hand; here it is what does best on the six photos of `pictures` together.
"""

from dataclasses import replace

import numpy as np
from numba import njit

import stringart
from stringart.picture.light import to_srgb
from stringart.search.problem import Problem

STEP = 0.03
"""Darkness subtracted along a line, what such programs call its weight: the best of 0.02, 0.03, ... 0.3."""


def plan_of(frame: Problem, lines: int) -> stringart.Plan:
    """Return what the walk winds on the frame's board, of the photo's grey values as they are stored."""
    gray = to_srgb(frame.target) @ np.array([0.299, 0.587, 0.114])
    half = frame.grid.size / 2
    col_row = frame.plan.pins.xy_mm * [frame.grid.px_per_mm, -frame.grid.px_per_mm] + half
    wound = fan_greedy((1 - gray).astype(np.float32), col_row, lines, STEP)
    return replace(frame.plan, layers=(stringart.Layer(thread=0, pins=wound),))


@njit
def fan_greedy(dark: np.ndarray, col_row: np.ndarray, lines: int, step: float) -> np.ndarray:
    """Walk from pin to pin, each time along the darkest line, and make it lighter."""
    count = len(col_row)
    wound = np.zeros(lines + 1, np.int32)
    for line in range(lines):
        here, best, darkest = wound[line], -1, -1e9
        for away in range(count // 15, count - count // 15):
            there = (here + away) % count
            length = int(np.hypot(col_row[there, 0] - col_row[here, 0], col_row[there, 1] - col_row[here, 1])) + 1
            total = 0.0
            for k in range(length):
                col = col_row[here, 0] + (col_row[there, 0] - col_row[here, 0]) * k / length
                row = col_row[here, 1] + (col_row[there, 1] - col_row[here, 1]) * k / length
                total += dark[int(row), int(col)]
            if total / length > darkest:
                best, darkest = there, total / length
        wound[line + 1] = best
        length = int(np.hypot(col_row[best, 0] - col_row[here, 0], col_row[best, 1] - col_row[here, 1])) + 1
        for k in range(length):
            col = col_row[here, 0] + (col_row[best, 0] - col_row[here, 0]) * k / length
            row = col_row[here, 1] + (col_row[best, 1] - col_row[here, 1]) * k / length
            dark[int(row), int(col)] -= step
    return wound
