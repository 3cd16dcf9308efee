"""What is fetched of an export is what was exported."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from stringart.studio.hub import Hub
from stringart.studio.project import CURRENT, Project
from stringart.studio.rooms import ExportRoom


@pytest.mark.parametrize("backwards", [False, True])
def test_a_file_of_yesterday_and_the_plan_beside_it_are_never_fetched_for_an_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backwards: bool
) -> None:
    """Exports are numbered from 1 by every studio; the plan lies beside its export until that has ended."""
    glob = Path.glob
    monkeypatch.setattr(Path, "glob", lambda self, what: sorted(glob(self, what), reverse=backwards))
    project, fetched = Project(tmp_path), list[bytes]()
    (tmp_path / "exports" / "1.gif").write_bytes(b"of yesterday")
    project.plan_path(CURRENT).write_bytes(b"plan")

    class Exporter:
        async def run(self, job: str, /, *, target: str, **asked: object) -> AsyncIterator[tuple[str, Any]]:
            Path(target).write_bytes(b"picture")
            yield "value", {"bytes": 7}
            fetched.append(room.fetch(1)[0].read_bytes())  # the page was told, and is quick

    room = ExportRoom(Hub(), project, Exporter())  # type: ignore[arg-type]

    async def export() -> None:
        await room.begin(".png")
        await asyncio.gather(*room._tasks.values())

    asyncio.run(export())
    assert fetched == [b"picture"]
    assert room.fetch(1)[0].read_bytes() == b"picture"
