"""Requests to a host: JSON both ways, a key, and errors in a line."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from firmware_io.errors import HostError, PortError

KEY_HINT = "--key KEY, the variable STRINGART_KEY, or api_key under [machine] in the profile"
_PATIENCE_S = 10.0
_LONG_S = 120.0
_BORDER = "firmware-io-5f3b8a1c"


class HttpClient:
    """A host's HTTP interface.

    Parameters
    ----------
    address : str
        ``SCHEME://HOST[:PORT]``; the scheme is of no matter here.
    usual_port : int
    key : str
        Its API key; empty: none is sent.
    """

    def __init__(self, address: str, usual_port: int, key: str) -> None:
        parts = urlsplit(address)
        try:
            self._port = parts.port or usual_port
        except ValueError as error:
            raise PortError(f"the host {address} cannot be reached: {error}", "write a number after ':'") from None
        if not parts.hostname:
            raise PortError(f"{address} names no host", f"write it like {parts.scheme}://HOST")
        self._host, self.address = parts.hostname, address
        self._headers = {"X-Api-Key": key} if key else {}

    def get(self, path: str) -> Any:
        """What is at `path`."""
        return self._ask("GET", path, None, {}, _PATIENCE_S)

    def post(self, path: str, body: object = None, *, is_long: bool = False) -> Any:
        """Send `body`; `is_long` where the answer comes only when something has been done."""
        data = json.dumps(body).encode() if body is not None else b""
        headers = {"Content-Type": "application/json"}
        return self._ask("POST", path, data, headers, _LONG_S if is_long else _PATIENCE_S)

    def upload(self, path: str, name: str, data: bytes, fields: dict[str, str]) -> Any:
        """Send a file as a form does."""
        head = "".join(
            f'--{_BORDER}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in fields.items()
        )
        head += f'--{_BORDER}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        head += "Content-Type: application/octet-stream\r\n\r\n"
        body = head.encode() + data + f"\r\n--{_BORDER}--\r\n".encode()
        return self._ask("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={_BORDER}"}, _LONG_S)

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str], patience_s: float) -> Any:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=patience_s)
        try:
            connection.request(method, path, body, headers | self._headers)
            answer = connection.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException) as error:
            why = str(error) or type(error).__name__
            raise PortError(
                f"the host {self.address} does not answer: {why}", "is it on, in this network, and the port right?"
            ) from error
        finally:
            connection.close()
        self._check(answer.status, said)
        try:
            return json.loads(said) if said.strip() else None
        except ValueError:
            raise HostError(f"{self.address} says what nobody can read: {said[:60]!r}", "is the port right?") from None

    def _check(self, status: int, said: bytes) -> None:
        if status in (401, 403):
            raise HostError(f"the host {self.address} wants a key, or another one", KEY_HINT, status=status)
        if status >= 400:
            raise HostError(f"the host {self.address} refused it ({status}): {_message(said)}", status=status)


def _message(said: bytes) -> str:
    """What an error says, of Moonraker's and OctoPrint's ways to say it."""
    try:
        answer = json.loads(said)
    except ValueError:
        return said.decode("utf-8", "replace").strip()[:200] or "no reason told"
    error = answer.get("error", answer) if isinstance(answer, dict) else answer
    return str(error.get("message", error) if isinstance(error, dict) else error)
