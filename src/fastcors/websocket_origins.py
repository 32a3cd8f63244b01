"""Checks the origin of WebSocket handshakes, which CORS does not cover.

A browser lets any page open a WebSocket to any host, with the user's cookies. The Origin header names the page, so the
server has to check it (RFC 6455, section 10.2).
"""

import re

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware as StarletteCORSMiddleware
from starlette.types import Message, Receive, Scope, Send

from .origin_function import ask
from .standard.origins import DEFAULT_PORTS

_AUTHORITY = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:/?#@\[\]]+)(?::([0-9]{1,5}))?")


async def refused_origin(middleware: StarletteCORSMiddleware, scope: Scope) -> str | None:
    """Return the origin of the handshake in `scope` if it has to be refused; None if `middleware` allows the origin, or
    the page comes from this host.
    """
    headers = Headers(scope=scope)
    origins = headers.getlist("origin")
    # A client that sends no Origin is not a browser, so it cannot abuse a user's cookies.
    if not origins:
        return None
    # A browser sends exactly one. If there are several, a proxy may have checked another one than the app reads.
    if len(origins) > 1:
        return ", ".join(origins)
    (origin,) = origins
    if middleware.is_allowed_origin(origin=origin):
        return None
    if is_own_origin(origin, headers, scope.get("scheme")):
        return None
    function = vars(middleware).get("allow_origin_func")
    return None if function is not None and await ask(function, origin, scope) else origin


def is_own_origin(origin: str, headers: Headers, scheme: str | None) -> bool:
    """Tell whether `origin` names the host that the handshake was sent to.

    Its host and port have to equal those of the Host header; a missing port means the default port. `scheme` is that
    of the connection, `wss` or `ws`. An encrypted handshake cannot come from a plain http page of the same origin. A
    plain handshake can come from an https page, because a proxy may have decrypted it.
    """
    of_page, _, authority = origin.partition("://")
    port, hosts = DEFAULT_PORTS.get(of_page), headers.getlist("host")
    if port is None or len(hosts) != 1 or (scheme == "wss" and of_page == "http"):
        return False
    place = _place(authority, port)
    return place is not None and place == _place(hosts[0], port)


def _place(authority: str, default_port: str) -> tuple[str, str] | None:
    """Return host and port, or None if `authority` is malformed."""
    found = _AUTHORITY.fullmatch(authority)
    return None if found is None else (found[1].lower(), found[2] or default_port)


_BODY = b"Disallowed WebSocket origin"


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a handshake with 403: with a response, if the server has the extension for that, or else by closing the
    connection before it is accepted, which ASGI servers turn into a 403.
    """
    message = await receive()
    # The client may have disconnected.
    if message["type"] == "websocket.connect":
        for answer in _denial() if "websocket.http.response" in (scope.get("extensions") or {}) else _close():
            await send(answer)


def _denial() -> list[Message]:
    headers = [(b"content-length", b"%d" % len(_BODY)), (b"content-type", b"text/plain; charset=utf-8")]
    return [
        {"type": "websocket.http.response.start", "status": 403, "headers": headers},
        {"type": "websocket.http.response.body", "body": _BODY},
    ]


def _close() -> list[Message]:
    # RFC 6455, section 7.4.1: 1008 means a violation of policy.
    return [{"type": "websocket.close", "code": 1008, "reason": _BODY.decode()}]
