"""Make many pieces into a folder: what is done and unchanged is left, the rest goes to the crew."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stringart.errors import OutputError, PhotoError, StringartError
from stringart.export import ExportOptions
from stringart.many.folder import BatchFolder
from stringart.many.work import About, Failed, Made, Task, reason_of, versions
from stringart.order.loaded import LoadedOrder, read_picture

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
    ) -> None:
        self._folder, self._wanted = folder, wanted
        self._exports, self._options = tuple(exports), options or ExportOptions()
        self._is_judged, self._versions = is_judged, versions()
        self._lost: list[Outcome] = []
        taken: dict[str, str] = {}
        for one in wanted:
            for file in (f"{one.name}{ending}" for ending in (".json", *self._exports)):
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
            if self._folder.entry(f"{one.name}{ending}", task.export_key(entry["sha256"], ending)) is None
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
        files = [(f"{one.name}.json", task.key, result.plan)] if task.plan is None else []
        for ending, data in result.exports.items():
            files.append((f"{one.name}{ending}", task.export_key(plan_sha256, ending), data))
        kept_aside = []
        for name, key, data in files:
            aside = self._folder.keep(name, key, data, asdict(result.about) if name.endswith(".json") else None)
            if aside:
                kept_aside.append(f"the '{name}' that was there is kept as '{aside}'")
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
        return About(**entry["about"])
    except (KeyError, TypeError):
        return None


def failures_of(outcomes: Sequence[Outcome]) -> StringartError | None:
    """Return the error of a batch in which something failed."""
    failed = [one for one in outcomes if one.status == "failed"]
    if not failed:
        return None
    names = ", ".join(Path(one.wanted.photo_file).name for one in failed[:5]) + (", ..." if len(failed) > 5 else "")
    return StringartError(
        f"{len(failed)} of {len(outcomes)} pieces failed: {names}", "the reasons stand above; all others are done"
    )
