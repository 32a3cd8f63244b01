"""What Python can call, called with None, with other types, without `__init__`, by keyword: an exception and no crash.

Where Starlette has one, it is of Starlette's type.
"""

import asyncio
import copy
import functools
import gc
import importlib
import itertools
import os
import subprocess
import sys
import weakref
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from conftest import CORES
from data.hooks import HOOKS, METHODS
from starlette.datastructures import Headers
from support.asgi import drive
from support.exchange import (
    CONFIG,
    CONNECTIONS,
    ORIGIN,
    OTHER,
    answers,
    both,
    exchange,
    get,
    hello,
    nothing_received,
    preflight,
)
from support.reference import CORSMiddleware as Reference

WRONG: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "a number": lambda: 7,
    "text": lambda: "text",
    "a tuple": lambda: (),
    "a dict": dict,
    "an object": object,
    "a class": lambda: int,
    "bytes": lambda: b"bytes",
}


def outcome(call: Callable[[], Any]) -> Any:
    """Return the type of the exception that `call` ends with, now or when what it returns is awaited."""
    try:
        result = call()
        if hasattr(result, "__await__"):
            drive(result)
    except Exception as error:
        return type(error)
    return "no exception"


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("method", METHODS)
def test_a_method_without_an_instance(fastcors: ModuleType, method: str, wrong: str) -> None:
    """As `CORSMiddleware.send(None, ...)`."""

    def scenario(base: Any) -> Any:
        headers = Headers(raw=[(b"origin", ORIGIN.encode())])
        named = {"scope": get(), "receive": nothing_received, "send": hello, "request_headers": headers}
        named |= {"origin": ORIGIN, "message": {"type": "http.response.start", "status": 200}, "headers": headers}
        given = {name: named[name] for name in METHODS[method]}
        first = [WRONG[wrong]()]
        by_position = outcome(lambda: getattr(base, method)(*first, *given.values()))
        return by_position, outcome(lambda: getattr(base, method)(*first, **given))

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("method", METHODS)
def test_a_method_with_wrong_arguments(fastcors: ModuleType, method: str, wrong: str) -> None:
    def scenario(base: Any) -> Any:
        middleware = base(hello, **CONFIG)
        names = METHODS[method]
        seen = [outcome(lambda: getattr(middleware, method)(*[WRONG[wrong]() for _ in names]))]
        seen.append(outcome(lambda: getattr(middleware, method)(**{name: WRONG[wrong]() for name in names})))
        seen.append(outcome(lambda: getattr(middleware, method)(*[WRONG[wrong]() for _ in (*names, 1, 2)])))
        return [*seen, outcome(lambda: getattr(middleware, method)(**{wrong: WRONG[wrong]()}))]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


@pytest.mark.parametrize("wrong", WRONG)
def test_a_call_of_an_instance_with_wrong_arguments(fastcors: ModuleType, wrong: str) -> None:
    def scenario(base: Any) -> Any:
        middleware = base(hello, **CONFIG)
        value = WRONG[wrong]
        calls: list[Callable[[], Any]] = [
            lambda: middleware(value(), value(), value()),
            lambda: middleware(get(), value(), value()),
            lambda: middleware(preflight(), value(), value()),
            lambda: middleware(scope=get(), receive=value(), send=value()),
            lambda: middleware(get(), receive=nothing_received, send=hello, more=value()),
            lambda: middleware(value()),
            lambda: middleware(),
        ]
        return [outcome(call) for call in calls]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


@pytest.mark.parametrize("request_of", CONNECTIONS.values(), ids=CONNECTIONS)
def test_an_instance_that_was_never_initialised(fastcors: ModuleType, request_of: Callable[[], Any]) -> None:
    def scenario(base: Any) -> Any:
        return [
            outcome(lambda: base.__new__(base)(request_of(), nothing_received, hello)),
            outcome(lambda: base.__new__(base).is_allowed_origin(ORIGIN)),
            outcome(lambda: copy.copy(base.__new__(base))(request_of(), nothing_received, hello)),
        ]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


