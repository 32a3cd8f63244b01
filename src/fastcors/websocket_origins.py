"""Whether a page may open a WebSocket here: no CORS protocol guards these, so the server has to look itself.

A browser lets any page open a WebSocket to any host, with the user's cookies, and tells by Origin which page it is
(RFC 6455, section 10.2).
"""

import re

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware as StarletteCORSMiddleware
from starlette.types import Message, Receive, Scope, Send

from .origin_function import ask
from .standard.origins import DEFAULT_PORTS

_AUTHORITY = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:/?#@\[\]]+)(?::([0-9]{1,5}))?")


async def refused_origin(middleware: StarletteCORSMiddleware, scope: Scope) -> str | None:
    """Return the origin that the handshake in `scope` comes from where `middleware` does not allow it and it is not the
    host's own; None where the handshake may go on.
    """
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    # What sends no Origin is no browser, and so has nobody's cookies.
    if origin is None or middleware.is_allowed_origin(origin=origin):
        return None
    if is_own_origin(origin, headers, scope.get("scheme")):
        return None
    function = vars(middleware).get("allow_origin_func")
    return None if function is not None and await ask(function, origin, scope) else origin


def is_own_origin(origin: str, headers: Headers, scheme: str | None) -> bool:
    """Tell whether `origin` is that of the host which a handshake with these headers was sent to.

    Host and port have to be those in Host; where there is no port it is the default one. `scheme` is the connection's,
    `wss` or `ws`, and compared as far as it tells: what came in plain may have been encrypted on its way to a
    proxy, but a page that was not is none of the host's own where the handshake came encrypted.
    """
    of_page, _, authority = origin.partition("://")
    port, hosts = DEFAULT_PORTS.get(of_page), headers.getlist("host")
    if port is None or len(hosts) != 1 or (scheme == "wss" and of_page == "http"):
        return False
    place = _place(authority, port)
    return place is not None and place == _place(hosts[0], port)


def _place(authority: str, default_port: str) -> tuple[str, str] | None:
    """Return host and port; None for what is not these two."""
    found = _AUTHORITY.fullmatch(authority)
    return None if found is None else (found[1].lower(), found[2] or default_port)


_BODY = b"Disallowed WebSocket origin"


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a handshake with 403: as a response, where the server has the extension for it, or by a close before it
    was accepted, of which the ASGI specification has servers make one.
    """
    message = await receive()
    # Whoever asked may have gone.
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
    # RFC 6455, section 7.4.1: 1008 is a violation of policy.
    return [{"type": "websocket.close", "code": 1008, "reason": _BODY.decode()}]
