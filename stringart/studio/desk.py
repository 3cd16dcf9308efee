"""The design page's work: the photo, the settings with their undo, the search that follows every change."""

import asyncio
import contextlib
import json
import struct
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields, replace
from importlib import resources
from pathlib import Path
from typing import Any

from stringart.errors import PhotoError, StringartError
from stringart.files import write_atomically
from stringart.studio.hub import Hub
from stringart.studio.project import CURRENT, Project
from stringart.studio.settings import HASH, Values, changed, default_settings, restored
from stringart.studio.worker import Worker, end_task

_MOST_UNDO = 200
_ONE_DRAG_S = 1.5
_SETTLE_S = 0.12
_WITHOUT_SEARCH = {"units", "spool_m", "spool_price", "auto_threads", "auto_source"}
EXAMPLES = ("astronaut.jpg", "camera.png", "chelsea.jpg", "coffee.jpg")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What was chosen at a time, and what was found with it: undo goes back to both.

    Parameters
    ----------
    settings : dict
    photo : dict, optional
    plan : str
        Name of the plan that was found, in the project; empty if the search did not end.
    numbers : dict, optional
    notes : tuple of str
        What is said beside that plan.
    """

    settings: Values
    photo: dict[str, object] | None = None
    plan: str = ""
    numbers: dict[str, object] | None = None
    notes: tuple[str, ...] = ()

    @classmethod
    def restored(cls, stored: object, photo: dict[str, object] | None) -> "Moment":
        """Read a moment; what cannot be used falls back. Older projects kept the settings alone."""
        if not isinstance(stored, dict) or not isinstance(stored.get("settings"), dict):
            return cls(settings=restored(stored), photo=photo)
        plan, numbers, notes = stored.get("plan"), stored.get("numbers"), stored.get("notes")
        return cls(
            settings=restored(stored["settings"]),
            photo=stored["photo"] if isinstance(stored.get("photo"), dict) else None,
            plan=plan if isinstance(plan, str) and HASH.fullmatch(plan) else "",
            numbers=numbers if isinstance(numbers, dict) else None,
            notes=tuple(map(str, notes)) if isinstance(notes, list) else (),
        )

    def said(self) -> dict[str, object]:
        """Return it as the project keeps it; the values themselves, since nobody changes them: a copy takes longer."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


