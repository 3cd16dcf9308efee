"""What the file of a job says of itself, and whether it is true: plan, place of the board, pins, sum of its lines."""

import re
import zlib
from dataclasses import dataclass

import numpy as np

from stringart.machine.profile import Profile
from stringart.machine.reader import (
    fingerprint,
    header_numbers,
    lines_of,
)
from stringart.plan.model import Array, Plan

_CLAIMS = {
    "pins": re.compile(r"pins (\d+) diameter (\S+) mm"),
    "plan": re.compile(r"plan ([0-9a-f]{64})"),
    "place": re.compile(r"place center (\S+) (\S+) turn (\S+) scale (\S+)"),
    "lines": re.compile(r"lines (\d+) sum ([0-9a-f]{8})"),
}
"""What a comment claims, by its first word."""
_PIN = re.compile(r"pin \d+ -?[\d.]")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobClaims:
    """What the file says of itself."""

    pins: tuple[Array, float] | None
    plan: str
    place: tuple[float, ...]
    total: tuple[int, str] | None

    @classmethod
    def of(cls, text: str) -> "JobClaims":
        """Read what the comments of a job claim.

        Raises
        ------
        MachineError
            If a number in them is none.
        """
        notes = [line.comment for line in lines_of(text) if line.comment and not line.code]
        found: dict[str, re.Match[str]] = {}
        values: list[str] = []
        for note in notes:
            word = note.partition(" ")[0]
            if word == "pin" and _PIN.match(note):
                values += note.split()[2:]
            elif word in _CLAIMS and word not in found and (match := _CLAIMS[word].match(note)):
                found[word] = match
        pins = None
        if "pins" in found and len(values) == 2 * int(found["pins"][1]):
            places = np.array(header_numbers(values, "the place of a pin"), np.float64).reshape(-1, 2)
            pins = places, header_numbers([found["pins"][2]], "the pins' diameter")[0]
        return cls(
            pins=pins,
            plan=found["plan"][1] if "plan" in found else "",
            place=tuple(header_numbers(found["place"].groups(), "the board's place") if "place" in found else ()),
            total=(int(found["lines"][1]), found["lines"][2]) if "lines" in found else None,
        )


def claim_problems(header: JobClaims, profile: Profile, plan: Plan | None) -> list[str]:
    """Return where plan and place are not those of the plan and the profile at hand, a line each."""
    problems = []
    if plan is not None and header.plan and header.plan != plan.sha256:
        problems.append(f"the job was made for plan {header.plan[:12]}..., this plan is {plan.sha256[:12]}...")
    place = profile.board
    now = (*place.center_mm, place.rotation_deg, place.scale)
    if header.place and not np.allclose(header.place, now, atol=2e-3, rtol=0):
        problems.append(
            f"the job has the board at {header.place[0]:g}, {header.place[1]:g} turned by {header.place[2]:g} degrees, "
            f"the profile at {now[0]:g}, {now[1]:g} turned by {now[2]:g}: make it again"
        )
    return problems


def sum_problems(text: str, header: JobClaims) -> list[str]:
    """Where the lines are not those that were written."""
    if header.total is None or fingerprint(text) == header.total:
        return []
    count, _ = fingerprint(text)
    problems = []
    step: tuple[int, str, str] | None = None
    codes: list[str] = []
    for line in [*lines_of(text), None]:
        comment = line.comment if line and not line.code else ""
        match = re.search(r"^(\w+.*) layer .* sum ([0-9a-f]{4})$", comment)
        ends = line is None or match is not None or comment.startswith("prompt ")
        if ends and step is not None:
            if f"{zlib.crc32(chr(10).join(codes).encode()) & 0xFFFF:04x}" != step[2]:
                problems.append(f"line {step[0]}: the moves of '{step[1]}' are not those that were written")
            step = None
        if line is not None and match is not None:
            step, codes = (line.number, match[1], match[2]), []
        elif line is not None and line.code:
            codes.append(line.code)
    if count != header.total[0]:
        problems.append(f"the job has {count} lines, {header.total[0]} were written")
    return problems or ["the job's lines are not those that were written"]