@pytest.mark.parametrize("config", [CONFIG, {"allow_origins": ["*"], "allow_credentials": True}])
@pytest.mark.parametrize("request_of", CONNECTIONS.values(), ids=CONNECTIONS)
def test_unbound_call_of_something_alike(fastcors: ModuleType, request_of: Callable[[], Any], config: Any) -> None:
    """An instance of Starlette's class, and an object with the attributes and methods that its `__call__` uses."""

    def scenario(base: Any) -> Any:
        made = Reference(hello, **config)
        duck = SimpleNamespace(**vars(made), **{name: getattr(made, name) for name in HOOKS})
        return [exchange(functools.partial(base.__call__, which), request_of()) for which in (made, duck)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


class TestExtension:
    """What the compiled core exposes beside the middleware: nobody calls it, and nobody can crash it."""

    @pytest.fixture
    def core(self) -> ModuleType:
        if "compiled" not in CORES:
            pytest.skip("there is no compiled core here")
        core: ModuleType = CORES["compiled"].core
        return core

    def test_everything_with_wrong_arguments(self, core: ModuleType) -> None:
        extension = importlib.import_module(core.Dispatcher.__module__)
        names = [name for name in vars(extension) if callable(getattr(extension, name)) and not name.startswith("__")]
        assert {"AllowedValues", "Automaton", "CompiledPolicy", "Dispatcher", "PolicyCache", "respond"} <= set(names)
        values = [make() for make in WRONG.values()]
        raised = 0
        for name in names:
            if name in ("answer", "finish"):  # in Python, and somebody's own
                continue
            for count in range(5):
                for arguments in itertools.product(values[:5], repeat=count) if count < 4 else [(None,) * 9]:
                    raised += outcome(functools.partial(getattr(extension, name), *arguments)) != "no exception"
        assert raised > 500

    def test_methods_and_attributes_of_what_was_never_made(self, core: ModuleType) -> None:
        compiled = core.CompiledPolicy
        with pytest.raises(TypeError):
            compiled.__new__(compiled)
        for kind in (core.Dispatcher, core.PolicyCache):
            made = kind.__new__(kind)
            for name in [name for name in dir(kind) if not name.startswith("__")]:
                for value in (None, 7, object()):
                    outcome(functools.partial(setattr, made, name, value))
                outcome(functools.partial(getattr, made, name))
        for connection in CONNECTIONS.values():
            assert outcome(lambda: core.Dispatcher()(connection(), None, None)) is AttributeError  # noqa: B023

    @pytest.mark.parametrize(
        "change",
        [
            {"simple_headers": None},
            {"preflight_headers": None},
            {"simple_snapshot": ("x",)},
            {"simple_snapshot": None},
            {"actual_pairs": None},
            {"actual_pairs": ((b"x",),)},
            {"actual_pairs": ((None, None),)},
            {"actual_pairs": (None,)},
            {"preflight_pairs": (("x", "y"),)},
            {"preflight_pairs": [(b"x", b"y")]},
            {"actual_origin_at": 9},
            {"preflight_origin_at": -2},
            {"preflight_names_at": 1 << 30},
            {"automaton": 7},
        ],
    )
    def test_a_policy_that_does_not_fit_together(self, core: ModuleType, change: dict[str, Any]) -> None:
        package = CORES["compiled"]
        middleware = package.CORSMiddleware(hello, **CONFIG)
        state = package.middleware._OWN.state_of(type(middleware))
        policy = package.middleware._OWN.policy_of(middleware, state)
        assert core.CompiledPolicy(policy, 0, state).takes_slow_path is False
        with pytest.raises((TypeError, ValueError, AttributeError)):
            core.CompiledPolicy(type(policy)(**(vars(policy) | change)), 0, state)

    @pytest.mark.parametrize("state", [None, (), (None,) * 4, ((), {}, (), ()), ((), {}, (hello,) * 5, (None,) * 4)])
    def test_a_class_state_that_is_none(self, core: ModuleType, state: Any) -> None:
        with pytest.raises((TypeError, ValueError)):
            core.CompiledPolicy(None, 0, state)

    def test_a_pretended_class(self, core: ModuleType) -> None:
        class Pretending:
            __class__ = type  # type: ignore[assignment]
            __bases__ = (core.Dispatcher,)

        for wrong in (Pretending(), core.Dispatcher, int, None):
            with pytest.raises(TypeError):
                core.use_call_slot(wrong)
            with pytest.raises(TypeError):
                core.class_version(wrong, frozenset())
        with pytest.raises(TypeError):
            core.class_version(CORES["compiled"].CORSMiddleware, frozenset({7}))
        with pytest.raises(TypeError):
            core.class_version(CORES["compiled"].CORSMiddleware, None)


def sent_through(base: Any, look: Callable[[Any], Any]) -> list[Any]:
    """Return what `look` makes of the `send` that the app gets, and what is sent."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        looks.append(look(send))
        await hello(scope, receive, send)

    looks: list[Any] = []
    return [exchange(base(app, **CONFIG), get()), looks]


def set_and_read(send: Any) -> Any:
    before = dict(vars(send))
    send.note = "kept"
    send.__name__ = "named"
    seen = [before, dict(vars(send)), send.note, send.__name__, hasattr(send, "other")]
    del send.note
    send.__dict__ = {"more": 1}
    send.__dict__["most"] = 2
    return [*seen, hasattr(send, "note"), send.more, send.most, vars(send)]


def wrongly(send: Any) -> Any:
    def assign(value: Any) -> None:
        send.__dict__ = value

    return [
        outcome(lambda: send.nothing),
        outcome(lambda: delattr(send, "nothing")),
        outcome(lambda: assign(7)),
        outcome(lambda: vars(send)),
    ]


def test_attributes_of_send(fastcors: ModuleType) -> None:
    for look in (set_and_read, wrongly):
        ours, theirs = both(fastcors, functools.partial(sent_through, look=look))
        assert ours == theirs


def test_send_is_copied(fastcors: ModuleType) -> None:
    def scenario(base: Any) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            send.note = ["kept"]
            other = copy.copy(send)
            assert other is not send
            assert other.note is send.note
            other.more = 1
            looks.append(hasattr(send, "more"))
            await other({"type": "http.response.start", "status": 200, "headers": [(b"vary", b"x")]})
            third = copy.copy(other)
            await third({"type": "http.response.body", "body": b""})

        looks: list[bool] = []
        return exchange(base(app, **CONFIG), get()), looks

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


def test_send_is_wrapped_as_instrumentation_does(fastcors: ModuleType) -> None:
    def scenario(base: Any) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            send.span = "of a trace"

            @functools.wraps(send)
            async def wrapped(message: Any) -> None:
                await send(message)

            assert wrapped.span == "of a trace"  # type: ignore[attr-defined]
            await hello(scope, receive, wrapped)

        return exchange(base(app, **CONFIG), get())

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


@pytest.mark.thread_unsafe(reason="switches the garbage collector off")
@pytest.mark.parametrize("origin", [ORIGIN, OTHER, None])
def test_send_kept_in_the_scope_is_freed_without_the_collector(fastcors: ModuleType, origin: str | None) -> None:
    if not fastcors.COMPILED:
        pytest.skip("a partial keeps what it was made with: with Starlette's, too, the request")

    class Kept:
        pass

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["send"], scope["kept"] = send, Kept()
        gone.append(weakref.ref(scope["kept"]))
        await hello(scope, receive, send)

    gone: list[Any] = []
    middleware = fastcors.CORSMiddleware(app, **CONFIG)
    gc.disable()
    try:
        exchange(middleware, get(origin))
        assert gone[0]() is None
    finally:
        gc.enable()


def test_what_the_classes_layout_does_not_allow(fastcors: ModuleType) -> None:
    """docs/migration.md says so; with Starlette's class these work."""
    slotted = type("Slotted", (), {"__slots__": ("mine",)})
    for other in (slotted, dict, Exception):
        with pytest.raises(TypeError, match=r"lay-?out"):
            type("Both", (fastcors.CORSMiddleware, other), {})
    plain = type("Subclass", (fastcors.CORSMiddleware,), {"__slots__": ("mine",)})(hello, **CONFIG)
    plain.mine = 1
    assert answers(plain) == answers(Reference(hello, **CONFIG))


def test_the_list_of_headers_is_the_servers(fastcors: ModuleType) -> None:
    """docs/migration.md says so, and why; with Starlette's class it is a copy."""

    def scenario(base: Any) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            scope["headers"].append((b"x-own", b"appended"))
            await hello(scope, receive, send)

        scope = get()
        headers = scope["headers"]
        exchange(base(app, **CONFIG), scope)
        return (b"x-own", b"appended") in headers, scope["headers"][-1]

    ours, theirs = both(fastcors, scenario)
    assert ours == (True, (b"x-own", b"appended"))
    assert theirs == (False, (b"x-own", b"appended"))


class Later:
    """An awaitable that is no coroutine, as servers written in another language return."""

    def __init__(self, waited: list[Any], message: Any) -> None:
        self.waited, self.message = waited, message

    def __await__(self) -> Any:
        self.waited.append(self.message["type"])
        return
        yield


async def _in_tasks(send: Any, messages: list[Any]) -> None:
    for message in messages:
        await asyncio.create_task(send(message))


async def _in_a_group(send: Any, messages: list[Any]) -> None:
    import anyio

    for message in messages:
        async with anyio.create_task_group() as group:
            group.start_soon(send, message)


def trio_run(main: Any) -> None:
    import trio

    trio.run(main)


MESSAGES: list[dict[str, Any]] = [
    {"type": "http.response.start", "status": 200, "headers": [(b"x", b"y")]},
    {"type": "http.response.body", "body": b"1", "more_body": True},
    {"type": "http.response.body", "body": b"2"},
]


@pytest.mark.parametrize("origin", [ORIGIN, OTHER, None])
@pytest.mark.parametrize(
    ("how", "run"),
    [
        (_in_tasks, lambda main: asyncio.run(main())),
        (_in_a_group, lambda main: asyncio.run(main())),
        (_in_a_group, trio_run),
    ],
)
def test_send_returns_a_coroutine_whatever_the_server_returns(
    fastcors: ModuleType, how: Any, run: Any, origin: str | None
) -> None:
    def scenario(base: Any) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            await how(send, [dict(message) for message in MESSAGES])

        async def main() -> None:
            await base(app, **CONFIG)(get(origin), nothing_received, functools.partial(Later, waited))

        waited: list[Any] = []
        run(main)
        return waited

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs == [message["type"] for message in MESSAGES]


def test_send_of_a_server_that_returns_nothing(fastcors: ModuleType) -> None:
    def scenario(base: Any) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            for message in MESSAGES:
                try:
                    await send(dict(message))
                except TypeError as error:
                    seen.append(type(error))

        seen: list[Any] = []
        drive(base(app, **CONFIG)(get(), nothing_received, lambda message: None))
        return seen

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs == [TypeError] * 3


LISTS_WITH_EMPTY_PLACES = """
import gc, sys
sys.path.insert(0, {tests!r})
from support.exchange import CONFIG, exchange, get
import fastcors

def look(phase, info):
    # A list with an empty place ends the process here.
    if phase == "stop":
        for value in gc.get_objects(0):
            if type(value) is list:
                [item for item in value]

HEADERS = [(b"vary", b"a"), (b"access-control-allow-origin", b"*"), (b"vary", b"b"), (b"x", b"y")]

async def app(scope, receive, send):
    await send({{"type": "http.response.start", "status": 200, "headers": HEADERS * 3}})

middleware = fastcors.CORSMiddleware(app, **CONFIG, allow_private_network=True)
exchange(middleware, get())
gc.callbacks.append(look)
gc.set_threshold(1)
for _ in range(300):
    exchange(middleware, get())
    exchange(middleware, get("https://other.example"))
print("alive")
"""


@pytest.mark.skipif(not hasattr(gc, "callbacks"), reason="PyPy's collector tells nobody when it runs")
def test_no_list_with_empty_places_is_seen_by_the_collector(fastcors: ModuleType) -> None:
    """Up to CPython 3.11 any allocation of a container can run the collector, and it anything."""
    code = LISTS_WITH_EMPTY_PLACES.format(tests=str(Path(__file__).parents[1]))
    environment = {"FASTCORS_EXTENSIONS": "yes" if fastcors.COMPILED else "no"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | environment, capture_output=True, text=True, timeout=120
    )
    assert done.stdout.strip() == "alive", (done.returncode, done.stderr)


@pytest.mark.parametrize("name", ["LateStart", "LatePreflight"])
def test_what_waits_for_an_answer_made_by_hand(fastcors: ModuleType, name: str) -> None:
    """Nobody makes one, but the names can be found."""
    made = getattr(getattr(fastcors.core, "compiled", None), name, None)
    if made is None:
        pytest.skip("the Python core has coroutines for that")
    with pytest.raises(TypeError, match="belongs to"):
        made()(True)
