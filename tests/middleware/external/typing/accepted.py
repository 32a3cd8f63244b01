"""What people write with the middleware, which strict type checkers accept without a word: see test_typing.py."""

# pyright: strict

import re
from collections.abc import Callable, Collection

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware as StarletteCORSMiddleware
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import fastcors
from fastcors import ConfigProblem, CORSConfig, CORSConfigError, CORSConfigWarning, CORSMiddleware, add_cors, install
from fastcors.explain import Decision, explain

api = FastAPI(middleware=[Middleware(CORSMiddleware, allow_origins=["https://app.example.com"])])
api.add_middleware(
    CORSMiddleware,
    allow_origins=["https://app.example.com"],
    allow_methods=["*"],
    allow_headers=("X-Token",),
    allow_credentials=True,
    allow_origin_regex=r"https://.*\.example\.com",
    allow_private_network=True,
    expose_headers={"X-Total-Count"},
    max_age=86400,
)
api.add_middleware(CORSMiddleware)
api.add_middleware(CORSMiddleware, allow_origin_patterns=["https://*.example.com"])
install()
installing: Callable[[], None] = install
uninstalling: Callable[[], None] = fastcors.uninstall
site_of_starlette = Starlette(
    middleware=[Middleware(StarletteCORSMiddleware, allow_origins=["https://app.example.com"])]
)
surrounded: FastAPI = add_cors(FastAPI(), allow_origins=["https://app.example.com"], allow_credentials=True)

site = Starlette(
    routes=[Mount("/api", api, middleware=[Middleware(CORSMiddleware, allow_origins=frozenset({"*"}))])],
    middleware=[Middleware(CORSMiddleware, allow_origin_regex=None, max_age=0)],
)
site.add_middleware(CORSMiddleware, allow_origins=["https://app.example.com"])

outermost: ASGIApp = CORSMiddleware(api, ["https://app.example.com"], ["GET"], allow_credentials=True)
nested: ASGIApp = CORSMiddleware(CORSMiddleware(app=site))
of_starlette: StarletteCORSMiddleware = CORSMiddleware(site)
class_of_starlette: type[StarletteCORSMiddleware] = CORSMiddleware

config = CORSConfig(["https://app.example.com"], allow_headers=("X-Token",), allow_origin_regex=re.compile("https://a"))
problems: tuple[ConfigProblem, ...] = config.problems()
texts: list[str] = [f"{problem} {problem.severity} {problem.code}" for problem in problems]
site.add_middleware(CORSMiddleware, config=config, strict=True)
api.add_middleware(CORSMiddleware, allow_origins=["https://app.example.com"], strict=False, accept={"origin-insecure"})
raised: type[ValueError] = CORSConfigError
warned: type[UserWarning] = CORSConfigWarning


class TenantCORSMiddleware(CORSMiddleware):
    def __init__(self, app: ASGIApp, tenants: set[str]) -> None:
        super().__init__(app, allow_origins=tenants, allow_methods=("GET", "PUT"))
        self.tenants = tenants
        self.preflight_headers["Cache-Control"] = "max-age=600"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().__call__(scope, receive, send)

    def is_allowed_origin(self, origin: str) -> bool:
        return origin in self.tenants or super().is_allowed_origin(origin=origin)

    def preflight_response(self, request_headers: Headers) -> Response:
        response = super().preflight_response(request_headers=request_headers)
        response.headers["X-Answered-By"] = "tenants"
        return response

    async def simple_response(self, scope: Scope, receive: Receive, send: Send, request_headers: Headers) -> None:
        await super().simple_response(scope, receive, send, request_headers=request_headers)

    async def send(self, message: Message, send: Send, request_headers: Headers) -> None:
        await super().send(message, send=send, request_headers=request_headers)

    @staticmethod
    def allow_explicit_origin(headers: MutableHeaders, origin: str) -> None:
        CORSMiddleware.allow_explicit_origin(headers, origin)
        headers["Timing-Allow-Origin"] = origin


site.add_middleware(TenantCORSMiddleware, tenants={"https://tenant.example.com"})


def attributes(middleware: CORSMiddleware) -> None:
    app: ASGIApp = middleware.app
    collections: list[Collection[str]] = [middleware.allow_origins, middleware.allow_methods]
    names: list[str] = middleware.allow_headers
    flags: list[bool] = [
        middleware.allow_all_origins,
        middleware.allow_all_headers,
        middleware.allow_credentials,
        middleware.preflight_explicit_allow_origin,
        middleware.allow_private_network,
        fastcors.COMPILED,
    ]
    regex: re.Pattern[str] | None = middleware.allow_origin_regex
    headers: dict[str, str] = middleware.simple_headers | middleware.preflight_headers
    print(app, collections, names, flags, regex, headers, fastcors.__version__)
    middleware.allow_origins = ["https://other.example.com"]
    middleware.allow_origin_regex = re.compile(r"https://.*")
    middleware.allow_headers.append("x-token")


def told(origin: str, reasons: tuple[str, ...], scope: Scope) -> None:
    print(origin, reasons, scope["path"])


def debugging(app: ASGIApp) -> None:
    middleware = CORSMiddleware(app, allow_origins=["https://app.example.com"], on_refusal=told)
    decision: Decision = middleware.explain(origin="https://app.example.com", request_headers=["X-Token"])
    other: Decision = explain(middleware, origin="null", request_headers={"X-Token": "a"}, credentials=True)
    allowed: bool = decision.allowed and other.allowed
    change: str = decision.change
    print(allowed, change, decision.steps[-1].found, decision.as_dict())


async def call(middleware: CORSMiddleware, scope: Scope, receive: Receive, send: Send) -> None:
    await middleware(scope, receive, send)
    await middleware.send({"type": "http.response.start"}, send, Headers())
