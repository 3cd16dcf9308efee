"""The ``stringart`` command from a process that has imported it already: the same code in a process of its own.

To import numba, scipy and scikit-image takes a second of each command; the tests run some hundreds. A server imports
them once and forks. What a command is given is what a shell would give it: arguments, folder, environment, the three
standard streams. What the start of a process is about (imports, streams, signals, a terminal) is tested with the real
command, `command.STRINGART`.

    python tests/warm_command.py serve SOCKET PROCESS       until that process ends
    python -S tests/warm_command.py SOCKET ARGUMENTS...     the same, as a program that a shell calls
"""

import array
import contextlib
import gc
import json
import os
import select
import shutil
import signal
import socket
import sys
from collections.abc import Sequence

_STREAMS = (0, 1, 2)
_MOST_BYTES = 1 << 20


def serve(address: str, until: int) -> None:
    """Answer until a process ends; then the socket's folder goes, too."""
    over = os.pidfd_open(until)
    _preload()
    gc.freeze()  # what is imported is neither looked through nor, by that, copied in the processes to come
    with contextlib.suppress(KeyboardInterrupt), socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen(64)
        print("ready", flush=True)
        while True:
            ready, _, _ = select.select([listening, over], [], [])
            if over in ready:
                break
            asked, _ = listening.accept()
            _reap()
            if os.fork() == 0:
                listening.close()
                _mind(asked)
            asked.close()
    shutil.rmtree(os.path.dirname(address))  # noqa: PTH120 (pathlib: 20 ms)


def _reap() -> None:
    """Take leave of those that ended: what they used is counted as this process's, and so as the tests'."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _preload() -> None:
    """Import what commands use, and load the kernels that a design and its picture call."""
    import importlib
    import tempfile
    from pathlib import Path

    from stringart.cli._main import run
    from stringart.cli._table import COMMANDS

    for entry in COMMANDS.values():
        importlib.import_module(entry.target.partition(":")[0])
    photo = Path(__file__).parents[1] / "stringart" / "studio" / "page" / "examples" / "camera.png"
    few = ("--pins", "30", "--lines", "20", "--quality", "draft", "--importance", "none")
    talk = os.dup(2)
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("wb") as nothing:
        os.dup2(nothing.fileno(), 2)
        for colors in ((), ("--palette", "black,red")):
            assert run(["design", str(photo), "-o", f"{folder}/a.json", "-o", f"{folder}/a.png", *few, *colors]) == 0
    os.dup2(talk, 2)
    os.close(talk)


def _mind(asked: socket.socket) -> None:
    """Run one command in a process below this one, and tell how it ended; end it when nobody waits any more."""
    request, given = _received(asked)
    child = os.fork()
    if child == 0:
        asked.close()
        _become(request, given)
    for stream in given:
        os.close(stream)
    asked.sendall(f"{child}\n".encode())
    ended, cpu_s = _waited(child, asked)
    with contextlib.suppress(OSError):
        asked.sendall(f"{os.waitstatus_to_exitcode(ended)} {cpu_s}\n".encode())
    os._exit(0)


def _waited(child: int, asked: socket.socket) -> tuple[int, float]:
    waits = os.pidfd_open(child)
    ready, _, _ = select.select([waits, asked], [], [])
    if asked in ready:
        os.kill(child, signal.SIGKILL)
    _, status, used = os.wait4(child, 0)
    return status, used.ru_utime + used.ru_stime


def _received(asked: socket.socket) -> tuple[dict, list[int]]:
    size = array.array("i").itemsize * len(_STREAMS)
    first, extra, _, _ = asked.recvmsg(_MOST_BYTES, socket.CMSG_SPACE(size))
    given = array.array("i")
    given.frombytes(extra[0][2][:size])
    while not first.endswith(b"\n"):
        first += asked.recv(_MOST_BYTES)
    return json.loads(first), list(given)


def _become(request: dict, given: list[int]) -> None:
    """Be a new process as far as a program can tell, run, and end."""
    import io
    import tempfile
    import time

    os.setsid()
    for number, stream in zip(_STREAMS, given, strict=True):
        os.dup2(stream, number)
        os.close(stream)
    if os.isatty(0):  # its terminal: Ctrl-C there is for this process
        import fcntl
        import termios

        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    time.tzset()
    tempfile.tempdir = None
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0)), "utf-8")
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w")), "utf-8")
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(2, "w")), "utf-8", errors="backslashreplace", line_buffering=True
    )
    sys.argv = [request["program"], *request["arguments"]]
    status = 1
    try:
        from stringart.cli import main

        main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        import traceback

        traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)


class Warm:
    """A command that runs; as a `subprocess.Popen`."""

    returncode: int | None = None
    cpu_s = 0.0
    """What it has used, once it has ended."""

    def __init__(
        self, address: str, arguments: Sequence[str], folder: str, environment: dict[str, str], streams: Sequence[int]
    ) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(address)
        request = {
            "program": "stringart", "arguments": list(arguments), "folder": folder, "environment": environment,
        }  # fmt: skip
        given = array.array("i", streams).tobytes()
        whole = json.dumps(request).encode() + b"\n"
        sent = self._socket.sendmsg([whole], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, given)])
        self._socket.sendall(whole[sent:])
        self._answers = self._socket.makefile("r")
        self.pid = int(self._answers.readline())

    def poll(self, timeout_s: float = 0.0) -> int | None:
        """Return the exit status, negative for a signal, as `subprocess` says it; None if it runs."""
        if self.returncode is None and select.select([self._socket], [], [], timeout_s)[0]:
            status, cpu_s = self._answers.readline().split()
            self.returncode, self.cpu_s = int(status), float(cpu_s)
            self._answers.close()
            self._socket.close()
        return self.returncode

    def wait(self, timeout: float = 600.0) -> int:
        """Return the exit status."""
        status = self.poll(timeout)
        if status is None:
            raise TimeoutError(f"the command did not end within {timeout} s")
        return status

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it runs."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it has ended, and is not told yet
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def _as_program(address: str, arguments: Sequence[str]) -> int:
    command = Warm(address, arguments, os.getcwd(), dict(os.environ), _STREAMS)  # noqa: PTH109 (pathlib: 20 ms)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: command.send_signal(number))
    status = command.wait()
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        del sys.path[0]  # the tests' own modules are no part of the command
        serve(sys.argv[2], int(sys.argv[3]))
    else:
        sys.exit(_as_program(sys.argv[1], sys.argv[2:]))
