"""The real ``stringart`` command in a process of its own."""

import functools
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock
from warm_command import Warm

STRINGART = [str(Path(sys.executable).with_name("stringart"))]
QUICK = ("--pins", "60", "--lines", "150", "--quality", "draft", "--importance", "none", "--crop", "centre")
_CAN_BE_WARM = hasattr(os, "pidfd_open")  # Linux
_SERVER = Path(__file__).with_name("warm_command.py")


class Ended(NamedTuple):
    """How a command ended."""

    status: int
    out: bytes
    err: str

    def lines(self) -> list[str]:
        """What was said on stderr."""
        return self.err.splitlines()


def stringart(
    *arguments: str | Path,
    cwd: Path,
    stdin: bytes = b"",
    env: dict[str, str] | None = None,
    timeout_s: float = 300,
    cold: bool = False,
) -> Ended:
    """Run the command to its end; where the start of a process is the point, ``cold``."""
    whole_env = {**os.environ, **(env or {})}
    starts_otherwise = any(name.startswith(("PYTHON", "NUMBA_")) for name in env or {})
    if cold or starts_otherwise or not _CAN_BE_WARM:
        command = [*STRINGART, *map(str, arguments)]
        ended = subprocess.run(command, cwd=cwd, input=stdin, env=whole_env, capture_output=True, timeout=timeout_s)
        return Ended(ended.returncode, ended.stdout, ended.stderr.decode())
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        streams = [file.fileno() for file in (given, out, err)]
        running = Warm(_warm_server(), [*map(str, arguments)], str(cwd), whole_env, streams)
        try:
            status = running.wait(timeout_s)
        finally:
            running.kill()
        for file in (out, err):
            file.seek(0)
        return Ended(status, out.read(), err.read().decode())


def stringart_text(
    *arguments: str | Path, cwd: Path | None = None, stdin: str = "", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end; what it said as text."""
    ended = stringart(*arguments, cwd=cwd or Path.cwd(), stdin=stdin.encode(), env=env)
    return subprocess.CompletedProcess(arguments, ended.status, ended.out.decode(), ended.err)


def begun(*arguments: str, streams: Sequence[int]) -> Warm | subprocess.Popen[bytes]:
    """Begin the command with these streams as its standard ones, and a terminal among them as its own."""
    if not _CAN_BE_WARM:
        stdin, stdout, stderr = streams
        return subprocess.Popen(
            [*STRINGART, *arguments], stdin=stdin, stdout=stdout, stderr=stderr, start_new_session=True
        )
    return Warm(_warm_server(), arguments, str(Path.cwd()), dict(os.environ), streams)


_TEMPORARY = tempfile.gettempdir()  # before a test names another one
_servers: list[subprocess.Popen[str]] = []


@functools.cache
def _warm_server() -> str:
    """Return the address of the server: one for all workers of a run, begun by the first that asks."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    folder = Path(_TEMPORARY) / f"warm-{run or os.getpid()}"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / "lock"):
        if not (folder / "socket").exists():
            _begin_server(folder / "socket", until=os.getppid() if run else os.getpid())
    return str(folder / "socket")


def _begin_server(address: Path, until: int) -> None:
    """Start the server, which ends with a process and takes its folder with it."""
    server = subprocess.Popen(
        [sys.executable, str(_SERVER), "serve", str(address), str(until)], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, text=True, cwd="/",
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
    )  # fmt: skip
    _servers.append(server)
    assert server.stdout is not None
    assert server.stdout.readline() == "ready\n"
    server.stdout.close()


def warm_program(folder: Path) -> Path:
    """Write a program ``stringart`` for a shell's PATH that answers from the server; return its folder.

    What wants a terminal, or Ctrl-C, is the real command.
    """
    program = folder / "stringart"
    program.write_text(
        f"""#!/bin/sh
case "$1" in
    wind | studio) exec "{STRINGART[0]}" "$@" ;;
    *) exec "{sys.executable}" -S -E "{_SERVER}" "{_warm_server()}" "$@" ;;
esac
"""
    )
    program.chmod(0o755)
    return folder


def measured(arguments: Sequence[str | Path], cwd: Path) -> tuple[int, float, float]:
    """Run the command; return its status, CPU seconds and largest memory in MB."""
    child = subprocess.Popen([*STRINGART, *map(str, arguments)], cwd=cwd, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    kilobytes = used.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return child.returncode, used.ru_utime + used.ru_stime, kilobytes / 1024
