"""Recognises CORS middlewares that are neither Starlette's nor ours, and tries what they answer.

They are recognised by their name, or by the name of a CORS header in their code. Only those named after CORS are
created and tried, alone, around a stand-in. Others may do more than CORS, and the app must not run.
"""

import asyncio
import contextlib
import copy
import re
import sys
from collections.abc import Callable, Iterator
from types import CellType, CodeType, FunctionType
from typing import Any, NamedTuple, cast

from ..browser.ask import stand_in
from ..browser.steps import Answer
from ..standard.headers import ALLOW_CREDENTIALS, ALLOW_ORIGIN

# No real page has this origin (RFC 6761), so a middleware that allows it allows every origin.
FOREIGN_ORIGIN = "https://foreign.invalid"

_NAME = re.compile(r"CORS|Cors(?![a-z])|(?<![A-Za-z])cors(?![a-z])")
_SECONDS = 2.0

INNER = ("app", "other_asgi_app")
"""Attributes in which a middleware keeps the inner app. The second one is python-socketio's."""


class Other(NamedTuple):
    """A CORS middleware of another package, or of the user's own."""

    name: str
    """The module and the name."""
    make: Callable[[], Any] | None
    """A function that creates it around a stand-in, or None if it must not be tried."""


class Tried(NamedTuple):
    """What a page of a foreign origin gets from a middleware."""

    reads: bool
    """The page may read responses."""
    credentials: bool
    """The page may also read them with the users' cookies."""


def recognised(kind: Any, make: Callable[[], Any]) -> Other | None:
    """Describe a class or a function as a CORS middleware, or return None if it is not one. `make` creates it for a
    trial.
    """
    function = kind if isinstance(kind, FunctionType) else None
    module = function.__globals__.get("__name__", "") if function else kind.__module__
    # `functools.wraps` gives a function the name of what it wraps.
    name = function.__code__.co_name if function else kind.__qualname__
    if _NAME.search(name):
        return Other(f"{module}.{name}", make)
    classes: tuple[type, ...] = () if function else cast(type, kind).__mro__
    members = [function, *(member for cls in classes for member in vars(cls).values())]
    codes = (each.__code__ for each in members if isinstance(each, FunctionType))
    return Other(f"{module}.{name}", None) if any(map(_names_the_header, codes)) else None


def wrapped_by(function: Any) -> Any:
    """Return the app that a function wraps, if it is one that wraps an app."""
    if not isinstance(function, FunctionType):
        return None
    held = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    return vars(function).get("__wrapped__") or (held["app"].cell_contents if "app" in held else None)


def alone(middleware: Any) -> Any:
    """Return a copy of a middleware, an object or a function, around a stand-in."""
    if isinstance(middleware, FunctionType):
        inner = wrapped_by(middleware)
        cells = (CellType(stand_in) if cell.cell_contents is inner else cell for cell in middleware.__closure__ or ())
        code, names = middleware.__code__, middleware.__globals__
        return FunctionType(code, names, argdefs=middleware.__defaults__, closure=tuple(cells))
    own = copy.copy(middleware)
    for name in INNER:
        if name in vars(own):
            setattr(own, name, stand_in)
    return own


def tried(other: Other) -> Tried | None:
    """Return what a foreign page gets from `other`, or None if it cannot be tried."""
    if other.make is None:
        return None
    with contextlib.redirect_stdout(sys.stderr):
        try:
            answer = asyncio.run(_answer(other.make()))
        except (Exception, SystemExit):
            return None
    allowed = answer.get(ALLOW_ORIGIN)
    credentials = allowed == FOREIGN_ORIGIN and answer.get(ALLOW_CREDENTIALS) == "true"
    return Tried(allowed in ("*", FOREIGN_ORIGIN), credentials)


async def _answer(middleware: Any) -> Answer:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await asyncio.wait_for(middleware(_scope(), receive, send), _SECONDS)
    start = next(message for message in sent if message["type"] == "http.response.start")
    pairs = ((bytes(name).decode("latin-1"), bytes(value).decode("latin-1")) for name, value in start["headers"])
    return Answer(start["status"], tuple(pairs))


def _scope() -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"server.invalid"), (b"origin", FOREIGN_ORIGIN.encode("ascii"))],
        "state": {},
    }


def _names_the_header(code: CodeType) -> bool:
    return ALLOW_ORIGIN.lower() in {text.lower() for text in _texts(code.co_consts)}


def _texts(constants: tuple[Any, ...]) -> Iterator[str]:
    """Yield the texts among the constants of a function, and of the functions within."""
    for each in constants:
        if isinstance(each, bytes):
            yield each.decode("latin-1")
        elif isinstance(each, str):
            yield each
        elif isinstance(each, (tuple, CodeType)):
            yield from _texts(each if isinstance(each, tuple) else each.co_consts)
