"""A cluster of one's own: a scheduler with workers on this computer, and workers that join one elsewhere.

Both are Dask's scheduler and workers; what is ours are the certificates, the checks before and the words.
"""

import asyncio
import contextlib
import getpass
import logging
import shlex
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stringart._version import __version__
from stringart.errors import MissingExtraError
from stringart.many.certificates import Certificate

try:
    import distributed
    from distributed.comm.addressing import get_address_host
    from distributed.utils import get_ip
except ImportError:
    raise MissingExtraError("a cluster of many computers", "batch") from None

from stringart.many.local_workers import LocalWorkers, interrupts_held_back, scratch_folder, settled
from stringart.many.scheduler import PATIENCE_S, CrewError, check_scheduler, check_versions, connected, line_of

Tell = Callable[[str], None]
_LOOK_EVERY_S = 2.0
_BAD_STARTS = 20  # in a row: somebody may kill a few as they begin
_LONGEST_START_S, _LONGEST_END_S = 60.0, 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Workers on this computer.

    Parameters
    ----------
    workers : int
    memory_bytes : int
        For each of them.
    host : str, optional
        This computer's address, as the others see it; by default the one that leads to the network.
    worker_ports : str, optional
        As in 8790:8799; any by default.
    """

    workers: int
    memory_bytes: int
    host: str | None = None
    worker_ports: str | None = None

    @property
    def address(self) -> str:
        """The address that the others see.

        Raises
        ------
        CrewError
            If this computer has none.
        """
        found = self.host or str(get_ip())
        if not self.host and found.startswith("127."):
            raise CrewError(
                "this computer's address in the network is not known", "name it: --host 192.168.1.7, say; or 127.0.0.1"
            )
        return found


class _Watch(distributed.SchedulerPlugin):
    """Tells which workers come and go."""

    name = "stringart-watch"

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def add_worker(self, scheduler: Any, worker: str) -> None:
        """Tell of a worker that joined."""
        self._tell(f"joined: {worker}; workers now: {len(scheduler.workers)}")

    def remove_worker(self, scheduler: Any, worker: str, **about: Any) -> None:
        """Tell of a worker that is gone."""
        self._tell(f"gone: {worker}; workers now: {len(scheduler.workers)}")


def run_cluster(
    place: Place, port: int, certificate: Certificate, file: Path, tell: Tell, ended: threading.Event
) -> None:
    """Run a scheduler and workers until ``ended`` is set, or Ctrl-C.

    Parameters
    ----------
    place : Place
        Workers of this computer; there may be none.
    port : int
        Of the scheduler.
    certificate : Certificate
    file : Path
        Where it lies, for the line that is told.
    tell : callable
        Told what to do on the other computers, and who joins.
    ended : threading.Event

    Raises
    ------
    CrewError
        If the address or the port cannot be had.
    """
    host = place.address
    with contextlib.ExitStack() as ending:
        ending.enter_context(settled(PATIENCE_S))
        scratch = ending.enter_context(scratch_folder())
        try:
            with interrupts_held_back():
                local = LocalWorkers(
                    place.workers, place.memory_bytes, scratch, certificate.security, host, port, place.worker_ports,
                    _Watch(tell),
                )  # fmt: skip
        except (OSError, RuntimeError, ValueError) as error:
            raise CrewError(
                f"no scheduler can listen at {host}:{port}: {line_of(error)}",
                "another one is there? choose another --port; the address is another computer's? see --host",
            ) from None
        ending.callback(local.end)
        for line in _invitation(str(local.cluster.scheduler_address), file):
            tell(line)
        while not ended.wait(_LOOK_EVERY_S):
            local.complete()


def _invitation(address: str, file: Path) -> list[str]:
    copied = f"scp {getpass.getuser()}@{get_address_host(address)}:{shlex.quote(str(file))} cluster.pem"
    return [
        f"scheduler: {address}, with the certificate {file}",
        f"on each other computer, where stringart {__version__} is installed with its extra batch:",
        f"  {copied} && stringart cluster join {address} --certificate cluster.pem",
        f"your pieces: stringart batch photos/*.jpg -o plans --scheduler {address}",
        "Ctrl-C ends it.",
    ]


def join_cluster(address: str, place: Place, certificate: Certificate | None, tell: Tell, patience_s: float) -> None:
    """Give a scheduler workers of this computer, until it ends or Ctrl-C.

    A worker that ends, whenever it is, is begun again.

    Parameters
    ----------
    address : str
    place : Place
    certificate : Certificate, optional
        Asked for by an address that begins with ``tls://``.
    tell : callable
    patience_s : float
        How long the scheduler may be silent.

    Raises
    ------
    CrewError
        If the scheduler cannot be reached, has other versions, or is lost.
    """
    security = certificate.security if certificate else None
    with settled(patience_s), scratch_folder() as scratch:
        with contextlib.closing(connected(address, security, patience_s)) as client:
            check_versions(client, address, patience_s)
        tell(f"{place.workers} workers for {address}; Ctrl-C ends them")
        _run_in_a_thread(lambda: _workers(address, place, security, scratch, patience_s))


def _run_in_a_thread(begin: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run what begins processes where they do not see Ctrl-C: it is ours, and ends them."""
    loop, failed = asyncio.new_event_loop(), list[BaseException]()
    task = loop.create_task(begin())

    def run() -> None:
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            pass
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    with interrupts_held_back():
        thread.start()
    try:
        while thread.is_alive():
            thread.join(_LOOK_EVERY_S)
    except KeyboardInterrupt:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(_LONGEST_END_S)
        raise
    if failed:
        raise failed[0].exceptions[0] if isinstance(failed[0], BaseExceptionGroup) else failed[0]


async def _workers(address: str, place: Place, security: object, scratch: str, patience_s: float) -> None:
    async with asyncio.TaskGroup() as group:
        for _ in range(place.workers):
            group.create_task(_worker(address, place, security, scratch, patience_s))


async def _worker(address: str, place: Place, security: Any, scratch: str, patience_s: float) -> None:
    """Have one worker, again and again."""
    bad_starts = 0
    while True:
        ports = {} if place.worker_ports is None else {"port": place.worker_ports, "worker_port": place.worker_ports}
        nanny = distributed.Nanny(
            address, nthreads=1, security=security, memory_limit=place.memory_bytes, local_directory=scratch,
            host=place.host, dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL,
            death_timeout=_LONGEST_START_S, **ports,
        )  # fmt: skip
        reason: BaseException | None = None
        try:
            async with nanny:
                bad_starts = 0
                await nanny.finished()
        except Exception as error:  # it was killed before it had begun, or the scheduler went
            reason, bad_starts = error, bad_starts + 1
        try:
            await asyncio.to_thread(check_scheduler, address, security, patience_s)
        except CrewError as error:
            raise CrewError(
                f"the scheduler was lost: {error}", "its computer says why; join again when it runs"
            ) from None
        if bad_starts == _BAD_STARTS:
            raise CrewError(
                f"{bad_starts} workers ended as they began: {line_of(reason or OSError())}", "is there memory?"
            )
