"""`fastcors check`: CORS middlewares that are neither Starlette's nor ours, and what a browser gets from them."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from support.command_line import Project

HEAD = """
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.cors import CORSMiddleware as Starlettes
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.routing import Route
from fastcors import CORSMiddleware

ORIGINS = ["https://app.example.com"]

class Headers:
    HEADERS = []

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        async def amended(message):
            if message["type"] == "http.response.start":
                message = message | {"headers": self.HEADERS}
            await send(message)

        await self.app(scope, receive, amended)

class AnyCors(Headers):
    HEADERS = [(b"access-control-allow-origin", b"*")]

class NoCORSMiddleware(Headers):
    pass

class CorsicaMiddleware(Headers):
    pass

class FailingCors:
    def __init__(self, app): raise RuntimeError("not now")
    async def __call__(self, scope, receive, send): ...

class EchoCors(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        print("tried", await request.body())
        response = await call_next(request)
        response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
        response.headers["Access-Control-Allow-Credentials"] = "true"
        return response

class Concealed:
    def __init__(self, app): raise SystemExit("made")
    async def __call__(self, scope, receive, send):
        async def amended(message):
            names = ("vary", "Access-Control-Allow-Origin")
            await send(message)
        await self.app(scope, receive, amended)

class Hidden(Concealed):
    pass

def wrapped(app):
    async def cors(scope, receive, send):
        await app(scope, receive, send)
    return cors

"""

TRIED = {
    "any origin": (
        "app = FastAPI()\napp.add_middleware(AnyCors)",
        "AnyCors",
        "note",
        "it lets the page read responses, without cookies.",
    ),
    "any origin, with credentials": (
        "app = FastAPI()\napp.add_middleware(EchoCors)",
        "EchoCors",
        "error",
        "it lets the page read responses with the users' cookies.",
    ),
    "no origin": (
        "app = FastAPI()\napp.add_middleware(NoCORSMiddleware)",
        "NoCORSMiddleware",
        "note",
        "it does not let the page read responses.",
    ),
    "already made": ("app = GZipMiddleware(AnyCors(FastAPI()))", "AnyCors", "note", "read responses, without cookies."),
    "what cannot be made": (
        "app = FastAPI()\napp.add_middleware(FailingCors)",
        "FailingCors",
        "note",
        "It was not tried, so what it allows is unknown.",
    ),
    "recognised by its code": (
        "app = FastAPI()\napp.add_middleware(Hidden)",
        "Hidden",
        "note",
        "It was not tried, so what it allows is unknown.",
    ),
    "a decorator": (
        """
app = FastAPI()
@app.middleware("http")
async def headers(request, call_next):
    response = await call_next(request)
    response.raw_headers.append((b"access-control-allow-origin", b"*"))
    return response
""",
        "headers",
        "note",
        "It was not tried, so what it allows is unknown.",
    ),
    "on a route": (
        "app = Starlette(routes=[Route('/a', lambda request: None, middleware=[Middleware(AnyCors)])])",
        "AnyCors",
        "note",
        "at /a. Tried",
    ),
    "a function around the app": (
        "app = wrapped(FastAPI())",
        "cors",
        "note",
        "it does not let the page read responses.",
    ),
    "a function that was added": (
        "app = FastAPI()\napp.add_middleware(wrapped)",
        "cors",
        "note",
        "it does not let the page read responses.",
    ),
    "asgi-cors, mounted in ours": (
        """
from asgi_cors import asgi_cors
app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=ORIGINS)
app.mount("/api", asgi_cors(FastAPI(), allow_all=True))
""",
        "app_wrapped_with_cors",
        "warning",
        "at /api, inside number 1. Both set the same headers",
    ),
    "asgi-cors around ours": (
        """
from asgi_cors import asgi_cors
app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=ORIGINS)
app = asgi_cors(app, hosts=ORIGINS)
""",
        "app_wrapped_with_cors",
        "warning",
        "around number 1. Both set the same headers, and only the outer one answers preflights. Tried with the "
        "origin https://foreign.invalid, it does not let the page read responses.",
    ),
    "what Litestar makes": (
        """
class Litestar:
    __slots__ = ("asgi_handler",)
    def __init__(self): self.asgi_handler = AnyCors(Starlette())
    async def __call__(self, scope, receive, send): ...
app = Litestar()
""",
        "AnyCors",
        "note",
        "it lets the page read responses, without cookies.",
    ),
    "Litestar's, mounted": (
        """
