"""Which addresses are hosts', and the host at one."""

from __future__ import annotations

from collections.abc import Callable

from firmware_io.errors import PortError
from firmware_io.hosts.base import Host
from firmware_io.hosts.moonraker import MoonrakerHost
from firmware_io.hosts.octoprint import OctoPrintHost

_HOSTS: dict[str, Callable[[str, str], Host]] = {"moonraker": MoonrakerHost, "octoprint": OctoPrintHost}


def is_host(address: str | None) -> bool:
    """Whether an address is that of a host that runs files by itself."""
    return address is not None and "://" in address and address.partition("://")[0].lower() in _HOSTS


def host_at(address: str, key: str = "") -> Host:
    """The host at ``moonraker://HOST[:7125]`` or ``octoprint://HOST[:80]``; nothing is asked of it yet.

    Raises
    ------
    PortError
    """
    scheme = address.partition("://")[0].lower()
    if scheme not in _HOSTS:
        raise PortError(f"{address} is no host", f"hosts are {', '.join(f'{name}://HOST' for name in _HOSTS)}")
    return _HOSTS[scheme](address, key)
