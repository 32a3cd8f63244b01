"""The documentation's recipes, running, with the assertions that people write about them.

Whatever is asked of one, it answers with the same headers, in the same order, as with Starlette's class.
"""

import logging
from collections.abc import Callable
from types import ModuleType
from typing import Any, Literal

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp
from support.exchange import ORIGIN, OTHER
from support.recipes import (
    LOCALHOST,
    background_task,
    compressed_inside,
    compressed_outside,
    errors,
    errors_outermost,
    lifespan_and_websocket,
    logged_origins,
    mounted_with_a_policy_of_its_own,
    origins_from_the_environment,
    own_cors_headers_of_an_endpoint,
    pagination,
    policies_of_starlette_routes,
    preflights_cached_for_a_day,
    session_cookie,
    streamed,
    tutorial,
)
from support.reference import CORSMiddleware as Reference

RECIPES: dict[Callable[[Any], ASGIApp], list[str]] = {
    tutorial: ["/", "/nowhere", "/openapi.json"],
    origins_from_the_environment: ["/"],
    session_cookie: ["/", "/login"],
    pagination: ["/", "/?offset=9", "/?limit=none"],
    preflights_cached_for_a_day: ["/"],
    logged_origins: ["/"],
    mounted_with_a_policy_of_its_own: ["/", "/public/", "/public/nowhere", "/public"],
    policies_of_starlette_routes: ["/", "/route", "/mount/", "/mount", "/nowhere"],
    compressed_inside: ["/"],
    compressed_outside: ["/"],
    errors: ["/teapot", "/number/0", "/number/1", "/number/one", "/nowhere"],
    errors_outermost: ["/teapot", "/number/0", "/number/1", "/number/one", "/nowhere"],
    background_task: ["/"],
    streamed: ["/"],
    own_cors_headers_of_an_endpoint: ["/"],
    lifespan_and_websocket: ["/", "/ws"],
}
REQUESTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("GET", {}),
    ("GET", {"Origin": ORIGIN}),
    ("GET", {"Origin": LOCALHOST}),
    ("GET", {"Origin": OTHER, "Accept-Encoding": "identity"}),
    ("POST", {"Origin": ORIGIN}),
    ("HEAD", {"Origin": ORIGIN}),
    ("OPTIONS", {}),
    ("OPTIONS", {"Origin": ORIGIN}),
    ("OPTIONS", {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}),
    ("OPTIONS", {"Origin": OTHER, "Access-Control-Request-Method": "GET"}),
    (
        "OPTIONS",
        {
            "Origin": ORIGIN,
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "authorization, x-token",
        },
    ),
)


@pytest.fixture
def client(fastcors: ModuleType) -> Callable[..., TestClient]:
    """Makes a client of a recipe on one core and then on the other."""

    def make(recipe: Callable[[Any], ASGIApp], **options: Any) -> TestClient:
        return TestClient(recipe(fastcors.CORSMiddleware), base_url="https://api.example.com", **options)

    return make


def preflight(origin: str, method: str = "GET", **headers: str) -> dict[str, str]:
    return {"Origin": origin, "Access-Control-Request-Method": method, **headers}


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("recipe", RECIPES)
def test_same_headers_as_with_starlette(
    fastcors: ModuleType, recipe: Callable[[Any], ASGIApp], backend: Literal["asyncio", "trio"]
) -> None:
    def visit(cors: Any) -> list[Any]:
        app = recipe(cors)
        with TestClient(app, raise_server_exceptions=False, backend=backend) as client:
            responses = [
                client.request(method, path, headers=headers, follow_redirects=False)
                for path in RECIPES[recipe]
                for method, headers in REQUESTS
            ]
        return [(response.status_code, response.headers.raw, response.content) for response in responses]

    assert visit(fastcors.CORSMiddleware) == visit(Reference)


def test_actual_request(client: Callable[..., TestClient]) -> None:
    response = client(tutorial).get("/", headers={"Origin": LOCALHOST})
    assert response.status_code == 200
    assert response.json() == {"message": "Hello World"}
    assert response.headers["access-control-allow-origin"] == LOCALHOST
    assert response.headers["access-control-allow-credentials"] == "true"
    assert response.headers["vary"] == "Origin"


def test_preflight(client: Callable[..., TestClient]) -> None:
    names = {"Access-Control-Request-Headers": "X-Anything"}
    response = client(tutorial).options("/", headers=preflight(LOCALHOST, "DELETE", **names))
    assert response.status_code == 200
    assert response.text == "OK"
    assert response.headers["access-control-allow-origin"] == LOCALHOST
    assert response.headers["access-control-allow-headers"] == "X-Anything"
    assert "DELETE" in response.headers["access-control-allow-methods"]
    assert response.headers["access-control-max-age"] == "600"


def test_refused(client: Callable[..., TestClient]) -> None:
    response = client(tutorial).get("/", headers={"Origin": OTHER})
    assert response.status_code == 200
    assert "access-control-allow-origin" not in response.headers
    response = client(tutorial).options("/", headers=preflight(OTHER))
    assert response.status_code == 400
    assert response.text == "Disallowed CORS origin"


@pytest.mark.parametrize(
    ("environment", "allowed", "refused"), [("production", ORIGIN, LOCALHOST), ("development", LOCALHOST, ORIGIN)]
)
def test_origins_from_the_environment(
    client: Callable[..., TestClient], monkeypatch: pytest.MonkeyPatch, environment: str, allowed: str, refused: str
) -> None:
    monkeypatch.setenv("ENVIRONMENT", environment)
    monkeypatch.setenv("ALLOWED_ORIGINS", f"{ORIGIN},https://admin.example.com")
    browser = client(origins_from_the_environment)
    response = browser.get("/", headers={"Origin": allowed})
    assert response.headers["access-control-allow-origin"] == allowed
    assert "access-control-allow-origin" not in browser.get("/", headers={"Origin": refused}).headers
    assert browser.options("/", headers=preflight(refused)).status_code == 400


