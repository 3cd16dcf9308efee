"""Status reports of the grbl family: ``<Run|MPos:1.000,2.000,3.000|FS:500,0|Ov:100,100,100>``."""

from __future__ import annotations

import re
from typing import NamedTuple

from firmware_io.events import MachineState, StatusReported
from firmware_io.protocol.grbl_offsets import WorkOffsets, floats

_STATUS = re.compile(r"^<([A-Z][a-z]+)(?::(\d+))?((?:\|[A-Za-z]+:?[^|<>]*)*)>$")
_STATES = {
    "Idle": MachineState.IDLE,
    "Run": MachineState.RUN,
    "Jog": MachineState.JOG,
    "Home": MachineState.HOME,
    "Check": MachineState.CHECK,
    "Alarm": MachineState.ALARM,
    "Sleep": MachineState.SLEEP,
    "Tool": MachineState.TOOL,
    "Door": MachineState.DOOR,
}


class GrblStatus(NamedTuple):
    """What a report says, and feed, rapid and spindle overrides in per cent where it says them."""

    report: StatusReported
    overrides: tuple[int, int, int] | None


def read_status(text: str, offsets: WorkOffsets) -> GrblStatus | None:
    """Read a report; what it says of the work offset goes into ``offsets``. None for what is no report."""
    match = _STATUS.match(text)
    if match is None:
        return None
    name, sub, rest = match.groups()
    state = _state_of(name, sub)
    fields = dict(part.partition(":")[::2] for part in rest.split("|")[1:])
    machine, work = offsets.positions(fields)
    if state is None or (machine is None and work is None):
        return None
    speeds = floats(fields.get("FS") or fields.get("F", "")) or ()
    report = StatusReported(
        state=state,
        raw_state=name if sub is None else f"{name}:{sub}",
        machine_position=machine,
        work_position=work,
        feed_mm_min=speeds[0] * offsets.scale if speeds else None,
        spindle=speeds[1] if len(speeds) > 1 else None,
        limits=fields.get("Pn", ""),
    )
    return GrblStatus(report, _overrides(fields.get("Ov", "")))


def _overrides(text: str) -> tuple[int, int, int] | None:
    values = floats(text)
    return (int(values[0]), int(values[1]), int(values[2])) if values is not None and len(values) == 3 else None


def _state_of(name: str, sub: str | None) -> MachineState | None:
    if name == "Hold":
        return MachineState.HOLDING if sub == "1" else MachineState.HELD
    return _STATES.get(name)
