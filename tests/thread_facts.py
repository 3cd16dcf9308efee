"""What a plan's threads do at its pins, reckoned from the plan's file alone: shares nothing with what writes it."""

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stringart.plan.model import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadFacts:
    """Of all layers: chords, moves along the rim, the longest run of them, those at a layer's ends, pins touched."""

    chords: int
    rim_moves: int
    longest_rim_run: int
    rim_moves_at_ends: int
    turns_back_on_rim: int
    third_pins_touched: int


def taut_lines(xy: NDArray[np.float64], order: NDArray[np.int64], reach: float) -> NDArray[np.float64]:
    """Ends (S, 2, 2) of a taut thread's steps: where it turns right it passes left of the pin, tied at both ends."""
    p = xy[order]
    come, go = p[1:-1] - p[:-2], p[2:] - p[1:-1]
    sine = come[:, 0] * go[:, 1] - come[:, 1] * go[:, 0]
    outward = p[1:-1] - xy.mean(0)
    straight = np.abs(sine) <= 1e-9 * np.hypot(*come.T) * np.hypot(*go.T)
    back = np.sign(come[:, 0] * outward[:, 1] - come[:, 1] * outward[:, 0])
    left = np.concatenate([[0.0], np.where(straight, back, -np.sign(sine)), [0.0]]) * reach
    along = np.diff(p, axis=0)
    length = np.hypot(*along.T)
    turn = np.arcsin((left[1:] - left[:-1]) / length)
    heading = np.arctan2(along[:, 1], along[:, 0]) + turn
    normal = np.stack([-np.sin(heading), np.cos(heading)], 1)
    return np.stack([p[:-1] + normal * left[:-1, None], p[1:] + normal * left[1:, None]], 1)


def thread_facts(plan: Plan) -> ThreadFacts:
    """Read a plan as its file has it."""
    data = json.loads(plan.to_bytes())
    xy, pin_mm = np.array(data["pins"]["xy_mm"]), data["pins"]["diameter_mm"]
    rim_runs, at_ends, back, touched, chords = [0], 0, 0, 0, 0
    for layer in data["layers"]:
        order = np.array(layer["pins"])
        reach = (pin_mm + data["threads"][layer["thread"]]["diameter_mm"]) / 2
        gap = np.abs(np.diff(order))
        is_rim = np.minimum(gap, len(xy) - gap) <= 1
        at_ends += int(is_rim[0]) + int(is_rim[-1])
        back += int((is_rim[1:] & is_rim[:-1] & (order[2:] == order[:-2])).sum())
        run = 0
        for moved in is_rim.tolist():
            run = run + 1 if moved else 0
            rim_runs.append(run)
        chords += int((~is_rim).sum())
        lines = taut_lines(xy, order, reach)
        for (a, b), own in zip(lines[~is_rim], np.stack([order[:-1], order[1:]], 1)[~is_rim], strict=True):
            others = np.delete(xy, own, axis=0)
            share = np.clip((others - a) @ (b - a) / ((b - a) @ (b - a)), 0, 1)
            touched += int(np.hypot(*(a + share[:, None] * (b - a) - others).T).min() < reach - 1e-6)
    return ThreadFacts(
        chords=chords,
        rim_moves=sum(run > 0 for run in rim_runs),
        longest_rim_run=max(rim_runs),
        rim_moves_at_ends=at_ends,
        turns_back_on_rim=back,
        third_pins_touched=touched,
    )
