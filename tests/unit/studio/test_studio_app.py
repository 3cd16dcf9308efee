"""What the studio does with a file that cannot be looked at, and with a plan that is judged no longer."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
from machine_boards import plan_on

from stringart.errors import BoardError
from stringart.studio.project import Project

pytest.importorskip("starlette", reason="the studio needs its extra")

SQUARE = b'<svg xmlns="http://www.w3.org/2000/svg" width="400mm" height="400mm"><path d="M0 0H9V9H0Z"/></svg>'


@pytest.mark.parametrize("was_here", [True, False])
def test_a_helper_that_dies_takes_no_outline_with_it_that_was_here_before(tmp_path: Path, was_here: bool) -> None:
    from stringart.studio.app import Studio

    project = Project(tmp_path)
    if was_here:
        project.add_outline(SQUARE, ".svg")

    async def take() -> None:
        studio = Studio(project)
        taking = asyncio.create_task(studio.take_outline(SQUARE, "square.svg"))
        while studio.helper.pid is None:
            await asyncio.sleep(0.001)
        os.kill(studio.helper.pid, signal.SIGKILL)  # it has the job, and is still on its way up
        try:
            await asyncio.wait_for(taking, 300)
        finally:
            studio.helper.close()

    with pytest.raises(BoardError, match="ended unexpectedly"):
        asyncio.run(take())
    assert len(list((tmp_path / "outlines").iterdir())) == was_here


class Judge:
    """A working process that has told the score, and thinks of its advice for as long as it is let."""

    def __init__(self) -> None:
        self.judges, self.left = 0, 0

    async def run(self, job: str, /, **asked: object) -> AsyncIterator[tuple[str, Any]]:
        assert job == "judge"
        self.judges += 1
        try:
            yield "score", [0.1 * self.judges, 0.5]
            await asyncio.Event().wait()
        finally:
            self.left += 1


def test_a_plan_is_judged_until_a_newer_one_is_there(tmp_path: Path) -> None:
    from stringart.studio.desk import Desk
    from stringart.studio.hub import Hub
    from stringart.studio.worker import Worker

    judge, plan = Judge(), plan_on("circle", (2,), 12).to_bytes()
    desk = Desk(Hub(), Project(tmp_path), cast("Worker", None), cast("Worker", judge))

    async def found(run: int) -> None:
        await desk._hear(run, "plan", {"plan": plan, "notes": ()}, {})
        await desk._hear(run, "numbers", {"chords": run}, {})

    async def design() -> None:
        for run in (1, 2):
            await found(run)
            while "score" not in (desk.plan or {})["numbers"]:
                await asyncio.sleep(0)
            assert desk.plan is not None
            assert desk.plan["numbers"] == {"chords": run, "score": [0.1 * run, 0.5]}
        await desk.take_plan(plan, None, ())
        while judge.left < 2:
            await asyncio.sleep(0)
        assert desk.plan is not None
        assert desk.plan["numbers"] is None
        assert judge.judges == 2

    asyncio.run(asyncio.wait_for(design(), 60))