def test_cookie_set_at_login_comes_back(client: Callable[..., TestClient]) -> None:
    browser = client(session_cookie)
    from_the_origin = {"Origin": ORIGIN}
    assert browser.get("/", headers=from_the_origin).json() is None
    response = browser.post("/login", headers=from_the_origin)
    assert response.headers["access-control-allow-credentials"] == "true"
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert response.cookies["session"] == "of-alice"
    assert browser.get("/", headers=from_the_origin).json() == "of-alice"


def test_total_count_is_exposed(client: Callable[..., TestClient]) -> None:
    response = client(pagination).get("/", params={"offset": 9}, headers={"Origin": ORIGIN})
    assert response.json() == [9]
    assert response.headers["x-total-count"] == "10"
    assert response.headers["access-control-expose-headers"] == "X-Total-Count, Link"
    assert response.headers["access-control-allow-origin"] == "*"


def test_preflight_is_cached_for_a_day(client: Callable[..., TestClient]) -> None:
    names = {"Access-Control-Request-Headers": "authorization"}
    response = client(preflights_cached_for_a_day).options("/", headers=preflight(ORIGIN, "PUT", **names))
    assert response.status_code == 200
    assert response.headers["access-control-max-age"] == "86400"


@pytest.mark.thread_unsafe(reason="reads one log, which all threads write")
def test_origins_are_logged(client: Callable[..., TestClient], caplog: pytest.LogCaptureFixture) -> None:
    browser = client(logged_origins)
    with caplog.at_level(logging.INFO, logger="cross-origin"):
        browser.get("/")
        browser.get("/", headers={"Origin": ORIGIN})
        browser.options("/", headers=preflight(OTHER))
    logged = [record.getMessage() for record in caplog.records if record.name == "cross-origin"]
    assert logged == [f"{ORIGIN} allowed", f"{OTHER} refused"]


def test_mounted_app_has_a_policy_of_its_own(client: Callable[..., TestClient]) -> None:
    browser = client(mounted_with_a_policy_of_its_own)
    assert browser.get("/public/", headers={"Origin": OTHER}).headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in browser.get("/", headers={"Origin": OTHER}).headers
    assert browser.options("/public/", headers=preflight(OTHER)).status_code == 200
    assert browser.options("/", headers=preflight(OTHER)).status_code == 405


@pytest.mark.parametrize(
    ("recipe", "vary"),
    [(compressed_inside, "Accept-Encoding, Origin"), (compressed_outside, "Origin, Accept-Encoding")],
)
def test_compressed(client: Callable[..., TestClient], recipe: Callable[[Any], ASGIApp], vary: str) -> None:
    response = client(recipe).get("/", headers={"Origin": ORIGIN, "Accept-Encoding": "gzip"})
    assert response.json() == "hello " * 100
    assert response.headers["content-encoding"] == "gzip"
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert response.headers["vary"] == vary


@pytest.mark.parametrize(
    ("path", "status"), [("/nowhere", 404), ("/teapot", 418), ("/number/one", 422), ("/number/1", 200)]
)
@pytest.mark.parametrize("recipe", [errors, errors_outermost])
def test_error_that_the_app_answers(
    client: Callable[..., TestClient], recipe: Callable[[Any], ASGIApp], path: str, status: int
) -> None:
    response = client(recipe).get(path, headers={"Origin": ORIGIN})
    assert response.status_code == status
    assert response.headers["access-control-allow-origin"] == ORIGIN


@pytest.mark.parametrize(("recipe", "readable"), [(errors, False), (errors_outermost, True)])
def test_unhandled_exception(
    client: Callable[..., TestClient], recipe: Callable[[Any], ASGIApp], readable: bool
) -> None:
    """A middleware that is added sits inside of what answers 500, so that only one around the app can amend that."""
    response = client(recipe, raise_server_exceptions=False).get("/number/0", headers={"Origin": ORIGIN})
    assert response.status_code == 500
    assert ("access-control-allow-origin" in response.headers) is readable
    with pytest.raises(ZeroDivisionError):
        client(recipe).get("/number/0", headers={"Origin": ORIGIN})


def test_background_task(client: Callable[..., TestClient], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="cross-origin"):
        response = client(background_task).get("/", headers={"Origin": ORIGIN})
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert "done after the response" in caplog.text


def test_streamed(client: Callable[..., TestClient]) -> None:
    with client(streamed).stream("GET", "/", headers={"Origin": ORIGIN}) as response:
        assert list(response.iter_lines()) == ["0", "1", "2"]
    assert response.headers["vary"] == "Accept, Origin"
    assert response.headers["access-control-allow-origin"] == ORIGIN


def test_header_of_an_endpoint_gives_way_to_the_policy(client: Callable[..., TestClient]) -> None:
    response = client(own_cors_headers_of_an_endpoint).get("/", headers={"Origin": ORIGIN})
    assert response.headers.get_list("access-control-allow-origin") == [ORIGIN]
    assert response.headers.get_list("access-control-expose-headers") == ["ETag"]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_lifespan_and_websocket_of_a_wrapped_app(client: Callable[..., TestClient], backend: str) -> None:
    with client(lifespan_and_websocket, backend=backend) as browser:
        response = browser.get("/", headers={"Origin": ORIGIN})
        assert response.json() == "yes"
        assert response.headers["access-control-allow-origin"] == ORIGIN
        with browser.websocket_connect("/ws", headers={"Origin": OTHER}) as websocket:
            websocket.send_text("hello")
            assert websocket.receive_text() == "hello"
