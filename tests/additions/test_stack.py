"""`add_cors` puts the middleware around everything in a Starlette or FastAPI app, and changes nothing else of it."""

# mypy: allow-subclassing-any
# (The class to inherit from is a parameter: ours on each core, or Starlette's.)

import ast
import gc
import importlib
import inspect
import re
import sys
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import MethodType, ModuleType
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware as StarletteCORSMiddleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from support.exchange import ORIGIN, OTHER
from support.serving import COMMANDS, serving

ALLOWED = {"Origin": ORIGIN}
PREFLIGHT = {**ALLOWED, "Access-Control-Request-Method": "GET"}


async def hello(request: Request) -> Response:
    return PlainTextResponse("hello")


async def broken(request: Request) -> Response:
    raise ZeroDivisionError


async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
    await websocket.close()


def starlette_app(**config: Any) -> Any:
    routes = [Route("/", hello), Route("/broken", broken), WebSocketRoute("/echo", echo)]
    return Starlette(routes=routes, **config)


def fastapi_app(**config: Any) -> Any:
    app = FastAPI(**config)
    app.router.routes.extend(starlette_app().routes)
    return app


APPS: dict[str, Callable[..., Any]] = {"Starlette": starlette_app, "FastAPI": fastapi_app}


@pytest.fixture(params=APPS)
def make(request: pytest.FixtureRequest) -> Any:
    return APPS[request.param]


def client_of(app: Any) -> TestClient:
    return TestClient(app, raise_server_exceptions=False)


def allowed(response: Any) -> str | None:
    value: str | None = response.headers.get("access-control-allow-origin")
    return value


