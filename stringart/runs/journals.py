"""Where the journals of runs are kept, each with a copy of its job beside it, and how a run begins one."""

from collections.abc import Mapping
from pathlib import Path

from firmware_io import Job, Journal, JournalState, read_journal
from stringart.errors import MachineError
from stringart.files import make_folder, write_atomically
from stringart.folders import state_folder


def journal_folder() -> Path:
    """Where journals and the jobs that they belong to are kept."""
    return state_folder() / "journals"


def journal_path(name: str, job: Job) -> Path:
    """Journal of a job, named after its plan or file and its lines."""
    return journal_folder() / f"{Path(name).stem}-{job.sha256[:10]}.journal"


def job_beside(journal: Path) -> Path:
    """The copy of the job that a journal belongs to."""
    return journal.with_suffix(".gcode")


def unfinished(path: Path) -> JournalState | None:
    """What is known of the run that is to be gone on with; None if there is no journal, or nothing was begun.

    Raises
    ------
    firmware_io.JournalError
        If the journal is damaged.
    """
    if not path.exists():
        return None
    state = read_journal(path)
    return None if state.finished or not (state.next_step or state.begun) else state


def begin_journal(path: Path, text: str, job: Job, meta: Mapping[str, object]) -> Journal:
    """Begin the journal of a new run; one that is there is kept under another name.

    Parameters
    ----------
    path : Path
    text : str
        The job's program, kept beside the journal: to go on, nothing else is needed.
    job : Job
    meta : mapping
        What is to be known when the run is gone on with.

    Raises
    ------
    MachineError
        If the folder cannot be made.
    OutputError
        If the copy cannot be written.
    firmware_io.JournalError
        If the journal cannot be written.
    """
    if path.exists():
        set_aside(path)
    make_folder(path.parent, MachineError)
    write_atomically(job_beside(path), text.encode("ascii"))
    return Journal.create(path, job, dict(meta))


def set_aside(journal: Path) -> None:
    """Keep an old journal under another name."""
    number = 1
    while journal.with_suffix(f".{number}.journal").exists():
        number += 1
    journal.rename(journal.with_suffix(f".{number}.journal"))
