"""Who may speak to the studio: an ASGI middleware in front of everything.

The name in ``Host`` must be one of ours (so a foreign page cannot reach us by a name that it has pointed here), an
``Origin`` must be ours too (so no foreign page can post or open a WebSocket), and changes come by POST or WebSocket
alone. Where the network is let in, a token in the address, kept in a cookie afterwards, is needed as well.
"""

import hmac
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "stringart_token"
_COOKIE_S = 365 * 24 * 3600
_HEADERS = [
    (b"content-security-policy", b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
     b"img-src 'self' blob: data:; media-src 'self' blob: mediastream:; connect-src 'self'; worker-src 'self'; "
     b"manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]  # fmt: skip


class Guard:
    """Let in what is ours.

    Parameters
    ----------
    app : ASGI application
    hosts : set of str
        ``name:port`` as browsers send it.
    token : str
        Empty on the loopback.
    """

    def __init__(self, app: ASGIApp, hosts: set[str], token: str = "") -> None:
        self._app, self._hosts, self._token = app, hosts, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        reason = self._refusal(scope, headers)
        if reason:
            return await _refuse(scope, receive, send, reason)
        if self._token and not self._has_token(headers):
            if scope["type"] == "http" and scope["method"] == "GET" and self._is_token(_asked_token(scope)):
                return await self._welcome(scope, send)
            return await _refuse(
                scope, receive, send, "this studio needs the address with its token, as printed at its start"
            )
        return await self._app(scope, receive, _with_headers(send) if scope["type"] == "http" else send)

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> str:
        host, origin = headers.get("host", "").lower(), headers.get("origin")
        if host not in self._hosts:
            return "this name is not the studio's"
        if origin is not None and origin.lower() != f"http://{host}":
            return "another site may not use the studio"
        if scope["type"] == "websocket":
            return "" if origin is not None else "a WebSocket must say where it comes from"
        if scope["method"] not in ("GET", "HEAD") and headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return "another site may not use the studio"
        return "" if scope["method"] in ("GET", "HEAD", "POST") else "only GET and POST are known here"

    def _has_token(self, headers: dict[str, str]) -> bool:
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            return False
        return cookie is not None and self._is_token(cookie.value)

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._token.encode())

    async def _welcome(self, scope: Scope, send: Send) -> None:
        """The right token: keep it in a cookie and take it out of the address."""
        cookie = f"{COOKIE}={self._token}; HttpOnly; SameSite=Strict; Path=/; Max-Age={_COOKIE_S}"
        headers = [(b"location", quote(scope["path"]).encode() or b"/"), (b"set-cookie", cookie.encode()), *_HEADERS]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def _asked_token(scope: Scope) -> str:
    query: bytes = scope.get("query_string", b"")
    return parse_qs(query.decode("latin-1")).get("token", [""])[0]


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *_HEADERS]
        await send(message)

    return sending


async def _refuse(scope: Scope, receive: Receive, send: Send, reason: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        return await send({"type": "websocket.close", "code": 1008, "reason": reason[:100]})
    body = f"{reason}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close"), *_HEADERS]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    return await send({"type": "http.response.body", "body": body})
