"""The recipes for CORS in the documentation of FastAPI and Starlette.

Each recipe is a function of the middleware class that returns an app.
"""

# mypy: allow-subclassing-any
# (The class to inherit from is a parameter: ours on each core, or Starlette's.)

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import BackgroundTasks, Cookie, FastAPI, HTTPException, Response, WebSocket
from fastapi.middleware.gzip import GZipMiddleware
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from support.exchange import ORIGIN

LOCALHOST = "http://localhost:8080"

logger = logging.getLogger("cross-origin")


def tutorial(cors: Any) -> ASGIApp:
    app = FastAPI()
    app.add_middleware(
        cors,
        allow_origins=["http://localhost", LOCALHOST, ORIGIN],
        allow_credentials=True,
        allow_methods=["*"],
        allow_headers=["*"],
    )

    @app.get("/")
    async def main() -> dict[str, str]:
        return {"message": "Hello World"}

    return app


def origins_from_the_environment(cors: Any) -> ASGIApp:
    app = FastAPI()
    if os.environ.get("ENVIRONMENT") == "production":
        app.add_middleware(cors, allow_origins=os.environ["ALLOWED_ORIGINS"].split(","))
    else:
        app.add_middleware(cors, allow_origin_regex=r"http://localhost(:\d+)?", allow_methods=["*"])

    @app.get("/")
    def main() -> str:
        return "hello"

    return app


def session_cookie(cors: Any) -> ASGIApp:
    app = FastAPI()
    app.add_middleware(cors, allow_origins=[ORIGIN], allow_credentials=True, allow_methods=["GET", "POST"])

    @app.post("/login")
    def login(response: Response) -> str:
        response.set_cookie("session", "of-alice", secure=True, httponly=True, samesite="none")
        return "welcome"

    @app.get("/")
    def me(session: Annotated[str | None, Cookie()] = None) -> str | None:
        return session

    return app


def pagination(cors: Any) -> ASGIApp:
    app = FastAPI()
    app.add_middleware(cors, allow_origins=["*"], expose_headers=["X-Total-Count", "Link"])

    @app.get("/")
    def items(response: Response, offset: int = 0, limit: int = 3) -> list[int]:
        response.headers["X-Total-Count"] = "10"
        return list(range(offset, min(10, offset + limit)))

    return app


def preflights_cached_for_a_day(cors: Any) -> ASGIApp:
    app = FastAPI()
    app.add_middleware(
        cors, allow_origins=[ORIGIN], allow_methods=["PUT"], allow_headers=["Authorization"], max_age=86400
    )

    @app.put("/")
    def replace() -> None: ...

    return app


def logged_origins(cors: Any) -> ASGIApp:
    class LoggingCORSMiddleware(cors):
        def is_allowed_origin(self, origin: str) -> Any:
            allowed = super().is_allowed_origin(origin)
            logger.info("%s %s", origin, "allowed" if allowed else "refused")
            return allowed

    app = FastAPI()
    app.add_middleware(LoggingCORSMiddleware, allow_origins=[ORIGIN])

    @app.get("/")
    def main() -> str:
        return "hello"

    return app


def mounted_with_a_policy_of_its_own(cors: Any) -> ASGIApp:
    public = FastAPI()
    public.add_middleware(cors, allow_origins=["*"], allow_headers=["*"])
    app = FastAPI()

    @public.get("/")
    def anyone() -> str:
        return "public"

    @app.get("/")
    def same_origin_only() -> str:
        return "private"

    app.mount("/public", public)
    return app


def policies_of_starlette_routes(cors: Any) -> ASGIApp:
    async def show(request: Request) -> JSONResponse:
        return JSONResponse(request.url.path)

    of_the_origin = [Middleware(cors, allow_origins=[ORIGIN], allow_credentials=True)]
    of_everyone = [Middleware(cors, allow_origins=["*"])]
    return Starlette(
        routes=[
            Route("/", show),
            Route("/route", show, methods=["GET", "OPTIONS"], middleware=of_everyone),
            Mount("/mount", routes=[Route("/", show)], middleware=of_everyone),
        ],
        middleware=of_the_origin,
    )


def compressed_inside(cors: Any) -> ASGIApp:
    return compressed([(GZipMiddleware, {"minimum_size": 10}), (cors, {"allow_origins": [ORIGIN]})])


def compressed_outside(cors: Any) -> ASGIApp:
    return compressed([(cors, {"allow_origins": [ORIGIN]}), (GZipMiddleware, {"minimum_size": 10})])


def compressed(middleware: list[Any]) -> ASGIApp:
    app = FastAPI()
    for cls, options in middleware:
        app.add_middleware(cls, **options)

    @app.get("/")
    def main() -> str:
        return "hello " * 100

    return app


def api_with_errors() -> FastAPI:
    app = FastAPI()

    @app.get("/teapot")
    def teapot() -> None:
        raise HTTPException(418, headers={"Vary": "Accept"})

    @app.get("/number/{number}")
    def number(number: int) -> float:
        return 1 / number

    return app


def errors(cors: Any) -> ASGIApp:
    app = api_with_errors()
    app.add_middleware(cors, allow_origins=[ORIGIN])
    return app


def errors_outermost(cors: Any) -> ASGIApp:
    return cors(api_with_errors(), allow_origins=[ORIGIN])  # type: ignore[no-any-return]  # the class is a parameter


def background_task(cors: Any) -> ASGIApp:
    app = FastAPI()
    app.add_middleware(cors, allow_origins=[ORIGIN])

    @app.get("/")
    async def main(tasks: BackgroundTasks) -> str:
        tasks.add_task(logger.info, "done after the response")
        return "accepted"

    return app


def streamed(cors: Any) -> ASGIApp:
    app = FastAPI()
    app.add_middleware(cors, allow_origins=[ORIGIN])

    async def lines() -> AsyncIterator[str]:
        for number in range(3):
            yield f"{number}\n"

    @app.get("/")
    async def main() -> StreamingResponse:
        return StreamingResponse(lines(), media_type="text/plain", headers={"Vary": "Accept"})

    return app


def own_cors_headers_of_an_endpoint(cors: Any) -> ASGIApp:
    app = FastAPI()
    app.add_middleware(cors, allow_origins=[ORIGIN], expose_headers=["ETag"])

    @app.get("/")
    def main(response: Response) -> str:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "X-Own"
        return "hello"

    return app


def lifespan_and_websocket(cors: Any) -> ASGIApp:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, str]]:
        yield {"started": "yes"}

    app = FastAPI(lifespan=lifespan)

    @app.get("/")
    def main(request: Request) -> Any:
        return request.state.started

    @app.websocket("/ws")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(await websocket.receive_text())
        await websocket.close()

    return cors(app, allow_origins=[ORIGIN])  # type: ignore[no-any-return]  # the class is a parameter
