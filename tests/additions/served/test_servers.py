"""The middleware as the outermost app, under servers that find out by themselves what kind of app it is."""

import sys
from pathlib import Path
from types import ModuleType

import pytest
from support.exchange import ORIGIN, OTHER
from support.serving import COMMANDS, serving

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sockets are not handed over by number there")

SERVED = f"""
from contextlib import asynccontextmanager

import fastcors
from fastapi import FastAPI


@asynccontextmanager
async def lifespan(app):
    started.append("yes")
    yield


started = []
inner = FastAPI(lifespan=lifespan)


@inner.get("/")
async def main():
    return {{"compiled": fastcors.COMPILED, "started": started}}


app = fastcors.CORSMiddleware(inner, allow_origins=[{ORIGIN!r}], allow_methods=["GET", "PUT"], allow_credentials=True)
"""


@pytest.mark.parametrize("server", COMMANDS)
def test_served(fastcors: ModuleType, server: str, tmp_path: Path) -> None:
    pytest.importorskip(server)
    with serving(COMMANDS[server], SERVED, fastcors.COMPILED, tmp_path) as client:
        actual = client.get("/", headers={"Origin": ORIGIN})
        refused = client.get("/", headers={"Origin": OTHER})
        preflight = client.options("/", headers={"Origin": ORIGIN, "Access-Control-Request-Method": "PUT"})
        refused_preflight = client.options("/", headers={"Origin": OTHER, "Access-Control-Request-Method": "POST"})
    assert actual.status_code == 200, (tmp_path / "output").read_text()
    assert actual.json() == {"compiled": fastcors.COMPILED, "started": ["yes"]}
    assert actual.headers["access-control-allow-origin"] == ORIGIN
    assert actual.headers["vary"] == "Origin"
    assert refused.json() == actual.json()
    assert "access-control-allow-origin" not in refused.headers
    assert (preflight.status_code, preflight.text) == (200, "OK")
    assert preflight.headers["access-control-allow-origin"] == ORIGIN
    assert preflight.headers["access-control-allow-methods"] == "GET, PUT"
    assert (refused_preflight.status_code, refused_preflight.text) == (400, "Disallowed CORS origin, method")


WRONG = """
import fastcors
from fastapi import FastAPI

app, inner = FastAPI(), FastAPI()
for each in (app, inner):
    each.add_middleware(fastcors.CORSMiddleware, allow_origins=["https://a.example/", "https://b.example/"])
app.mount("/inner", inner)
"""


@pytest.mark.parametrize("server", COMMANDS)
def test_mistake_is_one_line_of_the_log(fastcors: ModuleType, server: str, tmp_path: Path) -> None:
    pytest.importorskip(server)
    with serving(COMMANDS[server], WRONG, fastcors.COMPILED, tmp_path) as client:
        client.get("/")
        client.get("/inner/")
    logged = (tmp_path / "output").read_text()
    assert logged.count("CORSConfigWarning") == 1, logged
    assert "<fastcors>:1: CORSConfigWarning: allow_origins holds 'https://a.example/', 'https://b.example/': " in logged
    assert "build_middleware_stack" not in logged, "a line of Starlette's"
