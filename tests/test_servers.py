"""The middleware as the outermost app, under servers that find out by themselves what kind of app it is."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from exchange import ORIGIN, OTHER

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

COMMANDS = {
    "uvicorn": ["uvicorn", "served:app", "--fd", "{fd}"],
    "hypercorn": ["hypercorn", "served:app", "--bind", "fd://{fd}"],
}


@contextmanager
def serving(server: str, extensions: str, directory: Path) -> Iterator[httpx.Client]:
    """Run `server` on a socket that is already bound, so that no port can be taken by another in between."""
    (directory / "served.py").write_text(SERVED)
    with (directory / "output").open("w+") as output, socket.create_server(("127.0.0.1", 0)) as listener:
        address = "http://{}:{}".format(*listener.getsockname())
        process = subprocess.Popen(
            [sys.executable, "-m", *(word.format(fd=listener.fileno()) for word in COMMANDS[server])],
            cwd=directory,
            env={**os.environ, "FASTCORS_EXTENSIONS": extensions},
            pass_fds=[listener.fileno()],
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        # With the server's own left as the only one, its end is an error at once and no wait.
        listener.close()
        try:
            with httpx.Client(base_url=address, timeout=20, trust_env=False) as client:
                yield client
        except httpx.TransportError as error:
            output.seek(0)
            pytest.fail(f"{server} does not answer: {error!r}. Its output:\n{output.read()}", pytrace=False)
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End `process` with the workers that it started."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize("server", COMMANDS)
def test_served(fastcors: ModuleType, server: str, tmp_path: Path) -> None:
    pytest.importorskip(server)
    with serving(server, "yes" if fastcors.COMPILED else "no", tmp_path) as client:
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
