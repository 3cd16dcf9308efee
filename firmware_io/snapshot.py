"""The whole state of a session at one moment."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from firmware_io.engine.engine import Engine
from firmware_io.events import MachineState, Position
from firmware_io.runner import JobState


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The whole state at one moment: all that a user interface needs to draw itself after a reconnect."""

    connected: bool = False
    port: str = ""
    firmware: str = ""
    version: str = ""
    position_kept: bool = False
    position_known: bool = False
    position_doubt: str = ""
    machine_state: MachineState = MachineState.UNKNOWN
    raw_state: str = ""
    machine_position: Position | None = None
    work_position: Position | None = None
    feed_mm_min: float | None = None
    spindle: float | None = None
    overrides: tuple[int, int, int] = (100, 100, 100)
    job_state: JobState = JobState.NONE
    job_name: str = ""
    next_step: int = 0
    step_count: int = 0
    step_label: str = ""
    step_kind: str = ""
    step_meta: Mapping[str, object] = field(default_factory=dict)
    lines_acknowledged: int = 0
    line_count: int = 0
    bytes_in_flight: int = 0
    buffer_bytes: int = 0
    elapsed_s: float = 0.0
    prompt: str = ""
    problem: str = ""
    problem_kind: str = ""
    hint: str = ""


def snapshot_of(engine: Engine) -> Snapshot:
    """The state now; the caller holds the lock."""
    runner, core = engine.runner, engine.core
    status, step, job = engine.status, runner.step, runner.job
    in_flight = runner.unit.acknowledged if runner.unit is not None and runner.unit.index >= 0 else 0
    return Snapshot(
        connected=engine.connected,
        port=engine.port,
        firmware=core.firmware,
        version=core.version,
        position_kept=engine.position.kept,
        position_known=engine.position.known,
        position_doubt=engine.position.why_not,
        machine_state=core.machine_state,
        raw_state=status.raw_state if status is not None else "",
        machine_position=status.machine_position if status is not None else None,
        work_position=status.work_position if status is not None else None,
        feed_mm_min=status.feed_mm_min if status is not None else None,
        spindle=status.spindle if status is not None else None,
        overrides=core.overrides,
        job_state=runner.state,
        job_name=job.name if job is not None else "",
        next_step=runner.next_step,
        step_count=len(job.steps) if job is not None else 0,
        step_label=step.label if step is not None else "",
        step_kind=step.kind if step is not None else "",
        step_meta=step.meta if step is not None else {},
        lines_acknowledged=runner.lines_before + in_flight,
        line_count=runner.line_count,
        bytes_in_flight=core.bytes_in_flight,
        buffer_bytes=core.buffer_bytes,
        elapsed_s=time.monotonic() - runner.started_s if runner.active else 0.0,
        prompt=runner.prompt,
        problem=runner.problem,
        problem_kind=runner.problem_kind,
        hint=runner.hint,
    )
