"""What is designed now: changes, and back."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from stringart.errors import StringartError
from stringart.studio.desk import Desk, example_photo
from stringart.studio.hub import Hub
from stringart.studio.jobs import _JOBS, _Bench
from stringart.studio.project import Project
from stringart.studio.worker import Message, Worker, WorkerError


class Here(Worker):
    """A worker of this process; it stops for ever before a message of one kind, if it is told to."""

    stops_before = ""

    async def run(self, job: str, /, **arguments: object) -> AsyncIterator[Message]:
        bench = _Bench("stringart.search.pipeline:design_events")
        try:
            for kind, payload in _JOBS[job](bench, **arguments):
                if kind == self.stops_before:
                    await asyncio.Event().wait()
                yield kind, payload
                await asyncio.sleep(0)
        except StringartError as error:
            raise WorkerError(str(error), error.hint) from error


async def until(hub: Hub, condition: Any) -> None:
    while not condition(hub.state):
        await asyncio.sleep(0.01)


async def with_a_plan_not_counted(hub: Hub, folder: Path, searcher: Here, helper: Here) -> Desk:
    desk = Desk(hub, Project(folder / "project"), searcher, helper)
    searcher.stops_before = "numbers"
    await desk.set({"lines": 120, "pins": 40, "quality": "draft", "importance": "none"})
    await desk.take_photo(example_photo("camera.png").read_bytes(), "camera.png")
    await until(hub, lambda state: state["plan"])
    return desk


def test_undo_before_a_plan_was_counted_counts_it_and_takes_the_error_away(tmp_path: Path) -> None:
    async def tried() -> dict[str, Any]:
        hub, searcher, helper = Hub(), Here("search", ""), Here("helper", "")
        desk = await with_a_plan_not_counted(hub, tmp_path, searcher, helper)
        two = [
            {"name": name, "color": color, "diameter_mm": 0.3} for name, color in (("a", "#000000"), ("b", "#c02020"))
        ]
        await desk.set({"threads": two, "layers": "gold"})
        await until(hub, lambda state: "gold" in state["search"].get("error", ""))
        await desk.undo()
        await desk.stop()
        return dict(hub.state)

    state = asyncio.run(asyncio.wait_for(tried(), 300))
    assert 100 < state["plan"]["numbers"]["chords"] <= 120
    assert "error" not in state["search"]


def test_a_plan_that_was_not_counted_when_the_studio_ended_is_counted_when_it_begins(tmp_path: Path) -> None:
    async def tried() -> dict[str, Any]:
        searcher, helper, again = Here("search", ""), Here("helper", ""), Hub()
        desk = await with_a_plan_not_counted(Hub(), tmp_path, searcher, helper)
        await desk.keep()
        await desk.stop()
        await Desk(again, Project(tmp_path / "project"), searcher, helper).count()
        return dict(again.state)

    state = asyncio.run(asyncio.wait_for(tried(), 300))
    assert 100 < state["plan"]["numbers"]["chords"] <= 120
