"""The command line in the process of the test: for what is not about processes, signals or start-up."""

import contextlib
import io
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

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


def called(*arguments: str | Path, cwd: Path, stdin: bytes = b"", env: dict[str, str] | None = None) -> Ended:
    """Run a command as ``stringart`` does, here."""
    out, err = _Bytes(), _Bytes()
    with (
        contextlib.chdir(cwd),
        mock.patch.dict(os.environ, env or {}),
        mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8")),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        status = run([*map(str, arguments)])
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
