"""The ASGI shell: Starlette's signature, attributes and hooks around the core.

A request goes from the call slot (`core.Dispatcher`) through the core to the app. The methods here serve those who call
or override them, and every request that takes the slow path.
"""

import functools
import re
import sys
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, SupportsIndex

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware as StarletteCORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import compiling, core, slow_path
from .core.policy import regex_of_patterns
from .origin_function import RequestState, check_function, function_failed
from .refusals import check_callback, report
from .standard.headers import ALLOW_ORIGIN
from .types import AllowOriginFunc, OnRefusal

if TYPE_CHECKING:
    from .browser.decision import Decision
    from .config.parameters import Parameters
    from .config.value import CORSConfig

_COLLECTIONS = frozenset({"allow_origins", "allow_methods", "allow_headers", "allow_origin_patterns"})


class CORSMiddleware(core.Dispatcher, StarletteCORSMiddleware):
    """Add CORS headers to responses and answer preflights, with the same results as Starlette's `CORSMiddleware`.

    Only HTTP requests are touched, and WebSockets if `check_websocket_origin` is set. `allow_origins` stays live: an
    origin that is added to the list later counts from the next request on. The parameters are Starlette's:

    - `app`: the ASGI app to wrap.
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

    These are in addition to Starlette's, and keyword-only:

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

    Raises `ValueError` for CR, LF or NUL in a value, and for a malformed or dangerous origin pattern. Raises `re.error`
    for a regex that does not compile. Raises `TypeError` for a function that cannot be called, an `on_refusal` that is
    a coroutine function, or another parameter given together with `config`. If the middleware is made while a server
    starts the app, these errors stop the server (`lifespan.startup.failed`).
    """

    on_refusal: OnRefusal | None = None
    allow_origin_patterns: Collection[str] = ()
    allow_origin_func: AllowOriginFunc | None = None
    check_websocket_origin: bool = False

    def __init__(
        self,
        app: ASGIApp,
        allow_origins: Collection[str] = (),
        allow_methods: Collection[str] = ("GET",),
        allow_headers: Collection[str] = (),
        allow_credentials: bool = False,
        allow_origin_regex: str | re.Pattern[str] | None = None,
        allow_private_network: bool = False,
        expose_headers: Collection[str] = (),
        max_age: int = 600,
        *,
        config: "CORSConfig | None" = None,
        strict: bool = False,
        on_refusal: OnRefusal | None = None,
        allow_origin_patterns: Collection[str] = (),
        allow_origin_func: AllowOriginFunc | None = None,
        check_websocket_origin: bool = False,
        accept: Collection[str] = (),
    ) -> None:
        self._fastcors_make(app, locals())

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__call__ is _OWN_CALL:
            core.use_call_slot(cls)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection. Both cores have a shorter way for `middleware(scope, receive, send)`."""
        if issubclass(type(self), CORSMiddleware):
            await core.respond(self, scope, receive, send)
        else:
            await slow_path.respond_for_another(self, scope, receive, send)

    # A user's subclass may use any name of its own. So all methods added here are named after the package.

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _COLLECTIONS:
            value = _checked_collection(self, name, value)
        elif name == "allow_origin_regex" and name in vars(self):  # not in the constructor, which checks everything
            _warn_of(self, name, value)
        elif name == "on_refusal":
            check_callback(value)
        elif name == "allow_origin_func":
            check_function(value)
        with compiling.LOCK, compiling.assigning(self, name):
            super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        with compiling.LOCK, compiling.assigning(self, name):
            super().__delattr__(name)

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[Any, ...]:
        # The older protocols cannot tell whether a base class in C holds state of its own.
        return super().__reduce_ex__(max(int(protocol), 2))

    def __getstate__(self) -> object:
        """Copy and pickle the attributes of Starlette's middleware. The policy is left out and compiled again."""
        state = super().__getstate__()
        match state:
            case attributes, {"_fastcors_cache": _, **slots}:
                return (attributes, slots) if slots else attributes
        return state

    def is_allowed_origin(self, origin: str) -> bool:
        """Tell whether `origin`, the value of an Origin header, is configured. Override it to decide otherwise."""
        if self.allow_all_origins:
            return True
        regexes = [regex for regex in (self.allow_origin_regex, regex_of_patterns(self)) if regex is not None]
        if regexes:
            # Imported late: most services have no regex, and start faster without it.
            from .origins.regex.matcher import matches

            if any(matches(regex, origin) for regex in regexes):
                return True
        return origin in self.allow_origins

    def preflight_response(self, request_headers: Headers) -> Response:
        """Return the answer to a preflight with these headers: 200, or a 400 that says what is not allowed."""
        return slow_path.preflight_response(self, request_headers, None)

    async def simple_response(self, scope: Scope, receive: Receive, send: Send, request_headers: Headers) -> None:
        """Run the app for an actual request, with a `send` that goes through `self.send`."""
        await self.app(scope, receive, functools.partial(self.send, send=send, request_headers=request_headers))

    async def send(self, message: Message, send: Send, request_headers: Headers) -> None:
        """Pass `message` on to `send`, with CORS headers when it starts the response."""
        if message["type"] == "http.response.start":
            await slow_path.amend(self, message, request_headers)
        await send(message)

    @staticmethod
    def allow_explicit_origin(headers: MutableHeaders, origin: str) -> None:
        """Name `origin` as the one that may read the response, and say that the response depends on it."""
        headers[ALLOW_ORIGIN] = origin
        slow_path.vary_by_origin(headers)

    def explain(
        self,
        *,
        origin: str,
        method: str = "GET",
        request_headers: "Collection[str | tuple[str, str]] | Mapping[str, str]" = (),
        credentials: bool = False,
        private_network: bool = False,
    ) -> "Decision":
        """Explain whether a browser lets a page make a request and read the response. See `fastcors.explain`."""
        from .browser.decision import decide

        return decide(
            self,
            origin=origin,
            method=method,
            request_headers=request_headers,
            credentials=credentials,
            private_network=private_network,
        )

    def _fastcors_make(self, app: ASGIApp, given: "Mapping[str, Any]") -> None:
        # Imported late: requests do not need them.
        from .config.value import parameters_given
        from .config.warn import check

        strict, parameters = given["strict"], None
        try:
            parameters = parameters_given(given["config"], given)
            if strict:
                check(parameters, app, strict)
            self._fastcors_configure(app, parameters, given["on_refusal"])
            if not strict:
                check(parameters, app, strict)
        except Exception as error:
            from .config.raised import add_problems
            from .failed_start import fail, is_made_at_start_up

            add_problems(error, parameters)
            if not is_made_at_start_up(sys._getframe()):
                raise
            fail(self, error, parameters)

    def _fastcors_configure(self, app: ASGIApp, parameters: "Parameters", on_refusal: OnRefusal | None) -> None:
        # Imported late: requests do not need it.
        from .config.attributes import own_attributes, public_attributes

        self.app = app
        for name, value in (public_attributes(parameters) | own_attributes(parameters, on_refusal)).items():
            setattr(self, name, value)
        # A subclass may define it for all its instances, which have no attribute of their own then.
        check_callback(self.on_refusal)
        self._fastcors_compile(True)

    # The core calls what follows.

    def _fastcors_compile(self, stale: bool) -> core.CompiledPolicy:
        return _OWN.compile(self, stale)

    async def _fastcors_slow_respond(
        self, scope: Scope, receive: Receive, send: Send, judged: slow_path.Judged | None = None, asked: bool = False
    ) -> None:
        """Answer one connection with Starlette's own objects and the hooks, step by step."""
        if scope["type"] != "http":
            await self._fastcors_connect(scope, receive, send)
            return
        method, headers = scope["method"], slow_path.headers_of(scope)
        if not slow_path.is_preflight(method, headers):
            await self.simple_response(scope, receive, send, request_headers=headers)
            return
        known = judged is not None
        if not asked and slow_path.own_parameter(self, "allow_origin_func"):
            judged = await slow_path.ask_function(self, headers, judged)
            known = known or not _OWN.overrides(self, _OWN.state_of(type(self)), "preflight_response")
        # An override may change what is allowed and then call our method, which decides again.
        if known:
            response = slow_path.preflight_response(self, headers, judged)
        else:
            response = self.preflight_response(request_headers=headers)
        await response(scope, receive, send)

    async def _fastcors_connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        await slow_path.connect(self, scope, receive, send)

    def _fastcors_request(self, scope: Scope | RequestState) -> RequestState:
        """Return the object that keeps the answer of `allow_origin_func` during a response."""
        return scope if isinstance(scope, RequestState) else RequestState(scope)

    async def _fastcors_slow_send(
        self, message: Message, send: Send, origin: bytes | None, scope: Scope | RequestState
    ) -> None:
        """Amend a message that the core does not handle, also if hooks were patched since the request came."""
        headers = slow_path.headers_with(origin, self._fastcors_request(scope))
        # Starlette looks `send` up when the request comes, and at that time it was the class's own.
        await _OWN_SEND(self, message, send=send, request_headers=headers)

    _fastcors_function_failed = staticmethod(function_failed)

    def _fastcors_refused(self, scope: Scope | RequestState, origin: str, reasons: tuple[str, ...]) -> None:
        report(self.on_refusal, scope.scope if isinstance(scope, RequestState) else scope, origin, reasons)


def _checked_collection(middleware: CORSMiddleware, name: str, value: Any) -> Any:
    """Return a collection as the middleware keeps it. Raises `ValueError` for an invalid origin pattern."""
    if isinstance(value, str):
        _warn_of(middleware, name, value)
    from .config.members import one_or_many

    value = one_or_many(value)
    if name != "allow_origin_patterns":
        return value
    if not value:
        return ()
    # Imported late: most configurations have no patterns.
    from .origins.patterns import checked_patterns

    return checked_patterns(value)


def _warn_of(middleware: CORSMiddleware, name: str, value: Any) -> None:
    from .config.attributes import ACCEPT
    from .config.warn import warn_of_assigned

    warn_of_assigned(name, value, vars(middleware).get(ACCEPT, ()))


core.use_call_slot(CORSMiddleware)
# Kept here, because they may be patched later.
_OWN_CALL, _OWN_SEND = CORSMiddleware.__call__, CORSMiddleware.send
_OWN = compiling.OwnClass(CORSMiddleware)
