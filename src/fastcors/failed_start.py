"""Makes a server stop when a middleware cannot be made.

Starlette makes the middlewares of an app when the app is first called. Under a server, that is the lifespan call. If
that call raises, servers assume an app without lifespan. They start anyway, and answer 500 to every request. Only the
message `lifespan.startup.failed` stops them. So the constructor does not raise there, but leaves a middleware that
sends this message.
"""

import contextlib
import traceback
from collections.abc import Mapping
from types import FrameType
from typing import Any, NoReturn

from starlette.types import Receive, Scope, Send

from .config.parameters import Parameters


def is_made_at_start_up(frame: FrameType | None) -> bool:
    """Tell whether an app is building its middleware stack in `frame` or above it, because a server started the app.

    The app is the `self` of `build_middleware_stack`. Its own `__call__` has to be further up, with a lifespan scope,
    because the lifespan of another app may be running while a stack is built by hand.
    """
    app = None
    while frame is not None:
        name = frame.f_code.co_name
        if app is None and name == "build_middleware_stack":
            app = frame.f_locals.get("self")
        elif app is not None and name == "__call__" and frame.f_locals.get("self") is app:
            scope = frame.f_locals.get("scope")
            return isinstance(scope, Mapping) and scope.get("type") == "lifespan"
        frame = frame.f_back
    return False


class FailedStart:
    """The app of a middleware that could not be made. It fails the start, and raises the error for anything else."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.traceback = error.__traceback__

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            message = "".join(traceback.format_exception_only(self.error)).rstrip()
            await send({"type": "lifespan.startup.failed", "message": message})
        # Raise after the message too, as Starlette does, because its test client looks for the error.
        self.fail()

    def fail(self, *_: Any, **__: Any) -> NoReturn:
        # Each time an exception is raised, it gets a longer traceback.
        raise self.error.with_traceback(self.traceback)


def fail(middleware: Any, error: Exception, parameters: Parameters | None) -> None:
    """Make `middleware` raise `error` for every request, and make the server's start fail.

    It still gets its attributes, with the given values if possible. The `__init__` of a subclass continues after this,
    and an exception there would hide this one.
    """
    failed = FailedStart(error)
    middleware._fastcors_configure(failed, Parameters(), None)
    if parameters is not None:
        with contextlib.suppress(Exception):
            middleware._fastcors_configure(failed, parameters, None)
    # Preflights are answered without the app.
    middleware.preflight_response = failed.fail
