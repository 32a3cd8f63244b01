"""The API that a browser is let loose on: the same resource behind a policy each, and a record of what reached it.

`/POLICY/item?row=N` is asked by the page; `/wire?row=N` tells what came for that row, preflights included.
"""

import os
import warnings
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from interop.policies import policies
from interop.subjects import cors_middleware

# Some policies are wrong on purpose.
warnings.filterwarnings("ignore", r".*\[[a-z-]+\]$")

wire: dict[str, list[str]] = defaultdict(list)


async def item(request: Request) -> Response:
    cookies = request.cookies
    content = {"token": request.headers.get("x-token"), "cookie": bool(cookies), "login": cookies.get("login")}
    return JSONResponse(content, headers={"x-total-count": "7", "x-hidden": "8", "etag": '"9"'})


async def redirect(request: Request) -> Response:
    return RedirectResponse(request.query_params["to"], int(request.query_params.get("status", "307")))


async def cacheable(_: Request) -> Response:
    return PlainTextResponse("kept", headers={"cache-control": "max-age=600"})


async def own(_: Request) -> Response:
    return PlainTextResponse("own", headers={"access-control-allow-origin": "*"})


async def script(_: Request) -> Response:
    return Response("export default 'loaded'", media_type="text/javascript")


async def picture(_: Request) -> Response:
    return Response('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>', media_type="image/svg+xml")


async def login(_: Request) -> Response:
    response = PlainTextResponse("in")
    response.set_cookie("login", "yes", samesite="lax")
    return response


async def broken(_: Request) -> Response:
    raise ZeroDivisionError("on purpose")


class EveryMethod:
    """An endpoint for methods of any name; a route of a function takes them in upper case only."""

    def __init__(self, endpoint: Callable[[Request], Awaitable[Response]]) -> None:
        self.endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self.endpoint(Request(scope, receive))
        await response(scope, receive, send)


ROUTES = [
    Route("/item", EveryMethod(item)),
    Route("/redirect", EveryMethod(redirect)),
    Route("/cacheable", cacheable),
    Route("/own", own),
    Route("/script.js", script),
    Route("/picture.svg", picture),
    Route("/login", login, methods=["POST"]),
    Route("/broken", broken),
]


def _resource(place: str, policy: dict[str, Any]) -> ASGIApp:
    cors = cors_middleware()
    if place == "inside":
        return Starlette(routes=ROUTES, middleware=[Middleware(cors, **policy)])
    app: ASGIApp = cors(Starlette(routes=ROUTES), **policy)
    return app


async def told(request: Request) -> Response:
    return JSONResponse(wire[request.query_params["row"]])


POLICIES = policies(os.environ["INTEROP_PAGE"])
inner = Starlette(
    routes=[
        Route("/wire", told),
        *(Mount(f"/{name}", _resource("inside", policy)) for name, policy in POLICIES.items()),
        Mount("/around", _resource("around", POLICIES["listed"])),
    ]
)


def _noted(request: Request) -> str:
    """Return the method, who is said to ask, and what else tells requests apart."""
    origin = request.headers.get("origin")
    who = {None: " without Origin", "null": " from null"}.get(origin, "")
    names = request.headers.get("access-control-request-headers")
    network = "access-control-request-private-network" in request.headers
    return "".join(
        (
            request.method,
            f" for {names}" if names else "",
            who,
            " with cookies" if request.cookies else "",
            " asking for the private network" if network else "",
        )
    )


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Note what comes before anything else sees it."""
    if scope["type"] == "http":
        request = Request(scope)
        if request.url.path != "/wire":
            wire[request.query_params.get("row", "")].append(_noted(request))
    await inner(scope, receive, send)
