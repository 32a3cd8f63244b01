"""Handles one connection, from the call slot to the app or to an answer.

The core answers requests with the header pairs that a `Policy` encoded at start-up. It handles only plain containers of
bytes. Everything else takes the slow path: the middleware's `_fastcors_slow_respond` and `_fastcors_slow_send`, which
follow ordinary Python semantics. The core chooses the path before it changes anything.
"""

from functools import partial
from types import CoroutineType
from typing import Any, Literal

from .coroutines import finish
from .dispatch import Dispatcher, current
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
    means the same as in `_scan_for_origin`.
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


def respond(self: Any, scope: Scope, receive: Receive, send: Send) -> Any:
    """Return a coroutine that answers one connection. It is the `__call__` of the middleware: see `use_call_slot`."""
    try:
        compiled = self._fastcors_cache.policy
        connect = compiled.connect
    except AttributeError:  # there is no policy yet, or this is an object of another class
        if not issubclass(type(self), Dispatcher):
            return Dispatcher._fastcors_for_another(self, scope, receive, send)
        compiled = current(self)
        connect = compiled.connect
    try:
        kind = scope["type"]
    except Exception:  # raise it where the server awaits
        return self._fastcors_slow_respond(scope, receive, send)
    if kind != "http":
        # Hooks only concern HTTP.
        awaitable: Any = connect(scope, receive, send)
        return awaitable if type(awaitable) is CoroutineType else finish(awaitable)
    cls: Any = type(self)
    if (
        compiled.takes_slow_path
        or cls is not compiled.cls
        or cls.simple_response is not compiled.simple_response
        or cls.send is not compiled.send
        or compiled.own_response.__code__ is not compiled.response_code
        or compiled.own_send.__code__ is not compiled.send_code
    ):
        # A proxy has the attributes of the middleware that it stands for.
        if not issubclass(cls, Dispatcher):
            return Dispatcher._fastcors_for_another(self, scope, receive, send)
        compiled = current(self)
    if type(scope) is dict and not compiled.takes_slow_path:
        method, headers = scope.get("method"), scope.get("headers")
        if type(method) is str and type(headers) is list:
            if method != "OPTIONS":
                origin = _scan_for_origin(headers)
            elif REQUEST_METHOD in (found := _scan(headers)) and b"origin" in found:
                return answer_preflight(self, scope, receive, send, found)
            else:
                origin = found.get(b"origin")
            if origin is not False:
                request = self._fastcors_request(scope) if compiled.has_origin_function else scope
                awaitable = compiled.app(scope, receive, partial(send_message, self, send, origin, request))
                return awaitable if type(awaitable) is CoroutineType else finish(awaitable)
    return self._fastcors_slow_respond(scope, receive, send)


# `use_call_slot` cannot import it, because this module imports that one.
Dispatcher._fastcors_respond = staticmethod(respond)
