"""A job as the text of a file: a header that says what it is, comments that name the wraps, the lines.

What goes over the wire is only the lines. The header gives the pins' places, so that a file can be checked without its
plan; every step's comment gives a check sum over its lines, so that a move that was swapped, doubled or lost is found.
"""

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from stringart._version import __version__
from stringart.machine.dialect import DIALECTS, MAX_LINE, Dialect, ascii_text, comment, number, stop_line
from stringart.machine.estimate import time_of
from stringart.machine.job_steps import JobStep, MachineJob
from stringart.machine.spools import thread_by_layer
from stringart.units import format_duration, format_length

TITLE = "stringart job"
_NAME_LENGTH = 24
_TEMPLATES = Dialect(words=(), preamble=(), stop="", end=(), comment="; {text}")


def step_sum(lines: Sequence[str]) -> str:
    """Check sum over a step's lines, four hexadecimal digits."""
    return f"{zlib.crc32(chr(10).join(lines).encode()) & 0xFFFF:04x}"


def program_text(job: MachineJob) -> str:
    """The whole file; the same job gives the same text.

    Raises
    ------
    MachineError
        If a line came out that the dialect does not know.
    """
    dialect = _TEMPLATES if job.profile.machine.template else DIALECTS[job.profile.machine.dialect]
    body = [line for step in job.steps for line in _step_text(step, job, dialect)]
    seconds = time_of("\n".join(body), job.profile, len(job.plan.pins)).total_s
    codes = [line for line in body if line and not line.startswith(("(", ";"))]
    total = f"lines {len(codes)} sum {zlib.crc32(chr(10).join(codes).encode()):08x}"
    header = [comment(dialect, text) for text in (*_header(job, seconds), total)]
    return "\n".join([*header, *body]) + "\n"


def _step_text(step: JobStep, job: MachineJob, dialect: Dialect) -> Iterator[str]:
    if step.prompt:
        yield from (comment(dialect, f"prompt {part}") for part in _wrapped(step.prompt, MAX_LINE - 12))
        if dialect.stop:
            yield stop_line(dialect, step.prompt)
    yield comment(dialect, step_comment(step))
    yield from step.lines


def step_comment(step: JobStep) -> str:
    """What a step is, in one line that can be read back."""
    text = step.kind
    if step.pins:
        last = step.first_wrap + len(step.pins) - 1
        wraps = f"{step.first_wrap}" if len(step.pins) == 1 else f"{step.first_wrap}..{last}"
        pins = f"{step.pins[0]}" if len(step.pins) == 1 else f"{step.pins[0]}..{step.pins[-1]}"
        text += f" {wraps} pin {pins} {'cw' if step.direction > 0 else 'ccw'}"
    if step.wrap_mm:
        text += f" z {number(step.wrap_mm)}"
    return f"{text} layer {step.layer + 1} thread {step.thread_mm / 1000:.1f}m sum {step_sum(step.lines)}"


def _wrapped(text: str, room: int) -> Iterator[str]:
    words, line = text.split(), ""
    for word in words:
        if line and len(line) + 1 + len(word) > room:
            yield line
            line = ""
        line = f"{line} {word}".strip()
    yield line


def _header(job: MachineJob, seconds: float) -> Iterator[str]:
    plan, profile = job.plan, job.profile
    place, limits, motion = profile.board, profile.limits, profile.motion
    yield f"{TITLE}, stringart {__version__}"
    kind = f"template {profile.machine.template}" if profile.machine.template else f"dialect {profile.machine.dialect}"
    yield f"units mm, absolute; {kind}"
    name = _in_a_word(profile.name)
    yield f"profile {name} {profile.sha256[:16]}; {profile.machine.kinematics}, lift {profile.machine.lift}"
    yield f"plan {plan.sha256}"
    if profile.rotary:
        yield f"axes {profile.axes.x} radius mm, {profile.axes.y} degrees clockwise from 12 o'clock"
    for axis, (low, high) in (("x", limits.x_mm), ("y", limits.y_mm), ("z", limits.z_mm)):
        unlimited = (profile.rotary and axis == "y") or (profile.servo_lift and axis == "z")
        yield f"limit {axis} " + ("none" if unlimited else f"{low:g} to {high:g} mm")
    yield f"feed travel {motion.travel_feed_mm_min:g} wrap {motion.wrap_feed_mm_min:g} mm/min"
    yield f"tool {profile.tool.diameter_mm:g} mm, clearance {profile.clearance.pin_mm:g} mm"
    yield (
        f"place center {number(place.center_mm[0])} {number(place.center_mm[1])} "
        f"turn {place.rotation_deg:.5f} scale {place.scale:.7f} surface {number(place.surface_z_mm)}"
    )
    yield f"wraps {job.wraps}, steps {len(job.steps)}, highest wrap {number(job.highest_mm)} mm above the board"
    yield f"estimate {seconds:.0f} s = {format_duration(seconds)}, without the operator"
    for number_, (thread, length) in enumerate(thread_by_layer(plan), 1):
        yield f"thread layer {number_}: {format_length(length)} {thread}"
    yield f"pins {len(plan.pins)} diameter {number(plan.pins.diameter_mm)} mm, board frame x y:"
    yield from _pin_lines(plan.pins.xy_mm.tolist())


def _in_a_word(profile: str) -> str:
    """A profile's name as the header has it, where its hash comes after it on the same line."""
    return "-".join(ascii_text(Path(profile).name.removesuffix(".toml")).split())[:_NAME_LENGTH] or "own"


def _pin_lines(xy_mm: Sequence[Sequence[float]]) -> Iterator[str]:
    for k in range(0, len(xy_mm), 3):
        places = " ".join(f"{number(x)} {number(y)}" for x, y in xy_mm[k : k + 3])
        yield f"pin {k} {places}"
