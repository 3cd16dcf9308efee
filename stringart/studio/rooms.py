"""What stands beside the design page: kept variants, exports and winding by hand."""

import asyncio
import itertools
import json
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from stringart.errors import StringartError
from stringart.studio.desk import Desk
from stringart.studio.exports import BUNDLE, check_request, command_of
from stringart.studio.hub import Hub, OpenPage
from stringart.studio.project import CURRENT, WOUND, Project, Variant, new_id
from stringart.studio.winding import Winding
from stringart.studio.worker import Worker

_MOST_EXPORTS = 60


def _name(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 120 or not value.isprintable():
        raise StringartError("a name has 1 to 120 characters")
    return value.strip()


class Shelf:
    """The variants."""

    def __init__(self, hub: Hub, project: Project, desk: Desk, helper: Worker) -> None:
        self._hub, self._project, self._desk, self._helper = hub, project, desk, helper
        self.variants = project.variants()
        self._deleted: list[Variant] = []
        desk.learnt = self.learn
        self._tell()

    async def learn(self, numbers: dict[str, object]) -> None:
        """Add the score of a plan that was kept before it was known."""

        def lacks(entry: Variant) -> bool:
            known = entry.numbers or {}
            return known.get("sha256") == numbers.get("sha256") and "score" not in known

        if "score" in numbers and any(map(lacks, self.variants)):
            self.variants = [
                replace(entry, numbers=(entry.numbers or {}) | {"score": numbers["score"]}) if lacks(entry) else entry
                for entry in self.variants
            ]
            await self._store()

    def _tell(self) -> None:
        self._hub.update(variants=[asdict(entry) for entry in self.variants], deleted=len(self._deleted))

    async def _store(self) -> None:
        await asyncio.to_thread(self._project.store_variants, self.variants)
        self._tell()

    def find(self, plan_id: object) -> Variant:
        """Return the variant of an id."""
        found = next((entry for entry in self.variants if entry.id == plan_id), None)
        if found is None:
            raise StringartError("this variant is not there any more", "load the page again")
        return found

    async def keep(self, name: str = "") -> None:
        """Keep the plan on the page as a variant."""
        if self._desk.plan is None:
            raise StringartError("there is no plan to keep yet", "wait until the search has ended")
        photo = self._desk.photo
        name = _name(name) if name else self._free_name(Path(photo["name"]).stem if photo else "piece")
        data = await asyncio.to_thread(self._project.plan_path(CURRENT).read_bytes)
        await self._add(name, data, self._desk.plan.get("numbers"), dict(self._desk.settings), photo)

    def _free_name(self, base: str) -> str:
        taken = {entry.name for entry in self.variants}
        return next(name for k in itertools.count(1) if (name := f"{base} {k}") not in taken)

    async def _add(self, name: str, data: bytes, numbers: Any, settings: Any, photo: Any) -> Variant:
        from stringart.files import write_atomically

        entry = Variant(id=new_id(name), name=name, made_s=time.time(), settings=settings, numbers=numbers, photo=photo)
        await asyncio.to_thread(write_atomically, self._project.plan_path(entry.id), data)
        self.variants = [entry, *self.variants]
        await self._store()
        return entry

    async def add_file(self, data: bytes, name: str) -> None:
        """Take in a plan file, as the command line writes it, and put it on the page."""
        found = await self._helper.result("check_plan", data=data, name=name)
        entry = await self._add(Path(name).stem[:100] or "plan", found["plan"], found["numbers"], None, None)
        await self.open(entry.id)

    async def open(self, id: str) -> None:
        """Put a variant on the design page."""
        entry = self.find(id)
        path = self._project.plan_path(entry.id)
        data = await asyncio.to_thread(path.read_bytes)
        numbers = entry.numbers or await self._helper.result("numbers", plan_path=str(path))
        await self._desk.use(entry.settings, entry.photo, data, numbers)

    async def _change(self, plan_id: Any, **values: Any) -> None:
        entry = self.find(plan_id)
        self.variants = [replace(entry, **values) if other is entry else other for other in self.variants]
        await self._store()

    async def star(self, id: str, starred: bool) -> None:
        """Star a variant, or not."""
        await self._change(id, starred=starred is True)

    async def rename(self, id: str, name: str) -> None:
        """Call a variant something else."""
        await self._change(id, name=_name(name))

    async def delete(self, id: str) -> None:
        """Put a variant away; `undelete` brings it back until the studio ends."""
        entry = self.find(id)
        await asyncio.to_thread(self._project.delete_plan, entry.id)
        self._deleted.append(entry)
        self.variants = [other for other in self.variants if other is not entry]
        await self._store()

    async def undelete(self) -> None:
        """Bring the variant back that was deleted last."""
        if not self._deleted:
            raise StringartError("nothing was deleted")
        entry = self._deleted.pop()
        await asyncio.to_thread(self._project.undelete_plan, entry.id)
        self.variants = sorted([*self.variants, entry], key=lambda other: -other.made_s)
        await self._store()


class ExportRoom:
    """Exports, one after the other, each with its progress."""

    def __init__(self, hub: Hub, project: Project, exporter: Worker) -> None:
        self._hub, self._project, self._exporter = hub, project, exporter
        self._numbers = itertools.count(1)
        self._all: dict[int, dict[str, Any]] = {}
        self._files: dict[int, Path] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        hub.update(exports=[])

    def _tell(self, number: int, **values: object) -> None:
        self._all[number] |= values
        self._hub.update(exports=list(reversed(self._all.values())))

    async def begin(self, ending: str, id: str = CURRENT, name: str = "piece", options: object = None) -> None:
        """Write a plan in a format; the page is told how far it is and where it can be fetched."""
        checked = await asyncio.to_thread(check_request, ending, options)  # imports the exporter
        path = self._project.plan_path(id)
        if not path.is_file():
            raise StringartError("there is no plan to export yet", "wait until the search has ended")
        number = next(self._numbers)
        label = "".join(c if c.isalnum() or c in " -_." else "-" for c in _name(name)).strip(". ") or "piece"
        for old in list(self._all)[: max(len(self._all) - _MOST_EXPORTS, 0)]:
            del self._all[old], self._files[old]
        self._files[number] = self.file_of(number, ending)
        self._all[number] = {"number": number, "name": f"{label}{ending}", "plan": id, "state": "waits", "done": 0,
                             "total": 0, "command": command_of(label, ending, checked)}  # fmt: skip
        plan = await asyncio.to_thread(path.read_bytes)
        self._tasks[number] = asyncio.create_task(self._export(number, plan, ending, checked, label))
        self._tell(number)

    async def _export(self, number: int, plan: bytes, ending: str, options: dict[str, object], name: str) -> None:
        from stringart.files import write_atomically

        target, source = self._files[number], self._project.folder / "exports" / f"{number}.plan"
        try:
            await asyncio.to_thread(write_atomically, source, plan)  # the page's plan may change meanwhile
            begun_s = time.monotonic()
            self._tell(number, state="works")
            job, asked = (
                ("bundle", {"name": name}) if ending == BUNDLE else ("export", {"ending": ending, "options": options})
            )
            async for kind, payload in self._exporter.run(job, plan_path=str(source), target=str(target), **asked):
                if kind == "progress":
                    self._tell(number, done=payload[0], total=payload[1])
                else:
                    took_s = time.monotonic() - begun_s
                    self._tell(number, state="done", bytes=payload["bytes"], url=f"/export/{number}", took_s=took_s)
        except asyncio.CancelledError:
            self._tell(number, state="cancelled")
        except StringartError as error:
            self._tell(number, state="failed", error=str(error), hint=error.hint)
        finally:
            source.unlink(missing_ok=True)
            self._tasks.pop(number, None)

    async def cancel(self, number: int) -> None:
        """Leave an export."""
        task = self._tasks.get(number)
        if task is not None:
            task.cancel()

    def file_of(self, number: int, ending: str) -> Path:
        """Where an export is written."""
        return self._project.folder / "exports" / f"{number}{ending}"

    def fetch(self, number: int) -> tuple[Path, str]:
        """File of an export that is done, and the name to save it under."""
        entry = self._all.get(number)
        if entry is None or entry["state"] != "done":
            raise StringartError("this export is not there", "make it again")
        return self._files[number], entry["name"]


class WindingRoom:
    """Winding by hand: every page has a piece of its own; pages on the same piece see the same steps."""

    def __init__(self, hub: Hub, project: Project) -> None:
        self._hub, self._project = hub, project
        self._open: dict[str, Winding] = {}
        self._order = asyncio.Lock()
        hub.update(wind=None)

    async def open(self, page: OpenPage, id: str = CURRENT, spool_m: float | None = None) -> None:
        """Begin, or go on with, a piece."""
        async with self._order:
            path = self._project.plan_path(id)
            if not path.is_file():
                raise StringartError("there is no plan to wind yet", "design one first")
            spool_mm = spool_m * 1000 if isinstance(spool_m, int | float) and spool_m > 0 else None
            if id == CURRENT:
                path = await self._kept_copy(path)
            if path.stem not in self._open:
                self._open[path.stem] = await asyncio.to_thread(Winding, path.stem, path, spool_mm)
            page.piece = path.stem
            await self._put_away_unused()
            self._tell(path.stem)

    async def _kept_copy(self, path: Path) -> Path:
        """A piece that is wound must not change with the next design: wind a copy that stays."""
        from stringart.files import write_atomically
        from stringart.plan.model import Plan

        data = await asyncio.to_thread(path.read_bytes)
        plan = await asyncio.to_thread(Plan.from_bytes, data)
        target = self._project.plan_path(f"{WOUND}{plan.sha256[:16]}")
        await asyncio.to_thread(write_atomically, target, data)
        return target

    async def move(self, page: OpenPage, move: str, number: int = 0, base: str = "") -> None:
        """Next, back, jump, pause, resume, new spool; kept on the disk before the page hears of it.

        A move that names the moment on which it is ``base``d is made from there only: sent again after a lost
        connection, it is not made twice.
        """
        async with self._order:
            winding = self._open.get(page.piece)
            if winding is None:
                raise StringartError("no piece is being wound", "open one")
            if not base or base == winding.moment:
                await asyncio.to_thread(winding.obey, str(move), int(number))
            self._tell(page.piece)

    def _tell(self, piece: str) -> None:
        view = self._open[piece].view()
        message = json.dumps({"type": "state", "state": {"wind": view}}, ensure_ascii=False, default=float)
        for page in tuple(self._hub.pages):
            if page.piece == piece:
                page.send(message)

    async def leave(self, page: OpenPage) -> None:
        """A page puts its piece away; where no other shows it, ``stringart wind`` can take it up."""
        async with self._order:
            page.piece = ""
            page.send(json.dumps({"type": "state", "state": {"wind": None}}))
            await self._put_away_unused()

    async def _put_away_unused(self) -> None:
        shown = {page.piece for page in self._hub.pages}
        for piece in [piece for piece in self._open if piece not in shown]:
            await asyncio.to_thread(self._open.pop(piece).close)

    async def close_all(self) -> None:
        """Put every piece away."""
        async with self._order:
            for piece in list(self._open):
                await asyncio.to_thread(self._open.pop(piece).close)