from litestar import Litestar
from litestar.config.cors import CORSConfig
app = FastAPI()
app.mount("/api", Litestar([], cors_config=CORSConfig(["*"]), logging_config=None))
""",
        "CORSMiddleware",
        "note",
        "at /api. Tried with the origin https://foreign.invalid, it lets the page read responses, without cookies.",
    ),
}


def others(project: Project, source: str) -> list[dict[str, Any]]:
    document = project.run("check", f"{HEAD}from starlette.middleware import Middleware\n{source}", "--json").document
    return [each for each in document["problems"] if each["code"] == "other-cors-middleware"]


@pytest.mark.parametrize(("source", "name", "severity", "said"), TRIED.values(), ids=TRIED)
def test_another_cors_middleware(project: Project, source: str, name: str, severity: str, said: str) -> None:
    for package in ("asgi_cors", "litestar"):
        if f"import {package}" in source or f"from {package}" in source:
            pytest.importorskip(package)
    (found,) = others(project, source)
    assert found["value"].rpartition(".")[2] == name
    assert found["severity"] == severity
    assert said in found["reason"]


def test_it_is_not_missing(project: Project) -> None:
    ran = project.run("check", HEAD + "app = FastAPI()\napp.add_middleware(AnyCors)", "--strict", "--notes")
    assert "[no-cors-middleware]" not in ran.output
    assert "To have its configuration checked, use fastcors.CORSMiddleware instead." in ran.words
    assert ran.status == 0


NONE = {
    "another name": "app = FastAPI()\napp.add_middleware(CorsicaMiddleware)",
    "an app": "app = FastAPI()",
    "Litestar without CORS": """
from litestar import Litestar
app = FastAPI()
app.mount("/", Litestar([], logging_config=None))
""",
}


@pytest.mark.parametrize("source", NONE.values(), ids=NONE)
def test_no_other_cors_middleware(project: Project, source: str) -> None:
    if "litestar" in source:
        pytest.importorskip("litestar")
    assert others(project, source) == []


# As Gradio's own: it does nothing if the app that it is mounted in has added Starlette's very class.
GRADIO = """
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.cors import CORSMiddleware

class CustomCORSMiddleware(BaseHTTPMiddleware):
    def __init__(self, app, parent):
        super().__init__(app)
        self.parent = parent

    async def dispatch(self, request, call_next):
        response = await call_next(request)
        if not any(added.cls is CORSMiddleware for added in self.parent.user_middleware):
            response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
        return response
"""
MOUNTED = """
from gradio.route_utils import CustomCORSMiddleware
from fastcors import add_cors
app, blocks = FastAPI(), FastAPI()
{}
blocks.add_middleware(CustomCORSMiddleware, parent=app)
app.mount("/gradio", blocks)
"""
INSTALL = "Call fastcors.install() before the app is made, import CORSMiddleware from starlette.middleware.cors,"
GRADIOS = {
    "ours": ("app.add_middleware(CORSMiddleware, allow_origins=ORIGINS)", [("error", INSTALL)]),
    "add_cors": ("add_cors(app, allow_origins=ORIGINS)", [("error", INSTALL)]),
    "Starlette's": ("app.add_middleware(Starlettes, allow_origins=ORIGINS)", []),
    "none": ("", [("note", INSTALL)]),
}


@pytest.fixture
def with_gradio(project: Project) -> Iterator[Project]:
    package = project.directory / "gradio"
    package.mkdir(exist_ok=True)
    (package / "__init__.py").touch()
    (package / "route_utils.py").write_text(GRADIO)
    names = ("gradio", "gradio.route_utils")
    real = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    yield project
    for name in names:
        sys.modules.pop(name, None)
    sys.modules.update(real)


@pytest.mark.parametrize(("own", "expected"), GRADIOS.values(), ids=GRADIOS)
def test_gradios(with_gradio: Project, own: str, expected: list[tuple[str, str]]) -> None:
    found = others(with_gradio, MOUNTED.format(own))
    assert [each["severity"] for each in found] == [severity for severity, _ in expected]
    for each, (_, fix) in zip(found, expected, strict=True):
        assert each["value"] == "gradio.route_utils.CustomCORSMiddleware"
        assert fix in each["fix"]


def test_gradio_would_not_find_what_add_cors_adds(with_gradio: Project) -> None:
    ran = with_gradio.run(
        "check", HEAD + MOUNTED.format("app.add_middleware(Starlettes, ['https://a.example/'])"), "--notes"
    )
    assert "Leave it: Gradio looks for it among the middlewares that add_middleware added. [not-outermost]" in ran.words
    assert "Fix: Write 'https://a.example'." in ran.words
    assert "add_cors" not in ran.output


def test_gradios_around_which_starlettes_is_put(with_gradio: Project) -> None:
    """Gradio does not find it there."""
    (found,) = others(with_gradio, MOUNTED.format("") + "app = Starlettes(app, allow_origins=ORIGINS)")
    assert (found["severity"], found["fix"]) == ("warning", "Keep one, with everything that both allow.")
