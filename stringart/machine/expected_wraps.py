"""The wraps that a job should make, from its plan or its comments, against those that its path makes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stringart.machine.contact import WrapSeen
from stringart.machine.job_claims import JobClaims
from stringart.machine.reader import (
    lines_of,
)
from stringart.plan.model import Plan
from stringart.plan.wraps import directions


@dataclass(frozen=True, slots=True)
class WantedWrap:
    """A wrap that should be there; direction 0 where any is right."""

    pin: int
    direction: int


def expected_wraps(text: str, plan: Plan | None) -> tuple[list[list[WantedWrap]], str]:
    """Wraps by layer."""
    if plan is not None:
        return [_of_layer(plan, layer.pins.tolist()) for layer in plan.layers if len(layer.pins)], "the plan"
    layers: list[list[WantedWrap]] = []
    pattern = re.compile(r"(anchor|wrap) \d+(?:\.\.\d+)? pin (\d+)(?:\.\.(\d+))? (cw|ccw)")
    header = JobClaims.of(text)
    count = len(header.pins[0]) if header.pins else 0
    for line in lines_of(text):
        match = pattern.match(line.comment) if line.comment and not line.code else None
        if match is None:
            continue
        way = 1 if match[4] == "cw" else -1
        first, last = int(match[2]), int(match[3] or match[2])
        pins = [(first + way * k) % count for k in range((way * (last - first)) % count + 1)]
        if match[1] == "anchor" or not layers:
            layers.append([])
        layers[-1] += [WantedWrap(pin, way) for pin in pins]
    return layers, "the job's comments"


def _of_layer(plan: Plan, pins: list[int]) -> list[WantedWrap]:
    ways = directions(plan.pins.xy_mm, pins)
    count = len(plan.pins)
    wanted = []
    for k, pin in enumerate(pins):
        gaps = [(pin - pins[j]) % count for j in (k - 1, k + 1) if 0 <= j < len(pins)]
        free = any(gap in (0, 1, count - 1) for gap in gaps)  # along the rim the order says it
        wanted.append(WantedWrap(pin, 0 if free else int(ways[k])))
    return wanted


def compare(
    wraps: Sequence[WrapSeen], layers: Sequence[Sequence[WantedWrap]], turns: int, count: int
) -> tuple[list[WrapSeen], list[str]]:
    """The wraps without anchors' turns, and where they are not what they should be."""
    if not layers:
        return list(wraps), ["nothing says which wraps the job should have: give its plan with --plan"]
    seen, problems = _without_turns(wraps, layers, turns)
    wanted = [w for layer in layers for w in layer]
    for k in range(max(len(seen), len(wanted))):
        if k >= len(seen) or k >= len(wanted) or seen[k].pin != wanted[k].pin:
            return seen, [*problems, _difference(seen, wanted, k)]
    for k, (wrap, want) in enumerate(zip(seen, wanted, strict=True)):
        if want.direction and want.direction != wrap.direction:
            names = {1: "clockwise", -1: "counter-clockwise"}
            problems.append(
                f"line {wrap.line}: wrap {k + 1} goes {names[wrap.direction]} round pin {wrap.pin}, "
                f"it should go {names[want.direction]}"
            )
    return seen, problems


def _without_turns(
    wraps: Sequence[WrapSeen], layers: Sequence[Sequence[WantedWrap]], turns: int
) -> tuple[list[WrapSeen], list[str]]:
    """Take the turns of anchors away: at both ends of what is wound between two stops of the operator."""
    runs: dict[int, list[WrapSeen]] = {}
    for wrap in wraps:
        runs.setdefault(wrap.run, []).append(wrap)
    out: list[WrapSeen] = []
    problems: list[str] = []
    bounds = np.cumsum([len(layer) for layer in layers]).tolist()
    for run in runs.values():
        # a new spool: the pin is anchored again, not wound
        in_layer_begun = bool(out) and out[-1].pin == run[0].pin and len(out) not in bounds
        if len({w.pin for w in run}) == 1 and len(run) == 2 * turns + 1 and not in_layer_begun:
            out += run[:1]
            continue
        problems += _anchor_problems(run, turns, in_layer_begun)
        middle = run[turns + (1 if in_layer_begun else 0) : len(run) - turns]
        out += middle
    return out, problems


def _anchor_problems(run: Sequence[WrapSeen], turns: int, begun: bool) -> list[str]:
    ends = (("begins", [w.pin for w in run[: turns + 1]]), ("ends", [w.pin for w in run[-turns - 1 :]]))
    return [
        f"line {run[0].line if what == 'begins' else run[-1].line}: a run of thread {what} with pins {pins}, "
        f"not with {turns} turns round one pin"
        for what, pins in ends
        if len(set(pins)) > 1 or len(pins) <= turns
    ]


def _difference(seen: Sequence[WrapSeen], wanted: Sequence[WantedWrap], k: int) -> str:
    """Say how two lists of wraps differ from the k-th on: what is left between equal beginnings and equal ends."""
    found, want = [w.pin for w in seen[k:]], [w.pin for w in wanted[k:]]
    while found and want and found[-1] == want[-1]:
        found.pop()
        want.pop()
    line = f"line {seen[k].line}: " if k < len(seen) else ""
    if not found:
        return f"{line}missing from wrap {k + 1} on: {_pins(want)}"
    if not want:
        return f"{line}one too many, or doubled, from wrap {k + 1} on: {_pins(found)}"
    if sorted(found) == sorted(want):
        return f"{line}swapped from wrap {k + 1} on: {_pins(found)} in place of {_pins(want)}"
    return f"{line}from wrap {k + 1} on the tool goes round {_pins(found)}, it should be {_pins(want)}"


def _pins(pins: Sequence[int]) -> str:
    more = f" and {len(pins) - 6} more" if len(pins) > 6 else ""
    return f"pin{'s' if len(pins) > 1 else ''} {', '.join(map(str, pins[:6]))}{more}"
