"""docs/migration.md on asgi-cors: what stays, and what differs, is what the two do."""

from types import ModuleType
from typing import Any

import pytest
from asgi_cors import asgi_cors  # type: ignore[import-untyped]  # it has no types
from starlette.types import Receive, Send
from support.exchange import ORIGIN, OTHER, Scope, exchange, get, preflight

BELOW = "https://a.b.example.com"
# asgi-cors calls what Python 3.14 deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:.*iscoroutinefunction:DeprecationWarning")


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    status = 405 if scope["method"] == "OPTIONS" else 200
    await send({"type": "http.response.start", "status": status, "headers": [(b"x-app", b"yes")]})
    await send({"type": "http.response.body", "body": b"hello"})


async def own(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"access-control-allow-origin", b"https://of-the-app.example")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


def answer(app: Any, scope: Scope) -> tuple[int, dict[str, str]]:
    start = exchange(app, scope)[0]
    text = {name.decode(): value if isinstance(value, str) else value.decode() for name, value in start["headers"]}
    return start["status"], text


SAME: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "allow_all": ({"allow_all": True}, {"allow_origins": ["*"]}),
    "hosts": ({"hosts": [ORIGIN]}, {"allow_origins": [ORIGIN]}),
    "host_wildcards": (
        {"host_wildcards": ["https://*.example.com"]},
        {"allow_origin_patterns": ["https://*.example.com"]},
    ),
    "callback": (
        {"callback": lambda origin: origin == ORIGIN.encode()},
        {"allow_origin_func": lambda origin, scope: origin == ORIGIN},
    ),
}


@pytest.mark.parametrize("app", [hello, own], ids=["plain", "sets its own"])
@pytest.mark.parametrize("origin", [ORIGIN, OTHER, BELOW, "https://evilexample.com", "http://app.example.com"])
@pytest.mark.parametrize(("theirs", "ours"), SAME.values(), ids=SAME)
def test_allows_the_same_origins(
    fastcors: ModuleType, theirs: dict[str, Any], ours: dict[str, Any], origin: str, app: Any
) -> None:
    before, after = asgi_cors(app, **theirs), fastcors.CORSMiddleware(app, **ours)
    name = "access-control-allow-origin"
    assert answer(after, get(origin))[1].get(name) == answer(before, get(origin))[1].get(name)


def test_a_wildcard_takes_anything_and_a_pattern_labels(fastcors: ModuleType) -> None:
    before = asgi_cors(hello, host_wildcards=["https://*.example.com"])
    after = fastcors.CORSMiddleware(hello, allow_origin_patterns=["https://*.example.com"])
    odd = "https://evil.example:1.example.com"
    assert answer(before, get(odd))[1]["access-control-allow-origin"] == odd
    assert "access-control-allow-origin" not in answer(after, get(odd))[1]


def test_preflights_are_answered(fastcors: ModuleType) -> None:
    before = asgi_cors(hello, hosts=[ORIGIN], methods=["PUT"], max_age=60)
    after = fastcors.CORSMiddleware(hello, allow_origins=[ORIGIN], allow_methods=["PUT"], max_age=60)
    assert answer(before, preflight(method="PUT"))[0] == 405
    status, headers = answer(after, preflight(method="PUT"))
    assert (status, headers["access-control-allow-methods"], headers["access-control-max-age"]) == (200, "PUT", "60")


def test_what_is_about_preflights_is_on_these_alone(fastcors: ModuleType) -> None:
    before = asgi_cors(hello, hosts=[ORIGIN], methods=["PUT"])
    after = fastcors.CORSMiddleware(hello, allow_origins=[ORIGIN], allow_methods=["PUT"])
    assert set(answer(before, get())[1]) == {"x-app", "access-control-allow-origin", "access-control-allow-methods"}
    assert set(answer(after, get())[1]) == {"x-app", "access-control-allow-origin", "vary"}


def test_without_origin(fastcors: ModuleType) -> None:
    before, after = asgi_cors(hello, allow_all=True), fastcors.CORSMiddleware(hello, allow_origins=["*"])
    assert set(answer(before, get(None))[1]) == {"x-app", "access-control-allow-origin"}
    assert set(answer(after, get(None))[1]) == {"x-app", "vary"}
