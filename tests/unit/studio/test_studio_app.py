"""What the studio does with a file that cannot be looked at."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

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
            await asyncio.wait_for(taking, 30)
        finally:
            studio.helper.close()

    with pytest.raises(BoardError, match="ended unexpectedly"):
        asyncio.run(take())
    assert len(list((tmp_path / "outlines").iterdir())) == was_here
