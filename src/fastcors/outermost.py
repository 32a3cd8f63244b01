"""Puts the middleware around the whole stack of a Starlette or FastAPI app, where `add_middleware` cannot put it.

`add_middleware` places it inside the middleware that answers 500, so browsers report a CORS error instead of the 500.
It is also inside every middleware added later, such as authentication, which refuses preflights.
"""

import copy
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.middleware.cors import CORSMiddleware as StarletteCORSMiddleware
from starlette.types import ASGIApp

from .middleware import CORSMiddleware

if TYPE_CHECKING:
    import re
    from collections.abc import Collection
    from typing import TypedDict, Unpack

    from starlette.applications import Starlette

    from .config.value import CORSConfig
    from .types import AllowOriginFunc, OnRefusal

    class CORSParameters(TypedDict, total=False):
        """The parameters of `CORSMiddleware` except the app."""

        allow_origins: Collection[str]
        allow_methods: Collection[str]
        allow_headers: Collection[str]
        allow_credentials: bool
        allow_origin_regex: str | re.Pattern[str] | None
        allow_private_network: bool
        expose_headers: Collection[str]
        max_age: int
        config: CORSConfig | None
        strict: bool
        on_refusal: OnRefusal | None
        allow_origin_patterns: Collection[str]
        allow_origin_func: AllowOriginFunc | None
        check_websocket_origin: bool
        accept: Collection[str]


App = TypeVar("App", bound="Starlette")


def add_cors(app: App, **parameters: "Unpack[CORSParameters]") -> App:
    """Put a `CORSMiddleware` around all of a Starlette or FastAPI app, and return the app.

    It stays outside of every other middleware, including those added later. So responses to unhandled exceptions carry
    CORS headers, and preflights are answered before authentication runs. The parameters are those of `CORSMiddleware`,
    by name:

    - `allow_origins`: origins that may read the responses, each exactly as browsers send it, such as
      `"https://app.example.com"`. `"*"` allows every origin.
    - `allow_methods`: methods that a preflight may ask for, in upper case. `"*"` allows DELETE, GET, HEAD, OPTIONS,
      PATCH, POST, PUT and QUERY.
    - `allow_headers`: request headers that a preflight may ask for, in any case. `"*"` allows every header. Accept,
      Accept-Language, Content-Language and Content-Type are always allowed.
    - `allow_credentials`: let browsers send cookies and HTTP authentication, and let pages read the responses.
    - `allow_origin_regex`: a regular expression, as a string or compiled. It allows an origin if it matches the whole
      of it. Matching takes linear time, unless a warning at start-up says otherwise.
    - `allow_private_network`: let public pages send requests to a server on a private network.
    - `expose_headers`: response headers that scripts may read, in addition to the few that they may always read.
    - `max_age`: the number of seconds for which browsers may cache the answer to a preflight.
    - `config`: a `CORSConfig` that holds the parameters, instead of the parameters themselves. Only `strict` and
      `on_refusal` can be given together with it.
    - `strict`: raise all errors and warnings about the configuration in one `CORSConfigError`, instead of emitting a
      `CORSConfigWarning` for each.
    - `on_refusal`: a function that is called for each refused request, with its origin, the reasons (of "origin",
      "method", "headers" and "private-network") and its scope. If it raises, the exception is logged and the response
      stays the same.
    - `allow_origin_patterns`: origins with a wildcard: `"https://*.example.com"` allows all subdomains,
      `"http://localhost:*"` allows any port or none.
    - `allow_origin_func`: a function, `async` or not, that decides about origins that nothing else allows. It gets the
      origin and the scope of the request, and returns True or False. If it raises, the exception is logged and the
      origin is refused.
    - `check_websocket_origin`: refuse WebSocket connections from origins that are neither allowed nor the host's own.
    - `accept`: codes of configuration problems, such as `"origin-insecure"`. These problems are neither emitted as
      warnings nor raised by `strict`.

    Raises `RuntimeError` if the app already has a CORS middleware or has started. Raises `TypeError` if `app` is
    neither a Starlette nor a FastAPI app. Also raises what `CORSMiddleware` raises.
    """
    # Imported late: an app of another framework never needs it.
    from starlette.applications import Starlette

    if not isinstance(app, Starlette):
        raise TypeError(
            f"add_cors takes a Starlette or FastAPI app, not {app!r}. Wrap what is another ASGI app: "
            f"app = CORSMiddleware(app, ...)."
        )
    if isinstance(app, _Surrounded):
        raise RuntimeError("add_cors was called for this app before. Give all parameters in one call.")
    if app.middleware_stack is not None:
        raise RuntimeError("The app has started, and serves without. Call add_cors where the app is made.")
    for added in app.user_middleware:
        _refuse_another(added.cls)
    middleware = CORSMiddleware(app.router, **parameters)
    kind: type = type(app)
    app.__class__ = _surrounded(kind)
    vars(app)["_fastcors_middleware"] = middleware
    return app


class _Surrounded:
    """Extends the class of an app: when the app assigns a stack that it built, the middleware is put around it.

    `build_middleware_stack` remains unchanged, because instrumentation replaces it on the app and expects its result to
    be the outermost middleware of Starlette.
    """

    @property
    def middleware_stack(self) -> ASGIApp | None:
        stack: ASGIApp | None = vars(self)["middleware_stack"]
        return stack

    @middleware_stack.setter
    def middleware_stack(self, stack: ASGIApp | None) -> None:
        if stack is not None:
            # A copy, because the assigned stack may contain the middleware of the previous assignment.
            surrounding = copy.copy(vars(self)["_fastcors_middleware"])
            surrounding.app = stack
            stack = surrounding
        vars(self)["middleware_stack"] = stack

    def add_middleware(self, middleware_class: Any, *args: Any, **kwargs: Any) -> None:
        _refuse_another(middleware_class)
        super().add_middleware(middleware_class, *args, **kwargs)  # type: ignore[misc]  # Starlette's


def _refuse_another(middleware_class: Any) -> None:
    if isinstance(middleware_class, type) and issubclass(middleware_class, StarletteCORSMiddleware):
        raise RuntimeError(
            f"The app has a {middleware_class.__name__} from add_middleware beside the one from add_cors: where the "
            f"outer one refuses, what the inner one allows would stand. Remove add_middleware."
        )


def _surrounded(kind: type) -> Any:
    """Return the subclass of `kind` that looks like it. It is not cached, so an unused class can be freed."""
    made: type
    for made in type.__subclasses__(kind):
        if made.__bases__ == (_Surrounded, kind):
            return made
    names = {name: getattr(kind, name) for name in ("__doc__", "__module__", "__qualname__")}
    return type(kind.__name__, (_Surrounded, kind), names)
