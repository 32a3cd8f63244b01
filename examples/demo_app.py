"""The app of the demo and the playground: one FastAPI app per CORS policy, mounted side by side.

The middleware class is a parameter, so that the same app runs behind Starlette's and behind fastcors'.
"""

from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import ASGIApp

from fastcors import add_cors

OUTERMOST = "/outermost"

router = APIRouter()


@router.api_route("/item", methods=["GET", "POST", "PUT", "DELETE"])
async def item(request: Request, response: Response) -> dict[str, Any]:
    response.headers["X-Total"] = "42"
    response.headers["X-Internal"] = "shard-7"
    return {"method": request.method, "cookies": sorted(request.cookies)}


@router.get("/translated")
async def translated(response: Response) -> str:
    response.headers["Vary"] = "Accept-Language"
    return "hello"


@router.get("/login")
async def login(response: Response) -> str:
    response.set_cookie("session", "1")
    response.set_cookie("theme", "dark")
    return "welcome"


@router.get("/own-header")
async def own_header(response: Response) -> str:
    response.headers["Access-Control-Allow-Origin"] = "https://set-by.the-app.example"
    return "the app speaks CORS itself"


@router.get("/stream")
async def stream() -> StreamingResponse:
    async def parts() -> AsyncIterator[bytes]:
        for part in (b"one ", b"two ", b"three"):
            yield part

    return StreamingResponse(parts(), media_type="text/plain")


@router.get("/missing")
async def missing() -> None:
    raise HTTPException(404, "no such item")


@router.get("/broken")
async def broken() -> None:
    raise RuntimeError("the app fails on purpose")


def policies(origin: str) -> dict[str, dict[str, Any]]:
    """Return the middleware's keyword arguments for each path; `origin` is the one that is listed."""
    return {
        "/listed": {
            "allow_origins": ["https://shop.example", origin],
            "allow_methods": ["GET", "POST", "PUT"],
            "allow_headers": ["X-Token"],
            "allow_credentials": True,
            "expose_headers": ["X-Total"],
            "max_age": 300,
        },
        "/wildcard": {"allow_origins": ["*"], "allow_methods": ["*"], "allow_headers": ["*"]},
        "/wildcard-credentials": {"allow_origins": ["*"], "allow_headers": ["*"], "allow_credentials": True},
        "/regex": {"allow_origin_regex": r"https://[a-z]+\.shop\.example|http://127\.0\.0\.1:\d+"},
        "/private-network": {"allow_origins": [origin], "allow_private_network": True},
        "/none": {},
    }


def create_app(middleware: Callable[..., ASGIApp], origin: str) -> FastAPI:
    """Return the app with `middleware` around each part, and a part at /bare without any.

    The part at /outermost has the policy of /listed, from `add_cors`.
    """
    app = FastAPI(openapi_url=None)
    outermost = FastAPI(openapi_url=None)
    outermost.include_router(router)
    app.mount(OUTERMOST, add_cors(outermost, **policies(origin)["/listed"]))
    for path, policy in policies(origin).items():
        part = FastAPI(openapi_url=None)
        part.include_router(router)
        part.add_middleware(middleware, **policy)
        app.mount(path, part)
    bare = FastAPI(openapi_url=None)
    bare.include_router(router)
    app.mount("/bare", bare)
    return app
