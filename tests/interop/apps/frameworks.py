"""Apps of other frameworks with the middleware wherever a user can put it, asked in this process.

Run with the name of a framework, it prints what came of each exchange, as JSON. Each framework is a function that
returns its apps: the path to ask, and how the middleware is in it, by name.
"""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx

from interop.apps import lambdas
from interop.apps.policies import CORS, LONG, ORIGIN, OTHER, POLICY, PUBLIC

# An app, and the prefix of what is asked of it.
Variant = tuple[Any, str]


def _ask(origin: str | None = None, method: str | None = None, names: str | None = None) -> dict[str, str]:
    headers = {
        "origin": origin,
        "access-control-request-method": method,
        "access-control-request-headers": names,
        "accept-encoding": "gzip",
    }
    return {name: value for name, value in headers.items() if value}


EXCHANGES: dict[str, tuple[str, str, dict[str, str]]] = {
    "actual": ("GET", "/item", _ask(ORIGIN)),
    "without Origin": ("GET", "/item", _ask()),
    "refused": ("GET", "/item", _ask(OTHER)),
    "PUT": ("PUT", "/item", _ask(ORIGIN)),
    "streaming": ("GET", "/stream", _ask(ORIGIN)),
    "missing": ("GET", "/missing", _ask(ORIGIN)),
    "500 from the app": ("GET", "/broken", _ask(ORIGIN)),
    "preflight": ("OPTIONS", "/item", _ask(ORIGIN, "PUT", "x-token")),
    "refused preflight": ("OPTIONS", "/item", _ask(OTHER, "DELETE", "x-other")),
}


class Failure(Exception):
    """What `/broken` raises."""


def fastapi() -> dict[str, Variant]:
    import fastapi
    from fastapi.middleware import Middleware
    from fastapi.responses import StreamingResponse

    def build(**settings: Any) -> fastapi.FastAPI:
        app = fastapi.FastAPI(**settings)

        async def item() -> str:
            return LONG

        async def stream() -> StreamingResponse:
            return StreamingResponse(_chunks())

        app.add_api_route("/item", item, methods=["GET", "PUT"])
        app.add_api_route("/stream", stream, response_model=None)
        app.add_api_route("/broken", _fail)
        return app

    added = build()
    added.add_middleware(CORS, **POLICY)
    listed = build(middleware=[Middleware(CORS, **POLICY)])
    outer = build()
    outer.mount("/sub", added)
    return {
        "added": (added, ""),
        "listed": (listed, ""),
        "around": (CORS(build(), **POLICY), ""),
        "in a sub-app": (outer, "/sub"),
    }


def starlette() -> dict[str, Variant]:
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.base import BaseHTTPMiddleware
    from starlette.middleware.gzip import GZipMiddleware
    from starlette.middleware.sessions import SessionMiddleware
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse, StreamingResponse
    from starlette.routing import Mount, Route

    async def item(request: Request) -> PlainTextResponse:
        if "session" in request.scope:
            request.session["seen"] = "yes"
        return PlainTextResponse(LONG, headers={"Vary": "Accept"})

    async def stream(_: Request) -> StreamingResponse:
        return StreamingResponse(_chunks())

    async def broken(_: Request) -> PlainTextResponse:
        raise Failure

    async def mark(request: Request, call_next: Any) -> Any:
        response = await call_next(request)
        response.headers["x-marked"] = request.headers.get("origin", "without")
        return response

    routes = [Route("/item", item, methods=["GET", "PUT"]), Route("/stream", stream), Route("/broken", broken)]

    def build(*middleware: Middleware) -> Starlette:
        return Starlette(routes=routes, middleware=middleware)

    cors = Middleware(CORS, **POLICY)
    sides = {
        "BaseHTTPMiddleware": Middleware(BaseHTTPMiddleware, dispatch=mark),
        "GZipMiddleware": Middleware(GZipMiddleware),
        "SessionMiddleware": Middleware(SessionMiddleware, secret_key="secret"),
    }
    mounts: list[Any] = [
        Mount("/private", build(cors)),
        Mount("/public", build(Middleware(CORS, **PUBLIC))),
        Mount("/wrapped", CORS(build(), **POLICY)),
        Mount("/routes", routes=routes, middleware=[cors]),
    ]
    mounted = Starlette(routes=mounts)
    variants: dict[str, Variant] = {
        "added": (build(cors), ""),
        "around": (CORS(build(), **POLICY), ""),
        "twice": (CORS(build(cors), **POLICY), ""),
        "sub-app, a policy of its own": (mounted, "/private"),
        "sub-app, a public policy": (mounted, "/public"),
        "around a sub-app": (mounted, "/wrapped"),
        "around mounted routes": (mounted, "/routes"),
    }
    for name, other in sides.items():
        variants[f"inside {name}"] = (build(other, cors), "")
        variants[f"outside {name}"] = (build(cors, other), "")
    variants["between all three"] = (build(sides["GZipMiddleware"], cors, *sides.values()), "")
    return variants


