"""What a template's lines wind, proved from the text: they are read back, and a simulated turntable makes them a path.

The needle stands at one side. For each wrap the board turns the gap before the pin to it by the shorter way, the needle
goes out, the board turns past the pin, the needle comes in: so the path that is judged is that of the machine itself.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stringart.errors import MachineError
from stringart.machine.profile import Profile
from stringart.machine.reader import lines_of
from stringart.machine.template import Template, WrapRead, read_wraps
from stringart.machine.template_files import load_template
from stringart.plan.model import Array

_STEP_DEG = 0.5


class TurntablePath(NamedTuple):
    """The needle's path as the board sees it, with the line of the text at each point."""

    points: Array
    lines: NDArray[np.int64]
    runs: list[int]


def wraps_in(text: str, template: Template, pins_mm: Array) -> tuple[list[WrapRead], list[int], list[str]]:
    """Every wrap of a job's text, how often the operator was asked before it, and what is wrong with its lines."""
    codes, asked, prompts = [], [], 0
    before_is_prompt = False
    for line in lines_of(text):
        is_prompt = not line.code and line.comment.startswith("prompt ")
        prompts += is_prompt and not before_is_prompt
        before_is_prompt = is_prompt
        if line.code:
            codes.append((line.number, line.code))
            asked.append(prompts)
    wraps, problems = read_wraps(template, codes, pins_mm)
    run_at = {number: run for (number, _), run in zip(codes, asked, strict=True)}
    return wraps, [run_at[wrap.first_line] for wrap in wraps], problems


def turntable_path(wraps: Sequence[WrapRead], runs: Sequence[int], pins_mm: Array, profile: Profile) -> TurntablePath:
    """What a turntable does with these wraps; where the text does not say the side, it goes on as it turns."""
    radius = np.hypot(*pins_mm.T)
    reach = (profile.tool.diameter_mm) / 2 + profile.clearance.pin_mm + profile.clearance.loop_mm
    inner, outer = float(radius.min()) - profile.clearance.inside_mm, float(radius.max()) + reach + 1.0
    gaps = _gap_angles(pins_mm)
    polar: list[tuple[float, float, int, int]] = []
    here = gaps[0]
    for wrap, run in zip(wraps, runs, strict=True):
        turned = (gaps[wrap.pin] - here + 180) % 360 - 180
        side = wrap.side or (1 if turned >= 0 else -1)
        first, last = (wrap.pin - 1, wrap.pin) if side > 0 else (wrap.pin, wrap.pin - 1)
        out = here + (gaps[first % len(gaps)] - here + 180) % 360 - 180
        back = out + (gaps[last % len(gaps)] - out + 180) % 360 - 180
        polar += [(inner, angle, wrap.first_line, run) for angle in _steps(here, out)]
        polar += [(outer, angle, wrap.first_line, run) for angle in _steps(out, back)]
        polar.append((inner, back, wrap.last_line, run))
        here = back
    table = np.array(polar).reshape(-1, 4)
    angle = np.radians(table[:, 1])
    points = table[:, :1] * np.column_stack([np.sin(angle), np.cos(angle)])
    return TurntablePath(points, table[:, 2].astype(np.int64), table[:, 3].astype(int).tolist())


def _steps(start: float, end: float) -> list[float]:
    count = max(math.ceil(abs(end - start) / _STEP_DEG), 1)
    return [start + (end - start) * k / count for k in range(count + 1)]


def _gap_angles(pins_mm: Array) -> list[float]:
    """Degrees clockwise from 12 o'clock of the gap after each pin."""
    unit = pins_mm / np.hypot(*pins_mm.T)[:, None]
    middle = unit + np.roll(unit, -1, axis=0)
    return [math.degrees(math.atan2(x, y)) for x, y in middle.tolist()]


def template_seconds(text: str, profile: Profile, count: int | None = None) -> tuple[float, dict[int, float], int]:
    """Seconds in all and after the last line of each wrap, and the stops for the operator.

    The board turns as fast as the profile's ``motion`` says of the second axis; the needle takes ``servo.settle_s`` for
    each of its two ways. How fast the firmware really is only its maker knows: the profile should say it.
    """
    template = load_template(profile.machine.template)
    pins = count or _count_in(text)
    angle = 2 * np.pi * np.arange(pins) / pins
    wraps, runs, _ = wraps_in(text, template, np.column_stack([np.sin(angle), np.cos(angle)]))
    rate, acceleration = profile.motion.max_rate_mm_min[1] / 60, profile.motion.acceleration_mm_s2[1]
    pitch, here, now = 360.0 / pins, 0.0, 0.0
    after: dict[int, float] = {}
    for wrap in wraps:
        turned = abs((wrap.pin * pitch - here + 180) % 360 - 180)
        now += _turn_s(turned, rate, acceleration) + _turn_s(pitch, rate, acceleration)
        now += 2 * profile.servo.settle_s + profile.dwell.host_s
        here = wrap.pin * pitch
        after[wrap.last_line] = now
    return now, after, len(set(runs))


def _turn_s(angle: float, rate: float, acceleration: float) -> float:
    """From standing to standing."""
    if angle < rate * rate / acceleration:
        return 2 * math.sqrt(angle / acceleration)
    return angle / rate + rate / acceleration


def _count_in(text: str) -> int:
    for line in lines_of(text):
        words = line.comment.split()
        if not line.code and len(words) > 2 and words[0] == "pins" and words[2] == "diameter":
            return int(words[1])
    raise MachineError("the job does not say how many pins there are", "give its plan")
