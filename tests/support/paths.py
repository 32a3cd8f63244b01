"""Every path through the middleware by name, for the harnesses that look at memory: refcounts.py and nomemory.py.

A path is a function of the middleware class. It prepares the lasting objects of a service, and returns a function that
takes the path once and returns the result. That function can be called any number of times, always with the same
result.
"""

import copy
import logging
import pickle
from collections.abc import Callable
from typing import Any, TypeAlias

from data.hooks import HOOKS

from support.asgi import Make, OnlyContains, Raised, build, drive, subclass
from support.exchange import (
    CONFIG,
    ORIGIN,
    OTHER,
    Scope,
    exchange,
    get,
    hello,
    http,
    lifespan,
    nothing_received,
    preflight,
    websocket,
)
from support.live import WAYS, Patch, patch

Run: TypeAlias = Callable[[], Any]
Path: TypeAlias = Callable[[Any], Run]

ANY = {"allow_origins": ["*"], "allow_methods": ["*"], "allow_headers": ["*"]}
ANY_WITH_CREDENTIALS = ANY | {"allow_credentials": True}
REGEX = {"allow_origin_regex": r"https://.*\.example\.com"}
PATTERN = {"allow_origin_patterns": ["https://*.example.com"]}
NETWORK = CONFIG | {"allow_private_network": True}
MANY = CONFIG | {"allow_origins": [f"https://{n}.example" for n in range(1000)] + [ORIGIN]}
FAILING = preflight(OTHER, "PUT", "x-other", "true")
CONTROL = ORIGIN + "\x01"
STARTS_TWICE = ({"type": "http.response.start", "status": 500},)


class Refusing:
    """A collection whose `in` fails."""

    def __contains__(self, value: object) -> bool:
        if value == "*":
            return False
        raise Raised


class App:
    """An app that answers with these headers, or without headers for `...`."""

    def __init__(self, headers: Any = (), more: tuple[Any, ...] = ()) -> None:
        self.headers, self.more = headers, more

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        start = {"type": "http.response.start", "status": 200}
        if self.headers is not ...:
            start["headers"] = build(self.headers)
        await send(start)
        for message in self.more:
            if message is Raised:
                raise Raised
            await send(build(message))
        await send({"type": "http.response.body", "body": b""})


def asked(scope: Scope, config: dict[str, Any] = CONFIG, app: Any = hello, overrides: tuple[str, ...] = ()) -> Path:
    """Return the path of this request through a middleware with this configuration."""

    def path(base: Any) -> Run:
        called: list[Any] = []
        middleware = (subclass(base, overrides, called) if overrides else base)(app, **build(config))

        def run() -> Any:
            called.clear()
            return exchange(middleware, build(scope)), len(called)

        return run

    return path


def answered(headers: Any, scope: Scope | None = None, **config: Any) -> Path:
    """Return the path of an actual request that the app answers with these headers."""
    return asked(scope or get(), CONFIG | config, App(headers))


def with_headers(headers: Any, method: str = "GET") -> Path:
    """Return the path of a request with these headers."""
    return asked(http(method) | {"headers": headers})


def changed(change: Callable[[Any], object], reset: Callable[[Any], object], scope: Scope | None = None) -> Path:
    """Return the path of a change between two requests; `reset` restores the middleware."""

    def path(base: Any) -> Run:
        middleware = base(hello, **build(CONFIG))

        def run() -> Any:
            reset(middleware)
            before = exchange(middleware, scope or get(OTHER))
            change(middleware)
            return before, exchange(middleware, scope or get(OTHER))

        return run

    return path


def assigned(name: str, value: Any, reset: Any, scope: Scope | None = None) -> Path:
    """Return the path of an attribute that is assigned between two requests."""
    return changed(lambda m: setattr(m, name, build(value)), lambda m: setattr(m, name, build(reset)), scope)


def told(origin: str, reasons: tuple[str, ...], scope: Scope) -> None:
    """Takes the place of a function that counts refusals."""


def tells_nobody(*_: object) -> None:
    raise Raised


# Otherwise the log would show a traceback each time that `tells_nobody` raises.
logging.getLogger("fastcors").addHandler(logging.NullHandler())


def reported(scope: Scope, overrides: tuple[str, ...] = (), app: Any = hello) -> Path:
    """Return the path of a refused request that is reported to `on_refusal`."""
    return asked(scope, CONFIG | {"on_refusal": told}, app, overrides)


