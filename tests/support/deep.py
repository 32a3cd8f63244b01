"""Cases for test_recursion.py that end a process when they go wrong, so each runs in a process of its own: middlewares
around themselves and in endless chains, and finalizers that call the middleware again. `PYTHONPATH=tests python -m
support.deep CASE [thread]` runs one.
"""

import copy
import functools
import gc
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

import fastcors
from support.asgi import drive
from support.exchange import CONFIG, CONNECTIONS, hello, nothing_received

SENT: list[str] = []


async def accept(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await hello(scope, receive, send)


async def server_send(message: Any) -> None:
    SENT.append(message["type"])


class Keep:
    """An app that keeps the `send` it gets."""

    send: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.send = send


KEEP = Keep()
MADE = fastcors.CORSMiddleware(accept, **CONFIG)


def around(app: Any) -> Any:
    """Return a middleware around `app`. It is a copy, which takes less time than a new one."""
    other = copy.copy(MADE)
    other.app = app
    return other


KEEPING = around(KEEP)


def sender(name: str, send: Any) -> Any:
    """Return the `send` that an app gets when the server's is `send`."""
    drive(KEEPING(CONNECTIONS[name](), nothing_received, send))
    return KEEP.send


def outcome(app: Any, name: str) -> str:
    SENT.clear()
    try:
        drive(app(CONNECTIONS[name](), nothing_received, server_send))
    except RecursionError:
        return "RecursionError"
    return "works"


# A preflight runs no app.
ENDLESS = {name: "works" if name == "preflight" else "RecursionError" for name in CONNECTIONS}


def around_itself() -> None:
    middleware = fastcors.CORSMiddleware(accept, **CONFIG)
    middleware.app = middleware
    assert {name: outcome(middleware, name) for name in CONNECTIONS} == ENDLESS


def around_itself_with_something_between() -> None:
    middleware = fastcors.CORSMiddleware(accept, **CONFIG)
    for app in (functools.partial(middleware), middleware.__call__, functools.partial(middleware.__call__)):
        middleware.app = app
        assert {name: outcome(middleware, name) for name in CONNECTIONS} == ENDLESS


def two_around_each_other() -> None:
    one, other = fastcors.CORSMiddleware(accept, **CONFIG), fastcors.CORSMiddleware(accept, allow_origins=["*"])
    one.app, other.app = other, one
    for middleware in (one, other):
        assert {name: outcome(middleware, name) for name in CONNECTIONS} == ENDLESS


def called_again_by_its_app() -> None:
    async def again(scope: Any, receive: Any, send: Any) -> None:
        depth.append(None)
        await middleware(scope, receive, send)

    depth: list[None] = []
    middleware = fastcors.CORSMiddleware(again, **CONFIG)
    assert outcome(middleware, "actual") == "RecursionError"
    assert len(depth) > 100


def as_deep_as_starlettes_work() -> None:
    app: Any = accept
    for _ in range(200):
        app = around(app)
    for name, connection in CONNECTIONS.items():
        assert outcome(app, name) == "works", name
        assert len(SENT) == (2 if connection()["type"] == "http" else 0), name


def many_middlewares() -> None:
    app: Any = accept
    for _ in range(60_000):
        app = around(app)
    for name in CONNECTIONS:
        assert outcome(app, name) in ("works", "RecursionError")


def many_sends() -> None:
    for name in ("actual", "actual without Origin"):
        send: Any = server_send
        for _ in range(100_000):
            send = sender(name, send)
        for message in ({"type": "http.response.start", "status": 200}, {"type": "http.response.body", "body": b""}):
            try:
                drive(send(message))
            except RecursionError:
                continue


def many_middlewares_freed() -> None:
    app: Any = accept
    for number in range(200_000):
        app = around(app)
        # A policy holds a reference to the app too.
        if number < 20_000:
            app._fastcors_compile(True)


def many_sends_freed() -> None:
    ways: tuple[Callable[[Any], Any], ...] = (lambda send: send, functools.partial, lambda send: send.__call__)
    for way in ways:
        send: Any = server_send
        for _ in range(200_000):
            send = way(sender("actual", send))
        KEEP.send = None
        del send
        gc.collect()


class Finalized:
    """Calls something when it is freed; as a hook, it allows every origin."""

    def __init__(self, do: Callable[[], object]) -> None:
        self.do = do

    def __call__(self, origin: str) -> bool:
        return True

    def __del__(self) -> None:
        DONE.append(self.do())


DONE: list[object] = []


def a_hook_whose_finalizer_makes_a_request() -> None:
    """The policy that an assignment drops holds the last reference to a hook that was patched and restored."""
    used: Any = type("Subclass", (fastcors.CORSMiddleware,), {})
    middleware = used(accept, **CONFIG)
    used.is_allowed_origin = Finalized(lambda: outcome(middleware, "actual"))
    assert outcome(middleware, "actual") == "works"
    del used.is_allowed_origin
    middleware.allow_credentials = False
    gc.collect()
    assert DONE == ["works"]


def a_hook_that_goes_while_another_thread_makes_requests() -> None:
    def callback(reference: object) -> None:
        for _ in range(300):
            continue

    def serve() -> None:
        while not stop:
            drive(middleware(CONNECTIONS["actual"](), nothing_received, server_send))

    used: Any = type("Subclass", (fastcors.CORSMiddleware,), {})
    middleware = used(accept, **CONFIG)
    stop: list[None] = []
    sys.setswitchinterval(1e-6)
    thread = threading.Thread(target=serve)
    thread.start()
    for _ in range(2000):

        def hook(self: Any, origin: str) -> bool:
            return True

        reference = weakref.ref(hook, callback)
        used.is_allowed_origin = hook
        del hook
        drive(middleware(CONNECTIONS["actual"](), nothing_received, server_send))
        del used.is_allowed_origin
        middleware.allow_credentials = not middleware.allow_credentials
        del reference
    stop.append(None)
    thread.join()


def a_compilation_within_another() -> None:
    """The outer one's policy replaces the inner one's, which holds the last reference to a hook."""

    class Nesting(fastcors.CORSMiddleware):
        def _fastcors_connect(self, *connection: Any) -> Any:
            return super()._fastcors_connect(*connection)

        def __getattribute__(self, name: str) -> Any:
            if name == "_fastcors_connect" and patches:
                patches.pop()
                nesting.is_allowed_origin = Finalized(lambda: outcome(middleware, "actual"))
                outcome(middleware, "actual")
                del nesting.is_allowed_origin
            return super().__getattribute__(name)

    nesting: Any = Nesting
    patches: list[None] = []
    middleware = Nesting(accept, **CONFIG)
    middleware.allow_credentials = True
    patches.append(None)
    assert outcome(middleware, "actual") == "works"
    gc.collect()


def a_scope_whose_finalizer_copies_send() -> None:
    def copy_send() -> None:
        copies.append(copy.copy(KEEP.send))

    copies: list[Any] = []
    drive(KEEPING(CONNECTIONS["actual"]() | {"kept": Finalized(copy_send)}, nothing_received, server_send))
    send = KEEP.send
    drive(send({"type": "http.response.start", "status": 200, "headers": []}))
    drive(send({"type": "http.response.body", "body": b""}))
    others = [{"somebody": "else's"} for _ in range(10)]
    gc.collect()
    for other in copies:
        drive(other({"type": "http.response.body", "body": b""}))
        assert not any(value is one for value in gc.get_referents(other) for one in others)


def attributes_of_send_whose_finalizer_reads_them() -> None:
    def read() -> None:
        kept.extend(vars(send) for _ in range(3))

    kept: list[Any] = []
    send = sender("actual", server_send)
    send.more, send.last = 1, Finalized(read)
    send.__dict__ = {}
    # PyPy finalizes nothing before it collects.
    gc.collect()
    others = [{number: number} for number in range(10)]
    assert kept == [{}, {}, {}]
    assert not any(value is other for value in kept for other in others)


def attributes_of_send_that_change_while_they_are_looked_up() -> None:
    class Odd:
        def __hash__(self) -> int:
            return hash("note")

        def __eq__(self, other: object) -> bool:
            send.__dict__ = {}
            return False

    send = sender("actual", server_send)
    looks: tuple[Callable[[], object], ...] = (
        lambda: getattr(send, "note", None),
        lambda: send.__dict__.get("note"),
        lambda: vars(send),
    )
    for look in looks:
        send.__dict__ = {Odd(): 1}
        look()
    send.__dict__ = {Odd(): 1}
    try:
        del send.note
    except AttributeError:
        DONE.append(None)


def a_partial_of_send_that_becomes_another_during_its_call() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        kept.append(functools.partial(send))

    def exchange_function(*arguments: Any) -> None:
        kept[0].__setstate__((print, (), {}, None))

    kept: list[Any] = []
    middleware = fastcors.CORSMiddleware(app, allow_origins=["https://none.example"], on_refusal=exchange_function)
    drive(middleware(CONNECTIONS["actual"](), nothing_received, server_send))
    drive(kept[0]({"type": "http.response.start", "status": 200, "headers": []}))


class Name(str):
    """The name of an argument that runs code when it is compared or hashed."""

    do: Any = None

    def __hash__(self) -> int:
        self._act()
        return str.__hash__(self)

    def __eq__(self, other: object) -> bool:
        self._act()
        return str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        self._act()
        return str.__ne__(self, other)

    def _act(self) -> None:
        act, self.do = self.do, None
        if act is not None:
            act()


async def something_else(*arguments: Any, **named: Any) -> None:
    """The new state of a partial."""


def a_partial_that_becomes_another_while_its_names_are_compared() -> None:
    senders: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        senders.append(send)

    def request(connection: list[Any]) -> None:
        async def send(message: Any) -> None:
            connection.append(message)

        drive(middleware(CONNECTIONS["actual"](), nothing_received, send))

    middleware = fastcors.CORSMiddleware(app, allow_origins=["*"])
    first: list[Any] = []
    second: list[Any] = []
    request(first)
    partial: Any = functools.partial(senders.pop())

    def exchange_function() -> None:
        partial.__setstate__((something_else, (), {}, None))
        # This object probably gets the memory that was freed.
        request(second)

    name = Name("message")
    named: dict[str, Any] = {name: {"type": "http.response.start", "status": 200, "headers": []}}
    name.do = exchange_function
    drive(partial(**named))
    assert len(first) == 1
    assert not second

    called: Any = functools.partial(fastcors.CORSMiddleware(app, allow_origins=["*"]))
    name = Name("send")
    named = {name: server_send}
    name.do = lambda: called.__setstate__((something_else, (), {}, None))
    drive(called(CONNECTIONS["actual"](), nothing_received, **named))
    assert senders


def a_partial_of_a_middleware_that_becomes_another_during_a_collection() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        DONE.append(None)

    def once() -> None:
        partial: Any = functools.partial(fastcors.CORSMiddleware(app, allow_origins=["*"]))
        gc.collect()
        finalized = Finalized(lambda: partial.__setstate__((something_else, (), {}, None)))
        vars(finalized)["itself"] = finalized
        del finalized
        threshold = gc.get_threshold()
        gc.set_threshold(1)
        try:
            running = partial(CONNECTIONS["actual"](), nothing_received, send=server_send)
        finally:
            gc.set_threshold(*threshold)
        drive(running)

    for _ in range(100):
        once()


CASES = {
    case.__name__: case
    for case in (
        around_itself,
        around_itself_with_something_between,
        two_around_each_other,
        called_again_by_its_app,
        as_deep_as_starlettes_work,
        many_middlewares,
        many_sends,
        many_middlewares_freed,
        many_sends_freed,
        a_hook_whose_finalizer_makes_a_request,
        a_hook_that_goes_while_another_thread_makes_requests,
        a_compilation_within_another,
        a_scope_whose_finalizer_copies_send,
        attributes_of_send_whose_finalizer_reads_them,
        attributes_of_send_that_change_while_they_are_looked_up,
        a_partial_of_send_that_becomes_another_during_its_call,
        a_partial_that_becomes_another_while_its_names_are_compared,
        a_partial_of_a_middleware_that_becomes_another_during_a_collection,
    )
}


def run(case: Callable[[], None]) -> None:
    case()
    KEEP.send = None
    gc.collect()
    print(case.__name__, "went well", flush=True)


if __name__ == "__main__":
    if sys.argv[2:] == ["thread"]:
        thread = threading.Thread(target=run, args=[CASES[sys.argv[1]]])
        thread.start()
        thread.join()
    else:
        run(CASES[sys.argv[1]])
