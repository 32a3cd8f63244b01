"""The request path over raw ASGI byte headers, in Python. Its twin, compiled, is compiled.pyx: same names, same order.

It answers from what a `Policy` encoded at start-up and takes only plain containers of bytes on its own; for
everything else it hands the request to the middleware's `_fastcors_respond_in_full` or `_fastcors_send_in_full`,
which follow ordinary Python semantics. It decides which way to go before it changes anything.
"""

from functools import partial
from typing import Any, Literal

from .dispatch import _current
from .names import _READ, _REQUEST_METHOD, _Receive, _Scope, _Send
from .preflight import _preflight
from .sender import _send


def _scan_for_origin(headers: list[Any]) -> bytes | Literal[False] | None:
    """Find the Origin, the first of several. None: there is none; False: something else than plain pairs of bytes
    was met on the way.
    """
    try:
        for pair in headers:
            # An iterator, which could be taken apart only once, has no items.
            first = pair[0]
            _, value = pair
            if first == b"origin":
                return value if type(value) is bytes else False
    except (TypeError, ValueError, LookupError):
        return False
    return None


def _scan(headers: list[Any]) -> dict[bytes, bytes] | None:
    """Find what the CORS protocol reads of a request with the method OPTIONS, which can be a preflight, in one
    pass; the first of several headers wins. None: as False above.
    """
    found: dict[bytes, bytes] = {}
    try:
        for pair in headers:
            name = pair[0]
            _, value = pair
            if name in _READ:
                if type(value) is not bytes:
                    return None
                if name not in found:
                    found[name] = value
    except (TypeError, ValueError, LookupError):
        return None
    return found


def respond(middleware: Any, scope: _Scope, receive: _Receive, send: _Send) -> Any:
    """Return what answers one connection when it is awaited."""
    kind = scope.get("type") if type(scope) is dict else None
    compiled = middleware._fastcors_cache.policy
    # No hook has a say in what is not HTTP.
    if kind != "http" and type(kind) is str:
        if compiled is None:
            compiled = middleware._fastcors_compile(True)
        if compiled.connect is not None:
            return compiled.connect(scope, receive, send)
        return middleware.app(scope, receive, send)
    cls = type(middleware)
    if (
        compiled is None
        or compiled.answers_in_full
        or cls is not compiled.cls
        or cls.simple_response is not compiled.simple_response
        or cls.send is not compiled.send
        or compiled.own_response.__code__ is not compiled.response_code
        or compiled.own_send.__code__ is not compiled.send_code
    ):
        compiled = _current(middleware)
    if compiled.answers_in_full or kind != "http":
        return middleware._fastcors_respond_in_full(scope, receive, send)
    method = scope.get("method")
    headers = scope.get("headers")
    if type(method) is not str or type(headers) is not list:
        return middleware._fastcors_respond_in_full(scope, receive, send)
    if method == "OPTIONS":
        found = _scan(headers)
        origin: bytes | Literal[False] | None
        if found is not None and b"origin" in found and _REQUEST_METHOD in found:
            return _preflight(middleware, scope, receive, send, found)
        origin = False if found is None else found.get(b"origin")
    else:
        origin = _scan_for_origin(headers)
    if origin is False:
        return middleware._fastcors_respond_in_full(scope, receive, send)
    request = middleware._fastcors_request(scope) if compiled.asks_function else scope
    return compiled.app(scope, receive, partial(_send, middleware, send, origin, request))
