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
ARC_POINTS = 48
_CALL = re.compile(r"(STRAIGHT_FEED|STRAIGHT_TRAVERSE|ARC_FEED|DWELL|SET_FEED_RATE)\(([^)]*)\)")


def as_rs274(text: str, dialect: str) -> str:
    """A job in LinuxCNC's words: Marlin's and Klipper's own are put into it, everything else stays."""
    if dialect not in ("marlin", "klipper"):
        return text
    lines = []
    for line in text.splitlines():
        line = re.sub(r"^M400$", "G4 P0.01", line)
        lines.append(re.sub(r"^(M0 .*|PAUSE)$", "M0", line))
    return "\n".join([*lines, "M2", ""])


@dataclass(frozen=True)
class Heard:
    """What LinuxCNC's stand-alone interpreter makes of a program: the path's points, and what is done on the way."""

    points: np.ndarray  # (M, 3)
    stops: int
    rests: int  # how often the program dwells
    feeds: set[float]


def interpret(text: str, folder: Path) -> Heard:
    """Let LinuxCNC's stand-alone interpreter run a program; fails if it refuses it."""
    file, printed = folder / "job.ngc", folder / "calls"
    file.write_text(text)
    with printed.open("w") as out:  # it prints letter by letter, which a pipe would hand over so
        run = subprocess.run([str(RS274), "-g", str(file)], stdout=out, stderr=subprocess.PIPE, text=True, timeout=120)
    said = printed.read_text()
    assert run.returncode == 0, (said + run.stderr)[-500:]
    assert said.count("PROGRAM_END") == 1
    assert "USE_LENGTH_UNITS(CANON_UNITS_MM)" in said
    calls = _CALL.findall(said)
    feeds = {float(arguments) for name, arguments in calls if name == "SET_FEED_RATE"}
    rests = sum(name == "DWELL" for name, _ in calls)
    moves = [(name == "ARC_FEED", arguments) for name, arguments in calls if name not in ("DWELL", "SET_FEED_RATE")]
    return Heard(_points(moves), said.count("PROGRAM_STOP"), rests, feeds - {0.0})


def _points(moves: list[tuple[bool, str]]) -> np.ndarray:
    """Points of all moves: of straight ones (x, y, z, ...) the end, of round ones (x, y, cx, cy, turns, z, ...) 48."""
    is_arc = np.array([arc for arc, _ in moves])
    straight = _numbers([arguments for arc, arguments in moves if not arc])
    arcs = _numbers([arguments for arc, arguments in moves if arc])
    ends = np.empty((len(moves), 3))
    ends[~is_arc], ends[is_arc] = straight[:, [0, 1, 2]], arcs[:, [0, 1, 5]]
    starts = np.vstack([np.zeros((1, 3)), ends[:-1]])
    counts = np.where(is_arc, ARC_POINTS, 1)
    points = np.repeat(ends, counts, axis=0)
    last = np.cumsum(counts) - 1
    middle = last[is_arc][:, None] - np.arange(ARC_POINTS - 1, 0, -1)
    points[middle, :2] = _round(starts[is_arc], arcs)
    return points


def _numbers(lines: list[str]) -> np.ndarray:
    """Rows of numbers from equally long lines of them."""
    return np.fromstring(",".join(lines), sep=",").reshape(len(lines), -1) if lines else np.empty((0, 6))


def _round(starts: np.ndarray, arcs: np.ndarray) -> np.ndarray:
    """(K, 47, 2) points of round moves between their ends."""
    x1, y1, cx, cy, turns = arcs[:, :5].T
    a0, a1 = np.arctan2(starts[:, 1] - cy, starts[:, 0] - cx), np.arctan2(y1 - cy, x1 - cx)
    ahead = np.where(turns > 0, a1 - a0, a0 - a1)
    angle = np.where(turns > 0, 1, -1) * np.where(ahead <= 1e-9, ahead + math.tau, ahead)
    steps = a0[:, None] + angle[:, None] * np.arange(1, ARC_POINTS) / ARC_POINTS
    radius = np.hypot(starts[:, 0] - cx, starts[:, 1] - cy)[:, None, None]
    return np.column_stack([cx, cy])[:, None] + radius * np.stack([np.cos(steps), np.sin(steps)], axis=2)


def polar_to_plane(points: np.ndarray) -> np.ndarray:
    """A rotary machine's axes (radius, degrees clockwise from 12 o'clock) on the board, spirals included."""
    before = np.vstack([points[:1], points[:-1]])
    counts = np.maximum(np.abs(points[:, 1] - before[:, 1]).astype(int), 1)
    number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    share = (number / np.repeat(counts, counts))[:, None]
    r, t, z = (np.repeat(before, counts, axis=0) * (1 - share) + np.repeat(points, counts, axis=0) * share).T
    return np.column_stack([r * np.sin(np.radians(t)), r * np.cos(np.radians(t)), z])


def wraps_of(path: np.ndarray | list[tuple[float, ...]], pins: np.ndarray) -> list[tuple[int, int]]:
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


def least_distance(path: np.ndarray, pins: np.ndarray, below: float, within: float = 3.5) -> float:
    """Least distance of the tool's centre from a pin's centre, on moves below a height; ``within`` if it is greater."""
    points = np.asarray(path)
    low = np.minimum(points[1:, 2], points[:-1, 2]) < below
    segments = shapely.linestrings(np.stack([points[:-1, :2], points[1:, :2]], axis=1)[low])
    which, pin = shapely.STRtree(segments).query(shapely.points(pins), predicate="dwithin", distance=within)[::-1]
    return min(within, float(shapely.distance(segments[which], shapely.points(pins[pin])).min(initial=within)))
