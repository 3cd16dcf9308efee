"""A process that works for the studio: kept warm, asked over a pipe, cancelled between two pieces of its work.

The parent's side is `Worker`; the child runs `stringart.studio.jobs`. One job at a time: a newer one waits until the
older has seen that it is cancelled. A child that does not see it in time is ended and begun anew.
"""

import asyncio
import contextlib
import itertools
import multiprocessing
import os
import threading
import time
from collections.abc import AsyncIterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from stringart.errors import StringartError

_PATIENCE_S = 3.0
_CONTEXT = multiprocessing.get_context("spawn")

Message = tuple[str, Any]


class WorkerError(StringartError):
    """Work that failed in another process; the message is that of its error."""


class Worker:
    """The parent's side of one working process.

    Parameters
    ----------
    name : str
        Of the process.
    design : str
        ``module:function`` that searches, as `stringart.search.pipeline.design_events`.
    """

    def __init__(self, name: str, design: str) -> None:
        self._name, self._design = name, design
        self._numbers = itertools.count(1)
        self._queues: dict[int, asyncio.Queue[Message]] = {}
        self._turn = asyncio.Lock()
        self._process: multiprocessing.process.BaseProcess | None = None
        self._connection: Connection | None = None

    def start(self) -> None:
        """Begin the process; it makes itself warm by itself."""
        from stringart.studio import jobs

        self._loop = asyncio.get_running_loop()
        here, there = _CONTEXT.Pipe()
        process = _CONTEXT.Process(target=jobs.work, args=(there, self._design), name=self._name, daemon=True)
        process.start()
        there.close()
        self._process, self._connection = process, here
        threading.Thread(target=self._listen, args=(here,), name=f"hear {self._name}", daemon=True).start()

    def _listen(self, connection: Connection) -> None:
        with contextlib.suppress(EOFError, OSError, RuntimeError):  # the child is gone, or our loop is
            while True:
                number, kind, payload = connection.recv()
                self._loop.call_soon_threadsafe(self._put, number, (kind, payload))
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._lost, connection)

    def _put(self, number: int, message: Message) -> None:
        queue = self._queues.get(number)
        if queue is not None:
            queue.put_nowait(message)

    def _lost(self, connection: Connection) -> None:
        if connection is not self._connection:
            return
        self._connection = None
        for queue in self._queues.values():
            queue.put_nowait(("error", ("the working process ended unexpectedly", "try again with a smaller task")))

    @property
    def pid(self) -> int | None:
        """Process id."""
        return self._process.pid if self._process else None

    async def run(self, job: str, /, **arguments: object) -> AsyncIterator[Message]:
        """Run a job; yields what it tells. Closing the iterator cancels it.

        Raises
        ------
        WorkerError
            If it fails.
        """
        async with self._turn:
            if self._connection is None:
                self.start()
            assert self._connection is not None
            number = next(self._numbers)
            queue = self._queues[number] = asyncio.Queue()
            self._connection.send((number, job, arguments))
            over = False
            try:
                while not over:
                    kind, payload = await queue.get()
                    over = kind in ("done", "error")
                    if kind == "error":
                        raise _as_error(payload)
                    if kind != "done":
                        yield kind, payload
            finally:
                if not over:
                    await asyncio.shield(self._cancel(number, queue))
                del self._queues[number]

    async def _cancel(self, number: int, queue: asyncio.Queue[Message]) -> None:
        """Ask the child to leave the job; end it if it does not."""
        if self._connection is None:
            return
        with contextlib.suppress(OSError):
            self._connection.send((number, "cancel", {}))
        try:
            async with asyncio.timeout(_PATIENCE_S):
                while (await queue.get())[0] not in ("done", "error"):
                    pass
        except TimeoutError:
            self._end_process()

    async def result(self, job: str, /, **arguments: Any) -> Any:
        """Run a job that gives one value."""
        value = None
        async for kind, payload in self.run(job, **arguments):
            if kind == "value":
                value = payload
        return value

    def close(self) -> None:
        """End the process."""
        self._end_process()

    def _end_process(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        if self._process is not None:
            self._process.terminate()
            self._process.join(2)


async def end_task(task: asyncio.Task[None] | None) -> bool:
    """Cancel a task that waits for work, and wait until it has ended; whether there was anything to end."""
    if task is None or task.done():
        return False
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    return True


def _as_error(payload: Any) -> WorkerError:
    message, hint = payload
    return WorkerError(message, hint)


def lower_priority() -> None:
    """Let the server, the machine's process and the browser go first: whatever is searched or exported can wait."""
    with contextlib.suppress(OSError, AttributeError):  # AttributeError: not on every system
        os.setpriority(os.PRIO_PROCESS, 0, 5)
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    with contextlib.suppress(OSError, AttributeError):  # Linux on a desktop shares the cores among sessions first
        os.setsid()
        _take_less(Path("/proc/self/autogroup"))


def _take_less(group: Path) -> None:
    """Give a session's group a smaller share; the system lets all who are not root do so once in 0.1 s together."""
    for _ in range(10):
        try:
            group.write_text("10")
        except BlockingIOError:
            time.sleep(0.1)
        else:
            return


def raise_priority() -> None:
    """Let this process go before other programs, where the system allows it; most let only root do so."""
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, 0, -10)


def be_urgent() -> None:
    """Let this thread run as soon as it is waked, where the system allows it; not the threads that it begins.

    For the way of the stop alone: a system may let whatever runs go on to its next tick, at each of the way's steps.
    """
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))
