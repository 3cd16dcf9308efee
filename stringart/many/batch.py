"""Make many pieces into a folder: what is done and unchanged is left, the rest goes to the crew."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stringart.errors import OutputError, PhotoError, StringartError
from stringart.export import ExportOptions
from stringart.files import readable
from stringart.many.folder import SHEET, BatchFolder, Entry, File
from stringart.many.work import SHOWN, About, Failed, Made, Task, reason_of, versions
from stringart.order.loaded import LoadedOrder, read_picture
from stringart.picture.photo import PhotoFile

if TYPE_CHECKING:
    from stringart.many.crew import Crew


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One piece that the folder shall have.

    Parameters
    ----------
    name : str
        Of its files, without the ending.
    photo_file : str
    loaded : LoadedOrder
    label : str
        What tells it from the others, for people.
    """

    name: str
    photo_file: str
    loaded: LoadedOrder
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one piece.

    Parameters
    ----------
    wanted : Wanted
    status : str
        ``made``, ``unchanged`` or ``failed``.
    about : About, optional
        Of the plan, if there is one.
    reasons : tuple of str
        Why it, or one of its exports, failed.
    not_written : tuple of str
        Endings of exports that failed: a file that is there is of an older plan.
    notes : tuple of str
        What the user should be told of the plan.
    kept_aside : tuple of str
        Files that were there before, and their new names.
    cpu_s : float
        What it cost the worker.
    """

    wanted: Wanted
    status: str
    about: About | None = None
    reasons: tuple[str, ...] = ()
    not_written: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    kept_aside: tuple[str, ...] = ()
    cpu_s: float = 0.0


class Batch:
    """Pieces to be made into a folder.

    Parameters
    ----------
    folder : BatchFolder
    wanted : sequence of Wanted
    exports : sequence of str
        Endings to be written beside each plan, as in ``.png``.
    options : ExportOptions
    is_judged : bool
        Whether each piece's score is wanted.
    is_shown : bool
        Whether a small picture of each piece is wanted, in a folder of its own.

    Raises
    ------
    OutputError
        If two of the files would have the same name.
    """

    def __init__(
        self,
        folder: BatchFolder,
        wanted: Sequence[Wanted],
        exports: Sequence[str] = (),
        options: ExportOptions | None = None,
        is_judged: bool = False,
        is_shown: bool = False,
    ) -> None:
        self._folder, self._wanted = folder, wanted
        self._exports = (*exports, SHOWN) if is_shown else tuple(exports)
        self._options = options or ExportOptions()
        self._is_judged, self._versions = is_judged, versions()
        self._lost: list[Outcome] = []
        taken: dict[str, str] = {}
        for one in wanted:
            for file in (file_of(one.name, ending) for ending in (".json", *self._exports)):
                if file.casefold() in taken:
                    raise OutputError(
                        f"'{one.photo_file}' and '{taken[file.casefold()]}' would both be written to '{file}'",
                        "rename one of the photos",
                    )
                taken[file.casefold()] = one.photo_file

    def run(self, open_crew: Callable[[int], AbstractContextManager["Crew"]]) -> Iterator[Outcome]:
        """Make what is not done; yields every piece once, those that are done first.

        Parameters
        ----------
        open_crew : callable
            Returns the crew for a number of pieces; not called if nothing is to be made.

        Raises
        ------
        StringartError
            If the crew or the folder is lost; what is done is kept.
        """
        todo = []
        for one in self._wanted:
            found = self._looked_at(one)
            if isinstance(found, Outcome):
                yield found
            else:
                todo.append(one)  # its photo is read again when a worker is free: not all are held
        if not todo:
            return
        by_name = {one.name: one for one in todo}
        with open_crew(len(todo)) as crew:
            for task, result in crew.run(self._tasks(todo)):
                yield self._kept(by_name[task.name], task, result)
        yield from self._lost

    def _looked_at(self, one: Wanted) -> Task | Outcome:
        """Return what is still to be made of a piece, or what became of it if no worker is needed."""
        try:
            task = self._whole_task(one)
        except PhotoError as error:
            return Outcome(wanted=one, status="failed", reasons=(reason_of(error),))
        entry = self._folder.entry(f"{one.name}.json", task.key)
        about = _about_of(entry)
        if entry is None or about is None:
            return task
        missing = tuple(
            ending
            for ending in self._exports
            if self._folder.entry(file_of(one.name, ending), task.export_key(entry["sha256"], ending)) is None
        )
        if not missing:
            return Outcome(wanted=one, status="unchanged", about=about)
        try:
            plan = (self._folder.path / f"{one.name}.json").read_bytes()
        except OSError:  # it was there a moment ago
            return task
        return replace(task, plan=plan, exports=missing)

    def _whole_task(self, one: Wanted) -> Task:
        return Task(
            name=one.name,
            photo=read_picture(one.photo_file),
            loaded=one.loaded,
            exports=self._exports,
            export_options=self._options,
            is_judged=self._is_judged,
            versions=self._versions,
        )

    def _tasks(self, todo: Sequence[Wanted]) -> Iterator[Task]:
        """Yield the tasks, each read when a worker is free for it."""
        for one in todo:
            found = self._looked_at(one)
            if isinstance(found, Outcome):  # the photo was there when the batch began
                self._lost.append(found)
            else:
                yield found

    def _kept(self, one: Wanted, task: Task, result: Made | Failed) -> Outcome:
        if isinstance(result, Failed):
            return Outcome(wanted=one, status="failed", reasons=(result.reason,))
        plan_sha256 = hashlib.sha256(result.plan).hexdigest()
        told = {"about": asdict(result.about), "photo": _about_photo(one, task.photo)}
        plan = File(name=f"{one.name}.json", key=task.key, data=result.plan, told=told)
        exported = [
            File(name=file_of(one.name, ending), key=task.export_key(plan_sha256, ending), data=data)
            for ending, data in result.exports.items()
        ]
        kept_aside = self._folder.keep([plan, *exported] if task.plan is None else exported)
        reasons = tuple(f"{ending}: {reason}" for ending, reason in result.failures)
        status = "failed" if reasons else "made"
        return Outcome(
            wanted=one,
            status=status,
            about=result.about,
            reasons=reasons,
            not_written=tuple(ending for ending, _ in result.failures),
            notes=result.notes,
            kept_aside=tuple(kept_aside),
            cpu_s=result.cpu_s,
        )


def _about_of(entry: Any) -> About | None:
    """Return the numbers of a record's entry; None if they are not whole."""
    try:
        return About.from_record(entry["about"])
    except (KeyError, TypeError):
        return None


