"""The ASGI shell: Starlette's signature, attributes and hooks around the core.

A request goes from the call slot (`core.Dispatcher`) through the core to the app. The methods here serve those
who call or override them, and every request that the core does not take on its own; they follow Starlette
1.10.0 whichever version is installed.
"""

import contextlib
import functools
import gc
import os
import threading
from collections.abc import Collection, Iterator, Mapping
from operator import is_
from types import GetSetDescriptorType
from typing import TYPE_CHECKING, Any, SupportsIndex

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware as StarletteCORSMiddleware
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import core
from .policy import (
    ALLOW_HEADERS,
    ALLOW_ORIGIN,
    ALLOW_PRIVATE_NETWORK,
    ATTRIBUTES,
    Policy,
    checked_patterns,
    has_control,
    matches,
    one_or_many,
    own_attributes,
    policy_of,
    public_attributes,
    regex_of_patterns,
    warn_of_string,
    warn_of_unbounded_time,
)
from .refusals import OnRefusal, check_callback, levels, report

if TYPE_CHECKING:
    from .config import CORSConfig
    from .core.names import ClassState
    from .explain import Decision
    from .origin_function import AllowOriginFunc

# Overriding one of these means that it has to be called, with what Starlette would call it with.
_SLOW_PATH_HOOKS = ("preflight_response", "simple_response", "send", "allow_explicit_origin")
# In the order in which the cores know them.
_HOOKS = ("is_allowed_origin", *_SLOW_PATH_HOOKS)
_COLLECTIONS = frozenset({"allow_origins", "allow_methods", "allow_headers", "allow_origin_patterns"})
# Parameters that are not Starlette's. An instance has the attribute where it is given, and is what Starlette's is else.
_OWN_PARAMETERS = ("on_refusal", "allow_origin_patterns", "allow_origin_func", "check_websocket_origin")
_COMPILED_FROM = frozenset({*ATTRIBUTES, *_HOOKS, *_OWN_PARAMETERS, "__dict__"})
# What decides, in a class, how the attributes of its instances are read and written.
_ATTRIBUTE_ACCESS = ("__getattribute__", "__setattr__", "__delattr__", "__dict__")
# What a policy depends on in a class.
_OF_CLASS = frozenset({*_HOOKS, "on_refusal", *ATTRIBUTES, *_ATTRIBUTE_ACCESS})
# Where the headers of a request that is answered in full keep the request.
_REQUEST = "_fastcors_request"

# Compiling reads several attributes and stores one result, so it must not meet another thread's assignment halfway.
# Shared by all instances, because an instance that holds a lock can be neither copied nor pickled; taken at start-up
# and on assignments only.
_COMPILING = threading.RLock()


def _renew_lock() -> None:  # pragma: no cover  # in a child process
    global _COMPILING
    _COMPILING = threading.RLock()


# A child process has one thread. Had another held the lock in the parent, nobody would ever release it in the child.
if hasattr(os, "register_at_fork"):  # pragma: no branch
    os.register_at_fork(after_in_child=_renew_lock)


class _Request:
    """One request: its scope, and what `allow_origin_func` said of it.

    The answer is not kept in the scope, which a server may use again and an app may copy for another request.
    """

    __slots__ = ("answer", "reported", "scope")

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.answer: Any = None
        self.reported = False

    def __reduce__(self) -> tuple[Any, ...]:
        # Headers that keep it can be copied and pickled; what a copy is about is no longer this request.
        return type(None), ()


