"""Patches each hook of the subject's class after its first requests, in one way: `python -m interop.apps.patched WAY`.

Prints, for each hook, how often the patch was called and what was sent then. Each runs in a forked process, because a
function whose code was exchanged keeps it.
"""

import functools
import json
import os
import sys
from collections.abc import Callable
from typing import Any

from interop.subjects import cors_middleware

ORIGIN = "https://app.example.com"
HOOKS = ("is_allowed_origin", "preflight_response", "simple_response", "send", "allow_explicit_origin")


def by_datadogs_bytecode(cls: Any, hook: str, called: Callable[[], None]) -> None:
    from ddtrace.internal.wrapping import wrap

    def wrapper(function: Any, args: Any, kwargs: Any) -> Any:
        called()
        return function(*args, **kwargs)

    wrap(getattr(cls, hook), wrapper)


def by_datadogs_wrapper(cls: Any, hook: str, called: Callable[[], None]) -> None:
    from ddtrace.contrib.internal.trace_utils import wrap

    def wrapper(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
        called()
        return wrapped(*args, **kwargs)

    wrap(cls, hook, wrapper)


def by_opentelemetrys_wrapper(cls: Any, hook: str, called: Callable[[], None]) -> None:
    import wrapt

    def wrapper(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
        called()
        return wrapped(*args, **kwargs)

    wrapt.wrap_function_wrapper(cls, hook, wrapper)


def by_sentrys_decorator(cls: Any, hook: str, called: Callable[[], None]) -> None:
    import sentry_sdk

    function = getattr(cls, hook)

    @functools.wraps(function)
    def calling(*args: Any, **kwargs: Any) -> Any:
        called()
        return function(*args, **kwargs)

    traced = sentry_sdk.trace(calling)
    setattr(cls, hook, staticmethod(traced) if isinstance(vars(cls)[hook], staticmethod) else traced)


WAYS = {
    way.__name__: way
    for way in (by_datadogs_bytecode, by_datadogs_wrapper, by_opentelemetrys_wrapper, by_sentrys_decorator)
}


async def app(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def request(middleware: Any, method: str) -> list[Any]:
    headers = [(b"origin", ORIGIN.encode()), (b"access-control-request-method", b"GET")]
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    running = middleware({"type": "http", "method": method, "path": "/", "headers": headers}, None, send)
    try:
        running.send(None)
    except StopIteration:
        return sent
    raise AssertionError("something waited for an event loop")


def patched(hook: str, way: Callable[..., None]) -> str:
    """Return the name of the hook, how often what was put in its place was called, and what was sent, as JSON."""
    cls = cors_middleware()
    calls: list[None] = []
    middleware = cls(app, allow_origins=[ORIGIN])
    for method in ("GET", "OPTIONS"):
        request(middleware, method)
    way(cls, hook, lambda: calls.append(None))
    sent = [repr(request(middleware, method)) for method in ("GET", "OPTIONS")]
    return json.dumps([hook, len(calls), *sent])


if __name__ == "__main__":
    for name in HOOKS:
        if os.fork() == 0:
            os.write(1, patched(name, WAYS[sys.argv[1]]).encode() + b"\n")
            os._exit(0)
        os.wait()
