"""The command line in the process of the test: for what is not about processes, signals or start-up."""

import contextlib
import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from command import Ended

from stringart.cli._main import run
from stringart.many.work import Failed, Made, Task, make


class _Bytes(io.TextIOWrapper):
    """A stream that keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), "utf-8", write_through=True)

    @property
    def kept(self) -> bytes:
        kept = self.buffer
        assert isinstance(kept, io.BytesIO)
        return kept.getvalue()


def called(*arguments: str | Path, cwd: Path) -> Ended:
    """Run a command as ``stringart`` does, here."""
    out, err, before = _Bytes(), _Bytes(), Path.cwd()
    os.chdir(cwd)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = run([*map(str, arguments)])
    finally:
        os.chdir(before)
    return Ended(status, out.kept, err.kept.decode())


class Here:
    """A crew of this process, that counts what it makes: the bytes are those of workers, which other tests compare."""

    def __init__(self) -> None:
        self.made: list[str] = []

    @contextmanager
    def open(self, pieces: int) -> Iterator["Here"]:
        yield self

    def run(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Made | Failed]]:
        for task in tasks:
            self.made.append(task.name)
            yield task, make(task)
