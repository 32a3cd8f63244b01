"""Threads on one instance while another changes its configuration: each response belongs to its own request."""

import functools
import gc
import itertools
import os
import re
import subprocess
import sys
import sysconfig
import threading
import weakref
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from conftest import CORES
from support.asgi import OnlyContains
from support.exchange import ORIGIN, OTHER, Scope, exchange, get, hello, nothing_received, preflight
from support.reference import CORSMiddleware as Reference

THREADS = 8
REQUESTS = 150
REGEX = re.compile(r"https://1\..*")
SIMPLE = ({"Access-Control-Expose-Headers": "X-A"}, {"Access-Control-Allow-Credentials": "true"})


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the request's own path, among headers that collide with the middleware's."""
    headers = [(b"x-path", scope["path"].encode()), (b"vary", b"Accept")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": scope["path"].encode()})


def origin_of(thread: int) -> str:
    return f"https://{thread}.example"


def scopes(thread: int) -> list[Scope]:
    origin = origin_of(thread)
    path = {"path": f"/{thread}"}
    return [get(origin) | path, preflight(origin, names=f"x-{thread}") | path, get(None) | path]


# What is configured, each independent of the others: a request may meet any combination of them.
STATES = tuple(itertools.product((False, True), (None, REGEX), SIMPLE, (False, True)))


def configure(middleware: Any, state: tuple[Any, ...]) -> None:
    """Change the origin list in place and assign attributes."""
    listed, regex, simple, all_headers = state
    middleware.allow_origins[:] = [origin_of(thread) for thread in range(0, THREADS, 2)] if listed else []
    middleware.allow_origin_regex = regex
    middleware.simple_headers = dict(simple)
    middleware.allow_all_headers = all_headers


def permitted(thread: int) -> list[list[Any]]:
    """Return, for each scope of a thread, what Starlette answers in any of the states."""
    answers: list[list[Any]] = [[] for _ in scopes(thread)]
    for state in STATES:
        middleware = Reference(app, allow_origins=[])
        configure(middleware, state)
        for place, scope in enumerate(scopes(thread)):
            answers[place].append(exchange(middleware, scope))
    return answers


@pytest.fixture
def eager_switches() -> Iterator[None]:
    """Let the interpreter change threads as often as it can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def run_all(*targets: Callable[[], None]) -> None:
    threads = [threading.Thread(target=target) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.thread_unsafe(reason="starts threads of its own and sets how often they change")
@pytest.mark.usefixtures("eager_switches")
def test_response_belongs_to_its_request_whatever_changes(fastcors: ModuleType) -> None:
    middleware = fastcors.CORSMiddleware(app, allow_origins=[])
    configure(middleware, STATES[0])
    expected = [permitted(thread) for thread in range(THREADS)]
    started = threading.Barrier(THREADS + 1)
    done = threading.Semaphore(0)
    wrong: list[Any] = []

    def ask(thread: int) -> None:
        started.wait()
        try:
            for _, (place, scope) in itertools.product(range(REQUESTS), enumerate(scopes(thread))):
                answer = exchange(middleware, dict(scope))
                if answer not in expected[thread][place]:
                    wrong.append((thread, place, answer))
        finally:
            done.release()

    def change() -> None:
        started.wait()
        finished = 0
        for state in itertools.cycle(STATES):
            configure(middleware, state)
            finished += done.acquire(blocking=False)
            if finished == THREADS:
                return

    run_all(change, *(functools.partial(ask, thread) for thread in range(THREADS)))
    assert not wrong, wrong[:3]


@pytest.mark.thread_unsafe(reason="starts threads of its own and sets how often they change")
@pytest.mark.usefixtures("eager_switches")
def test_first_requests_come_at_once(fastcors: ModuleType) -> None:
    """An assignment leaves nothing compiled, so that every thread finds that it has to be."""
    middleware = fastcors.CORSMiddleware(app, allow_origins=[origin_of(0)])
    expected = [[exchange(Reference(app, allow_origins=[origin_of(0)]), s) for s in scopes(t)] for t in range(THREADS)]
    answers: list[list[Any]] = [[] for _ in range(THREADS)]
    started = threading.Barrier(THREADS, action=lambda: setattr(middleware, "allow_credentials", False))

    def ask(thread: int) -> None:
        for _ in range(20):
            started.wait()
            answers[thread].append([exchange(middleware, scope) for scope in scopes(thread)])

    run_all(*(functools.partial(ask, thread) for thread in range(THREADS)))
    assert answers == [[answer] * 20 for answer in expected]


class App:
    """An app that keeps the middleware around it, and each `send` that it gets."""

    def __init__(self) -> None:
        self.kept: list[Any] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.kept.append(send)
        await hello(scope, receive, send)


def kept_by_its_app(base: Any) -> tuple[Any, Any]:
    app = App()
    app.kept.append(base(app, allow_origins=[ORIGIN]))
    return app, app.kept[0]


def kept_by_its_origins(base: Any) -> tuple[Any, Any]:
    origins = OnlyContains((ORIGIN,))
    middleware = base(hello, allow_origins=origins)
    origins.values = (ORIGIN, middleware)
    return origins, middleware


def kept_by_its_hook(base: Any) -> tuple[Any, Any]:
    middleware = base(App(), allow_origins=[ORIGIN])
    middleware.is_allowed_origin = functools.partial(base.is_allowed_origin, middleware)
    return middleware.app, middleware


def kept_by_what_the_app_keeps(base: Any) -> tuple[Any, Any]:
    """Only `send` leads from the app to the middleware."""
    app = App()
    return app, base(app, allow_origins=[ORIGIN])


ALONE = pytest.mark.thread_unsafe(reason="while one thread collects garbage, collecting in another does nothing")
CYCLES = (kept_by_its_app, kept_by_its_origins, kept_by_its_hook, kept_by_what_the_app_keeps)


@ALONE
@pytest.mark.parametrize("cycle", CYCLES)
@pytest.mark.parametrize("asked", [False, True])
def test_cycle_is_collected(fastcors: ModuleType, cycle: Callable[[Any], tuple[Any, Any]], asked: bool) -> None:
    other, middleware = cycle(fastcors.CORSMiddleware)
    if asked:
        for scope in (get(), get(OTHER), preflight(), get(None)):
            exchange(middleware, scope)
    references = [weakref.ref(other), weakref.ref(middleware)]
    del other, middleware
    gc.collect()
    assert [reference() for reference in references] == [None, None]


@ALONE
def test_unawaited_request_is_collected(fastcors: ModuleType) -> None:
    app = App()
    middleware = fastcors.CORSMiddleware(app, allow_origins=[ORIGIN])
    app.kept.append(middleware(get(), nothing_received, middleware))
    app.kept[0].close()
    reference = weakref.ref(middleware)
    del app, middleware
    gc.collect()
    assert reference() is None


GIL = "import fastcors, sys; assert fastcors.COMPILED; sys.exit(sys._is_gil_enabled())"


@pytest.mark.skipif("compiled" not in CORES, reason="the compiled core is not built, or not wanted, here")
@pytest.mark.skipif(not sysconfig.get_config_var("Py_GIL_DISABLED"), reason="this Python has its GIL always")
def test_import_leaves_the_gil_off() -> None:
    """An extension that does not declare that it can do without has the interpreter turn the GIL on, with a warning."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHON_GIL"}
    subprocess.run([sys.executable, "-W", "error", "-c", GIL], env=environment, check=True)
