"""The server's side of the machine's process: commands with answers, what it tells, and the stop on its own pipe."""

import asyncio
import contextlib
import itertools
import multiprocessing
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any

from stringart.errors import MachineError

JOB_UNDER_WAY = ("a job is under way, and its journal is in use", "stop it first, then prepare the other")
"""Why no other job is prepared: message and hint, of the room and of the process."""
Heard = Callable[[str, Any], None]
_CONTEXT = multiprocessing.get_context("spawn")


class MachineProcess:
    """One machine, in a process of its own.

    Parameters
    ----------
    heard : callable
        Called in the event loop with ``snapshot``, ``event`` or ``stopped`` and a value.
    """

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self.stops = 0  # a command tells how many there had been when it was asked for: a stop passes everything else
        self._numbers = itertools.count(1)
        self._line = ThreadPoolExecutor(1, thread_name_prefix="to the machine")  # commands go as they were asked for
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._commands: Connection | None = None
        self._stop: Connection | None = None
        self._process: multiprocessing.process.BaseProcess | None = None
        self._writing, self._sending = threading.Lock(), threading.Lock()

    def start(self) -> None:
        """Begin the process."""
        from stringart.studio.console_process import hold_machine

        self._loop = asyncio.get_running_loop()
        self._commands, commands = _CONTEXT.Pipe()
        self._stop, stop = _CONTEXT.Pipe()
        process = _CONTEXT.Process(target=hold_machine, args=(commands, stop), name="stringart machine")
        process.start()
        commands.close()
        stop.close()
        self._process = process
        for listen, pipe in ((self._hear_commands, self._commands), (self._hear_stop, self._stop)):
            threading.Thread(target=listen, args=(pipe,), daemon=True).start()

    # --- the stop ---

    def emergency_stop(self) -> None:
        """Stop the machine now: one short write on a pipe that carries nothing else."""
        if self._stop is not None:
            with self._writing, contextlib.suppress(OSError):
                self._stop.send(time.time())
                self.stops += 1

    def _hear_stop(self, pipe: Connection) -> None:
        with contextlib.suppress(EOFError, OSError, RuntimeError):
            while True:
                asked_s, written_s, connected = pipe.recv()
                told = {"ms": (written_s - asked_s) * 1000, "at_s": written_s, "connected": connected}
                self._loop.call_soon_threadsafe(self._heard, "stopped", told)

    # --- the rest ---

    def _hear_commands(self, pipe: Connection) -> None:
        with contextlib.suppress(EOFError, OSError, RuntimeError):
            while True:
                kind, payload = pipe.recv()
                self._loop.call_soon_threadsafe(self._take, kind, payload)
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._lost)

    def _take(self, kind: str, payload: Any) -> None:
        if kind != "answer":
            return self._heard(kind, payload)
        number, error, value = payload
        answer = self._answers.pop(number, None)
        if answer is None or answer.done():
            return None
        if error is None:
            answer.set_result(value)
        else:
            answer.set_exception(MachineError(*error))
        return None

    def _lost(self) -> None:
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(MachineError("the machine's process ended", "start the studio again"))
        self._answers.clear()
        self._heard("snapshot", {"connected": False, "problem": "the machine's process ended"})

    async def ask(self, name: str, /, **arguments: Any) -> Any:
        """Give a command and wait for its answer.

        Raises
        ------
        MachineError
            If it cannot be done.
        """
        if self._commands is None:
            self.start()
        number = next(self._numbers)
        answer = self._answers[number] = self._loop.create_future()
        message = (number, name, arguments, self.stops)
        await asyncio.get_running_loop().run_in_executor(self._line, self._send, message)
        return await answer

    def _send(self, message: tuple[int, str, dict[str, object], int]) -> None:
        with self._sending:
            if self._commands is not None:
                self._commands.send(message)

    def close(self) -> None:
        """Let the process pause a running job after the wrap in flight, close the port and end."""
        with contextlib.suppress(OSError):
            self._send((0, "leave", {}, self.stops))
        if self._process is not None:
            self._process.join(75)
