"""The row of looks on the page, tried one after the other: one sees what each would be, and takes it."""

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

from stringart.errors import StringartError
from stringart.order.look_files import offered_looks
from stringart.studio.hub import Hub
from stringart.studio.settings import Values
from stringart.studio.worker import Worker, end_task

_FOLLOWED = ("crop", "placed", "turn_deg", "exposure_ev", "contrast", "importance", "map", "shape", "outline",
             "width_mm", "height_mm")  # fmt: skip


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
