"""What is made while `install` is in effect: copies, pickles, the fast path, threads and apps."""

import copy
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware as StarletteCORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from support.exchange import CONFIG, ORIGIN, OTHER, REQUESTS, answers, exchange, get, hello, preflight
from support.reference import CORSMiddleware as Reference

# For the type checker any class, because its instances are looked into.
Starlettes: Any = StarletteCORSMiddleware
TESTS = Path(__file__).parents[1]

pytestmark = [
    pytest.mark.thread_unsafe(reason="the whole process has one such class"),
    pytest.mark.usefixtures("uninstalled"),
]


class Plain(StarletteCORSMiddleware):
    pass


def pickled(middleware: Any) -> Any:
    return pickle.loads(pickle.dumps(middleware))


def pickled_by_the_oldest_protocol(middleware: Any) -> Any:
    return pickle.loads(pickle.dumps(middleware, 0))


COPIES = [copy.copy, copy.deepcopy, pickled, pickled_by_the_oldest_protocol]


@pytest.mark.parametrize("how", COPIES)
def test_instances_of_starlettes_are_left_alone(fastcors: ModuleType, how: Callable[[Any], Any]) -> None:
    middleware = Starlettes(hello, **CONFIG)
    expected, attributes = answers(middleware), dict(vars(middleware))
    fastcors.install()
    for each in (middleware, how(middleware)):
        assert type(each) is Starlettes
        assert (answers(each), vars(each)) == (expected, attributes)


@pytest.mark.parametrize("how", COPIES)
def test_copies_of_ours(installed: ModuleType, monkeypatch: pytest.MonkeyPatch, how: Callable[[Any], Any]) -> None:
    # Pickle looks classes up by name, and each core's are imported beside the other's.
    monkeypatch.setitem(sys.modules, "fastcors", installed)
    monkeypatch.setitem(sys.modules, "fastcors.middleware", installed.middleware)
    middleware = Starlettes(hello, **CONFIG)
    expected = answers(middleware)
    copies = [how(middleware)]
    installed.uninstall()
    copies.append(how(middleware))
    for each in copies:
        assert type(each) is installed.CORSMiddleware
        assert answers(each) == expected


LOAD = """
import pickle, sys
from starlette.middleware.cors import CORSMiddleware
middleware = pickle.load(sys.stdin.buffer)
assert "__new__" not in vars(CORSMiddleware), "installed"
from support.exchange import answers
print(type(middleware).__module__, type(middleware).__name__, answers(middleware))
"""


