"""What a compiled rewrite could get wrong without a single answer being wrong in ordinary use."""

import collections.abc
import functools
import gc
import inspect
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from support.asgi import drive
from support.exchange import CONFIG, ORIGIN, OTHER, answers, both, exchange, get, hello, nothing_received, preflight


def test_usual_configurations_are_not_answered_in_full(fastcors: ModuleType) -> None:
    """Going the long way would cost the speed and fail no other test."""
    for config in (CONFIG, {"allow_origins": ["*"]}, {"allow_origin_regex": "https://.*"}, {"allow_origins": {ORIGIN}}):
        middleware = fastcors.CORSMiddleware(hello, **config)
        assert not middleware._fastcors_cache.policy.takes_slow_path


NAMES = (
    "_compile",
    "_compiled",
    "_changed",
    "_amend",
    "_allow_origin",
    "_allow_names",
    "_origins",
    "compiled",
    "policy",
)


@pytest.mark.parametrize("name", NAMES)
def test_names_a_subclass_uses_for_itself(fastcors: ModuleType, name: str) -> None:
    def scenario(base: Any) -> Any:
        method = type("Subclass", (base,), {name: lambda self: "mine"})(hello, **CONFIG)
        attribute = base(hello, **CONFIG)
        setattr(attribute, name, ["mine"])
        seen = [answers(method), getattr(method, name)(), answers(attribute), getattr(attribute, name)]
        delattr(attribute, name)
        return [*seen, answers(attribute)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


@pytest.mark.thread_unsafe(reason="sets the threshold of the garbage collector")
@pytest.mark.skipif(not hasattr(gc, "set_threshold"), reason="PyPy's collector has no thresholds")
def test_header_list_emptied_by_a_garbage_collection(fastcors: ModuleType) -> None:
    """Up to CPython 3.11 an allocation can collect garbage, and a finalizer can reach the app's headers."""

    class Cycle:
        def __init__(self, victim: list[Any]) -> None:
            self.itself = self
            self.victim = victim

        def __del__(self) -> None:
            self.victim.clear()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers: list[Any] = [(b"x-%d" % number, b"value") for number in range(50)]
        for _ in range(20):
            Cycle(headers)
        exhausted: list[Any] = [[] for _ in range(200)]  # no list is left to be used again
        gc.set_threshold(1)
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        del exhausted

    middleware = fastcors.CORSMiddleware(app, **CONFIG)
    threshold = gc.get_threshold()
    try:
        for _ in range(50):
            start = exchange(middleware, get())[0]
            assert (b"access-control-allow-origin", ORIGIN.encode()) in start["headers"]
    finally:
        gc.set_threshold(*threshold)


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="PyPy runs what has the flag of a coroutine as one")
def test_send_is_a_callable_that_can_be_looked_at(fastcors: ModuleType) -> None:
    def scenario(base: Any) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            looks.append(callable(send))
            looks.append(isinstance(send, collections.abc.Callable))  # type: ignore[arg-type]
            looks.append(inspect.iscoroutinefunction(send))
            looks.append(next(iter(inspect.signature(send).parameters)))
            await send.__call__({"type": "http.response.start", "status": 200})
            await functools.partial(send)({"type": "http.response.body"})

        looks: list[Any] = []
        return exchange(base(app, **CONFIG), get()), looks

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert ours[1] == [True, True, True, "message"]


def test_send_cannot_be_made_by_hand(fastcors: ModuleType) -> None:
    kinds: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        kinds.append(type(send))

    drive(fastcors.CORSMiddleware(app)(get(), nothing_received, hello))
    with pytest.raises(TypeError):
        kinds[0]()({"type": "http.response.start"})
    with pytest.raises(TypeError):
        kinds[0]().__call__({"type": "http.response.start"})


def test_response_started_again_after_the_server_refused_it(fastcors: ModuleType) -> None:
    """A catch-all inside the middleware answers with a 500, which needs its CORS headers as well."""

    def scenario(base: Any) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            try:
                await send({"type": "http.response.start", "status": 200, "headers": [(b"x", b"refused")]})
            except ValueError:
                await send({"type": "http.response.start", "status": 500, "headers": []})

        async def send(message: Any) -> None:
            if message["status"] == 200:
                raise ValueError
            sent.append(message)

        sent: list[Any] = []
        drive(base(app, **CONFIG)(get(), nothing_received, send))
        return sent

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert (b"access-control-allow-origin", ORIGIN.encode()) in ours[0]["headers"]


