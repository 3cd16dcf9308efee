"""The file that a host is given: a part of a job, up to where the operator is asked, and what proves its steps."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from firmware_io.gcode import is_sync
from firmware_io.job import Job

SYNC_LINE = "M400"
_NAME = re.compile(r".*-([0-9a-f]{10})-(\d+)-(\d+)-[0-9a-f]{6}\.gcode")
_STEM = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartUnit:
    """A step, or the way before the first.

    Attributes
    ----------
    index : int
        Of the step; -1 for the way.
    next_step : int
        After it.
    lines : tuple of str
    ends : tuple of int
        For each line the position in the file that proves it.
    """

    index: int
    next_step: int
    lines: tuple[str, ...]
    ends: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A file for a host: its name, its bytes, and what is in it."""

    name: str
    data: bytes
    units: tuple[PartUnit, ...]


def make_part(job: Job, first_step: int, way: Sequence[str], lines_ahead: int, name: str = "") -> Part:
    """The steps from `first_step` to the next one that asks the operator, after the lines of a way.

    Parameters
    ----------
    job : Job
    first_step : int
    way : sequence of str
        Lines before it; empty: none.
    lines_ahead : int
        Lines that the host may have read beyond those that are done.
    name : str
        Of a file that was given to it before; else a new one is made, which no other file ever has.
    """
    last = next((k for k in range(first_step + 1, len(job.steps)) if job.steps[k].prompt), len(job.steps))
    groups = [(-1, first_step, synced(way))] if way else []
    groups += [(k, k + 1, synced(job.steps[k].lines)) for k in range(first_step, last)]
    flat = [line for _, _, lines in groups for line in lines] + [SYNC_LINE] * lines_ahead
    ends = list(accumulate(len(line) + 1 for line in flat))
    units, at = [], 0
    for index, next_step, lines in groups:
        proofs = tuple(ends[k + lines_ahead] for k in range(at, at + len(lines)))
        units.append(PartUnit(index=index, next_step=next_step, lines=lines, ends=proofs))
        at += len(lines)
    way_bytes = ends[len(units[0].lines) - 1] if way else 0
    stem = _STEM.sub("-", Path(job.name).stem)[:40] or "job"
    return Part(
        name=name or f"{stem}-{job.sha256[:10]}-{first_step}-{way_bytes}-{secrets.token_hex(3)}.gcode",
        data="".join(f"{line}\n" for line in flat).encode("ascii"),
        units=tuple(units),
    )


def part_of(name: str, job: Job, way: Sequence[str] | None, lines_ahead: int) -> Part | None:
    """The part of a job that a file's name is of; None if it is none.

    Parameters
    ----------
    name : str
    job : Job
    way : sequence of str or None
        The lines before its first step; None where that way is done and they are not known any more.
    lines_ahead : int
    """
    match = _NAME.fullmatch(Path(name).name)
    if match is None or match[1] != job.sha256[:10] or int(match[2]) >= len(job.steps):
        return None
    first, way_bytes = int(match[2]), int(match[3])
    if not way_bytes or way is not None:
        return make_part(job, first, way or (), lines_ahead, name)
    stand_in = ("X" * (way_bytes - len(SYNC_LINE) - 2), SYNC_LINE)  # of the same length: only the places count
    return make_part(job, first, stand_in, lines_ahead, name)


def synced(lines: Sequence[str]) -> tuple[str, ...]:
    """Lines that end with one that waits for the motion's end."""
    return tuple(lines) if lines and is_sync(lines[-1]) else (*lines, SYNC_LINE)
