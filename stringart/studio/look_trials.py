"""A small piece of the photo on the page in one of the looks, found in a second or two by the process that has time."""

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from stringart.look.score import score
from stringart.order.loaded import load_order, options_for
from stringart.order.look_files import find_look
from stringart.order.order import merged
from stringart.picture.photo import Photo
from stringart.plan.model import Board, Thread
from stringart.search.options import DesignOptions
from stringart.studio.controls import CONTROLS, MAX_THREADS, Number
from stringart.studio.settings import Values

_PINS = 200


def _coarser(threads: Sequence[Thread]) -> int:
    """Return how many times fewer chords a miniature has, of threads as much wider, which cover as much.

    One thread is wound as it is: of a bright one on a dark board, half as many twice as wide differ by 23 of 255 levels
    from the piece that one tap makes (the tones that it can show are others), as it is by 4.
    """
    return 1 if len(threads) == 1 else 2


def small_options(photo: Photo, crop: tuple[int, int, int, int], board: Board, look: str) -> DesignOptions:
    """Return what a look makes of a photo, on few pins and as a draft: found in about a second.

    Of several threads it has half as many chords of twice the width; one thread is wound as in the real piece.
    """
    order = merged(
        {"quality": "draft", "pins": _PINS, "size_mm": (600.0, 600.0), "crop": crop}, find_look(look).file.said
    )
    options, _ = options_for(photo, load_order(order))
    same_frame = replace(board, color=options.board.color)
    times = _coarser(options.threads)
    threads = tuple(replace(thread, diameter_mm=thread.diameter_mm * times) for thread in options.threads)
    coarse = replace(options, board=same_frame, threads=threads, lines=max(options.lines // times, 1))
    return replace(coarse, change_minutes=0.0) if len(threads) > 1 else coarse


def told_of(plan: Any, photo: Photo, look: str, options: DesignOptions) -> dict[str, Any]:
    """Return what the page shows of a miniature, and the settings that make the real piece."""
    said = find_look(look).file.said
    times = _coarser(options.threads)
    threads = [asdict(thread) | {"diameter_mm": thread.diameter_mm / times} for thread in options.threads]
    patch: Values = {"threads": threads[:MAX_THREADS], "board_color": options.board.color, "layers": "",
                     "budget": "chords", "lines": _within("lines", options.lines * times)}  # fmt: skip
    if "pins" in said:
        patch["pins"] = _within("pins", said["pins"])
    if "size_mm" in said:
        patch |= {"width_mm": said["size_mm"][0], "height_mm": said["size_mm"][1]}
    seen = score(plan, photo, gray=False)[1]
    ends = b64encode(plan.step_ends_mm.astype("<f4").tobytes()).decode()
    return {
        "name": look, "patch": patch, "closeness": seen.ssim_fit * (1 - min(seen.delta_e, 100.0) / 100),
        "plan": json.loads(plan.to_bytes()), "ends": ends,
    }  # fmt: skip


def _within(name: str, value: float) -> float:
    control = CONTROLS[name]
    assert isinstance(control, Number)
    return min(max(value, control.low), control.high)