class CORSMiddleware(core.Dispatcher, StarletteCORSMiddleware):
    """Add CORS headers to responses and answer preflights, as Starlette's `CORSMiddleware` does, for less.

    Wraps the ASGI app `app`; only HTTP requests are touched. The parameters are Starlette's:

    - `allow_origins`: the origins allowed, each as the browser sends it, such as `"https://app.example.com"`;
      `"*"` among them allows every origin. The collection stays live: what is added to it later counts.
    - `allow_methods`: the methods a preflight may ask for, in upper case; `"*"` stands for the usual eight.
    - `allow_headers`: the request-header names a preflight may ask for, in any case; `"*"` allows every name.
    - `allow_credentials`: let the browser send cookies and authentication, and read the response.
    - `allow_origin_regex`: allows an origin that the whole of the pattern matches. In linear time, unless a warning
      names the construct that rules it out.
    - `allow_private_network`: allow requests from public pages to this private network.
    - `expose_headers`: the response-header names that scripts may read.
    - `max_age`: how long a browser may keep a preflight's answer, in seconds.

    And of its own:

    - `config`: a `CORSConfig`, which gives them all at once, in place of the others.
    - `strict`: raise what is wrong with them as one `CORSConfigError`, where a `CORSConfigWarning` each would say it.
    - `on_refusal`: a function that is called for each refused request, with its origin, the reasons (of "origin",
      "method", "headers" and "private-network") and its scope. What it raises is logged and changes no answer.
    - `allow_origin_patterns`: origins such as `"https://*.example.com"`, for all its subdomains, and
      `"http://localhost:*"`, for any port or none.
    - `allow_origin_func`: a function, `async` or not, that is asked with the origin and the scope of a request about an
      origin that nothing else allows, and returns True or False. What it raises is logged, and refuses the origin.
    - `check_websocket_origin`: refuse a WebSocket from an origin that is neither allowed nor this host's own.

    Raises `ValueError` for CR, LF or NUL in a value and for a malformed or dangerous origin pattern, `re.error` for a
    regex that does not compile, `TypeError` for a function that cannot be called, for an `on_refusal` that is a
    coroutine function, and for another parameter beside `config`. See the Fetch standard, "CORS protocol".
    """

    on_refusal: OnRefusal | None = None
    allow_origin_patterns: Collection[str] = ()
    allow_origin_func: "AllowOriginFunc | None" = None
    check_websocket_origin: bool = False

    def __init__(
        self,
        app: ASGIApp,
        allow_origins: Collection[str] = (),
        allow_methods: Collection[str] = ("GET",),
        allow_headers: Collection[str] = (),
        allow_credentials: bool = False,
        allow_origin_regex: str | None = None,
        allow_private_network: bool = False,
        expose_headers: Collection[str] = (),
        max_age: int = 600,
        *,
        config: "CORSConfig | None" = None,
        strict: bool = False,
        on_refusal: OnRefusal | None = None,
        allow_origin_patterns: Collection[str] = (),
        allow_origin_func: "AllowOriginFunc | None" = None,
        check_websocket_origin: bool = False,
    ) -> None:
        from .config import check, config_of

        given = allow_origins, allow_methods, allow_headers, allow_credentials, allow_origin_regex
        own = allow_origin_patterns, allow_origin_func, check_websocket_origin
        config = config_of(config, *given, allow_private_network, expose_headers, max_age, *own)
        if strict:
            check(config, app, strict)
        self._fastcors_configure(app, config, on_refusal)
        if not strict:
            check(config, app, strict)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__call__ is _OWN_CALL:
            core.use_call_slot(cls)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection. Called as `middleware(scope, receive, send)` the compiled core takes a shorter way."""
        if issubclass(type(self), CORSMiddleware):
            await core.respond(self, scope, receive, send)
        else:
            await _respond_for_another(self, scope, receive, send)

    # A user's subclass is free to use any name of its own, so all that is added here is named after the package.

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _COLLECTIONS:
            warn_of_string(name, value)
            value = one_or_many(value)
            if name == "allow_origin_patterns":
                value = checked_patterns(value)
        elif name == "allow_origin_regex" and name in vars(self):  # not when made: then all is checked
            warn_of_unbounded_time(value)
        elif name == "on_refusal":
            check_callback(value)
        elif name == "allow_origin_func":
            from .origin_function import check_function

            check_function(value)
        with _COMPILING, _forgetting(self, name):
            super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        with _COMPILING, _forgetting(self, name):
            super().__delattr__(name)

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[Any, ...]:
        # The older protocols cannot tell a base class in C from one that holds state of its own.
        return super().__reduce_ex__(max(int(protocol), 2))

    def __getstate__(self) -> object:
        """Copy and pickle what Starlette's middleware holds; what is compiled from it is compiled anew."""
        state = super().__getstate__()
        match state:
            case attributes, {"_fastcors_cache": _, **slots}:
                return (attributes, slots) if slots else attributes
        return state

    def is_allowed_origin(self, origin: str) -> bool:
        """Tell whether `origin`, as the Origin header has it, is configured. Override it to decide otherwise."""
        if self.allow_all_origins:
            return True
        regex = self.allow_origin_regex
        if regex is not None and matches(regex, origin):
            return True
        patterns = regex_of_patterns(self)
        if patterns is not None and matches(patterns, origin):
            return True
        return origin in self.allow_origins

    def preflight_response(self, request_headers: Headers) -> Response:
        """Return the answer to a preflight with these headers: 200, or 400 that names what is not allowed."""
        return _preflight_response(self, request_headers, None)

    async def simple_response(self, scope: Scope, receive: Receive, send: Send, request_headers: Headers) -> None:
        """Run the app for an actual request, with a `send` that goes through `self.send`."""
        await self.app(scope, receive, functools.partial(self.send, send=send, request_headers=request_headers))

    async def send(self, message: Message, send: Send, request_headers: Headers) -> None:
        """Pass `message` on to `send`, with CORS headers when it starts the response."""
        if message["type"] == "http.response.start":
            message.setdefault("headers", [])
            headers = MutableHeaders(scope=message)
            origin = request_headers.get("Origin")
            judged = await _ask(self, request_headers, None) if _own(self, "allow_origin_func") else None
            allowed = None if origin is None else _set_simple_headers(self, headers, origin, judged)
            if origin is not None and allowed:
                self.allow_explicit_origin(headers, origin)
            else:
                _vary_by_origin(headers)
            if origin is not None and allowed is False:
                _report(self, getattr(request_headers, _REQUEST, None), origin, ("origin",))
        await send(message)

    @staticmethod
    def allow_explicit_origin(headers: MutableHeaders, origin: str) -> None:
        """Name `origin` as the one that may read the response, and say that the response depends on it."""
        headers[ALLOW_ORIGIN] = origin
        _vary_by_origin(headers)

    def explain(
        self,
        *,
        origin: str,
        method: str = "GET",
        request_headers: "Collection[str | tuple[str, str]] | Mapping[str, str]" = (),
        credentials: bool = False,
        private_network: bool = False,
    ) -> "Decision":
        """Explain what becomes of a request from a page of `origin`: see `fastcors.explain.explain`."""
        from .explain import explain

        return explain(
            self,
            origin=origin,
            method=method,
            request_headers=request_headers,
            credentials=credentials,
            private_network=private_network,
        )

    def _fastcors_configure(self, app: ASGIApp, config: "CORSConfig", on_refusal: OnRefusal | None) -> None:
        self.app = app
        for name, value in (public_attributes(config) | own_attributes(config, on_refusal)).items():
            setattr(self, name, value)
        # What a subclass has for all its instances is assigned to none of them.
        check_callback(self.on_refusal)
        self._fastcors_compile(True)

    def _fastcors_compile(self, stale: bool) -> core.CompiledPolicy:
        """Return what the core answers from, made anew where it is `stale` or a hook of the class was replaced."""
        with _COMPILING:
            cache = self._fastcors_cache
            version = core.class_version(type(self), _OF_CLASS)
            class_state = _class_state(type(self))
            previous = cache.policy
            if not stale and previous is not None and _same_state(previous.class_state, class_state):
                previous.version = version
                return previous
            policy = _policy_of(self, class_state)
            connect = self._fastcors_connect if policy is None or _own(self, "check_websocket_origin") else None
            watched = levels() if vars(self).get("on_refusal", class_state[1]["on_refusal"]) is None else None
            compiled = core.CompiledPolicy(policy, version, class_state, previous, watched, connect)
            # Into the cache of before: if an attribute was assigned meanwhile, that is no longer the instance's.
            cache.policy = compiled
            return compiled

    async def _fastcors_slow_respond(
        self, scope: Scope, receive: Receive, send: Send, judged: tuple[str, bool] | None = None
    ) -> None:
        """Answer one connection by Starlette's own objects and the hooks, step by step. `judged`: an origin, and
        whether it is allowed, where that is known already.
        """
        if scope["type"] != "http":
            await self._fastcors_connect(scope, receive, send)
            return
        method = scope["method"]
        headers = Headers(scope=scope)
        setattr(headers, _REQUEST, _Request(scope))
        origin = headers.get("origin")
        if origin is None or method != "OPTIONS" or "access-control-request-method" not in headers:
            await self.simple_response(scope, receive, send, request_headers=headers)
            return
        known = judged is not None
        if _own(self, "allow_origin_func"):
            judged = await _ask(self, headers, judged)
            known = known or not _overrides(self, _class_state(type(self)), "preflight_response")
        # An override may change what is allowed before it calls ours, which then looks at it again.
        if known:
            response = _preflight_response(self, headers, judged)
        else:
            response = self.preflight_response(request_headers=headers)
        await response(scope, receive, send)

    async def _fastcors_connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the app for what is no HTTP request, but for a WebSocket that its origin may not open."""
        if scope["type"] == "websocket" and _own(self, "check_websocket_origin"):
            from .websocket_origins import is_refused, refuse

            if await is_refused(self, scope):
                await refuse(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _fastcors_request(self, scope: "Scope | _Request") -> _Request:
        """Return what keeps the answer of `allow_origin_func` from one message of a response to the next."""
        return scope if isinstance(scope, _Request) else _Request(scope)

    async def _fastcors_slow_send(
        self, message: Message, send: Send, origin: bytes | None, scope: "Scope | _Request"
    ) -> None:
        """Amend a message that the core does not take, or with hooks that were patched since the request came."""
        headers = Headers(raw=[] if origin is None else [(b"origin", origin)])
        setattr(headers, _REQUEST, self._fastcors_request(scope))
        # Starlette takes `send` when the request comes, and then it was the class's own.
        await _OWN_SEND(self, message, send=send, request_headers=headers)

    def _fastcors_refused(self, scope: "Scope | _Request", origin: str, reasons: tuple[str, ...]) -> None:
        report(self.on_refusal, scope.scope if isinstance(scope, _Request) else scope, origin, reasons)


async def _respond_for_another(middleware: Any, scope: Scope, receive: Receive, send: Send) -> None:
    """Do what `__call__` does, for an object handed to it that is not ours: by its attributes and methods alone."""
    if scope["type"] != "http":
        await middleware.app(scope, receive, send)
        return
    method = scope["method"]
    headers = Headers(scope=scope)
    if headers.get("origin") is None or method != "OPTIONS" or "access-control-request-method" not in headers:
        await middleware.simple_response(scope, receive, send, request_headers=headers)
        return
    response = middleware.preflight_response(request_headers=headers)
    await response(scope, receive, send)


@contextlib.contextmanager
def _forgetting(middleware: CORSMiddleware, name: str) -> Iterator[None]:
    """Have no request answered from what was compiled before the attribute `name` is assigned, or deleted, in here.

    Before, so that this holds if an exception, such as KeyboardInterrupt, comes right after the assignment; and after,
    because a signal handler or a finalizer can have a request answered while it is made.
    """
    if name not in _COMPILED_FROM:
        yield
        return
    _forget(middleware, name)
    try:
        yield
    finally:
        _forget(middleware, name)


def _forget(middleware: CORSMiddleware, name: str) -> None:
    # Once the dict is another, somebody else may hold it and write to it: nothing can be compiled from it. That may be
    # the middleware whose dict it is.
    if name == "__dict__":
        for other in gc.get_referrers(vars(middleware)):
            if issubclass(type(other), CORSMiddleware):
                object.__setattr__(other, "_fastcors_cache", core.PolicyCache(True))
    cache = core.PolicyCache(middleware._fastcors_cache.shared or name == "__dict__")
    object.__setattr__(middleware, "_fastcors_cache", cache)


def _own(middleware: Any, name: str) -> Any:
    """Return the parameter `name`, which is not Starlette's, where the instance has it; a subclass is free to use the
    name otherwise.
    """
    return getattr(middleware, "__dict__", {}).get(name)


async def _ask(
    middleware: CORSMiddleware, request_headers: Headers, judged: tuple[str, bool] | None
) -> tuple[str, bool] | None:
    """Have `allow_origin_func` decide what is not allowed already, where it has a say in a request."""
    from .origin_function import is_allowed

    request, origin = getattr(request_headers, _REQUEST, None), request_headers.get("Origin")
    if request is None or origin is None:
        return judged
    return await is_allowed(middleware, request, origin, judged)


def _judge(
    middleware: CORSMiddleware, request: _Request | None, origin: str, judged: tuple[str, bool] | None = None
) -> bool:
    """Tell whether `origin` is allowed: as known already, or by the method that may be overridden, or because
    `allow_origin_func` said so of this request.
    """
    if judged is not None and judged[0] == origin:
        return judged[1]
    if middleware.is_allowed_origin(origin=origin):
        return True
    function = _own(middleware, "allow_origin_func")
    if function is None or request is None:
        return False
    from .origin_function import said

    return said(request, middleware, function, origin) is True


def _report(middleware: CORSMiddleware, request: _Request | None, origin: str, reasons: tuple[str, ...]) -> None:
    # Without a request, Starlette's methods were called by hand.
    if request is not None:
        middleware._fastcors_refused(request, origin, reasons)


def _set_simple_headers(
    middleware: CORSMiddleware, headers: MutableHeaders, origin: str, judged: tuple[str, bool] | None
) -> bool | None:
    """Set what does not depend on the origin, and tell whether it is allowed. None: it need not be named."""
    simple_headers, refused = middleware.simple_headers, has_control(origin)
    if refused and middleware.allow_all_origins and middleware.allow_credentials:
        simple_headers = {k: v for k, v in simple_headers.items() if k.lower() != ALLOW_ORIGIN.lower()}
    headers.update(simple_headers)
    if middleware.allow_all_origins:
        return not refused if middleware.allow_credentials else None
    return _judge(middleware, None, origin, judged) and not refused


def _preflight_response(
    middleware: CORSMiddleware, request_headers: Headers, judged: tuple[str, bool] | None
) -> Response:
    origin = request_headers["origin"]
    method = request_headers["access-control-request-method"]
    names = request_headers.get("access-control-request-headers")
    private_network = request_headers.get("access-control-request-private-network")
    headers = dict(middleware.preflight_headers)
    request = getattr(request_headers, _REQUEST, None)
    outcomes = {
        "origin": _judge(middleware, request, origin, judged) and _allow_origin(middleware, headers, origin),
        "method": method in middleware.allow_methods,
        "headers": _allow_names(middleware, headers, names),
        "private-network": private_network is None or _allow_network(middleware, headers),
    }
    failures = [name for name, outcome in outcomes.items() if not outcome]
    if failures:
        # Once, whoever asks again.
        if request is not None and not request.reported:
            request.reported = True
            _report(middleware, request, origin, tuple(failures))
        return PlainTextResponse("Disallowed CORS " + ", ".join(failures), status_code=400, headers=headers)
    return PlainTextResponse("OK", headers=headers)


def _vary_by_origin(headers: MutableHeaders) -> None:
    headers["Vary"] = ", ".join([*headers.getlist("Vary"), "Origin"])


def _allow_origin(middleware: CORSMiddleware, headers: dict[str, str], origin: str) -> bool:
    if middleware.preflight_explicit_allow_origin:
        if has_control(origin):
            return False
        headers[ALLOW_ORIGIN] = origin
    return True


def _allow_names(middleware: CORSMiddleware, headers: dict[str, str], names: str | None) -> bool:
    mirrors = bool(middleware.allow_all_headers)
    if names is None:
        return True
    if mirrors:
        if has_control(names):
            return False
        headers[ALLOW_HEADERS] = names
        return True
    return all(name.strip() in middleware.allow_headers for name in names.lower().split(","))


def _allow_network(middleware: CORSMiddleware, headers: dict[str, str]) -> bool:
    if not middleware.allow_private_network:
        return False
    headers[ALLOW_PRIVATE_NETWORK] = "true"
    return True


# Of `type` itself, which a metaclass cannot override.
_mro_of = vars(type)["__mro__"].__get__
_namespace_of = vars(type)["__dict__"].__get__


def _class_state(cls: type[CORSMiddleware]) -> "ClassState":
    """Return what a policy depends on in the class: its MRO, what the class has by the names in `_OF_CLASS`, and the
    functions of this package that are the hooks, with their code, which instrumentation may exchange.

    As the classes hold it, not as a look-up makes it: a bound class method is a new object each time.
    """
    codes = tuple(function.__code__ for function in _OWN_HOOKS)
    mro: tuple[type, ...] = _mro_of(cls)
    stored: dict[str, Any] = {}
    for base in reversed(mro):
        if base is object:  # nobody changes it
            continue
        # A copy, because a class can change at any time.
        namespace = _namespace_of(base).copy()
        for name in _OF_CLASS.intersection(namespace):
            stored[name] = namespace[name]
    return mro, stored, _OWN_HOOKS, codes


def _same_state(state: "ClassState", other: "ClassState") -> bool:
    """Compare by identity: a wrapper that replaced a hook may compare equal to it, as wrapt's do."""
    (mro, stored, _, codes), (other_mro, other_stored, _, other_codes) = state, other
    return (
        mro is other_mro
        and all(map(is_, codes, other_codes))
        and len(stored) == len(other_stored)
        and all(other_stored.get(name, other) is hook for name, hook in stored.items())
    )