def allows(origin: str, scope: Scope) -> bool:
    return origin == OTHER


async def allows_later(origin: str, scope: Scope) -> bool:
    return allows(origin, scope)


def only_here(middleware: Any) -> None:
    middleware.allow_origins[:] = [ORIGIN]


def not_patched(middleware: Any) -> None:
    if "is_allowed_origin" in vars(middleware):
        del middleware.is_allowed_origin


def overriding(**methods: Any) -> Path:
    """Return the path of an actual request and a preflight through a subclass with these methods."""

    def path(base: Any) -> Run:
        middleware = type("Overriding", (base,), methods)(hello, **CONFIG)
        return lambda: [exchange(middleware, scope) for scope in (get(), preflight())]

    return path


def raising(*arguments: Any, **named: Any) -> Any:
    raise Raised


def server_raising(scope: Scope) -> Path:
    """Return the path of a response that the server rejects."""

    def path(base: Any) -> Run:
        middleware = base(hello, **CONFIG)

        def run() -> Any:
            try:
                drive(middleware(dict(scope), nothing_received, raising))
            except Raised:
                return "raised"

        return run

    return path


def never_awaited(base: Any) -> Run:
    middleware = base(hello, **CONFIG)

    def run() -> None:
        for scope in (get(), preflight(), websocket()):
            middleware(scope, nothing_received, nothing_received).close()

    return run


def returns_no_coroutine(base: Any) -> Run:
    class Awaitable:
        def __await__(self) -> Any:
            return iter(())

    middleware = base(lambda scope, receive, send: Awaitable(), **CONFIG)
    return lambda: exchange(middleware, get())


def called_wrongly(base: Any) -> Run:
    def app(scope: Any, receive: Any, send: Any) -> Any:
        return wrongly(send)

    middleware = base(app, **CONFIG)

    def wrongly(call: Any) -> None:
        for arguments, named in (((), {}), ((1, 2), {}), ((), {"letter": {}}), (({},), {"message": {}})):
            try:
                drive(call(*arguments, **named))
            except TypeError:
                continue
            raise AssertionError((arguments, named))

    def run() -> Any:
        wrongly(middleware)
        return exchange(middleware, get())

    return run


def built(config: dict[str, Any]) -> Path:
    """Return the path of a middleware that is made, answers once and is dropped, or cannot be made."""

    def path(base: Any) -> Run:
        def run() -> Any:
            try:
                middleware = base(hello, **build(config))
            except (ValueError, TypeError) as error:
                return type(error)
            return exchange(middleware, get())

        return run

    return path


def copied(copier: Callable[[Any], Any]) -> Path:
    def path(base: Any) -> Run:
        middleware = base(hello, **CONFIG)
        return lambda: exchange(copier(middleware), get())

    return path


def in_a_cycle(base: Any) -> Run:
    """The app keeps the middleware, and the `send` it got, which keep the app."""

    async def answer(app: Any, scope: Any, receive: Any, send: Any) -> None:
        app.kept.append(send)
        await hello(scope, receive, send)

    class Cyclic(App):
        kept: Any

        def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
            return answer(self, scope, receive, send)

    def run() -> Any:
        app = Cyclic()
        app.kept = [base(app, allow_origins=OnlyContains((app, ORIGIN)))]
        return exchange(app.kept[0], get())

    return run


def with_send(use: Callable[[Any], Any]) -> Path:
    """Return the path of an actual request whose app does something with its `send` first."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await hello(scope, receive, use(send) or send)

    return asked(get(), CONFIG, app)


def with_attributes(send: Any) -> None:
    send.note = "kept"
    vars(send)["more"] = 1
    del send.note
    send.__dict__ = {"last": 2}


def another_awaitable(base: Any) -> Run:
    """The server's `send` returns no coroutine."""

    class Later:
        def __await__(self) -> Any:
            return iter(())

    middleware = base(hello, **CONFIG)

    def run() -> Any:
        drive(middleware(get(), nothing_received, lambda message: Later()))

    return run


def around_itself(base: Any) -> Run:
    middleware = base(hello, **CONFIG)
    middleware.app = middleware

    def run() -> Any:
        try:
            drive(middleware(get(), nothing_received, nothing_received))
        except RecursionError:
            return "RecursionError"

    return run