class Desk:
    """What is designed now.

    Parameters
    ----------
    hub : Hub
    project : Project
    searcher, helper : Worker
        The one that searches, and the one for everything beside it.
    """

    def __init__(self, hub: Hub, project: Project, searcher: Worker, helper: Worker) -> None:
        self._hub, self._project, self._searcher, self._helper = hub, project, searcher, helper
        stored = project.load("project")
        stored = stored if isinstance(stored, dict) else {}
        history = stored.get("history")
        self.photo: dict[str, Any] | None = stored.get("photo") if isinstance(stored.get("photo"), dict) else None
        entries = history if isinstance(history, list) and history else [default_settings()]
        self._history: list[Moment] = [Moment.restored(entry, self.photo) for entry in entries]
        self._at = min(max(int(stored.get("at", 0) or 0), 0), len(self._history) - 1)
        self.plan: dict[str, Any] | None = stored.get("plan") if project.plan_path(CURRENT).is_file() else None
        self._group: tuple[str, float] = ("", 0.0)
        self._run = 0
        self._task: asyncio.Task[None] | None = None
        self._judging: asyncio.Task[None] | None = None
        self._found = ""  # the name of the plan on the page, among those that were found
        self.replay: list[str | bytes] = []
        self.learnt: Callable[[dict[str, object]], Awaitable[None]] = _nobody
        self._tell_settings()
        hub.update(photo=self.photo, placed=None, plan=self.plan, search={"run": 0, "busy": False})

    @property
    def settings(self) -> Values:
        """The settings now."""
        return self._history[self._at].settings

    def _add(self, moment: "Moment") -> None:
        """Make a moment the last that can be gone back to."""
        self._history = [*self._history[: self._at + 1], moment][-_MOST_UNDO:]
        self._at = len(self._history) - 1

    def _tell_settings(self) -> None:
        undo = {"undo": self._at, "redo": len(self._history) - 1 - self._at}
        self._hub.update(settings=self.settings, undo=undo)

    async def keep(self) -> None:
        """Write what the page needs to come back."""
        history = [moment.said() for moment in self._history]
        document = {"history": history, "at": self._at, "photo": self.photo, "plan": self.plan}
        await asyncio.to_thread(self._project.store, "project", document)

    # --- settings ---

    async def set(self, patch: object, group: str = "") -> None:
        """Change settings; changes of one drag (``group``) are undone together."""
        if not isinstance(patch, dict):
            raise StringartError("a change names controls and their values")
        before, after = self.settings, changed(self.settings, patch)
        if after == before:
            return
        searches = any(before[key] != value for key, value in after.items() if key not in _WITHOUT_SEARCH)
        now = replace(self._history[self._at], settings=after)  # of the same plan, if nothing is searched
        moment = Moment(settings=after, photo=self.photo) if searches else now
        same_drag = group and self._group[0] == group and time.monotonic() - self._group[1] < _ONE_DRAG_S
        if same_drag and self._at:
            self._at -= 1
        self._add(moment)
        self._group = (group, time.monotonic())
        self._tell_settings()
        if searches:
            self.search(_SETTLE_S)
        await self.keep()

    async def undo(self) -> None:
        """Take the last change back."""
        await self._go(-1)

    async def redo(self) -> None:
        """Make the change again that was taken back."""
        await self._go(1)

    async def _go(self, step: int) -> None:
        """To a moment before or after this one: its photo, its settings, and its plan if that was found then."""
        if not 0 <= self._at + step < len(self._history):
            return
        before, self._group = self._history[self._at], ("", 0.0)
        self._at += step
        moment = self._history[self._at]
        self._tell_settings()
        if moment.photo != self.photo:
            self.photo = moment.photo
            self._hub.update(photo=self.photo)
        if moment.plan and moment.plan != before.plan and self._project.found_path(moment.plan).is_file():
            await self.stop()
            self._judge_no_longer()  # who counts is the one who judges
            path = self._project.found_path(moment.plan)
            plan = await asyncio.to_thread(path.read_bytes)
            # a change that came before they were counted left it without its numbers
            numbers = moment.numbers or await self._helper.result("numbers", plan_path=str(path))
            await self.take_plan(plan, numbers, moment.notes)
        elif not moment.plan or moment.plan != before.plan:
            self.search(_SETTLE_S)
        await self.keep()

    async def use(self, settings: Values | None, photo: dict[str, object] | None, plan: bytes, numbers: object) -> None:
        """Put a variant on the page: its plan, and what it was designed with."""
        await self.stop()
        self._add(Moment(settings=self.settings if settings is None else settings, photo=photo))
        self._tell_settings()
        self.photo = photo
        self._hub.update(photo=photo)
        await self.take_plan(plan, numbers, ())

    # --- the photo ---

    async def take_photo(self, data: bytes, name: str) -> None:
        """Take a photo in, and search at once.

        Raises
        ------
        StringartError
            If it is not a photo, or has too many pixels; the photo before stays.
        """
        searched = self._task is not None and not self._task.done()
        await self.stop()
        known = self.photo is not None
        digest = await asyncio.to_thread(self._project.add_photo, data)
        path = await asyncio.to_thread(self._project.photo_path, digest)
        preview = self._project.folder / "photos" / f"{digest}.preview.jpeg"
        try:
            found = await self._searcher.result(
                "intake", path=str(path), name=name, background=self.settings["board_color"], preview=str(preview)
            )
        except StringartError:
            if not preview.exists():
                await asyncio.to_thread(self._project.drop_photo, digest)
            if searched:  # the photo before stays, and its search goes on
                self.search(0)
            raise
        self.photo = {"sha256": digest, "name": name} | found
        self._hub.update(photo=self.photo, placed=None)
        fresh: Values = {"crop": None, "turn_deg": 0, "map": None} if known else {}
        if known and self.settings["importance"] == "painted":
            fresh["importance"] = "faces"
        moment = Moment(settings=changed(self.settings, fresh), photo=self.photo)
        if known:
            self._add(moment)
        else:  # nothing was before the first photo
            self._history[self._at] = moment
        self._tell_settings()
        self.search(0)
        await self.keep()

    async def example(self, name: str = EXAMPLES[0]) -> None:
        """Take one of the photos that come with the program."""
        if name not in EXAMPLES:
            raise PhotoError("there is no such example")
        await self.take_photo(await asyncio.to_thread(example_photo(name).read_bytes), name)

    async def choose_threads(self) -> None:
        """Choose the threads, and the board's colour, that suit the photo best; one change, undone at once."""
        if self.photo is None:
            raise PhotoError("there is no photo yet", "drop one on the page")
        settings, source = self.settings, self.settings["auto_source"]
        text = f"{'' if source == 'any' else source + ':'}auto:{settings['auto_threads']}"
        self._hub.update(choosing=True)
        try:
            found = await self._helper.result(
                "choose_threads",
                path=str(self._project.photo_path(self.photo["sha256"])),
                name=self.photo["name"],
                settings=settings,
                project=str(self._project.folder),
                text=text,
            )
        finally:
            self._hub.update(choosing=False)
        await self.set(found)

    async def name_thread(self, number: int, before: str) -> None:
        """Call a thread by its new colour, if it was called by the one before; a name of the user's own stays."""
        threads = self.settings["threads"]
        if not 0 <= int(number) < len(threads):
            return
        one = threads[int(number)]
        others = [thread["name"] for thread in threads if thread is not one]
        name = await self._helper.result(
            "name_thread", name=one["name"], before=str(before), color=one["color"], others=others
        )
        if name != one["name"]:
            renamed = [thread | {"name": name} if thread is one else thread for thread in threads]
            await self.set({"threads": renamed}, self._group[0])

    # --- the search ---

    def search(self, after_s: float) -> None:
        """Search anew, once nothing has changed for ``after_s``."""
        if self._task is not None:
            self._task.cancel()
        if self.photo is not None:
            self._run += 1
            self._tell_search(self._run)
            self._task = asyncio.create_task(self._search(self._run, after_s, self._task))

    def _tell_search(self, run: int) -> None:
        """At once, before the search itself begins: the plan on the page is no longer that of the settings."""
        self.replay = []
        self._hub.update(search={"run": run, "busy": True, "stage": "", "begun_s": time.time()})

    async def again(self) -> None:
        """Search with the settings as they are."""
        self.search(0)

    async def stop(self) -> None:
        """Leave the search where it is."""
        task, self._task = self._task, None
        await end_task(task)
        if self._hub.state["search"].get("busy"):
            self._hub.update(search=self._hub.state["search"] | {"busy": False, "stopped": True})

    async def _search(self, run: int, after_s: float, before: "asyncio.Task[None] | None") -> None:
        if before is not None:
            await asyncio.wait([before])
        await asyncio.sleep(after_s)
        photo, settings = self.photo, self.settings
        assert photo is not None
        try:
            drawn = settings["map"] if settings["importance"] == "painted" else None
            asked = {
                "path": str(self._project.photo_path(photo["sha256"])),
                "name": photo["name"],
                "settings": settings,
                "map_path": str(self._project.map_path(drawn)) if drawn else None,
                "project": str(self._project.folder),
            }
            messages = self._searcher.run("design", **asked)
            async with contextlib.aclosing(messages):  # type: ignore[type-var]
                async for kind, payload in messages:
                    await self._hear(run, kind, payload, asked)
        except StringartError as error:
            self._hub.update(search={"run": run, "busy": False, "error": str(error), "hint": error.hint})

    async def _hear(self, run: int, kind: str, payload: Any, asked: dict[str, Any]) -> None:
        if kind == "placed":
            self._hub.update(placed=payload)
        elif kind == "prepared":
            plan = payload["plan"].decode()
            self._say(f'{{"type": "prepared", "run": {run}, "plan": {plan}}}')
        elif kind == "chords":
            if self._hub.state["search"].get("stage") != payload["stage"]:
                self._hub.update(search=self._hub.state["search"] | {"stage": payload["stage"]})
            self._say(chord_message(run, payload))
        elif kind == "plan":
            await self.take_plan(payload["plan"], None, payload["notes"])
        elif kind == "numbers":
            await self._add_numbers(payload, self._found)
            self._judging = asyncio.create_task(self._judge(self._found, asked))

    async def count(self) -> None:
        """Count a plan that was not yet counted when the studio was ended."""
        plan = self.plan
        if plan is not None and not plan["numbers"]:
            numbers = await self._helper.result("numbers", plan_path=str(self._project.plan_path(CURRENT)))
            if self.plan is plan:
                await self._add_numbers(numbers, self._history[self._at].plan)

    async def _add_numbers(self, numbers: dict[str, Any], found: str) -> None:
        assert self.plan is not None
        self.plan = self.plan | {"numbers": (self.plan["numbers"] or {}) | numbers}
        self._tell_found(found)
        await self.keep()
        await self.learnt(self.plan["numbers"])

    def _tell_found(self, found: str) -> None:
        """Keep what is known of the plan with the moments that it was found at, which may be behind this one by now."""
        assert self.plan is not None
        numbers, notes = self.plan["numbers"], tuple(self.plan["notes"])
        self._history = [
            replace(moment, numbers=numbers, notes=notes) if found and moment.plan == found else moment
            for moment in self._history
        ]
        self._hub.update(plan=self.plan)

    async def _judge(self, found: str, asked: dict[str, Any]) -> None:
        """Compare the piece with its photo, and with other looks, in the other process: no search waits for it."""
        messages = self._helper.run("judge", plan_path=str(self._project.plan_path(CURRENT)), **asked)
        with contextlib.suppress(StringartError):
            async with contextlib.aclosing(messages):  # type: ignore[type-var]
                async for kind, payload in messages:
                    if kind == "score":
                        await self._add_numbers({"score": payload}, found)
                    elif kind == "advice":
                        await self._add_note(payload, found)

    def _judge_no_longer(self) -> None:
        if self._judging is not None:
            self._judging.cancel()

    async def _add_note(self, note: str, found: str) -> None:
        assert self.plan is not None
        self.plan = self.plan | {"notes": [*self.plan["notes"], note]}
        self._tell_found(found)
        await self.keep()

    def _say(self, message: str | bytes) -> None:
        self.replay.append(message)
        self._hub.tell(message)

    async def take_plan(self, plan: bytes, numbers: Any, notes: Any) -> None:
        """Make a plan the one on the page; the one before is judged no longer."""
        self._judge_no_longer()
        await asyncio.to_thread(write_atomically, self._project.plan_path(CURRENT), plan)
        found = await asyncio.to_thread(self._project.keep_found, plan, [moment.plan for moment in self._history])
        self._history[self._at] = replace(
            self._history[self._at], plan=found, numbers=numbers, notes=tuple(map(str, notes))
        )
        self._found, self.replay = found, []
        self.plan = {"rev": time.time_ns(), "numbers": numbers, "notes": list(notes)}
        over = {key: said for key, said in self._hub.state["search"].items() if key not in ("error", "hint")}
        self._hub.update(plan=self.plan, search=over | {"busy": False})
        await self.keep()

    async def reorder(self, order: object) -> None:
        """Put the layers of the plan on the page in another order, the first on the board."""
        if self.plan is None or not isinstance(order, list) or not all(type(k) is int for k in order):
            raise StringartError("there are no layers to move")
        path = str(self._project.plan_path(CURRENT))
        moved = await self._helper.result("reorder", plan_path=path, order=order)
        self._add(replace(self._history[self._at], plan=""))
        self._tell_settings()
        await self.take_plan(moved["plan"], moved["numbers"], ["the layers were put in order by hand"])


async def _nobody(numbers: dict[str, object]) -> None:
    """Until somebody wants to hear of numbers that came late."""


def chord_message(run: int, batch: dict[str, Any]) -> bytes:
    """Chords for the pages: 1, run, done, total, number of parts; a part's counts removed and added; rows of int16."""
    parts = batch["parts"]
    head = struct.pack("<5I", 1, run, batch["done"], batch["total"], len(parts))
    counts = struct.pack(f"<{2 * len(parts)}I", *(count for part in parts for count in part))
    rows: bytes = batch["rows"]
    return head + counts + rows


def example_photo(name: str) -> Path:
    """File of an example photo, which comes with the package."""
    return Path(str(resources.files("stringart.studio") / "page" / "examples" / name))


def as_json(value: object) -> str:
    """JSON of a value, numpy's numbers included."""
    return json.dumps(value, default=float)
