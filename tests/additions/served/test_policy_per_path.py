"""A policy per path by mounting: however a path is written, what answers is behind the policy that it was given.

The paths go over a real connection as they stand, because clients and test clients tidy them up.
"""

import socket
import sys
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from support.exchange import OTHER
from support.serving import COMMANDS, serving

OWN = "https://shop.example"

SERVED = f"""
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from fastcors import CORSMiddleware, add_cors

PUBLIC = dict(allow_origins=["*"])
OWN = dict(allow_origins=[{OWN!r}], allow_credentials=True)


def named(name):
    async def answer(request):
        return PlainTextResponse(name)

    return [Route("/{{path:path}}", answer, methods=["GET", "OPTIONS"])]


def part(name, policy):
    app = add_cors(FastAPI(openapi_url=None), **policy)
    app.router.routes += named(name)
    return app


app = Starlette(
    routes=[
        Mount("/starlette/public", routes=named("public"), middleware=[Middleware(CORSMiddleware, **PUBLIC)]),
        Mount("/starlette/account", routes=named("account"), middleware=[Middleware(CORSMiddleware, **OWN)]),
        Mount("/fastapi/public", part("public", PUBLIC)),
        Mount("/fastapi/account", part("account", OWN)),
        *named("neither"),
    ]
)
"""

# As somebody would write them who looks for a path that two readers understand differently.
TARGETS = (
    "/account/orders",
    "/public/prices",
    "/account",
    "/account/",
    "/account//orders",
    "//account/orders",
    "/public/../account/orders",
    "/public/%2e%2e/account/orders",
    "/public/..%2faccount/orders",
    "/public%2f..%2faccount/orders",
    "/public/.%2e/account/orders",
    "/public/..;/account/orders",
    "/public/;/../account/orders",
    "/public\\..\\account/orders",
    "/account/../public/prices",
    "/./account/orders",
    "/%61ccount/orders",
    "/%2561ccount/orders",
    "/acc%6Funt/orders",
    "/account%2forders",
    "/account%00/orders",
    "/account%20/orders",
    "/account;a=1/orders",
    "/account?/../public/",
    "/account%3f/public/",
    "/ACCOUNT/orders",
    "/Account/orders",
    "/\u017faccount".encode().decode("latin-1"),
    "/accounts/orders",
    "/publicaccount",
)


def ask(client: httpx.Client, method: str, target: str, origin: str) -> tuple[int, dict[str, str], str]:
    """Return status, headers and body of what comes of a request target that nobody touched on the way."""
    address = (client.base_url.host, client.base_url.port or 80)
    asked = "Access-Control-Request-Method: GET\r\n" if method == "OPTIONS" else ""
    head = f"{method} {target} HTTP/1.1\r\nHost: api.example\r\nOrigin: {origin}\r\n{asked}Connection: close\r\n\r\n"
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(head.encode("latin-1"))
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode("latin-1")
    start, _, body = answer.partition("\r\n\r\n")
    status, *lines = start.split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return int(status.split()[1]), headers, body


def policy(headers: dict[str, str]) -> str:
    if headers.get("access-control-allow-credentials") == "true":
        return "account"
    return "public" if headers.get("access-control-allow-origin") == "*" else "neither"


@pytest.mark.skipif(sys.platform == "win32", reason="sockets are not handed over by number there")
@pytest.mark.parametrize("server", COMMANDS)
@pytest.mark.parametrize("framework", ["starlette", "fastapi"])
def test_the_part_that_answers_has_its_policy(
    fastcors: ModuleType, server: str, framework: str, tmp_path: Path
) -> None:
    pytest.importorskip(server)
    seen = []
    with serving(COMMANDS[server], SERVED, fastcors.COMPILED, tmp_path) as client:
        client.get("/")
        for target in TARGETS:
            for origin in (OWN, OTHER):
                status, headers, body = ask(client, "GET", f"/{framework}{target}", origin)
                if status != 200:
                    # Refused by the server, or redirected by the router: no part was reached.
                    assert policy(headers) == "neither", target
                    continue
                assert policy(headers) == body, target
                assert headers.get("access-control-allow-origin") != (OTHER if body == "account" else ""), target
                # A preflight finds the same policy as the request that it is for.
                _, of_preflight, _ = ask(client, "OPTIONS", f"/{framework}{target}", origin)
                assert policy(of_preflight) == body, target
                seen.append(body)
    assert {"account", "public", "neither"} <= set(seen), "every part was found by some path"


def test_on_a_route_it_meets_no_preflight(fastcors: ModuleType) -> None:
    """The mistake that the guide warns of."""
    middleware = [Middleware(fastcors.CORSMiddleware, allow_origins=[OWN])]
    app = Starlette(routes=[Route("/", PlainTextResponse("hello"), methods=["GET"], middleware=middleware)])
    headers = {"Origin": OWN, "Access-Control-Request-Method": "GET"}
    assert TestClient(app).options("/", headers=headers).status_code == 405