# As they are here, whatever is patched later.
_OWN_CALL, _OWN_SEND = CORSMiddleware.__call__, CORSMiddleware.send
_OWN_HOOKS: tuple[Any, ...] = tuple(getattr(CORSMiddleware, hook) for hook in _HOOKS)
_, _OWN_STATE, _, _OWN_CODES = _class_state(CORSMiddleware)


def _overrides(middleware: CORSMiddleware, class_state: "ClassState", hook: str) -> bool:
    _, stored, _, codes = class_state
    place = _HOOKS.index(hook)
    return hook in vars(middleware) or stored[hook] is not _OWN_STATE[hook] or codes[place] is not _OWN_CODES[place]


def _is_plain(middleware: CORSMiddleware, stored: dict[str, Any]) -> bool:
    """Tell whether each attribute is what was last assigned to it, and each assignment comes to `__setattr__` here."""
    return (
        not middleware._fastcors_cache.shared
        and stored.keys().isdisjoint(ATTRIBUTES)
        and "__getattribute__" not in stored
        and stored["__setattr__"] is _OWN_STATE["__setattr__"]
        and stored["__delattr__"] is _OWN_STATE["__delattr__"]
        and type(stored["__dict__"]) is GetSetDescriptorType
    )


def _policy_of(middleware: CORSMiddleware, class_state: "ClassState") -> Policy | None:
    """Return what the core can answer from; None: each request is to be answered in full."""
    if not _is_plain(middleware, class_state[1]):
        return None
    if any(_overrides(middleware, class_state, hook) for hook in _SLOW_PATH_HOOKS):
        return None
    return policy_of(middleware, has_origin_hook=_overrides(middleware, class_state, "is_allowed_origin"))


core.use_call_slot(CORSMiddleware)
