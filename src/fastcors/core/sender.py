"""The `send` that the app gets."""

import inspect
import sys
from types import CoroutineType
from typing import Any

from .coroutines import finish
from .names import _Message, _Scope, _Send
from .response import _amend


def _coroutine(awaitable: Any) -> Any:
    """Starlette's methods return coroutines, as `asyncio.create_task` demands; a server's `send` may return another
    awaitable.
    """
    return awaitable if type(awaitable) is CoroutineType else finish(awaitable)


def _send(middleware: Any, send: _Send, origin: bytes | None, scope: _Scope, message: _Message) -> Any:
    """What becomes the `send` that the app gets, with all but `message` given: it amends the start of the response
    and forwards the rest.
    """
    if type(message) is dict:
        kind = message.get("type")
        if kind != "http.response.start":
            if type(kind) is str:
                sent: Any = send(message)
                return sent if type(sent) is CoroutineType else finish(sent)
        elif _amend(middleware, message, origin, scope):
            return _coroutine(send(message))
    return middleware._fastcors_send_in_full(message, send, origin, scope)


def _flag_as_coroutine_function(function: Any) -> None:  # pragma: no cover  # on 3.11 alone
    # To CPython 3.11 a flag that is only looked at, as an instruction makes the coroutine; to others it is more.
    flag = inspect.CO_COROUTINE if sys.implementation.name == "cpython" else 0
    function.__code__ = function.__code__.replace(co_flags=function.__code__.co_flags | flag)


# Starlette hands out a coroutine function and asgiref warns of anything less, so `inspect` is to see that what `_send`
# returns is to be awaited. A coroutine of its own would make each message slower.
getattr(inspect, "markcoroutinefunction", _flag_as_coroutine_function)(_send)