class Authentication:
    """Lets nobody in who brings no token, as a preflight never does."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and b"authorization" not in dict(scope["headers"]):
            await PlainTextResponse("Who are you?", 401)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def test_error_is_readable(fastcors: ModuleType, make: Any) -> None:
    app = fastcors.add_cors(make(), allow_origins=[ORIGIN])
    response = client_of(app).get("/broken", headers=ALLOWED)
    assert (response.status_code, allowed(response), response.headers["vary"]) == (500, ORIGIN, "Origin")
    assert allowed(client_of(app).get("/broken", headers={"Origin": OTHER})) is None
    added = make()
    added.add_middleware(fastcors.CORSMiddleware, allow_origins=[ORIGIN])
    assert allowed(client_of(added).get("/broken", headers=ALLOWED)) is None, "why add_cors is needed"


def test_error_of_a_handler_is_readable(fastcors: ModuleType, make: Any) -> None:
    def handler(request: Request, error: Exception) -> Response:
        return JSONResponse({"error": type(error).__name__}, 500)

    app = fastcors.add_cors(make(exception_handlers={Exception: handler}), allow_origins=[ORIGIN])
    response = client_of(app).get("/broken", headers=ALLOWED)
    assert (response.json(), allowed(response)) == ({"error": "ZeroDivisionError"}, ORIGIN)


@pytest.mark.parametrize("order", ["before", "after"])
def test_preflight_does_not_meet_authentication(fastcors: ModuleType, make: Any, order: str) -> None:
    app = make(middleware=[Middleware(Authentication)] if order == "before" else None)
    fastcors.add_cors(app, allow_origins=[ORIGIN], allow_headers=["Authorization"])
    if order == "after":
        app.add_middleware(Authentication)
    client = client_of(app)
    asked = {**PREFLIGHT, "Access-Control-Request-Headers": "authorization"}
    assert client.options("/", headers=asked).status_code == 200
    refused = client.get("/", headers=ALLOWED)
    assert (refused.status_code, allowed(refused)) == (401, ORIGIN)
    assert client.get("/", headers={**ALLOWED, "Authorization": "me"}).text == "hello"


def test_app_stays_what_it_was(fastcors: ModuleType, make: Any) -> None:
    app, plain = make(), make()
    assert fastcors.add_cors(app, allow_origins=[ORIGIN]) is app
    assert isinstance(app, type(plain))
    for name in ("__name__", "__qualname__", "__module__", "__doc__"):
        assert getattr(type(app), name) == getattr(type(plain), name)
    assert inspect.iscoroutinefunction(app.__call__)
    assert app.middleware_stack is None
    assert app.user_middleware == []
    assert type(make()) is type(plain), "other apps are none of its business"


def test_with_another_class(fastcors: ModuleType) -> None:
    class Own(FastAPI):
        def hello(self) -> str:
            return "hello"

    app = fastcors.add_cors(Own(), allow_origins=[ORIGIN])
    assert isinstance(app, Own)
    assert app.hello() == "hello"
    assert client_of(app).options("/", headers=PREFLIGHT).status_code == 200


def test_lifespan_and_state(fastcors: ModuleType, make: Any) -> None:
    seen = []

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[dict[str, str]]:
        seen.append("started")
        yield {"name": "state"}
        seen.append("stopped")

    async def state(request: Request) -> Response:
        return JSONResponse([request.state.name, request.app is app])

    app = fastcors.add_cors(make(lifespan=lifespan), allow_origins=[ORIGIN])
    app.add_route("/state", state)
    with client_of(app) as client:
        assert client.get("/state").json() == ["state", True]
        assert seen == ["started"]
    assert seen == ["started", "stopped"]


def test_websocket(fastcors: ModuleType, make: Any) -> None:
    app = fastcors.add_cors(make(), allow_origins=[ORIGIN])
    with client_of(app).websocket_connect("/echo", headers={"Origin": OTHER}) as websocket:
        websocket.send_text("hello")
        assert websocket.receive_text() == "hello"


def test_mounts(fastcors: ModuleType, make: Any) -> None:
    inner = fastcors.add_cors(make(), allow_origins=[OTHER])
    outer = Starlette(routes=[Mount("/inner", inner), Route("/", hello)])
    assert allowed(client_of(outer).get("/inner/broken", headers={"Origin": OTHER})) == OTHER
    assert allowed(client_of(outer).get("/", headers={"Origin": OTHER})) is None
    around = fastcors.add_cors(make(), allow_origins=[ORIGIN])
    around.mount("/inner", make())
    assert allowed(client_of(around).get("/inner/broken", headers=ALLOWED)) == ORIGIN


def test_list_stays_live(fastcors: ModuleType, make: Any) -> None:
    origins = [ORIGIN]
    client = client_of(fastcors.add_cors(make(), allow_origins=origins))
    assert allowed(client.get("/", headers={"Origin": OTHER})) is None
    origins.append(OTHER)
    assert allowed(client.get("/", headers={"Origin": OTHER})) == OTHER


# What people do to an app whose stack was built.
REBUILDS: dict[str, Callable[[Any], None]] = {
    "reset": lambda app: setattr(app, "middleware_stack", None),
    "built again": lambda app: setattr(app, "middleware_stack", app.build_middleware_stack()),
    "wrapped": lambda app: setattr(app, "middleware_stack", Authentication(app.middleware_stack)),
    "assigned to itself": lambda app: setattr(app, "middleware_stack", app.middleware_stack),
}


@pytest.mark.parametrize("rebuild", REBUILDS.values(), ids=REBUILDS)
def test_stack_built_again(fastcors: ModuleType, make: Any, rebuild: Callable[[Any], None]) -> None:
    app = fastcors.add_cors(make(), allow_origins=[ORIGIN])
    for _ in range(2):
        response = client_of(app).get("/broken", headers={**ALLOWED, "Authorization": "me"})
        assert (response.status_code, allowed(response)) == (500, ORIGIN)
        assert client_of(app).options("/", headers=PREFLIGHT).status_code == 200
        rebuild(app)


def instrument(app: Any, found: list[Any]) -> None:
    """Do as OpenTelemetry does: replace the builder on the app, and take what it returns apart."""
    original = app.build_middleware_stack

    def build_middleware_stack(self: Any) -> Any:
        stack = original()
        found.append(type(stack))
        return ServerErrorMiddleware(stack.app, handler=stack.handler, debug=stack.debug)

    app.build_middleware_stack = MethodType(build_middleware_stack, app)


@pytest.mark.parametrize("order", ["before", "after"])
def test_builder_replaced(fastcors: ModuleType, make: Any, order: str) -> None:
    found: list[Any] = []
    app = make()
    if order == "before":
        instrument(app, found)
    fastcors.add_cors(app, allow_origins=[ORIGIN])
    if order == "after":
        instrument(app, found)
    response = client_of(app).get("/broken", headers=ALLOWED)
    assert (response.status_code, allowed(response), found) == (500, ORIGIN, [ServerErrorMiddleware])


def test_called_twice(fastcors: ModuleType, make: Any) -> None:
    app = fastcors.add_cors(make(), allow_origins=[ORIGIN])
    with pytest.raises(RuntimeError, match="called for this app before"):
        fastcors.add_cors(app, allow_origins=[OTHER])
    assert allowed(client_of(app).get("/", headers=ALLOWED)) == ORIGIN


def test_called_late(fastcors: ModuleType, make: Any) -> None:
    app = make()
    client_of(app).get("/")
    with pytest.raises(RuntimeError, match="has started"):
        fastcors.add_cors(app, allow_origins=[ORIGIN])
    assert allowed(client_of(app).get("/", headers=ALLOWED)) is None


@pytest.mark.parametrize("starlettes", [True, False])
def test_beside_one_that_was_added(fastcors: ModuleType, make: Any, starlettes: bool) -> None:
    cors = StarletteCORSMiddleware if starlettes else fastcors.CORSMiddleware
    app = make(middleware=[Middleware(Authentication), Middleware(cors, allow_origins=["*"])])
    with pytest.raises(RuntimeError, match="Remove add_middleware"):
        fastcors.add_cors(app, allow_origins=[ORIGIN])
    app = fastcors.add_cors(make(), allow_origins=[ORIGIN])
    with pytest.raises(RuntimeError, match="Remove add_middleware"):
        app.add_middleware(cors, allow_origins=["*"])


MISTAKES: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "a line break": ({"allow_origins": [ORIGIN + "\n"]}, ValueError, "header malformed"),
    "a regex that does not compile": ({"allow_origin_regex": "("}, re.error, "missing"),
    "a dangerous pattern": ({"allow_origin_patterns": ["https://*"]}, ValueError, "every host"),
    "a misspelt parameter": ({"allow_origin": [ORIGIN]}, TypeError, "allow_origin"),
}


@pytest.mark.parametrize(("config", "error", "text"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_show_at_the_call(
    fastcors: ModuleType, make: Any, config: dict[str, Any], error: type[Exception], text: str
) -> None:
    app = make()
    with pytest.raises(error, match=text):
        fastcors.add_cors(app, **config)
    assert allowed(client_of(fastcors.add_cors(app, allow_origins=[ORIGIN])).get("/", headers=ALLOWED)) == ORIGIN


def test_warns_once_at_the_call(fastcors: ModuleType, make: Any) -> None:
    with pytest.warns(UserWarning, match="it is a string") as caught:
        app = fastcors.add_cors(make(), allow_origins=ORIGIN)
    assert [warning.filename for warning in caught] == [__file__]
    client_of(app).get("/")


def test_not_an_app(fastcors: ModuleType) -> None:
    with pytest.raises(TypeError, match=re.escape("app = CORSMiddleware(app, ...)")):
        fastcors.add_cors(fastcors.CORSMiddleware(Starlette()), allow_origins=[ORIGIN])


def test_parameters_are_the_middleware_s() -> None:
    stack = importlib.import_module("fastcors.outermost")
    parameters = list(inspect.signature(stack.CORSMiddleware.__init__).parameters)
    # Types are for those who check them, so they are looked up in the text.
    types: Any = next(
        node for node in ast.walk(ast.parse(inspect.getsource(stack))) if getattr(node, "name", "") == "CORSParameters"
    )
    assert [node.target.id for node in types.body if hasattr(node, "annotation")] == parameters[2:]


def test_no_other_names(fastcors: ModuleType) -> None:
    with pytest.raises(AttributeError, match="no attribute 'add_cars'"):
        fastcors.add_cars  # noqa: B018  # asked for, not used


SERVED = f"""
from fastapi import FastAPI
from fastcors import COMPILED, add_cors

app = add_cors(FastAPI(), allow_origins=[{ORIGIN!r}])


@app.get("/")
async def compiled():
    return COMPILED


@app.get("/broken")
async def broken():
    raise ZeroDivisionError
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sockets are not handed over by number there")
@pytest.mark.parametrize("server", COMMANDS)
def test_served(fastcors: ModuleType, server: str, tmp_path: Path) -> None:
    pytest.importorskip(server)
    with serving(COMMANDS[server], SERVED, fastcors.COMPILED, tmp_path) as client:
        assert client.get("/").json() is fastcors.COMPILED
        response = client.get("/broken", headers=ALLOWED)
        assert (response.status_code, allowed(response)) == (500, ORIGIN)
        assert client.options("/broken", headers=PREFLIGHT).status_code == 200


def test_class_of_an_app_can_be_freed(fastcors: ModuleType) -> None:
    def made() -> weakref.ref[type]:
        class Own(FastAPI):
            pass

        first, second = (fastcors.add_cors(Own(), allow_origins=[ORIGIN]) for _ in range(2))
        assert type(first) is type(second) is not Own
        return weakref.ref(Own)

    reference = made()
    gc.collect()
    assert reference() is None
