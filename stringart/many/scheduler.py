"""A scheduler that runs already: whether it answers, who it is, and whether it has the versions that we have."""

import asyncio
import contextlib
import ipaddress
import urllib.parse
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import distributed
import distributed.versions
from distributed.comm.addressing import get_address_host_port
from distributed.comm.core import connect as connect_comm

from stringart.errors import StringartError
from stringart.many.work import mismatch, versions

PATIENCE_S = 10.0
"""How long a scheduler may be silent before it is given up."""
INSTALL = "install the same on all, the scheduler's computer too: the bytes depend on it"


class CrewError(StringartError):
    """Workers that cannot be reached or used."""


def connected(
    scheduler: str, security: "distributed.Security | None", patience_s: float = PATIENCE_S
) -> "distributed.Client":
    """Return a client of a scheduler.

    Raises
    ------
    CrewError
        If it cannot be reached within ``patience_s``.
    """
    check_scheduler(scheduler, security, patience_s)
    try:
        return distributed.Client(scheduler, timeout=patience_s, set_as_default=False, security=security)
    except Exception as error:  # whatever Dask raises, of other versions and half-open connections
        raise not_reached(scheduler, error) from None


def check_versions(client: "distributed.Client", scheduler: str, patience_s: float = PATIENCE_S) -> None:
    """See whether a scheduler and its workers have what the bytes depend on.

    A worker that ends or is silent while it is asked (its computer sleeps) is left out: its pieces are asked again.

    Raises
    ------
    CrewError
        If one has not.
    """
    try:
        there = client.sync(_dask_versions, client, list(client.nthreads()), patience_s)
    except Exception as error:  # another version's answer
        raise CrewError(
            f"the scheduler '{scheduler}' cannot be asked for its versions: {line_of(error)}", INSTALL
        ) from None
    ours = _of_dask(distributed.versions.get_versions())
    for who, theirs in sorted(there.items()):
        differs = mismatch(ours, _of_dask(theirs)) if isinstance(theirs, Mapping) and theirs else ""
        if differs:
            raise other_versions(who, differs)
    _check_stringart(client, scheduler, patience_s)


async def _dask_versions(client: "distributed.Client", workers: list[str], patience_s: float) -> dict[str, object]:
    there: Any = client.scheduler

    async def ask(worker: str) -> object:
        return await there.broadcast(msg={"op": "versions"}, workers=[worker], on_error="ignore")

    own = await asyncio.wait_for(there.versions(), patience_s)
    return {"the scheduler": own} | await _of_each(workers, ask, patience_s)


async def _of_each(workers: list[str], ask: Callable[[str], Awaitable[Any]], patience_s: float) -> dict[str, object]:
    """Return the answers of the workers that answer, each asked by itself: one that sleeps holds nobody up."""

    async def answer_of(worker: str) -> object:
        try:
            return (await asyncio.wait_for(ask(worker), patience_s)).get(worker)
        except Exception:
            return None

    answers = await asyncio.gather(*map(answer_of, workers))
    return {f"the worker {who}": said for who, said in zip(workers, answers, strict=True) if said is not None}


def _check_stringart(client: "distributed.Client", scheduler: str, patience_s: float) -> None:
    wanted, answers = versions(), dict[str, object]()
    with contextlib.suppress(Exception):
        answers["the scheduler"] = client.run_on_scheduler(_probe())

    async def ask(worker: str) -> object:
        return await client.run(_probe(), workers=[worker], on_error="return")

    with contextlib.suppress(Exception):
        answers |= client.sync(_of_each, list(client.nthreads()), ask, patience_s)
    for who, found in answers.items():
        if found == {}:
            raise CrewError(f"{who} of '{scheduler}' has no stringart", INSTALL)
        differs = mismatch(wanted, found) if isinstance(found, Mapping) else ""
        if differs:
            raise other_versions(who, differs)


def other_versions(who: str, differs: str) -> CrewError:
    """Return the error of a computer of the cluster that has not what we have."""
    return CrewError(f"{who} has other versions: {differs}", INSTALL)


def not_reached(scheduler: str, error: BaseException) -> CrewError:
    """Return the error of a scheduler that does not answer as one."""
    hint = "is it running? stringart cluster start; is the port open in its firewall?"
    if "CERTIFICATE" in str(error).upper() or "SSL" in str(error).upper():
        hint = "is its certificate this one? copy it from there again, and name it: --certificate cluster.pem"
    return CrewError(f"the scheduler '{scheduler}' cannot be reached: {line_of(error)}", hint)


def check_scheduler(address: str, security: "distributed.Security | None", patience_s: float) -> None:
    """See whether a scheduler answers, before Dask waits for it without end.

    Raises
    ------
    CrewError
        If it does not, within ``patience_s``.
    """

    async def ask() -> object:
        arguments = (security or distributed.Security()).get_connection_args("client")
        comm = await connect_comm(address, timeout=patience_s, **arguments)
        try:
            await comm.write({"op": "identity", "reply": True})
            return await comm.read()
        finally:
            comm.abort()

    async def within() -> object:
        return await asyncio.wait_for(ask(), patience_s)

    try:
        get_address_host_port(address)
        said = asyncio.run(within())
    except TimeoutError:
        raise not_reached(
            address, TimeoutError(f"something listens there and is silent for {patience_s:g} s")
        ) from None
    except Exception as error:  # OSError, ValueError, and what other programs' answers lead to
        raise not_reached(address, error) from None
    kind = said.get("type", "something else") if isinstance(said, Mapping) else "something else"
    if kind != "Scheduler":
        raise not_reached(address, ValueError(f"it is no scheduler but a {kind}"))


def is_this_computer(address: str) -> bool:
    """Tell whether an address is seen by this computer alone.

    Examples
    --------
    >>> is_this_computer("tcp://127.0.0.1:8786"), is_this_computer("tcp://192.168.1.7:8786")
    (True, False)
    """
    host = urllib.parse.urlsplit(address if "://" in address else f"tcp://{address}").hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name
        return host == "localhost"


def _of_dask(found: Mapping[str, Any]) -> dict[str, str]:
    """Return what must be alike for two computers to understand each other."""
    python = str(found["host"].get("python", "none"))
    packages = found["packages"]
    return {
        "Python": ".".join(python.split(".")[:2]),
        **{name: str(packages.get(name) or "none") for name in ("dask", "distributed", "msgpack", "cloudpickle")},
    }


def _probe() -> object:
    """Return what tells a computer's versions, even where stringart is not installed: it travels by value."""

    def probe() -> dict[str, str]:
        try:
            from stringart.many.work import versions
        except ImportError:
            return {}
        return versions()

    return probe


def line_of(error: BaseException) -> str:
    """Return an error as one line."""
    return " ".join(str(error).split())[:200] or type(error).__name__
