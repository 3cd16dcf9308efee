"""A judge of machine paths that shares nothing with the writer: LinuxCNC's interpreter reads, plain angles decide."""

import math
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

RS274 = shutil.which("rs274")
_CALL = re.compile(r"(STRAIGHT_FEED|STRAIGHT_TRAVERSE|ARC_FEED|DWELL|SET_FEED_RATE)\(([^)]*)\)")


def as_rs274(text: str, dialect: str) -> str:
    """A job in LinuxCNC's words: Marlin's own words are put into it, everything else stays."""
    if dialect != "marlin":
        return text
    lines = []
    for line in text.splitlines():
        line = re.sub(r"^M400$", "G4 P0.01", line)
        lines.append(re.sub(r"^M0 .*", "M0", line))
    return "\n".join([*lines, "M2", ""])


@dataclass(frozen=True)
class Heard:
    """What LinuxCNC's stand-alone interpreter makes of a program: the path's points, and what is done on the way."""

    points: list[tuple[float, float, float]]
    stops: int
    rests: list[tuple[float, float, float]]  # where the program dwells
    feeds: set[float]


def interpret(text: str, folder: Path) -> Heard:
    """Let LinuxCNC's stand-alone interpreter run a program; fails if it refuses it."""
    file = folder / "job.ngc"
    file.write_text(text)
    run = subprocess.run([str(RS274), "-g", str(file)], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, (run.stdout + run.stderr)[-500:]
    assert run.stdout.count("PROGRAM_END") == 1
    assert "USE_LENGTH_UNITS(CANON_UNITS_MM)" in run.stdout
    points, rests, feeds = [(0.0, 0.0, 0.0)], [], set()
    for name, arguments in _CALL.findall(run.stdout):
        v = [float(a) for a in arguments.split(",")]
        if name == "ARC_FEED":
            points += _arc(points[-1], v)
        elif name == "DWELL":
            rests.append(points[-1])
        elif name == "SET_FEED_RATE":
            feeds.add(v[0])
        else:
            points.append((v[0], v[1], v[2]))
    return Heard(points[1:], run.stdout.count("PROGRAM_STOP"), rests, feeds - {0.0})


def _arc(start: tuple[float, float, float], v: list[float]) -> list[tuple[float, float, float]]:
    x1, y1, cx, cy, turns, z1 = v[:6]
    a0, a1 = math.atan2(start[1] - cy, start[0] - cx), math.atan2(y1 - cy, x1 - cx)
    if turns > 0:
        a1 += math.tau if a1 <= a0 + 1e-9 else 0
    else:
        a1 -= math.tau if a1 >= a0 - 1e-9 else 0
    r, count = math.hypot(start[0] - cx, start[1] - cy), 48
    steps = [a0 + (a1 - a0) * k / count for k in range(1, count)]
    return [*((cx + r * math.cos(a), cy + r * math.sin(a), z1) for a in steps), (x1, y1, z1)]


def polar_to_plane(points: list[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """A rotary machine's axes (radius, degrees clockwise from 12 o'clock) on the board, spirals included."""
    out = []
    before = points[0]
    for point in points:
        count = max(int(abs(point[1] - before[1])), 1)
        for k in range(1, count + 1):
            r, t, z = (a + (b - a) * k / count for a, b in zip(before, point, strict=True))
            out.append((r * math.sin(math.radians(t)), r * math.cos(math.radians(t)), z))
        before = point
    return out


def wraps_of(path: list[tuple[float, float, float]], pins: np.ndarray) -> list[tuple[int, int]]:
    """(pin, +1 clockwise or -1) of every wrap: whole turns of the angle at which a pin sees the tool.

    Each part of the path outside the pins' polygon is closed by a straight line between the places inside before and
    after it; the pins that see the tool go round once are wrapped.
    """
    xy = np.array(path)[:, :2]
    ring = shapely.Polygon(pins)
    shapely.prepare(ring)
    # places on the very line between two pins are the gaps' own: they count as outside
    inside = shapely.contains_xy(shapely.buffer(ring, -0.01), xy[:, 0], xy[:, 1])
    found, k = [], 0
    while k < len(xy):
        if inside[k]:
            k += 1
            continue
        end = k
        while end < len(xy) and not inside[end]:
            end += 1
        if k > 0 and end < len(xy):
            found += _around(xy[k - 1 : end + 1], pins)
        k = end
    return found


def _around(loop: np.ndarray, pins: np.ndarray) -> list[tuple[int, int]]:
    closed = np.vstack([loop, _inside_along(loop[-1], loop[0], pins), loop[:1]])
    near = np.flatnonzero(((pins > closed.min(0) - 1) & (pins < closed.max(0) + 1)).all(1))
    turned = {}
    for pin in near.tolist():
        angle = np.unwrap(np.arctan2(*(closed - pins[pin]).T[::-1]))
        turned[pin] = round((angle[-1] - angle[0]) / math.tau)
    wrapped = [pin for pin, turns in turned.items() if turns]
    if not wrapped:
        return [(-1, 0)]
    turns = {turned[pin] for pin in wrapped}
    assert turns <= {1} or turns <= {-1} or len(wrapped) == 1, turned
    way, times = (-1 if turned[wrapped[0]] > 0 else 1), abs(turned[wrapped[0]])
    first = [pin for pin in wrapped if (pin - way) % len(pins) not in wrapped]
    assert len(first) == 1, wrapped  # they stand side by side
    order = sorted(wrapped, key=lambda pin: way * (pin - first[0]) % len(pins))
    if len(order) > 1:  # and the tool is at the first one first
        assert _progress(order[0], loop, pins) < _progress(order[-1], loop, pins)
    return [(pin, way) for _ in range(times) for pin in order]


def _inside_along(start: np.ndarray, end: np.ndarray, pins: np.ndarray) -> np.ndarray:
    """A way inside, 2 mm beside the pins, from one place near them to another: the shorter way round."""
    count = len(pins)
    before, after = pins - np.roll(pins, 1, axis=0), np.roll(pins, -1, axis=0) - pins
    along = before / np.hypot(*before.T)[:, None] + after / np.hypot(*after.T)[:, None]
    inner = pins + 2 * np.column_stack([along[:, 1], -along[:, 0]]) / np.hypot(*along.T)[:, None]
    a, b = (int(np.argmin(np.hypot(*(inner - place).T))) for place in (start, end))
    ahead = (b - a) % count
    steps = range(ahead + 1) if ahead <= count // 2 else range(0, ahead - count - 1, -1)
    return inner[[(a + k) % count for k in steps]]


def _progress(pin: int, loop: np.ndarray, pins: np.ndarray) -> float:
    """Where along the loop the tool is nearest to a pin."""
    middle = loop[1:-1]
    return float(
        np.median(np.flatnonzero(np.hypot(*(middle - pins[pin]).T) < np.hypot(*(middle - pins[pin]).T).min() + 0.05))
    )


def least_distance(path: list[tuple[float, float, float]], pins: np.ndarray, below: float) -> float:
    """Least distance of the tool's centre from a pin's centre, on moves below a height."""
    points = np.array(path)
    low = np.minimum(points[1:, 2], points[:-1, 2]) < below
    segments = shapely.linestrings(np.stack([points[:-1, :2], points[1:, :2]], axis=1)[low])
    tree = shapely.STRtree(shapely.points(pins))
    which, pin = tree.query(segments, predicate="dwithin", distance=8.0)
    return float(shapely.distance(segments[which], shapely.points(pins[pin])).min())
