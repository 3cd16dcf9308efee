"""A plan as a job for the machine console: steps with what the console shows of them, in plain values for a pipe."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from stringart.machine.estimate import time_of
from stringart.machine.job import JobStep, MachineJob, make_job
from stringart.machine.profile import load_profile
from stringart.materials import materials_of
from stringart.model import Plan

_CHUNK = 400


def prepared_job(plan: Plan, profile_name: str) -> dict[str, Any]:
    """Return a job as plain values: steps in chunks, seconds of motion after each, thread of each layer.

    Raises
    ------
    MachineError
        If the machine cannot wind the plan.
    """
    profile = load_profile(profile_name)
    job = make_job(plan, profile)
    seconds = _seconds_after(job)
    steps = [_plain(step, float(after)) for step, after in zip(job.steps, seconds, strict=True)]
    name = plan.photo.name if plan.photo else "string art"
    return {
        "name": name,
        "profile": profile_name,
        "plan_sha256": plan.sha256,
        "profile_sha256": profile.sha256,
        "chunks": [steps[k : k + _CHUNK] for k in range(0, len(steps), _CHUNK)],
        "warnings": list(job.warnings),
        "wraps": job.wraps,
        "highest_mm": job.highest_mm,
        "total_s": float(seconds[-1]) if len(seconds) else 0.0,
        "layer_mm": [use.total_mm for use in materials_of(plan).layers],
    }


def _plain(step: JobStep, after_s: float) -> dict[str, Any]:
    meta = {
        "wrap": step.first_wrap, "wraps": len(step.pins), "pins": list(step.pins), "layer": step.layer,
        "z_mm": step.wrap_mm, "thread_mm": step.thread_mm, "after_s": after_s,
    }  # fmt: skip
    return {"lines": step.lines, "label": step.label, "kind": step.kind, "prompt": step.prompt, "meta": meta}


def _seconds_after(job: MachineJob) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Seconds of motion when each step is done; a step's last line is a rest, whose end the estimate knows."""
    lines = [line for step in job.steps for line in step.lines]
    at_line_s = time_of("\n".join(lines), job.profile).at_line_s
    ends = np.cumsum([len(step.lines) for step in job.steps])
    known = sorted(at_line_s.items())
    if not known:
        return np.zeros(len(ends))
    numbers, times = (np.array(column, np.float64) for column in zip(*known, strict=True))
    return np.interp(ends, numbers, times)


def chunked(job: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """The steps in pieces that are small enough not to hold up a pipe."""
    yield from job["chunks"]
