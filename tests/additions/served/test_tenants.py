"""examples/tenants.py as it is deployed: a real server before a real PostgreSQL, seen from pages of several origins."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from support.serving import COMMANDS, serving

if sys.platform == "win32":
    pytest.skip("sockets are not handed over by number there", allow_module_level=True)

from support import postgresql

asyncpg = pytest.importorskip("asyncpg")

EXAMPLES = Path(__file__).parents[3] / "examples"
SERVED = f"import sys; sys.path.insert(0, {str(EXAMPLES)!r}); from tenants import app"
SAFELISTED = ("GET", "HEAD", "POST")

ACME, OTHER = "acme.example", "other.example"
PAGE, FOREIGN = "https://www.acme.example", "https://www.foreign.example"


@pytest.fixture
def database() -> Iterator[tuple[str, Callable[[], None]]]:
    """The address of a database, and what stops it."""
    where = postgresql.programs()
    if where is None:
        missing = "there is no PostgreSQL: apt-get install postgresql"
        if os.environ.get("CI"):
            pytest.fail(missing, pytrace=False)
        pytest.skip(missing)
    with postgresql.running(where) as (address, process):

        def stop() -> None:
            process.send_signal(signal.SIGINT)
            process.wait(20)

        yield address, stop


def execute(address: str, statement: str, *values: str) -> None:
    async def main() -> None:
        connection = await asyncpg.connect(address)
        await connection.execute(statement, *values)
        await connection.close()

    asyncio.run(main())


def fetch(client: httpx.Client, host: str, origin: str, method: str) -> str:
    """Return what a script in a page of `origin` sees of a request, as the Fetch standard has browsers do it."""
    headers = {"Host": host, "Origin": origin}
    if method not in SAFELISTED:
        preflight = client.options("/hello", headers={**headers, "Access-Control-Request-Method": method})
        methods = preflight.headers.get("access-control-allow-methods", "").split(", ")
        if not (preflight.is_success and _passes(preflight, origin) and method in methods):
            return "TypeError"
    response = client.request(method, "/hello", headers=headers)
    assert response.status_code == 200, "the request itself goes on"
    return str(response.json()) if _passes(response, origin) else "TypeError"


def _passes(response: httpx.Response, origin: str) -> bool:
    """Fetch, "CORS check"."""
    return response.headers.get("access-control-allow-origin") in ("*", origin)


def eventually(client: httpx.Client, seen: str) -> bool:
    """Tell whether the page sees that, before long, of both kinds of requests."""
    deadline = time.monotonic() + 20
    while [fetch(client, ACME, PAGE, method) for method in ("GET", "PUT")] != [seen, seen]:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_tenants_come_and_go(
    fastcors: ModuleType,
    database: tuple[str, Callable[[], None]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("uvicorn")
    address, stop = database
    monkeypatch.setenv("TENANTS_DATABASE", address)
    monkeypatch.setenv("TENANTS_SECONDS", "0.2")
    with serving(COMMANDS["uvicorn"], SERVED, fastcors.COMPILED, tmp_path) as client:
        assert fetch(client, ACME, PAGE, "GET") == "TypeError"
        execute(address, "INSERT INTO tenant_origin VALUES ($1, $2)", ACME, PAGE)
        assert eventually(client, f"hello from {ACME}")
        for method in ("GET", "PUT"):
            assert fetch(client, f"{ACME}:8000", PAGE, method) == f"hello from {ACME}"
            assert fetch(client, OTHER, PAGE, method) == "TypeError", "of another tenant"
            assert fetch(client, ACME, FOREIGN, method) == "TypeError"
        execute(address, "DELETE FROM tenant_origin WHERE host = $1", ACME)
        assert eventually(client, "TypeError")
        execute(address, "INSERT INTO tenant_origin VALUES ($1, $2)", ACME, PAGE)
        assert eventually(client, f"hello from {ACME}")
        stop()
        assert eventually(client, "TypeError"), "it fails closed"
    output = (tmp_path / "output").read_text()
    assert f"allow_origin_func failed, so that it allows no origin='{PAGE}'" in output
    assert "Traceback" in output
