"""The row of looks: a small piece of the photo on the page in each, so that one sees what it would be and takes it."""

import asyncio
import hashlib
import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from stringart.errors import StringartError
from stringart.look.score import score
from stringart.order.loaded import load_order, options_for
from stringart.order.look_files import find_look, offered_looks
from stringart.order.order import merged
from stringart.picture.photo import Photo
from stringart.plan.model import Board, Thread
from stringart.search.options import DesignOptions
from stringart.studio.controls import CONTROLS, MAX_THREADS, Number
from stringart.studio.hub import Hub, end_task
from stringart.studio.settings import Values
from stringart.studio.worker import Worker

_PINS = 200
_FOLLOWED = ("crop", "placed", "turn_deg", "exposure_ev", "contrast", "importance", "map", "shape", "outline",
             "width_mm", "height_mm")  # fmt: skip


def _coarser(threads: Sequence[Thread]) -> int:
    """Return how many times fewer chords a miniature has, of threads as much wider, which cover as much.

    One thread is wound as it is: of a bright one on a dark board, half as many twice as wide differ by 23 of 255 levels
    from the piece that one tap makes (the tones that it can show are others), as it is by 4.
    """
    return 1 if len(threads) == 1 else 2


def small_options(photo: Photo, crop: tuple[int, int, int, int], board: Board, look: str) -> DesignOptions:
    """Return what a look makes of a photo, coarse enough to be found in a second."""
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


class LookRow:
    """The looks of the photo on the page, tried one after the other in the process that has time.

    Parameters
    ----------
    hub : Hub
    folder : Path
        The project.
    helper : Worker
    """

    def __init__(self, hub: Hub, folder: Path, helper: Worker) -> None:
        self._hub, self._folder, self._helper = hub, folder, helper
        self._task: asyncio.Task[None] | None = None
        self._pieces: dict[str, dict[str, object]] = {}
        hub.update(looks={"of": "", "busy": False, "rows": []})

    async def show(self, photo: dict[str, Any] | None, settings: Values, path: Path | None) -> None:
        """Try the looks, if those that are there are not of this photo as it lies now."""
        if photo is None or path is None:
            return
        followed = {name: settings[name] for name in _FOLLOWED}
        of = hashlib.sha256(json.dumps([photo["sha256"], followed]).encode()).hexdigest()[:16]
        if of == self._hub.state["looks"]["of"]:
            return
        await self.stop()
        self._pieces = {}
        rows = [{"name": look.name, "title": look.title, "state": "waits"} for look in offered_looks()]
        self._hub.update(looks={"of": of, "busy": True, "rows": rows})
        self._task = asyncio.create_task(self._try(of, rows, photo["name"], settings, path))

    async def stop(self) -> None:
        """Leave the looks that are not tried yet."""
        task, self._task = self._task, None
        if await end_task(task):
            self._hub.update(looks={"of": "", "busy": False, "rows": []})

    async def _try(self, of: str, rows: list[dict[str, Any]], name: str, settings: Values, path: Path) -> None:
        for row in rows:
            asked = {"path": str(path), "name": name, "settings": settings, "project": str(self._folder)}
            try:
                found = await self._helper.result("look", look=row["name"], **asked)
            except StringartError:
                row["state"] = "fails"  # a look of one's own that cannot be made of this photo
            else:
                self._pieces[row["name"]] = {"plan": found.pop("plan"), "ends": found.pop("ends")}
                row |= found | {"state": "done"}
            self._hub.update(looks={"of": of, "busy": row is not rows[-1], "rows": rows})

    def piece(self, name: str) -> dict[str, object] | None:
        """The small plan of a look, and where its steps lie."""
        return self._pieces.get(name)
