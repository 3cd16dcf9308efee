"""What ``batch`` and ``sweep`` share: options of the crew, progress over all, the report."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from stringart import units
from stringart.cli._export_options import self_contained
from stringart.cli._groups import in_group
from stringart.cli._params import Parsed
from stringart.cli._progress import bar_of_steps, steps_shown
from stringart.errors import MissingExtraError
from stringart.export import ExportOptions, exporter_for
from stringart.many.batch import Batch, Outcome, failures_of
from stringart.many.work import About

if TYPE_CHECKING:
    from stringart.many.crew import Crew

DEFAULT_MEMORY_BYTES = 2 * 10**9
_MOST_TOLD = 5
Command = TypeVar("Command", bound=Callable[..., object])
_many = in_group("Many pieces")
_OPTIONS = (
    _many(
        "--export", "endings", metavar="ENDINGS", default="",
        help="Write these beside each plan too, as in png,gif,gcode; stringart export --list shows all.",
    ),
    _many(
        "--workers", type=click.IntRange(1, 1000), metavar="N", help="Pieces made at once.  [default: one a core]",
    ),
    _many(
        "--memory", "memory_bytes", type=Parsed(units.parse_bytes, "memory"), metavar="SIZE",
        help="Of each worker; a piece that needs more is given up.  [default: 2GB]",
    ),
    _many(
        "--scheduler", metavar="ADDRESS",
        help="Use the workers of a scheduler, as in tls://host:8786: stringart help cluster.",
    ),
    _many(
        "--certificate", type=click.Path(path_type=Path), metavar="FILE",
        help="Of the scheduler.  [default: the one of stringart cluster]",
    ),
    _many(
        "--patience", "patience_s", type=click.FloatRange(0.1, 3600), default=10.0, show_default=True,
        metavar="SECONDS", help="How long the scheduler may be silent.",
    ),
    _many("-v", "--verbose", is_flag=True, help="Say a line a piece, and what is to be said of it."),
    _many("-q", "--quiet", is_flag=True, help="Say only what failed."),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewOptions:
    """Who makes the pieces, and what is written beside the plans."""

    endings: tuple[str, ...]
    export_options: ExportOptions
    workers: int | None
    memory_bytes: int
    scheduler: str | None
    certificate: Path | None = None
    patience_s: float = 10.0
    verbose: bool = False
    quiet: bool = False

    def open_crew(self, pieces: int) -> "Crew":
        """Return the crew for a number of pieces.

        Raises
        ------
        MissingExtraError
            If Dask is not installed.
        """
        from stringart.many.crew import Crew

        if self.scheduler is not None:
            warn_of_open(self.scheduler)
        workers = self.workers or min(pieces, workers_for(self.memory_bytes))
        return Crew(workers, self.memory_bytes, self.scheduler, self.certificate, self.patience_s)


def workers_for(memory_bytes: int) -> int:
    """Return how many workers of that much memory this computer has cores and memory for."""
    from stringart.many.local_workers import memory_of_this_computer

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(min(cores, memory_of_this_computer() // memory_bytes), 1)


def warn_of_open(scheduler: str) -> None:
    """Tell what an address without TLS means, if others can reach it."""
    from stringart.many.scheduler import is_this_computer

    if not scheduler.startswith("tls://") and not is_this_computer(scheduler):
        say(
            f"warning: {scheduler} is open: whoever reaches it can run any program on its workers and read your "
            "photos; stringart cluster start makes one with certificates"
        )


def crew_options(command: Command) -> Command:
    """Give a command the options of the crew."""
    for option in reversed(_OPTIONS):
        option(command)
    return command


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewAsked:
    """What the command line says of the crew, unchecked; the options of `crew_options` by their names."""

    endings: str
    export_options: ExportOptions
    workers: int | None
    memory_bytes: int | None
    scheduler: str | None
    certificate: Path | None = None
    patience_s: float = 10.0
    verbose: bool = False
    quiet: bool = False


def crew_of(asked: CrewAsked, more_endings: tuple[str, ...] = ()) -> CrewOptions:
    """Return the options of the crew, checked.

    Raises
    ------
    click.UsageError
        If the workers of a scheduler are to be changed, or options contradict each other.
    OutputError, MachineError, MissingExtraError
        If an ending or the machine is not known, or Dask is not installed.
    """
    if asked.scheduler is not None and (asked.workers is not None or asked.memory_bytes is not None):
        raise click.UsageError("--scheduler has workers of its own: leave --workers and --memory out")
    if asked.verbose and asked.quiet:
        raise click.UsageError("--verbose and --quiet exclude each other")
    if asked.certificate is not None and not (asked.scheduler or "").startswith("tls://"):
        raise click.UsageError("--certificate is of a --scheduler tls://...")
    wanted = [f".{ending.strip().lstrip('.')}" for ending in asked.endings.split(",") if ending.strip()]
    chosen = tuple(dict.fromkeys((*more_endings, *(ending.lower() for ending in wanted if ending != ".json"))))
    for ending in chosen:
        exporter_for(f"piece{ending}")
    check_extra()
    return CrewOptions(
        endings=chosen,
        export_options=self_contained(asked.export_options, chosen),
        workers=asked.workers,
        memory_bytes=asked.memory_bytes or DEFAULT_MEMORY_BYTES,
        scheduler=asked.scheduler,
        certificate=asked.certificate,
        patience_s=asked.patience_s,
        verbose=asked.verbose,
        quiet=asked.quiet,
    )


def check_extra() -> None:
    """See whether Dask is there.

    Raises
    ------
    MissingExtraError
        If it is not.
    """
    from importlib.util import find_spec

    if find_spec("distributed") is None or find_spec("cryptography") is None:
        raise MissingExtraError("making many pieces at once", "batch")


def run_shown(batch: Batch, crew: CrewOptions, total: int, with_notes: bool = True) -> list[Outcome]:
    """Run a batch to its end and show it on the way; the outcomes in the order in which they came.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C; what is done is kept, and said.
    """
    outcomes: list[Outcome] = []
    try:
        with _shown(total, crew) as show:
            for outcome in batch.run(crew.open_crew):
                outcomes.append(outcome)
                show(outcome if with_notes else replace(outcome, notes=()), len(outcomes))
    except KeyboardInterrupt:
        done = sum(outcome.status != "failed" for outcome in outcomes)
        say(f"{done} of {total} pieces are done; the same command makes the rest")
        raise
    return outcomes


def report(outcomes: list[Outcome], folder: str, crew: CrewOptions) -> None:
    """Say what became of all pieces; raises if one failed."""
    made, unchanged = (sum(one.status == status for one in outcomes) for status in ("made", "unchanged"))
    for one in outcomes:
        for reason in one.reasons:
            say(f"failed: {_called(one)}: {reason}")
    for sentence in _some([sentence for one in outcomes for sentence in one.kept_aside]):
        say(sentence)
    if not crew.quiet:
        remarks = sum(bool(one.notes) for one in outcomes)
        if remarks and not crew.verbose:
            say(f"there are remarks on {remarks} of them: --verbose says them")
        say(f"{made} made, {unchanged} unchanged, in {folder}")
    error = failures_of(outcomes)
    if error is not None:
        raise error


def tell_of_left_over(left: Mapping[str, str]) -> None:
    """Say which plans stay in the folder that are no piece of this batch, and why."""
    for sentence in _some([f"left as it is: {name}; {why}" for name, why in left.items()]):
        say(sentence)


def _some(sentences: list[str]) -> list[str]:
    more = len(sentences) - _MOST_TOLD
    return [*sentences[:_MOST_TOLD], f"and {more} more like these"] if more > 0 else sentences


def say(line: str) -> None:
    """Tell on stderr."""
    click.echo(line, err=True)


def _called(outcome: Outcome) -> str:
    wanted = outcome.wanted
    return f"{wanted.photo_file} ({wanted.label})" if wanted.label else wanted.photo_file


def _line(outcome: Outcome) -> str:
    if outcome.about is None:
        return f"{_called(outcome)}: failed"
    told = f"{_called(outcome)} -> {outcome.wanted.name}.json: {cost_of(outcome.about)}"
    return told if outcome.status == "made" else f"{told}, {outcome.status}"


def cost_of(about: About) -> str:
    """Return what a plan takes, in a few words."""
    cost = f"{about.chords:,} chords, {about.thread_mm / 1000:,.0f} m, {units.format_duration(about.hand_s)} by hand"
    return cost if about.near is None else f"{cost}, SSIM {about.near:.3f} near, {about.far:.3f} far"


@contextmanager
def _shown(total: int, crew: CrewOptions) -> Iterator[Callable[[Outcome, int], None]]:
    """Yield what shows an outcome: a bar on a terminal, a line now and then elsewhere; a line a piece if wanted."""
    if crew.quiet:
        yield lambda outcome, done: None
    elif not sys.stderr.isatty():
        with steps_shown("pieces") as step:
            yield (
                lambda outcome, done: (
                    _tell(outcome, done, total, say) if crew.verbose else step(done, total, outcome.wanted.name)
                )
            )
    else:
        with bar_of_steps("pieces", total) as (bar, task):

            def show(outcome: Outcome, done: int) -> None:
                if crew.verbose:
                    _tell(outcome, done, total, lambda line: bar.console.print(line, highlight=False, markup=False))
                bar.update(task, completed=done)

            yield show


def _tell(outcome: Outcome, done: int, total: int, print_line: Callable[[str], None]) -> None:
    print_line(f"{done} of {total}: {_line(outcome)}")
    for note in outcome.notes:
        print_line(f"  {note}")
