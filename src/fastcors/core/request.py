"""One connection, from the call slot to the app or to an answer.

The core answers requests with the header pairs that a `Policy` encoded at start-up. It handles only plain containers of
bytes. Everything else takes the slow path: the middleware's `_fastcors_slow_respond` and `_fastcors_slow_send`, which
follow ordinary Python semantics. The core chooses the path before it changes anything.
"""

from functools import partial
from typing import Any, Literal

from .dispatch import current
from .names import REQUEST_HEADERS, REQUEST_METHOD, REQUEST_PRIVATE_NETWORK, Receive, Scope, Send
from .preflight import answer_preflight
from .sender import send_message

_READ = frozenset({b"origin", REQUEST_METHOD, REQUEST_HEADERS, REQUEST_PRIVATE_NETWORK})
_UNUSUAL: dict[bytes, Any] = {b"origin": False}


def _scan_for_origin(headers: list[Any]) -> bytes | Literal[False] | None:
    """Return the first Origin, None if there is none, or False if a header before it is no plain pair of bytes."""
    try:
        for pair in headers:
            # This raises for an iterator, which could be unpacked only once.
            first = pair[0]
            _, value = pair
            if first == b"origin":
                return value if type(value) is bytes else False
    except (TypeError, ValueError, LookupError):
        return False
    return None


def _scan(headers: list[Any]) -> dict[bytes, Any]:
    """Find the headers of the CORS protocol in one pass. The first of several with one name wins. An Origin of False
    means the same as above.
    """
    found: dict[bytes, bytes] = {}
    try:
        for pair in headers:
            name = pair[0]
            _, value = pair
            if name in _READ:
                if type(value) is not bytes:
                    return _UNUSUAL
                if name not in found:
                    found[name] = value
    except (TypeError, ValueError, LookupError):
        return _UNUSUAL
    return found


def respond(middleware: Any, scope: Scope, receive: Receive, send: Send) -> Any:
    """Return an awaitable that answers one connection."""
    kind = scope.get("type") if type(scope) is dict else None
    compiled = middleware._fastcors_cache.policy
    # No hook concerns anything but HTTP.
    if kind != "http" and type(kind) is str:
        if compiled is None:
            compiled = middleware._fastcors_compile(True)
        if compiled.connect is not None:
            return compiled.connect(scope, receive, send)
        return middleware.app(scope, receive, send)
    cls = type(middleware)
    if (
        compiled is None
        or compiled.takes_slow_path
        or cls is not compiled.cls
        or cls.simple_response is not compiled.simple_response
        or cls.send is not compiled.send
        or compiled.own_response.__code__ is not compiled.response_code
        or compiled.own_send.__code__ is not compiled.send_code
    ):
        compiled = current(middleware)
    if kind == "http" and not compiled.takes_slow_path:
        method, headers = scope.get("method"), scope.get("headers")
        if type(method) is str and type(headers) is list:
            if method != "OPTIONS":
                origin = _scan_for_origin(headers)
            elif REQUEST_METHOD in (found := _scan(headers)) and b"origin" in found:
                return answer_preflight(middleware, scope, receive, send, found)
            else:
                origin = found.get(b"origin")
            if origin is not False:
                request = middleware._fastcors_request(scope) if compiled.has_origin_function else scope
                return compiled.app(scope, receive, partial(send_message, middleware, send, origin, request))
    return middleware._fastcors_slow_respond(scope, receive, send)
