"""The real ``stringart`` command in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

STRINGART = [str(Path(sys.executable).with_name("stringart"))]
QUICK = ("--pins", "60", "--lines", "150", "--quality", "draft", "--importance", "none")


class Ended(NamedTuple):
    """How a command ended."""

    status: int
    out: bytes
    err: str

    def lines(self) -> list[str]:
        """What was said on stderr."""
        return self.err.splitlines()


def stringart(
    *arguments: str | Path, cwd: Path, stdin: bytes = b"", env: dict[str, str] | None = None, timeout_s: float = 120
) -> Ended:
    """Run the command to its end."""
    command = [*STRINGART, *map(str, arguments)]
    whole_env = {**os.environ, **(env or {})}
    ended = subprocess.run(command, cwd=cwd, input=stdin, env=whole_env, capture_output=True, timeout=timeout_s)
    return Ended(ended.returncode, ended.stdout, ended.stderr.decode())


def measured(arguments: Sequence[str | Path], cwd: Path) -> tuple[int, float, float]:
    """Run the command; return its status, CPU seconds and largest memory in MB."""
    child = subprocess.Popen([*STRINGART, *map(str, arguments)], cwd=cwd, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    kilobytes = used.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return child.returncode, used.ru_utime + used.ru_stime, kilobytes / 1024
