"""Progress of a design: a bar on a terminal, plain lines elsewhere; always on stderr."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stringart.search.events import Event, Finished, Prepared, Searched
from stringart.units import format_size

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_LINE_EVERY_S = 5.0
Steps = Callable[[int, int, str], None]


def shown(events: Iterator[Event]) -> Finished:
    """Run a design to its end and show it on the way."""
    from stringart import _kernels, _numba_cache  # brings numba

    if not _numba_cache.is_kept(_kernels.lay_best):
        _tell("the search is compiled for this computer: some seconds, this once")
    show = _with_bar if sys.stderr.isatty() else _with_lines
    return show(events)


@contextmanager
def steps_shown(stage: str) -> Iterator[Steps]:
    """Show the progress of a job of equal steps; what it gives is told how many are done, of how many, and a remark."""
    if not sys.stderr.isatty():
        yield _in_lines(stage)
        return
    with bar_of_steps(stage, has_remarks=True) as (bar, task):
        yield lambda done, total, remark: bar.update(task, completed=done, total=total, remark=remark)


@contextmanager
def bar_of_steps(
    stage: str, total: int | None = None, has_remarks: bool = False
) -> Iterator[tuple["Progress", "TaskID"]]:
    """Show a bar on the terminal for a job of equal steps; it goes when the job is done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    remarks = [TextColumn("{task.fields[remark]},")] if has_remarks else []
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), *remarks, TimeRemainingColumn(),
        TextColumn("left"),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield bar, bar.add_task(stage, total=total, remark="")


def _in_lines(stage: str) -> Steps:
    told = time.monotonic()

    def show(done: int, total: int, remark: str) -> None:
        nonlocal told
        if time.monotonic() - told >= _LINE_EVERY_S:
            told = time.monotonic()
            _tell(f"{stage}: {done} of {total}, {remark}")

    return show


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _prepared(event: Prepared) -> str:
    plan = event.plan
    board, threads = plan.board, ", ".join(f"{thread.name} {thread.diameter_mm:g} mm" for thread in plan.threads)
    article = "an" if board.shape[0] in "aeio" else "a"
    where = "as given, on a board" if board.shape == "pins" else f"on {article} {board.shape}"
    return f"{len(plan.pins)} pins {where} of {format_size(board.width_mm, board.height_mm)}, {threads}"


def _with_lines(events: Iterator[Event]) -> Finished:
    told = time.monotonic()
    for event in events:
        if isinstance(event, Prepared):
            _tell(_prepared(event))
        elif isinstance(event, Finished):
            return event
        elif time.monotonic() - told >= _LINE_EVERY_S:
            told = time.monotonic()
            _tell(f"{event.stage}: {event.done} of {event.total}")
    raise AssertionError("a design ends in a plan")


def _with_bar(events: Iterator[Event]) -> Finished:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description:<7}"),
        BarColumn(),
        TextColumn("{task.fields[pins]} pins, {task.fields[chords]} chords,"),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task, chords = bar.add_task("prepare", total=None, pins="?", chords=0), 0
        for event in events:
            if isinstance(event, Prepared):
                bar.console.print(_prepared(event), highlight=False)
                bar.update(task, pins=len(event.plan.pins))
            elif isinstance(event, Searched):
                chords += len(event.added) - len(event.removed)
                bar.update(task, description=event.stage, completed=event.done, total=event.total, chords=chords)
            else:
                return event
    raise AssertionError("a design ends in a plan")
