"""The crew that makes many pieces: Dask workers, on this computer or behind a scheduler that runs already.

A worker gets one piece at a time, so that a photo that ends its worker is known and takes no other one with it. A piece
whose worker was lost is made again by another; only one that ends worker after worker, twice, is given up.
"""

import contextlib
import logging
import os
import queue
import signal
import tempfile
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from stringart.errors import MissingExtraError, StringartError
from stringart.many.work import Failed, Made, Task, make, mismatch, reason_of, versions

try:
    import dask
    import distributed
except ImportError:
    raise MissingExtraError("making many pieces at once", "batch") from None

_PATIENCE_S = 10.0
_LOOK_EVERY_S = 2.0
_LOST_AT_MOST = 2  # workers that a piece may lose before it is put last, and again before it is given up
_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
_SETTINGS: dict[str, Any] = {
    "distributed.scheduler.allowed-failures": _LOST_AT_MOST,
    "distributed.scheduler.worker-saturation": 1.0,  # no piece waits on a worker that another one may end
    "distributed.comm.timeouts.connect": _PATIENCE_S,
    # Dask watches itself fifty times a second, in every process; pieces take seconds.
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.admin.low-level-log-length": 1000,
    "distributed.diagnostics.computations.max-history": 1,  # each keeps the photos of its pieces
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # Dask's own settings also have memory given back at every turn, which costs a quarter more CPU.
    "distributed.nanny.pre-spawn-environ": dict.fromkeys(_ONE_THREAD, 1),
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
    "distributed.worker.profile.enabled": False,
    "distributed.admin.large-graph-warning-threshold": "10GB",  # photos travel with their tasks: nothing to lose
    "logging": {"distributed": "critical", "tornado": "critical", "bokeh": "critical"},
}


class CrewError(StringartError):
    """Workers that cannot be reached or used."""