def failures_of(outcomes: Sequence[Outcome]) -> StringartError | None:
    """Return the error of a batch in which something failed."""
    failed = [one for one in outcomes if one.status == "failed"]
    if not failed:
        return None
    names = ", ".join(Path(one.wanted.photo_file).name for one in failed[:5]) + (", ..." if len(failed) > 5 else "")
    return StringartError(
        f"{len(failed)} of {len(outcomes)} pieces failed: {names}",
        f"the reasons stand above; {_the_others(len(outcomes) - len(failed))}",
    )


def _the_others(count: int) -> str:
    return f"the other {count} are done" if count > 1 else "the other one is done" if count else "none is done"


def file_of(name: str, ending: str) -> str:
    """Return the name of a piece's file; its small picture lies in the folder of the contact sheet."""
    return f"{SHEET}/{name}.jpg" if ending == SHOWN else f"{name}{ending}"


def _about_photo(one: Wanted, photo: PhotoFile) -> dict[str, str]:
    where = os.path.abspath(one.photo_file)  # noqa: PTH100 (links are not followed)
    return {"file": readable(where), "sha256": hashlib.sha256(photo.data).hexdigest()}


def in_order(outcomes: Sequence[Outcome], wanted: Sequence[Wanted]) -> list[Outcome]:
    """Return the outcomes as the pieces were named, not as they were done."""
    place = {one.name: number for number, one in enumerate(wanted)}
    return sorted(outcomes, key=lambda one: place[one.wanted.name])


def left_over(folder: BatchFolder, wanted: Sequence[Wanted]) -> dict[str, str]:
    """Return the plans of the folder that no photo of this batch leads to, and what has become of their photos.

    They stay: a sentence each says why they are no piece of this batch.
    """
    names = [f"{one.name}.json" for one in wanted]
    now = {name: folder.recorded(name).get("photo", {}) for name in names}
    by_file = {readable(os.path.abspath(one.photo_file)): name for one, name in zip(wanted, names, strict=True)}  # noqa: PTH100
    by_bytes = {photo["sha256"]: (name, photo["file"]) for name, photo in now.items() if photo}
    return {name: _became(entry, by_file, by_bytes) for name, entry in folder.others(names).items()}


def _became(entry: Entry, by_file: Mapping[str, str], by_bytes: Mapping[str, tuple[str, str]]) -> str:
    photo = entry.get("photo", {})
    file, sha256 = photo.get("file", ""), photo.get("sha256", "")
    if file in by_file:
        return f"its photo's piece is called {by_file[file]} now"
    if file and not Path(file).exists():
        if sha256 in by_bytes:
            name, now = by_bytes[sha256]
            return f"its photo is called {Path(now).name} now, and its piece {name}"
        return f"its photo {file} is gone"
    return "its photo was not named this time"
