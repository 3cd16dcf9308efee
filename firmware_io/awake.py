"""Keeps the computer awake while a job runs, by what the system itself offers."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable

_CONTINUOUS_SYSTEM_REQUIRED = 0x80000001
_CONTINUOUS = 0x80000000


class Awake:
    """Keeps the computer awake until :meth:`release`. ``note`` says how, or why not."""

    def __init__(self, why: str) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._undo: Callable[[], object] | None = None
        self.note = self._begin(why)

    def _begin(self, why: str) -> str:
        if sys.platform == "win32":
            return self._windows()
        command = _command(why)
        if command is None:
            return "the computer is not kept awake: neither systemd-inhibit nor caffeinate is here"
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            code = self._process.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            return f"the computer is kept awake by {command[0]}"
        except OSError as error:
            return f"the computer is not kept awake: {command[0]}: {error.strerror}"
        self.release()
        return f"the computer is not kept awake: {command[0]} ended with {code}"

    def _windows(self) -> str:
        import ctypes

        kernel = getattr(ctypes, "windll").kernel32  # noqa: B009  (only on Windows)
        kernel.SetThreadExecutionState(_CONTINUOUS_SYSTEM_REQUIRED)
        self._undo = lambda: kernel.SetThreadExecutionState(_CONTINUOUS)
        return "the computer is kept awake"

    def release(self) -> None:
        """Let the computer sleep again."""
        if self._undo is not None:
            self._undo()
            self._undo = None
        if self._process is not None:
            if self._process.stdin is not None:
                self._process.stdin.close()
            with contextlib.suppress(OSError):
                self._process.terminate()
            self._process.wait()
            self._process = None


def _command(why: str) -> list[str] | None:
    """A program that keeps the computer awake until its own standard input is closed (with our death)."""
    if shutil.which("systemd-inhibit"):
        what = ["--what=idle:sleep:handle-lid-switch", "--who=firmware_io", f"--why={why}"]
        return ["systemd-inhibit", *what, "cat"]
    if shutil.which("caffeinate"):
        return ["caffeinate", "-i", "-w", str(os.getpid())]
    return None
