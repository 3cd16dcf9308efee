"""A scheduler and workers of this computer, as processes of Dask's, begun, kept complete and ended."""

import contextlib
import logging
import os
import re
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

from stringart.errors import MissingExtraError

try:
    import dask
    import distributed
    import psutil
except ImportError:
    raise MissingExtraError("making many pieces at once", "batch") from None

SCRATCH = "stringart-batch-"
_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
LOST_AT_MOST = 2  # workers that a piece may lose before it is put last, and again before it is given up
_SETTINGS: dict[str, object] = {
    "distributed.scheduler.allowed-failures": LOST_AT_MOST,
    "distributed.scheduler.worker-saturation": 1.0,  # no piece waits on a worker that another one may end
    # Dask watches itself fifty times a second, in every process; pieces take seconds.
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.admin.low-level-log-length": 1,  # of messages, too: each would keep a photo, twice
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


@contextlib.contextmanager
def settled(patience_s: float) -> Iterator[None]:
    """Have Dask work as pieces need it, and keep its talk from stderr: what matters of it is told as errors.

    Parameters
    ----------
    patience_s : float
        How long a connection is waited for.
    """
    named = [name for name in logging.root.manager.loggerDict if name.startswith("distributed.")]  # have own levels
    loggers = [logging.getLogger(name) for name in ("distributed", "tornado", "asyncio", *named)]
    levels = [logger.level for logger in loggers]
    settings = _SETTINGS | {"distributed.comm.timeouts.connect": patience_s}
    with dask.config.set(settings), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


@contextlib.contextmanager
def scratch_folder() -> Iterator[str]:
    """Yield a folder for workers to be in; those of batches that were killed are removed."""
    remove_stale_scratch()
    prefix = f"{SCRATCH}{os.getpid()}-"
    with (
        tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder,
        dask.config.set({"temporary-directory": folder}),  # the scheduler's: one that is killed removes nothing
    ):
        yield folder


def stale_scratch() -> list[Path]:
    """Return this user's folders of batches that ended without removing them."""
    found = []
    for folder in Path(tempfile.gettempdir()).glob(f"{SCRATCH}*-*"):
        number = re.match(rf"{SCRATCH}(\d+)-", folder.name)
        with contextlib.suppress(OSError):
            is_ours = not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()
            if number and is_ours and not psutil.pid_exists(int(number[1])):
                found.append(folder)
    return sorted(found)


def remove_stale_scratch() -> None:
    """Remove what killed batches left."""
    import shutil

    for folder in stale_scratch():
        shutil.rmtree(folder, ignore_errors=True)


class LocalWorkers:
    """A scheduler and workers; workers that end, whenever it is, are begun again.

    Parameters
    ----------
    workers : int
    memory_bytes : int
        For each of them; one that needs more is ended.
    scratch : str
        A folder for them to be in.
    security : distributed.Security or True
        True makes certificates for this run alone: others of this computer see the ports, and they are of no use.
    host : str
        Address that is listened at.
    port : int
        Of the scheduler; 0 is any.
    worker_ports : str, optional
        As in 8790:8799; any by default.
    watch : distributed.SchedulerPlugin, optional
        Told who comes and goes.

    Raises
    ------
    OSError
        If the port is taken.
    """

    def __init__(
        self,
        workers: int,
        memory_bytes: int,
        scratch: str,
        security: "distributed.Security | bool" = True,
        host: str = "127.0.0.1",
        port: int = 0,
        worker_ports: str | None = None,
        watch: "distributed.SchedulerPlugin | None" = None,
    ) -> None:
        self._workers = workers
        ports = {} if worker_ports is None else {"port": worker_ports, "worker_port": worker_ports}
        self.cluster = distributed.LocalCluster(
            n_workers=0,  # they are begun below: a worker that is killed at its start would end all
            threads_per_worker=1,
            processes=True,
            host=host,
            scheduler_port=port,
            protocol="tls://",
            security=security,
            memory_limit=memory_bytes,
            dashboard_address=None,
            worker_dashboard_address="127.0.0.1:0",  # nothing is served there, and to nobody else
            scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
            local_directory=scratch,
            silence_logs=logging.CRITICAL,
            **ports,
        )
        assert self.cluster.loop is not None
        self._call: Callable[..., None] = self.cluster.loop.add_callback
        if watch is not None:
            assert self.cluster.scheduler is not None
            self._call(self.cluster.scheduler.add_plugin, watch)
        self.complete()

    def complete(self) -> None:
        """Begin workers anew for those that did not start, or that Dask gave up: it does, of one that died twice."""
        self._call(self._completed)

    def _completed(self) -> None:
        for name, nanny in list(self.cluster.workers.items()):
            if nanny.status in (distributed.Status.failed, distributed.Status.closed):
                del self.cluster.workers[name]
        self.cluster.scale(self._workers)

    def end(self) -> None:
        """End all at once: a worker in the middle of a piece does not listen."""
        for nanny in list(self.cluster.workers.values()):
            process = getattr(getattr(nanny, "process", None), "process", None)
            pid = getattr(process, "pid", None)
            if pid and nanny.status != distributed.Status.closed:
                nanny.auto_restart = False
                with contextlib.suppress(OSError):
                    os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        with contextlib.suppress(Exception):  # it is gone already, or half
            self.cluster.close(timeout=5)


@contextlib.contextmanager
def interrupts_held_back() -> Iterator[None]:
    """Let threads and processes that are begun here never see Ctrl-C: it is ours, and we end them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def memory_of_this_computer() -> int:
    """Return the bytes of memory that programs may have."""
    return int(distributed.system.MEMORY_LIMIT)
