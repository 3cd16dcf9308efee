"""A painter of plan files that shares nothing with the program: slow, plain, from the format's words alone."""

import json
import math

import numpy as np


def painted_anew(plan_bytes: bytes, width_px: int, fine: int = 6, *, centres: bool = False) -> np.ndarray:
    """Linear light, (rows, cols, 3): every fine pixel takes the colour of the uppermost thread over its middle."""
    plan = json.loads(plan_bytes)
    width_mm, height_mm = plan["board"]["width_mm"], plan["board"]["height_mm"]
    rows, px_per_mm = round(width_px * height_mm / width_mm), width_px / width_mm * fine
    canvas = np.empty((rows * fine, width_px * fine, 3))
    canvas[:] = _light(plan["board"]["color"])
    y_mm = height_mm / 2 - (np.arange(rows * fine)[:, None] + 0.5) / px_per_mm
    x_mm = (np.arange(width_px * fine)[None] + 0.5) / px_per_mm - width_mm / 2
    for layer in plan["layers"]:
        thread = plan["threads"][layer["thread"]]
        half_mm = thread["diameter_mm"] / 2
        reach_mm = 0.0 if centres else plan["pins"]["diameter_mm"] / 2 + half_mm
        for a, b in lines_of(plan["pins"]["xy_mm"], layer["pins"], reach_mm):
            _lay(canvas, x_mm, y_mm, a, b, half_mm, px_per_mm, _light(thread["color"]))
    return canvas.reshape(rows, fine, width_px, fine, 3).mean((1, 3))


def lines_of(xy_mm: list, pins: list[int], reach_mm: float) -> list[tuple[complex, complex]]:
    """Begin and end of every step as complex millimetres: the thread pulled tight round discs of that radius."""
    at = [complex(*xy_mm[pin]) for pin in pins]
    middle = sum(complex(*xy) for xy in xy_mm) / len(xy_mm)
    sides = [0.0] * len(at)  # how far the line passes on the left of the pin
    for k in range(1, len(at) - 1):
        turn = _turn(at[k] - at[k - 1], at[k + 1] - at[k])
        if abs(turn) < 1e-7:  # straight: outside, as seen from the middle
            turn = -_turn(at[k] - at[k - 1], at[k] - middle)
        sides[k] = -math.copysign(reach_mm, turn)
    found = []
    for k in range(len(at) - 1):
        way = at[k + 1] - at[k]
        angle = math.atan2(way.imag, way.real) + math.asin((sides[k + 1] - sides[k]) / abs(way))
        left = complex(-math.sin(angle), math.cos(angle))
        found.append((at[k] + sides[k] * left, at[k + 1] + sides[k + 1] * left))
    return found


def _turn(come: complex, go: complex) -> float:
    """Sine of the turn to the left."""
    return (come.conjugate() * go).imag / max(abs(come) * abs(go), 1e-12)


def _lay(canvas, x_mm, y_mm, a: complex, b: complex, half_mm: float, px_per_mm: float, color) -> None:
    length, rows = abs(b - a), _window(y_mm.ravel()[::-1], min(a.imag, b.imag), max(a.imag, b.imag), half_mm)
    cols = _window(x_mm.ravel(), min(a.real, b.real), max(a.real, b.real), half_mm)
    rows = slice(len(y_mm) - rows.stop, len(y_mm) - rows.start)
    relative = ((x_mm[:, cols] + 1j * y_mm[rows]) - a) * ((b - a).conjugate() / length)
    over = (np.abs(relative.imag) <= half_mm) & (relative.real >= 0) & (relative.real <= length)
    canvas[rows, cols][over] = color


def _window(places, low: float, high: float, room: float) -> slice:
    return slice(int(np.searchsorted(places, low - room)), int(np.searchsorted(places, high + room, "right")))


def _light(code: str):
    srgb = np.array([int(code[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