def test_attribute_of_the_class_that_changes_with_each_request(fastcors: ModuleType) -> None:
    class Counting(fastcors.CORSMiddleware):  # type: ignore[misc,name-defined]  # a module at run time
        refused = 0

        def is_allowed_origin(self, origin: str) -> bool:
            allowed: bool = super().is_allowed_origin(origin)
            if not allowed:
                type(self).refused += 1
            return allowed

    middleware = Counting(hello, **CONFIG)
    compiled = middleware._fastcors_cache.policy
    for scope in (get(OTHER), preflight(OTHER), get(OTHER), get(ORIGIN)):
        exchange(middleware, scope)
    assert Counting.refused == 3
    assert middleware._fastcors_cache.policy is compiled, "nothing that it was compiled from has changed"


def test_changes_beside_and_in_a_long_list_are_seen(fastcors: ModuleType) -> None:
    """The index of a list is kept while something else changes, and no longer than the list stays as it was."""

    def scenario(base: Any) -> Any:
        middleware = base(hello, allow_origins=[f"https://{n}.example" for n in range(1000)])
        seen = [answers(middleware)]
        middleware.simple_headers["X-More"] = "1"
        seen.append(answers(middleware))
        middleware.allow_origins.append(OTHER)
        return [*seen, answers(middleware)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert ours[0] != ours[1] != ours[2]


LONG = "x-" + "l" * 260


@pytest.mark.parametrize("collection", [set, frozenset, list, tuple])
@pytest.mark.parametrize("name", [LONG, LONG.upper(), LONG + "l"])
def test_long_header_name_in_any_case(fastcors: ModuleType, collection: Any, name: str) -> None:
    def scenario(base: Any) -> Any:
        middleware = base(hello, **CONFIG)
        middleware.allow_headers = collection({"x-a"})
        seen = [exchange(middleware, preflight(names=name))]
        if isinstance(middleware.allow_headers, set):
            middleware.allow_headers.add(LONG)
        else:
            middleware.allow_headers = collection([LONG])
        return [*seen, exchange(middleware, preflight(names=name))]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


@pytest.mark.parametrize("collection", [set, frozenset, list, tuple])
def test_control_byte_in_an_origin_that_is_not_echoed(fastcors: ModuleType, collection: Any) -> None:
    def scenario(base: Any) -> Any:
        middleware = base(hello, allow_origins=collection(["https://a\x01"]))
        middleware.preflight_explicit_allow_origin = False
        return exchange(middleware, preflight("https://a\x01"))

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert ours[0]["status"] == 200


@pytest.mark.parametrize("wrong", [int, "CORSMiddleware", 7, None])
def test_call_slot_is_only_for_the_middleware(fastcors: ModuleType, wrong: Any) -> None:
    if not fastcors.COMPILED:
        pytest.skip("the Python core sets no slot")
    with pytest.raises(TypeError):
        fastcors.core.use_call_slot(wrong)


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="it is about CPython's way to call")
def test_send_called_with_an_empty_tuple_of_names(fastcors: ModuleType) -> None:
    call = pytest.importorskip("_testcapi").pyobject_vectorcall

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await call(send, ({"type": "http.response.start", "status": 200},), ())
        await call(send, ({"type": "http.response.body"},), ())
        with pytest.raises(TypeError):
            call(send, (), ())

    assert exchange(fastcors.CORSMiddleware(app), get())[0]["status"] == 200


def test_a_change_of_the_origins_compiles_nothing_anew(fastcors: ModuleType) -> None:
    compiled = []

    class Counting(fastcors.CORSMiddleware):  # type: ignore[misc,name-defined]  # a class of either core
        def _fastcors_compile(self, stale: bool) -> Any:
            compiled.append(stale)
            return super()._fastcors_compile(stale)

    origins = [ORIGIN]
    middleware = Counting(hello, allow_origins=origins)
    exchange(middleware, get())
    origins[:] = [ORIGIN.encode().decode()]
    compiled.clear()
    for origin in (ORIGIN, OTHER, ORIGIN, OTHER):
        for request in (get, preflight):
            allowed = (b"access-control-allow-origin", origin.encode()) in exchange(middleware, request(origin))[0][
                "headers"
            ]
            assert allowed == (origin in origins)
        origins.append(OTHER)
    assert compiled == []


PAIRS: dict[str, Callable[[], Any]] = {
    "dict": lambda: {b"a": b"1", b"b": b"2"},
    "iterator": lambda: iter((b"a", b"b")),
    "text": lambda: "ab",
    "three": lambda: (b"a", b"b", b"c"),
}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_odd_pair_beside_vary(fastcors: ModuleType, pair: Callable[[], Any]) -> None:
    def scenario(base: Any) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"vary", b"x"), pair()]})

        try:
            return repr(exchange(base(app, **CONFIG), get()))
        except Exception as error:
            return type(error)

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


def test_made_in_a_module_without_a_name(fastcors: ModuleType) -> None:
    made: dict[str, Any] = {"make": fastcors.CORSMiddleware, "__name__": None}
    with pytest.warns(UserWarning, match="allow_origins='x'"):
        exec("middleware = make(None, allow_origins='x')", made)
    assert made["middleware"].allow_origins == ("x",)
