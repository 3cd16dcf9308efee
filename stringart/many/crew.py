"""The crew that makes many pieces: Dask workers, on this computer or behind a scheduler that runs already.

A worker gets one piece at a time, so that a photo that ends its worker is known and takes no other one with it. A piece
whose worker was lost is made again by another; only one that ends worker after worker, twice, is given up.
"""

import contextlib
import os
import queue
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from stringart.errors import MissingExtraError
from stringart.many.certificates import certificate_for
from stringart.many.work import Failed, Made, Task, make, reason_of

try:
    import distributed
except ImportError:
    raise MissingExtraError("making many pieces at once", "batch") from None

from stringart.many.local_workers import LOST_AT_MOST, LocalWorkers, interrupts_held_back, scratch_folder, settled
from stringart.many.scheduler import INSTALL, PATIENCE_S, CrewError, check_versions, connected, line_of, other_versions

_LOOK_EVERY_S, _LOOKS_FOR_OUR_OWN = 2.0, 60


class Crew:
    """Workers; a context manager that ends those that it began.

    Parameters
    ----------
    workers : int
        On this computer.
    memory_bytes : int
        For each of them; one that needs more is ended.
    scheduler : str, optional
        Address of a Dask scheduler, as in tls://host:8786, whose workers are used instead.
    certificate : Path, optional
        The file of the scheduler's certificate; by default, this computer's.
    patience_s : float
        How long a scheduler may be silent.

    Raises
    ------
    CrewError
        If the scheduler cannot be reached, has no workers, or they have other versions.
    CertificateError
        If the scheduler asks for a certificate that is not there.
    """

    def __init__(
        self,
        workers: int,
        memory_bytes: int,
        scheduler: str | None = None,
        certificate: Path | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._ending = contextlib.ExitStack()
        self._memory_bytes, self._scheduler, self._patience_s = memory_bytes, scheduler, patience_s
        self._over: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._complete: Callable[[], None] = lambda: None
        try:
            self._ending.enter_context(settled(patience_s))
            with interrupts_held_back():
                self._client = (
                    connected(scheduler, certificate_for(scheduler, certificate), patience_s)
                    if scheduler
                    else self._of_our_own(workers)
                )
            self._ending.callback(self._client.close, timeout=1)
            self._wait_for_a_worker()
            if scheduler:
                check_versions(self._client, scheduler, patience_s)
        except BaseException:
            self._ending.close()
            raise

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *error: object) -> None:
        self._ending.close()

    def _of_our_own(self, workers: int) -> "distributed.Client":
        scratch = self._ending.enter_context(scratch_folder())
        local = LocalWorkers(workers, self._memory_bytes, scratch)
        self._ending.callback(local.end)
        self._complete = local.complete
        return distributed.Client(local.cluster, set_as_default=False)

    def _wait_for_a_worker(self) -> None:
        tries, each_s = (1, self._patience_s) if self._scheduler else (_LOOKS_FOR_OUR_OWN, _LOOK_EVERY_S)
        for _ in range(tries):  # our own may be killed as they begin, again and again
            try:
                self._client.wait_for_workers(1, timeout=each_s)
            except TimeoutError:
                self._complete()
            except (OSError, RuntimeError) as error:
                raise self._lost(error) from None
            else:
                return
        if self._scheduler:
            raise CrewError(
                f"the scheduler '{self._scheduler}' has no workers",
                f"begin some: stringart cluster join {self._scheduler}",
            )
        raise CrewError(f"no worker began within {tries * each_s:g} s", "is there memory? give --workers 1")

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

    def _finished(self, under_way: dict[Any, tuple[Task, bool]]) -> list[object]:
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
        except ModuleNotFoundError as error:
            raise CrewError(f"a worker has no {error.name}", INSTALL) from None
        except Exception as error:  # whatever the way there and back raises; one piece must not end the others
            return Failed(reason=reason_of(error))
        if isinstance(result, Failed) and result.is_mismatch:
            raise other_versions("a worker", result.reason)
        return result

    def _given_up(self) -> Failed:
        limit = "" if self._scheduler else f", or out of its {self._memory_bytes / 1e9:g} GB of memory (--memory)"
        lost = 2 * (LOST_AT_MOST + 1) if self._scheduler is None else "several"
        return Failed(reason=f"{lost} workers ended while they made it: killed{limit}")

    def _lost(self, error: BaseException) -> CrewError:
        what = f"the scheduler '{self._scheduler}'" if self._scheduler else "the local cluster"
        return CrewError(
            f"{what} was lost: {line_of(error)}", "run the same command again: what is done is not done again"
        )