class Crew:
    """Workers; a context manager that ends those that it began.

    Parameters
    ----------
    workers : int
        On this computer.
    memory_bytes : int
        For each of them; one that needs more is ended.
    scheduler : str, optional
        Address of a Dask scheduler, as in tcp://host:8786, whose workers are used instead.

    Raises
    ------
    CrewError
        If the scheduler cannot be reached, has no workers, or they have other versions.
    """

    def __init__(self, workers: int, memory_bytes: int, scheduler: str | None = None) -> None:
        self._ending = contextlib.ExitStack()
        self._memory_bytes, self._scheduler = memory_bytes, scheduler
        self._over: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._complete: Callable[[], None] = lambda: None
        try:
            self._ending.enter_context(dask.config.set(_SETTINGS))
            self._ending.enter_context(_quiet())
            with _interrupts_held_back():
                self._client = self._connected(workers)
            self._ending.callback(self._client.close, timeout=1)
            self._check_versions()
        except BaseException:
            self._ending.close()
            raise

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *error: object) -> None:
        self._ending.close()

    def _connected(self, workers: int) -> "distributed.Client":
        if self._scheduler is None:
            return distributed.Client(self._local_cluster(workers), set_as_default=False)
        try:
            distributed.comm.addressing.get_address_host_port(self._scheduler)  # a client of no address would never end
            client = distributed.Client(self._scheduler, timeout=_PATIENCE_S / 2, set_as_default=False)
        except (OSError, ValueError) as error:
            raise CrewError(
                f"the scheduler '{self._scheduler}' cannot be reached: {_line(error)}", "is it running? dask scheduler"
            ) from None
        try:
            client.wait_for_workers(1, timeout=_PATIENCE_S)
        except (TimeoutError, OSError):
            client.close(timeout=1)
            raise CrewError(
                f"the scheduler '{self._scheduler}' has no workers", f"begin some: dask worker {self._scheduler}"
            ) from None
        return client

    def _local_cluster(self, workers: int) -> "distributed.LocalCluster":
        scratch = self._ending.enter_context(
            tempfile.TemporaryDirectory(prefix="stringart-batch-", ignore_cleanup_errors=True)
        )
        cluster = distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            security=True,  # others of this computer see the ports; without the certificate they are of no use
            memory_limit=self._memory_bytes,
            dashboard_address=None,
            scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
            local_directory=scratch,
            silence_logs=logging.CRITICAL,
        )
        self._ending.callback(_end, cluster)
        self._complete = lambda: cluster.scale(workers)  # Dask gives one up that died twice in 15 s
        return cluster

    def _check_versions(self) -> None:
        wanted = versions()
        for address, found in self._client.run(_probe()).items():
            differs = mismatch(wanted, found)
            if differs:
                raise self._other_versions(f"the worker {address}", differs)

    @staticmethod
    def _other_versions(worker: str, differs: str) -> CrewError:
        return CrewError(f"{worker} has other versions: {differs}", "install the same on all: the bytes depend on it")

    def run(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Made | Failed]]:
        """Make pieces; yields each when it is done, in any order.

        Raises
        ------
        CrewError
            If the scheduler is lost, or a worker with other versions joins.
        """
        todo, again = iter(tasks), deque[Task]()
        under_way: dict[Any, tuple[Task, bool]] = {}
        try:
            while True:
                self._hand_out(todo, again, under_way)
                if not under_way:
                    return
                for future in self._finished(under_way):
                    task, is_second = under_way.pop(future)
                    result = self._result(future)
                    if result is None and not is_second:
                        again.append(task)
                        continue
                    yield task, result or self._given_up()
        finally:
            for future in under_way:
                future.cancel()

    def _hand_out(self, todo: Iterator[Task], again: deque[Task], under_way: dict[Any, tuple[Task, bool]]) -> None:
        """Give every free worker a piece; those that lost workers come last, one at a time."""
        capacity = self._capacity()
        while len(under_way) < capacity:
            task = next(todo, None)
            is_second = task is None
            if task is None and (under_way or not again):
                return
            task = task or again.popleft()
            future = self._client.submit(make, task, pure=False, key=f"piece-{os.urandom(8).hex()}")
            under_way[future] = (task, is_second)
            future.add_done_callback(self._over.put)

    def _capacity(self) -> int:
        try:
            threads: dict[str, int] = self._client.nthreads()
            return max(sum(threads.values()), 1)
        except (OSError, TimeoutError) as error:
            raise self._lost(error) from None

    def _finished(self, under_way: dict[Any, tuple[Task, bool]]) -> list[Any]:
        """Wait for the next pieces, or for the moment to look at the workers again."""
        found = []
        with contextlib.suppress(queue.Empty):
            found.append(self._over.get(timeout=_LOOK_EVERY_S))
            while True:
                found.append(self._over.get_nowait())
        if not found and self._client.status not in ("running", "connecting"):
            raise self._lost(OSError(f"the connection is {self._client.status}"))
        self._complete()
        return [future for future in found if future in under_way]

    def _result(self, future: Any) -> Made | Failed | None:
        """Return what a piece became; None if its workers were lost."""
        try:
            result: Made | Failed = future.result()
        except distributed.KilledWorker:
            return None
        except distributed.client.FutureCancelledError as error:
            raise self._lost(error) from None
        except Exception as error:  # whatever the way there and back raises; one piece must not end the others
            return Failed(reason=reason_of(error))
        if isinstance(result, Failed) and result.is_mismatch:
            raise self._other_versions("a worker", result.reason)
        return result

    def _given_up(self) -> Failed:
        limit = "" if self._scheduler else f", or out of its {self._memory_bytes / 1e9:g} GB of memory (--memory)"
        lost = 2 * (_LOST_AT_MOST + 1) if self._scheduler is None else "several"
        return Failed(reason=f"{lost} workers ended while they made it: killed{limit}")

    def _lost(self, error: BaseException) -> CrewError:
        what = f"the scheduler '{self._scheduler}'" if self._scheduler else "the local cluster"
        return CrewError(
            f"{what} was lost: {_line(error)}", "run the same command again: what is done is not done again"
        )


def _probe() -> Any:
    """Return what tells a worker's versions, even where stringart is not installed: it travels by value."""

    def probe() -> dict[str, str]:
        try:
            from stringart.many.work import versions
        except ImportError:
            return {}
        return versions()

    return probe


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask's own talk from stderr: what matters of it is told as errors."""
    loggers = [logging.getLogger(name) for name in ("distributed", "tornado", "asyncio")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


@contextlib.contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Let threads and processes that are begun here never see Ctrl-C: it is ours, and we end them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end(cluster: "distributed.LocalCluster") -> None:
    """End a local cluster at once: a worker in the middle of a piece does not listen."""
    for nanny in list(cluster.workers.values()):
        process = getattr(getattr(nanny, "process", None), "process", None)
        pid = getattr(process, "pid", None)
        if pid and nanny.status != distributed.Status.closed:
            nanny.auto_restart = False
            with contextlib.suppress(OSError):
                os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    with contextlib.suppress(Exception):  # it is gone already, or half
        cluster.close(timeout=5)


def memory_of_this_computer() -> int:
    """Return the bytes of memory that programs may have."""
    return int(distributed.system.MEMORY_LIMIT)