def without_an_instance(base: Any) -> Run:
    def run() -> Any:
        try:
            drive(base.__call__(None, get(), nothing_received, nothing_received))
        except AttributeError as error:
            return type(error)

    return run


def patched_class(way: str) -> Path:
    """Return the path of a request after a hook of the class was patched, and of one after it was restored."""

    def path(base: Any) -> Run:
        called: list[Any] = []
        used = type("Patched", (base,), {})
        middleware = used(hello, **CONFIG)

        def run() -> Any:
            called.clear()
            seen = []
            for which in (way, "undo"):
                patch(used, middleware, Patch("is_allowed_origin", which), called)
                seen.append(exchange(middleware, get()))
            return seen, len(called)

        return run

    return path


def another_dict(base: Any) -> Run:
    def run() -> Any:
        middleware = base(hello, **CONFIG)
        middleware.__dict__ = dict(vars(middleware))
        return exchange(middleware, get()), exchange(middleware, preflight())

    return run


def a_thousand(middleware: Any) -> None:
    middleware.allow_origins[:] = MANY["allow_origins"]


PAIRS = (b"origin", ORIGIN.encode())
OF_A_PREFLIGHT = (b"access-control-request-method", b"GET")
COLLIDING = [
    (b"access-control-allow-origin", b"*"),
    (b"x", b"y"),
    (b"vary", b"Accept"),
    (b"access-control-allow-origin", b"https://own.example"),
    (b"vary", b"Cookie"),
    (b"access-control-expose-headers", b"X-Own"),
]

