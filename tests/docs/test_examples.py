"""The examples as a user runs them: real processes, real HTTP on free ports, and nothing left behind.

The servers they start hold a copy of their standard error, so its end tells that all of them ended.
"""

import json
import os
import re
import select
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import httpx
import pytest
import starlette

EXAMPLES = Path(__file__).parents[2] / "examples"
OLD_STARLETTE = tuple(map(int, starlette.__version__.split(".")[:2])) < (1, 10)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals to one process, select on pipes")
compares = pytest.mark.skipif(OLD_STARLETTE, reason="the demo compares with Starlette 1.10 or newer")


@contextmanager
def example(name: str, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Run one of the examples, and end it at the latest with the block."""
    with subprocess.Popen(
        [sys.executable, EXAMPLES / name, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def output(process: subprocess.Popen[str]) -> str:
    """Return what is still to come on standard output."""
    assert process.stdout is not None
    return process.stdout.read()


def errors(process: subprocess.Popen[str], patience: float = 0) -> str:
    """Return all of standard error; fails if `patience` seconds after the example some process still has it open."""
    assert process.stderr is not None
    process.wait(timeout=10)
    deadline = time.monotonic() + patience
    found = b""
    while True:
        ready, _, _ = select.select([process.stderr], [], [], max(0, deadline - time.monotonic()))
        assert ready, "a process is left behind"
        chunk = os.read(process.stderr.fileno(), 65536)
        if not chunk:
            return found.decode()
        found += chunk


def wait_for(process: subprocess.Popen[str], beginning: str) -> str:
    """Return the first line that begins so."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(beginning):
            return line
    raise AssertionError(f"no line begins with {beginning!r}")


def verdicts(text: str) -> dict[str, str]:
    """Return the verdict of each row by what the row shows; two that show the same are numbered apart."""
    rows = re.findall(r"^ ?(\d+) (.+?) +(same|DIFFERS)$", text, re.MULTILINE)
    return {f"{number} {shows}": verdict for number, shows, verdict in rows}


def row(text: str, shows: str) -> str:
    """Return the lines of one row, white space folded."""
    found = re.search(rf"^ ?\d+ {re.escape(shows)} +(?:same|DIFFERS)\n((?:.+\n)+)", text, re.MULTILINE)
    assert found, shows
    return " ".join(found[1].split())


@compares
def test_demo_shows_the_same_answers_and_the_times_of_both(fastcors: ModuleType) -> None:
    core = "compiled" if fastcors.COMPILED else "Python"
    with example("demo.py", FASTCORS_EXTENSIONS="yes" if fastcors.COMPILED else "no") as process:
        text = output(process)
        assert errors(process) == ""
    assert process.returncode == 0
    found = verdicts(text)
    assert set(found.values()) == {"same"}
    *_, last = text.splitlines()
    assert last == f"{len(found)} of {len(found)} answers are the same, with fastcors on its {core} core."
    assert max(map(len, text.splitlines())) <= 80
    for timed in ("no CORSMiddleware", "actual request", "preflight"):
        assert re.search(rf"^ +{timed} +\d+ +\d+$", text, re.MULTILINE)
    assert "\033" not in text
    # The answers are not only the same, they are what the row is there to show.
    assert "status 200 200 Allow-Credentials true true Allow-Origin https://app.example" in row(text, "allowed origin")
    assert "Allow-Origin" not in row(text, "opaque origin")
    assert "status 400 400" in row(text, "refused: everything")
    assert "Disallowed CORS origin, Disallowed CORS origin, method, headers," in row(text, "refused: everything")


@compares
def test_demo_reports_rows_that_differ(tmp_path: Path) -> None:
    tmp_path.joinpath("forgetful.py").write_text(
        textwrap.dedent(
            """
            from fastcors import CORSMiddleware

            class Forgetful(CORSMiddleware):
                @staticmethod
                def allow_explicit_origin(headers, origin):
                    headers["Access-Control-Allow-Origin"] = origin
            """
        )
    )
    with example("demo.py", "forgetful:Forgetful", PYTHONPATH=str(tmp_path)) as process:
        text = output(process)
        assert errors(process) == ""
    assert process.returncode == 1
    found = verdicts(text)
    assert found["2 allowed origin"] == "DIFFERS"
    assert found["1 no Origin"] == "same"
    assert row(text, "allowed origin").endswith("Vary Origin - differs in: vary")
    same = list(found.values()).count("same")
    assert text.splitlines()[-1].startswith(f"{same} of {len(found)} answers are the same")
    assert "median" not in text
    assert max(map(len, text.splitlines())) <= 80


Pairs = tuple[tuple[bytes, bytes], ...]
ONE: Pairs = ((b"vary", b"Origin"), (b"x-a", b"1"))


@pytest.mark.parametrize(
    ("status", "headers", "body", "differing"),
    [
        pytest.param(200, ONE, b"OK", [], id="nothing"),
        pytest.param(400, ONE, b"OK", ["status"], id="status"),
        pytest.param(200, ONE, b"no", ["body"], id="body"),
        pytest.param(200, ((b"vary", b"origin"), (b"x-a", b"1")), b"OK", ["vary"], id="value"),
        pytest.param(200, ONE[:1], b"OK", ["x-a"], id="missing header"),
        pytest.param(200, (*ONE, (b"x-b", b"2")), b"OK", ["x-b"], id="added header"),
        pytest.param(200, (*ONE, ONE[0]), b"OK", ["vary"], id="repeated header"),
        pytest.param(200, ONE[::-1], b"OK", ["order of headers"], id="order"),
        pytest.param(200, ((b"Vary", b"Origin"), ONE[1]), b"OK", ["spelling of header names"], id="spelling"),
        pytest.param(500, (), b"", ["status", "body", "vary", "x-a"], id="everything"),
    ],
)
def test_demo_compares_all_of_an_answer(
    status: int, headers: Pairs, body: bytes, differing: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(EXAMPLES)
    import demo

    assert demo.differences(demo.Answer(200, ONE, b"OK"), demo.Answer(status, headers, body)) == differing


@compares
def test_demo_says_that_a_server_did_not_start() -> None:
    with example("demo.py", "no_such_module:CORSMiddleware") as process:
        text = output(process)
        assert errors(process).endswith("The server with no_such_module:CORSMiddleware did not start.\n")
    assert process.returncode == 1
    assert verdicts(text) == {}


@compares
def test_demo_ends_its_servers_when_interrupted() -> None:
    with example("demo.py") as process:
        wait_for(process, " 1 ")
        process.send_signal(signal.SIGINT)
        assert errors(process) == "Interrupted.\n"
    assert process.returncode == 130


@compares
def test_servers_end_when_the_demo_is_killed() -> None:
    with example("demo.py") as process:
        wait_for(process, " 1 ")
        process.kill()
        assert errors(process, patience=10) == ""


def test_serve_offers_the_page_and_the_api_until_interrupted() -> None:
    with example("serve.py") as process:
        page, api = re.findall(r"http://127\.0\.0\.1:\d+", wait_for(process, "Open "))
        # One connection per request: uvicorn closes it after an app has failed without announcing it.
        with httpx.Client(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)) as client:
            text = client.get(page).text
            paths = set(re.findall(r'path: "(.+?)"', text))
            statuses = {path: client.get(api + path).status_code for path in paths}
            listed = client.get(f"{api}/listed/item", headers={"Origin": page})
            other = client.get(f"{api}/listed/item", headers={"Origin": api})
            failed = client.get(f"{api}/outermost/broken", headers={"Origin": page})
            asked = {"path": "/listed/item", "header": "X-Other: 1", "credentials": "true"}
            explained = client.get(f"{page}/explain", params=asked).json()
        process.send_signal(signal.SIGINT)
        assert output(process) == "\nStopped.\n"
        assert errors(process) == ""
    assert process.returncode == 0
    assert f'data-api="{api}"' in text
    assert "{{" not in text
    assert len(paths) > 5
    unusual = {path: status for path, status in statuses.items() if status != 200}
    assert unusual == {"/listed/missing": 404, "/listed/broken": 500, "/outermost/broken": 500}
    assert listed.headers["access-control-allow-origin"] == page
    assert listed.json()["cookies"] == ["session"]
    assert "access-control-allow-origin" not in other.headers
    assert failed.headers["access-control-allow-origin"] == page
    assert explained[0]["text"] == f"GET from {page} with X-Other, credentials: blocked"
    assert explained[1]["text"] == 'allow_headers=[..., "X-Other"]'
    shown = re.search(r'id="policies">(.*?)</script>', text)
    assert shown is not None
    sources = json.loads(shown[1])
    assert {f"/{path.split('/')[1]}" for path in paths} <= set(sources)
    assert sources["/outermost"].startswith(f"add_cors(app,\n  allow_origins=['https://shop.example', '{page}'],\n")
    assert sources["/none"] == "add_middleware(CORSMiddleware)"
