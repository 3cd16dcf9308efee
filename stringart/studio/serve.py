"""Serve the studio on this computer, or, when asked, on its network."""

import asyncio
import contextlib
import re
import secrets
import socket
import sys
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from stringart.errors import MissingExtraError, StringartError
from stringart.files import write_atomically
from stringart.folders import studio_folder
from stringart.studio.project import Project

try:
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol
except ImportError:
    raise MissingExtraError("the studio", "studio") from None

_MOST_CONNECTIONS = 250
_TOKEN = re.compile(r"[A-Za-z0-9_-]{24,64}")
_REQUEST_PATIENCE_S = 10.0
_MAX_MESSAGE_BYTES = 256 * 1024
_SWITCH_S = 0.001
"""The event loop, where the stop passes, waits no longer than this for a thread that reads a plan."""


class _PatientProtocol(H11Protocol):
    """HTTP whose first request must come soon: a connection that says nothing does not keep its place."""

    def connection_made(self, transport: Any) -> None:
        """Begin to wait."""
        super().connection_made(transport)
        asyncio.get_running_loop().call_later(_REQUEST_PATIENCE_S, self._lose_patience)

    def _lose_patience(self) -> None:
        if self.cycle is None and self.transport.get_protocol() is self and not self.transport.is_closing():
            self.transport.close()


def serve(
    *, port: int, lan: bool, project: Path | None, browser: bool, say: Callable[[str], None], token: str | None = None
) -> None:
    """Serve until Ctrl-C.

    Parameters
    ----------
    port : int
        0 takes a free one.
    lan : bool
        Let other devices of the network in, with a token.
    project : Path, optional
        The user's folder by default.
    browser : bool
        Open the page.
    say : callable
        Tells the user the address.
    token : str, optional
        Instead of a new one.

    Raises
    ------
    StringartError
        If the port or the project is in use.
    """
    store = Project((project or studio_folder()).absolute())
    lock = FileLock(store.folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise StringartError(
            f"the project '{store.folder}' is open in another studio", "use that one, or name another with --project"
        ) from None
    with lock, contextlib.closing(_listening("0.0.0.0" if lan else "127.0.0.1", port)) as listener:
        number = listener.getsockname()[1]
        token = (token or _kept_token(store)) if lan else ""
        with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is how a studio ends
            asyncio.run(_serve(store, listener, number, token, browser, say))


def _kept_token(store: Project) -> str:
    """The project's token: the address on a phone's home screen opens the studio tomorrow, too."""
    path = store.folder / "lan-token"
    try:
        kept = path.read_text("ascii").strip()
    except (OSError, ValueError):
        kept = ""
    if not _TOKEN.fullmatch(kept):
        kept = secrets.token_urlsafe(18)
        write_atomically(path, f"{kept}\n".encode())
        with contextlib.suppress(OSError):
            path.chmod(0o600)
    return kept


def _listening(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise StringartError(
            f"port {port} cannot be used: {error.strerror}", "is a studio open already? else name another with --port"
        ) from error
    return listener


async def _serve(
    store: Project, listener: socket.socket, port: int, token: str, browser: bool, say: Callable[[str], None]
) -> None:
    from stringart.studio.app import Studio, make_app
    from stringart.studio.guard import Guard
    from stringart.studio.worker import be_urgent

    sys.setswitchinterval(_SWITCH_S)
    be_urgent()  # a stop goes through this thread, which is idle nearly always
    names = {"127.0.0.1", "localhost"} | (_own_names() if token else set())
    hosts = {f"{name}:{port}" for name in names} | ({*names} if port == 80 else set())
    query = f"/?token={token}" if token else "/"
    lan_url = f"http://{_own_address()}:{port}{query}" if token else ""
    app = Guard(make_app(Studio(store, lan_url)), hosts, token)
    config = uvicorn.Config(
        app, http=_PatientProtocol, ws="websockets-sansio", ws_max_size=_MAX_MESSAGE_BYTES, ws_max_queue=16,
        ws_ping_interval=20, ws_ping_timeout=60, limit_concurrency=_MOST_CONNECTIONS, log_level="error",
        access_log=False, server_header=False, proxy_headers=False, timeout_graceful_shutdown=2, lifespan="on",
    )  # fmt: skip
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    while not (server.started or serving.done()):
        await asyncio.sleep(0.02)
    if server.started:
        _announce(store, f"http://127.0.0.1:{port}{query}", lan_url, say)
        if browser:
            webbrowser.open(f"http://127.0.0.1:{port}{query}")
    await serving


def _announce(store: Project, url: str, lan_url: str, say: Callable[[str], None]) -> None:
    say(f"the studio is at {url}")
    if lan_url:
        say(f"on the network: {lan_url} (whoever has this address can use the studio and the machine)")
    say(f"the project is kept in {store.folder}; Ctrl-C ends the studio")


def _own_address() -> str:
    """Address of this computer on its network; nothing is sent to find it."""
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
    return "127.0.0.1"


def _own_names() -> set[str]:
    name = socket.gethostname().lower()
    return {_own_address(), name, f"{name}.local"}
