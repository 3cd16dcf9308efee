"""A job's file read back into its steps: the comments name them, the lines are what goes over the wire."""

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from stringart.errors import MachineError
from stringart.machine.job_steps import JobStep
from stringart.machine.profile import Profile
from stringart.machine.reader import header_numbers, lines_of
from stringart.plan.model import Array

_STEP = re.compile(
    r"(?P<kind>start|anchor|wrap|tie|park|raise|end)"
    r"(?: (?P<wrap>\d+)(?:\.\.(?P<last>\d+))? pin (?P<pin>\d+)(?:\.\.(?P<to>\d+))? (?P<way>cw|ccw))?"
    r"(?: z (?P<z>\d+(?:\.\d+)?))? layer (?P<layer>\d+) thread (?P<thread>\d+(?:\.\d+)?)m sum [0-9a-f]{4}",
    re.ASCII,
)
_LIKE_A_STEP = re.compile(r"(?:start|anchor|wrap|tie|park|raise|end) .*(?:layer |sum )")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JobFile:
    """What a job's file holds.

    Parameters
    ----------
    steps : tuple of JobStep
    profile_sha : str
        First digits of the hash of the profile it was made for.
    pins_mm : (N, 2) float array
        In the board's frame.
    pin_diameter_mm : float
    wraps : int
    seconds : float
        The estimate.
    """

    steps: tuple[JobStep, ...]
    profile_sha: str
    pins_mm: Array
    pin_diameter_mm: float
    wraps: int
    seconds: float


def read_job(text: str, name: str = "job") -> JobFile:
    """Read the steps of a job of ours.

    Raises
    ------
    MachineError
        If the file is none of ours, was cut off, or counts its layers from 0.
    """
    notes = [line.comment for line in lines_of(text) if line.comment and not line.code]
    if not notes or not notes[0].startswith("stringart job"):
        raise MachineError(
            f"{name} is not a job of stringart's", "make one with: stringart export PLAN -o job.gcode --machine PROFILE"
        )
    found = {
        "profile": _first(notes, r"profile \S+ ([0-9a-f]{16})", name),
        "pins": _first(notes, r"pins (\d+) diameter", name),
        "diameter": _first(notes, r"pins \d+ diameter (\S+)", name),
        "wraps": _first(notes, r"wraps (\d+)", name),
        "seconds": _first(notes, r"estimate (\d+) s", name),
    }
    values = [v for note in notes if re.match(r"pin \d+ -?[\d.]", note) for v in note.split()[2:]]
    if len(values) != 2 * int(found["pins"]):
        raise MachineError(f"{name}: the places of its {found['pins']} pins are not whole", "make the job again")
    pins = np.array(header_numbers(values, "the place of a pin"), np.float64).reshape(-1, 2)
    steps = tuple(_steps(text, len(pins)))
    if not steps or steps[-1].kind != "end":
        raise MachineError(f"{name} was cut off: it has no end", "make the job again")
    if any(step.layer < 0 for step in steps):
        raise MachineError(
            f"{name} counts its layers from 0; a job counts them from 1",
            "export it again: stringart export PLAN -o job.gcode --machine PROFILE",
        )
    return JobFile(
        steps=steps, profile_sha=found["profile"], pins_mm=pins,
        pin_diameter_mm=header_numbers([found["diameter"]], "the pins' diameter")[0],
        wraps=int(found["wraps"]), seconds=float(found["seconds"]),
    )  # fmt: skip


def _first(notes: Sequence[str], pattern: str, name: str) -> str:
    for note in notes:
        match = re.match(pattern, note)
        if match:
            return match[1]
    raise MachineError(f"{name}: the header lacks '{pattern.split(' ')[0]}'", "make the job again")


def _steps(text: str, pins: int) -> Iterator[JobStep]:
    """One step after another; a prompt belongs to the step after it, its stop is the host's."""
    head: re.Match[str] | None = None
    lines: list[str] = []
    prompt: list[str] = []
    asked = ""
    next_wrap = 1
    for line in lines_of(text):
        note = line.comment if not line.code else ""
        match = _STEP.fullmatch(note) if note else None
        if match is None and _LIKE_A_STEP.match(note):
            raise MachineError(f"line {line.number}: the step '{note[:60]}' is damaged", "make the job again")
        if head is not None and (match or note.startswith("prompt ")):
            step = _step(head, lines, asked, pins, next_wrap)
            next_wrap = step.first_wrap + len(step.pins)
            yield step
            head, lines = None, []
        if note.startswith("prompt "):
            prompt.append(note.removeprefix("prompt "))
        elif match:
            head, asked, prompt = match, " ".join(prompt), []
        elif line.code and not prompt:  # between a prompt and its step stands the stop alone
            lines.append(line.code)
    if head is not None:
        yield _step(head, lines, asked, pins, next_wrap)


def _step(head: re.Match[str], lines: list[str], prompt: str, count: int, next_wrap: int) -> JobStep:
    pins: tuple[int, ...] = ()
    direction = 0
    if head["pin"]:
        direction = 1 if head["way"] == "cw" else -1
        first, last = int(head["pin"]), int(head["to"] or head["pin"])
        pins = tuple((first + direction * k) % count for k in range((direction * (last - first)) % count + 1))
    first_wrap = int(head["wrap"]) if head["wrap"] else next_wrap
    return JobStep(
        kind=head["kind"], lines=tuple(lines), label=_label(head, pins), prompt=prompt, layer=int(head["layer"]) - 1,
        first_wrap=first_wrap, pins=pins, direction=direction, wrap_mm=float(head["z"] or 0),
        thread_mm=float(head["thread"]) * 1000,
    )  # fmt: skip


def _label(head: re.Match[str], pins: tuple[int, ...]) -> str:
    texts = {
        "start": "to the board", "park": "park for the thread", "end": "the end", "tie": "turns to hold the thread",
        "raise": "gantry raised",
    }  # fmt: skip
    if not pins:
        return texts.get(head["kind"], head["kind"])
    where = f"pin {pins[0]}" if len(pins) == 1 else f"pins {pins[0]} to {pins[-1]}"
    return ("start: " if head["kind"] == "anchor" else "") + f"wrap {head['wrap']}, {where}"


class OtherProfileError(MachineError):
    """A job that was made for another machine, or for this one as it was before."""


def check_profile(job: JobFile, profile: Profile, name: str) -> None:
    """Refuse a job that was made for another machine, or for this one as it was before.

    Raises
    ------
    OtherProfileError
    """
    if job.profile_sha != profile.sha256[:16]:
        raise OtherProfileError(
            f"{name} was made for profile {job.profile_sha}, but '{profile.name}' is now {profile.sha256[:16]}: "
            "the machine or the board's place is another",
            "make it again: stringart export PLAN " + shlex.join(["-o", name, "--machine", profile.name]),
        )
