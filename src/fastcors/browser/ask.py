"""Sends a request to a CORS middleware, Starlette's or ours, and returns the answer.

The middleware handles the request itself, without a server, an event loop or its app. Its refusals are neither logged
nor reported to `on_refusal`.
"""

import copy
import inspect
from collections.abc import Awaitable
from typing import Any

from starlette.middleware.cors import ALL_METHODS as STARLETTES_METHODS

from ..config.attributes import public_attributes
from ..config.parameters import Parameters
from ..refusals import EXPLAINING
from ..standard.headers import ALLOW_CREDENTIALS
from ..standard.methods import ALL_METHODS
from .steps import Answer, Request, preflight_headers


async def stand_in(scope: Any, receive: Any, send: Any) -> None:
    """An app that gives every request the same empty response."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def _receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


def isolated(middleware: Any) -> Any:
    """Return a copy of `middleware` around `stand_in`."""
    own = copy.copy(middleware)
    own.app = stand_in
    return own


def is_middleware(value: Any) -> bool:
    """Tell whether `value` is a CORS middleware, Starlette's or ours."""
    # Its class would not tell: a process may have several copies of Starlette.
    return not isinstance(value, type) and all(hasattr(value, name) for name in ("preflight_headers", "simple_headers"))


def parameters_of(middleware: Any) -> dict[str, Any]:
    """Return the parameters that decide what `middleware` allows, read from its current attributes."""
    methods = tuple(middleware.allow_methods)
    return {
        "allow_origins": middleware.allow_origins,
        "allow_methods": ("*",) if methods in (ALL_METHODS, tuple(STARLETTES_METHODS)) else methods,
        "allow_headers": ("*",) if middleware.allow_all_headers else tuple(middleware.allow_headers),
        # Starlette 0.46 has no attribute for this one.
        "allow_credentials": getattr(middleware, "allow_credentials", ALLOW_CREDENTIALS in middleware.simple_headers),
        "allow_origin_regex": middleware.allow_origin_regex,
        "allow_private_network": getattr(middleware, "allow_private_network", False),
    }


def remade(middleware: Any, parameters: dict[str, Any]) -> Any:
    """Return a copy of `middleware` with these parameters and all its other attributes."""
    own = copy.copy(middleware)
    if hasattr(own, "_fastcors_cache"):
        # The constructor would emit warnings, and would reset attributes that these parameters do not describe.
        vars(own).update(public_attributes(Parameters(**parameters)))
        own.app = stand_in
    else:
        made_by: Any = next(cls for cls in type(own).__mro__ if cls.__name__ == "CORSMiddleware")
        known = inspect.signature(made_by).parameters
        made_by.__init__(own, stand_in, **{name: value for name, value in parameters.items() if name in known})
    return own


def ask(middleware: Any, request: Request, preflight: bool) -> Answer:
    """Return the answer of `middleware` to `request`, or to the preflight for it."""
    headers = preflight_headers(request) if preflight else (*request.headers, ("origin", request.origin))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "OPTIONS" if preflight else request.method,
        "scheme": "https",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), (value or "").encode("latin-1")) for name, value in headers],
        EXPLAINING: True,
    }
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    _run(middleware(scope, _receive, send))
    start = next((message for message in sent if message["type"] == "http.response.start"), None)
    if start is None:
        raise RuntimeError("this middleware, or a hook of it, sends no response, so explain() cannot ask it")
    pairs = ((bytes(name).decode("latin-1"), bytes(value).decode("latin-1")) for name, value in start["headers"])
    body = b"".join(message.get("body", b"") for message in sent)
    return Answer(start["status"], tuple(pairs), body.decode("utf-8", "replace"))


def _run(awaitable: Awaitable[Any]) -> None:
    """Run `awaitable` without an event loop. A CORS answer never has to wait."""
    running = awaitable.__await__()
    try:
        next(running)
    except StopIteration:
        return
    raise RuntimeError("this middleware waits for something while it answers, so explain() cannot ask it")
