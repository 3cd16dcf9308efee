"""Progress of a design: a bar on a terminal, plain lines elsewhere; always on stderr."""

import sys
import time
from collections.abc import Iterator

from stringart.events import Event, Finished, Prepared, Searched

_LINE_EVERY_S = 5.0


def shown(events: Iterator[Event], quiet: bool = False) -> Finished:
    """Run a design to its end and show it on the way."""
    if quiet:
        return _last(events)
    return _with_bar(events) if sys.stderr.isatty() else _with_lines(events)


def _last(events: Iterator[Event]) -> Finished:
    *_, last = events
    assert isinstance(last, Finished)
    return last


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _prepared(event: Prepared) -> str:
    plan = event.plan
    board, threads = plan.board, ", ".join(f"{thread.name} {thread.diameter_mm:g} mm" for thread in plan.threads)
    return f"{len(plan.pins)} pins on a {board.shape} of {board.width_mm:g} x {board.height_mm:g} mm, {threads}"


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
        TextColumn("{task.fields[chords]} chords"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task, chords = bar.add_task("prepare", total=None, chords=0), 0
        for event in events:
            if isinstance(event, Prepared):
                bar.console.print(_prepared(event), highlight=False)
            elif isinstance(event, Searched):
                chords += len(event.added) - len(event.removed)
                bar.update(task, description=event.stage, completed=event.done, total=event.total, chords=chords)
            else:
                return event
    raise AssertionError("a design ends in a plan")