PATHS: dict[str, Path] = {
    "no Origin": asked(get(None)),
    "origin allowed": asked(get()),
    "origin refused": asked(get(OTHER)),
    "origin with a control byte": asked(get(CONTROL), ANY_WITH_CREDENTIALS),
    "any origin": asked(get(), ANY),
    "any origin, with credentials": asked(get(), ANY_WITH_CREDENTIALS),
    "regex matches": asked(get(), REGEX),
    "regex refuses": asked(get(OTHER), REGEX),
    "regex over bytes": asked(get(), {"allow_origin_regex": Make("pattern", b"https://.*")}),
    "one of a thousand origins": asked(get(), MANY),
    "none of a thousand origins": asked(get(OTHER), MANY),
    "origin in a set": asked(get(), {"allow_origins": {ORIGIN}}),
    "origin not in a set": asked(get(OTHER), {"allow_origins": {ORIGIN}}),
    "origin in a frozenset": asked(get(), {"allow_origins": frozenset({ORIGIN})}),
    "origin in a tuple": asked(get(), {"allow_origins": (ORIGIN,)}),
    "origin in someone's own collection": asked(get(), {"allow_origins": OnlyContains((ORIGIN,))}),
    "someone's own collection raises": asked(get(), {"allow_origins": Refusing()}),
    "someone's own collection raises at a preflight": asked(preflight(), {"allow_origins": Refusing()}),
    "origins that are no strings": asked(get(), {"allow_origins": [7, None]}),
    "preflight": asked(preflight()),
    "preflight for a header": asked(preflight(names="x-token, ACCEPT")),
    "preflight, mirrored": asked(preflight(names="x-token,x-other"), ANY),
    "preflight, mirrored with a control byte": asked(preflight(names="x\x01"), ANY),
    "preflight, explicit origin": asked(preflight(names="x-token"), ANY_WITH_CREDENTIALS),
    "preflight, regex": asked(preflight(), REGEX),
    "preflight to the private network": asked(preflight(private_network="true"), NETWORK),
    "preflight: origin fails": asked(preflight(OTHER)),
    "preflight: origin with a control byte fails": asked(preflight(CONTROL), ANY_WITH_CREDENTIALS),
    "preflight: method fails": asked(preflight(method="PUT")),
    "preflight: headers fail": asked(preflight(names="x-token,x-other")),
    "preflight: no header name": asked(preflight(names=" , ")),
    "preflight: long header name": asked(preflight(names="x" * 300)),
    "preflight: private network fails": asked(preflight(private_network="true")),
    "preflight: all fail": asked(FAILING),
    "preflight: methods and names in own collections": asked(
        preflight(names="x-token"), CONFIG | {"allow_methods": Make("tuple", ("GET",))}
    ),
    "websocket": asked(websocket()),
    "lifespan": asked(lifespan()),
    "app sends no headers": answered(...),
    "app sends a tuple": answered(Make("tuple", ((b"x", b"y"),))),
    "app sends a generator": answered(Make("generator", ((b"x", b"y"),))),
    "app sends dict items": answered(Make("items", ((b"x", b"y"),))),
    "app sends lists as pairs": answered([[b"x", b"y"], [b"vary", b"Accept"]]),
    "app sends None": answered(None),
    "app sends a number": answered(7),
    "app sends odd pairs": answered([(b"x", "y"), (Make("octets", b"vary"), b"Accept")]),
    "app sends a pair of one": answered([(b"x",)]),
    "app sends vary": answered([(b"vary", b"Accept")]),
    "app sends vary, no Origin": answered([(b"vary", b"Accept")], get(None)),
    "app sends vary twice": answered([(b"vary", b"Accept"), (b"vary", b"Cookie")]),
    "app sends vary as text": answered([(b"vary", "Accept")]),
    "collisions": answered(COLLIDING),
    "collisions, origin refused": answered(COLLIDING, get(OTHER)),
    "collisions, any origin": answered(COLLIDING, allow_origins=["*"]),
    "collisions, no Origin": answered(COLLIDING, get(None)),
    "app raises at once": asked(get(), CONFIG, raising),
    "app raises after the start": asked(get(), CONFIG, App((), (Raised,))),
    "app starts twice": asked(get(), CONFIG, App((), STARTS_TWICE)),
    "app sends no dict": asked(get(), CONFIG, App((), (7,))),
    "app sends no type": asked(get(), CONFIG, App((), ({},))),
    "app sends a type that is no text": asked(get(), CONFIG, App((), ({"type": 7},))),
    "app sends a type that is a subclass": asked(
        get(), CONFIG, App((), ({"type": Make("text", "http.response.start"), "status": 200},))
    ),
    "app returns no coroutine": returns_no_coroutine,
    "request headers in a tuple": with_headers(Make("tuple", (PAIRS,))),
    "request headers in a generator": with_headers(Make("generator", (PAIRS, OF_A_PREFLIGHT)), "OPTIONS"),
    "request headers as lists": with_headers([[*PAIRS], [*OF_A_PREFLIGHT]], "OPTIONS"),
    "request headers None": with_headers(None),
    "request header of one": with_headers([(b"origin",)]),
    "request header None": with_headers([None]),
    "origin as text": with_headers([(b"origin", ORIGIN)]),
    "origin as bytearray": with_headers([(b"origin", Make("bytearray", ORIGIN.encode()))]),
    "origin as memoryview": with_headers([(b"origin", Make("memoryview", ORIGIN.encode()))]),
    "origin as a subclass": with_headers([(Make("octets", b"origin"), Make("octets", ORIGIN.encode()))]),
    "scope a mapping": asked(Make("mapping", get())),  # type: ignore[arg-type]  # built to be one
    "scope no mapping": asked(7),  # type: ignore[arg-type]
    "scope empty": asked({}),
    "scope without method": asked({key: value for key, value in get().items() if key != "method"}),
    "scope without headers": asked({key: value for key, value in get().items() if key != "headers"}),
    "type is a subclass": asked(get() | {"type": Make("text", "http")}),
    "type is a number": asked(get() | {"type": 7}),
    **{f"{hook} overridden": asked(get(), CONFIG, hello, (hook,)) for hook in HOOKS},
    **{f"{hook} overridden, preflight": asked(preflight(), CONFIG, hello, (hook,)) for hook in HOOKS},
    **{f"{hook} raises": overriding(**{hook: raising}) for hook in HOOKS},
    "server raises": server_raising(get()),
    "server raises at a preflight": server_raising(preflight()),
    "never awaited": never_awaited,
    "called wrongly": called_wrongly,
    "origin appended": changed(lambda m: m.allow_origins.append(OTHER), only_here),
    "origin inserted": changed(lambda m: m.allow_origins.insert(0, OTHER), only_here),
    "origins assigned": assigned("allow_origins", [OTHER], [ORIGIN]),
    "origins assigned a number": assigned("allow_origins", 7, [ORIGIN]),
    "methods assigned": assigned("allow_methods", ["PUT"], ["GET"], preflight(method="PUT")),
    "headers changed": changed(
        lambda m: m.simple_headers.update({"X-More": "1"}), lambda m: m.simple_headers.pop("X-More", None)
    ),
    "preflight headers changed": changed(
        lambda m: m.preflight_headers.update({"X-More": "\u65e5"}),
        lambda m: m.preflight_headers.pop("X-More", None),
        preflight(),
    ),
    "attribute deleted": changed(
        lambda m: delattr(m, "simple_headers"), lambda m: setattr(m, "simple_headers", {}), preflight()
    ),
    "hook patched on the instance": changed(
        lambda m: setattr(m, "is_allowed_origin", lambda origin: True), not_patched
    ),
    "refused and reported": reported(get(OTHER)),
    "refused and reported, preflight": reported(FAILING),
    "refused and reported, headers in a generator": reported(get(OTHER), (), App(Make("generator", (PAIRS,)))),
    **{f"refused and reported, {hook} overridden": reported(get(OTHER), (hook,)) for hook in HOOKS},
    **{f"refused and reported, {hook} overridden, preflight": reported(FAILING, (hook,)) for hook in HOOKS},
    "report fails": asked(get(OTHER), CONFIG | {"on_refusal": tells_nobody}),
    "report fails, preflight": asked(FAILING, CONFIG | {"on_refusal": tells_nobody}),
    "pattern matches": asked(get(), PATTERN),
    "pattern refuses": asked(preflight(OTHER), PATTERN),
    "function is not asked": asked(get(), CONFIG | {"allow_origin_func": allows}),
    "function allows": asked(get(OTHER), CONFIG | {"allow_origin_func": allows}),
    "function allows, preflight": asked(preflight(OTHER), CONFIG | {"allow_origin_func": allows_later}),
    "function allows what starts twice": asked(
        get(OTHER), CONFIG | {"allow_origin_func": allows_later}, App((), STARTS_TWICE)
    ),
    "function refuses": asked(get(ORIGIN + "0"), CONFIG | {"allow_origin_func": allows}),
    "function refuses, preflight": asked(preflight(ORIGIN + "0"), CONFIG | {"allow_origin_func": allows}),
    "function fails": asked(get(OTHER), CONFIG | {"allow_origin_func": tells_nobody}),
    "websocket checked": asked(websocket(), {"allow_origins": [OTHER], "check_websocket_origin": True}),
    "websocket refused": asked(websocket(), CONFIG | {"check_websocket_origin": True}),
    "lifespan, websockets checked": asked(lifespan(), CONFIG | {"check_websocket_origin": True}),
    "built with a bad origin pattern": built({"allow_origin_patterns": ["https://*"]}),
    "built with no callback": built({"on_refusal": 7}),
    "built and dropped": built(CONFIG),
    "built with a thousand origins and dropped": built(MANY),
    "built with a line break": built({"allow_origins": ["https://a\r\n"]}),
    "built with a number": built({"allow_methods": 7}),
    "built with None among the origins": built({"allow_origins": [None], "expose_headers": [None]}),
    "built with a bad pattern": built({"allow_origin_regex": 7}),
    "copied": copied(copy.copy),
    "copied deeply": copied(copy.deepcopy),
    "pickled": copied(lambda middleware: pickle.loads(pickle.dumps(middleware))),
    "in a cycle with its app": in_a_cycle,
    "origin appended to a thousand": changed(lambda m: m.allow_origins.append(OTHER), a_thousand),
    "a thousand origins reversed": changed(lambda m: m.allow_origins.reverse(), a_thousand, get()),
    "something odd among a thousand origins": changed(lambda m: m.allow_origins.insert(500, None), a_thousand),
    "send gets attributes": with_send(with_attributes),
    "send is copied": with_send(copy.copy),
    "server's send returns another awaitable": another_awaitable,
    "called without an instance": without_an_instance,
    **{f"hook of the class patched: {way}": patched_class(way) for way in WAYS},
    "another dict": another_dict,
    "flag with a truth value of its own": asked(get(), CONFIG | {"allow_private_network": Make("list", (1,))}),
}

# These have a thousand steps each, so they are not for the run in which each allocation fails in turn.
LONG_PATHS: dict[str, Path] = {"around itself": around_itself}