def test_pickle_for_a_process_without(installed: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fastcors", installed)
    monkeypatch.setitem(sys.modules, "fastcors.middleware", installed.middleware)
    middleware = Starlettes(hello, **CONFIG)
    core = "yes" if installed.COMPILED else "no"
    paths = os.pathsep.join([str(TESTS), str(Path(installed.__path__[0]).parent)])
    environment = {**os.environ, "PYTHONPATH": paths, "FASTCORS_EXTENSIONS": core}
    done = subprocess.run(
        [sys.executable, "-c", LOAD], input=pickle.dumps(middleware), env=environment, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode().strip() == f"fastcors.middleware CORSMiddleware {answers(middleware)}"


def test_fast_path(fastcors: ModuleType) -> None:
    """Changing the class has each policy checked once; nothing is compiled anew, then or for later requests."""
    before = fastcors.CORSMiddleware(hello, **CONFIG)
    exchange(before, get())
    policy_before = before._fastcors_cache.policy
    fastcors.install()
    middleware = Starlettes(hello, **CONFIG)
    exchange(middleware, get())
    policy = middleware._fastcors_cache.policy
    assert not policy.takes_slow_path
    for request in [*REQUESTS.values()] * 3:
        exchange(middleware, request())
        exchange(before, request())
    assert before._fastcors_cache.policy is policy_before
    assert middleware._fastcors_cache.policy is policy
    fastcors.uninstall()
    exchange(middleware, preflight())
    assert middleware._fastcors_cache.policy is policy


def test_no_request_compiles(installed: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    middleware = Starlettes(hello, **CONFIG)
    exchange(middleware, get())
    compiled: list[bool] = []
    original = installed.CORSMiddleware._fastcors_compile

    def counting(self: Any, stale: bool) -> Any:
        compiled.append(stale)
        return original(self, stale)

    monkeypatch.setattr(installed.CORSMiddleware, "_fastcors_compile", counting)
    exchange(middleware, get())  # The class was changed just now.
    compiled.clear()
    for request in REQUESTS.values():
        exchange(middleware, request())
    assert compiled == []


def test_threads(fastcors: ModuleType) -> None:
    """Threads that install, uninstall and make middlewares at once: each one made is whole, and of one of the two."""
    made: list[Any] = []
    failures: list[BaseException] = []

    def make(change: Callable[[], None]) -> None:
        try:
            for _ in range(100):
                change()
                made.append(Starlettes(hello, allow_origins=[ORIGIN]))
                assert type(Plain(hello)) is Plain
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=make, args=(change,)) for change in (fastcors.install, fastcors.uninstall) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert {type(each) for each in made} <= {Starlettes, fastcors.CORSMiddleware}
    assert all(each.is_allowed_origin(ORIGIN) for each in made)


async def page(request: Request) -> Response:
    return PlainTextResponse("hello")


def routes() -> list[Any]:
    return [Route("/", page)]


def added(kind: Any, cors: Any = StarletteCORSMiddleware) -> Any:
    app = kind(routes=routes())
    app.add_middleware(cors, **CONFIG)
    return app


def listed(kind: Any, cors: Any = StarletteCORSMiddleware) -> Any:
    return kind(routes=routes(), middleware=[Middleware(cors, **CONFIG)])


def mounted(kind: Any, cors: Any = StarletteCORSMiddleware) -> Any:
    return kind(routes=[Mount("/", added(kind, cors))])


def around_mounted_routes(kind: Any, cors: Any = StarletteCORSMiddleware) -> Any:
    return kind(routes=[Mount("/", routes=routes(), middleware=[Middleware(cors, **CONFIG)])])


APPS: list[Callable[..., Any]] = [added, listed, mounted, around_mounted_routes]


def seen(app: Any) -> list[Any]:
    client = TestClient(app)
    asked = [{"Origin": ORIGIN}, {"Origin": OTHER}, {}]
    preflights = [{**headers, "Access-Control-Request-Method": "POST"} for headers in asked]
    found = [client.get("/", headers=headers) for headers in asked]
    found += [client.options("/", headers=headers) for headers in preflights]
    return [(answer.status_code, answer.headers.multi_items(), answer.text) for answer in found]


@pytest.mark.parametrize("make", APPS)
@pytest.mark.parametrize("kind", [Starlette, FastAPI])
def test_apps(fastcors: ModuleType, monkeypatch: pytest.MonkeyPatch, kind: Any, make: Callable[..., Any]) -> None:
    app, expected = make(kind), seen(make(kind, Reference))
    made: list[Any] = []
    original = fastcors.CORSMiddleware._fastcors_configure

    def configure(self: Any, *args: Any) -> None:
        made.append(self)
        original(self, *args)

    monkeypatch.setattr(fastcors.CORSMiddleware, "_fastcors_configure", configure)
    fastcors.install()
    # Where the middleware wraps routes, it is made together with the routes.
    assert seen(make(kind) if make is around_mounted_routes else app) == expected
    assert [type(each) for each in made] == [fastcors.CORSMiddleware]


def test_a_library_finds_starlettes_class(installed: ModuleType) -> None:
    for make in (added, listed):
        assert [middleware.cls for middleware in make(FastAPI).user_middleware] == [Starlettes]


def test_a_stack_that_was_built_stays(fastcors: ModuleType) -> None:
    app = added(Starlette)
    TestClient(app).get("/")
    fastcors.install()
    stack = app.middleware_stack
    assert type(stack.app) is Starlettes
    TestClient(app).get("/")
    assert app.middleware_stack is stack


def test_a_stack_built_after_uninstall(installed: ModuleType) -> None:
    app, other = added(Starlette), added(Starlette)
    TestClient(app).get("/")
    installed.uninstall()
    TestClient(other).get("/")
    assert type(app.middleware_stack.app) is installed.CORSMiddleware
    assert type(other.middleware_stack.app) is Starlettes
    assert seen(app) == seen(added(Starlette, Reference))


def test_add_cors_still_refuses_another(installed: ModuleType) -> None:
    app = installed.add_cors(Starlette(routes=routes()), **CONFIG)
    with pytest.raises(RuntimeError, match="add_cors"):
        app.add_middleware(StarletteCORSMiddleware)
    with pytest.raises(RuntimeError, match="add_cors"):
        installed.add_cors(added(Starlette), **CONFIG)
    assert seen(app) == seen(Starlettes(Starlette(routes=routes()), **CONFIG))


def test_two_around_one_app_are_warned_of(installed: ModuleType) -> None:
    with pytest.warns(installed.CORSConfigWarning, match="two-cors-middlewares"):
        Starlettes(Starlettes(hello, **CONFIG), **CONFIG)


def test_a_warning_is_at_the_users_line(installed: ModuleType) -> None:
    with pytest.warns(installed.CORSConfigWarning) as caught:
        Starlettes(hello, ["https://app.example.com/"])
    assert [Path(warning.filename).name for warning in caught] == [Path(__file__).name]