def litestar() -> dict[str, Variant]:
    from litestar import Litestar, route
    from litestar.middleware import DefineMiddleware
    from litestar.response import Stream

    async def item() -> str:
        return LONG

    async def stream() -> Stream:
        return Stream(_chunks())

    handlers = [
        route("/item", http_method=["GET", "PUT"], status_code=200)(item),
        route("/stream", http_method="GET", status_code=200)(stream),
        route("/broken", http_method="GET", status_code=200)(_fail),
    ]

    def build(*middleware: Any) -> Any:
        return Litestar(handlers, middleware=middleware, openapi_config=None, logging_config=None)

    return {"added": (build(DefineMiddleware(CORS, **POLICY)), ""), "around": (CORS(build(), **POLICY), "")}


def quart() -> dict[str, Variant]:
    from quart import Quart

    def build() -> Any:
        app = Quart(__name__)

        async def item() -> str:
            return LONG

        async def stream() -> Any:
            return _chunks()

        app.add_url_rule("/item", view_func=item, methods=["GET", "PUT"])
        app.add_url_rule("/stream", view_func=stream)
        app.add_url_rule("/broken", view_func=_fail)
        return app

    inside = build()
    inside.asgi_app = CORS(inside.asgi_app, **POLICY)
    return {"around asgi_app": (inside, ""), "around": (CORS(build(), **POLICY), "")}


def django() -> dict[str, Variant]:
    import django
    from django.conf import settings
    from django.core.asgi import get_asgi_application
    from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
    from django.urls import path

    async def item(_: HttpRequest) -> HttpResponse:
        return HttpResponse(LONG, headers={"Vary": "Cookie"})

    async def stream(_: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(_chunks())

    async def broken(_: HttpRequest) -> HttpResponse:
        raise Failure

    settings.configure(
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=(path("item", item), path("stream", stream), path("broken", broken)),
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
        LOGGING_CONFIG=None,
    )
    django.setup()
    return {"around": (CORS(get_asgi_application(), **POLICY), "")}


async def _bare(scope: Any, receive: Any, send: Any) -> None:
    """An ASGI app without a framework."""
    assert scope["type"] == "http"
    if scope["path"] == "/broken":
        raise Failure
    status = 404 if scope["path"] == "/missing" else 200
    await send({"type": "http.response.start", "status": status, "headers": [(b"vary", b"Accept")]})
    async for chunk in _chunks():
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body"})


def asgi() -> dict[str, Variant]:
    return {"around": (CORS(_bare, **POLICY), ""), "twice": (CORS(CORS(_bare, **POLICY), **POLICY), "")}


async def _fail() -> None:
    raise Failure


async def _chunks() -> AsyncIterator[bytes]:
    for number in range(3):
        await asyncio.sleep(0)
        yield b"%d," % number * 100


async def _exchange(app: Any, prefix: str) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    # An app may answer 500 and raise as well, so that its server can log that.
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api.example.com") as client:
        for name, (method, path, headers) in EXCHANGES.items():
            response = await client.request(method, prefix + path, headers=headers)
            client.cookies.clear()
            answers[name] = [response.status_code, _shown(response.headers.raw), response.text]
    return answers


def _shown(headers: Any) -> list[tuple[str, str]]:
    """Return them as text; a session's cookie is signed together with the time."""
    text = [(name.decode(), value.decode("latin-1")) for name, value in headers]
    return [(name, re.sub(r"^session=[^;]+", "session=(signed)", value)) for name, value in text]


FRAMEWORKS: dict[str, Callable[[], dict[str, Variant]]] = {
    "fastapi": fastapi,
    "starlette": starlette,
    "litestar": litestar,
    "quart": quart,
    "django": django,
    "asgi": asgi,
}


async def _variants(name: str) -> dict[str, Any]:
    return {variant: await _exchange(*asked) for variant, asked in FRAMEWORKS[name]().items()}


if __name__ == "__main__":
    print(json.dumps(lambdas.variants() if sys.argv[1] == "mangum" else asyncio.run(_variants(sys.argv[1]))))
