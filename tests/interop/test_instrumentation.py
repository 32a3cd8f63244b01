"""Instrumentation, installed and switched on: it tells the same with either core as with Starlette's, and CORS holds.

Each app runs under uvicorn, and what the instrumentation sends goes to a receiver of ours on loopback.
"""

import ssl
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from . import launcher, subjects, telemetry, tools
from .collector import Collector, collecting

ORIGIN = "https://app.example.com"
OTHER = "https://other.example.org"
SERVER = "uvicorn interop.apps.instrumented:app --host 127.0.0.1 --port {port}"
EXCHANGES: dict[str, tuple[str, str, dict[str, str]]] = {
    "actual": ("GET", "/item/1", {"origin": ORIGIN}),
    "without Origin": ("GET", "/item/2", {}),
    "refused": ("GET", "/item/3", {"origin": OTHER}),
    "preflight": ("OPTIONS", "/item/1", {"origin": ORIGIN, "access-control-request-method": "PUT"}),
    "refused preflight": ("OPTIONS", "/item/1", {"origin": OTHER, "access-control-request-method": "PUT"}),
    "500 from the app": ("GET", "/broken", {"origin": ORIGIN}),
}
ALLOWED_AROUND = {
    "actual": (200, [ORIGIN]),
    "without Origin": (200, []),
    "refused": (200, []),
    "preflight": (200, [ORIGIN]),
    "refused preflight": (400, []),
    "500 from the app": (500, [ORIGIN]),
}
# Set anew by each response, whoever sends it.
VOLATILE = ("date", "server-timing", "traceresponse")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    def allowed(self) -> list[str]:
        return [value.decode() for name, value in self.headers if name == b"access-control-allow-origin"]


@dataclass(frozen=True)
class Run:
    """What clients saw with one subject, and what the instrumentation told of it."""

    answers: dict[str, Answer]
    told: telemetry.Told
    output: str


def _answers(server: launcher.Running) -> dict[str, Answer]:
    answers = {}
    for name, (method, path, headers) in EXCHANGES.items():
        # On a connection of its own each: uvicorn closes the one whose app failed, unannounced.
        with httpx.Client(base_url=server.url(), trust_env=False, timeout=40) as client:
            response = client.request(method, path, headers=headers)
        kept = [pair for pair in response.headers.raw if pair[0].decode() not in VOLATILE]
        answers[name] = Answer(response.status_code, kept, response.content)
    return answers


class Runs:
    """One instrumentation, with the middleware in one place, once for each subject."""

    def __init__(self, tool: tools.Tool, place: str, directory: Path) -> None:
        self.tool = tool
        self.place = place
        self.directory = directory
        self.certificate = directory / "certificate.pem"

    def run(self, names: tuple[str, ...] = subjects.SUBJECTS) -> dict[str, Run]:
        names = tuple(name for name in subjects.available() if name in names)
        with ExitStack() as stack:
            tls = self._tls() if self.tool.tls else None
            collectors = [stack.enter_context(collecting(tls)) for _ in names]
            commands = [self._command(*both) for both in zip(names, collectors, strict=True)]
            servers = stack.enter_context(launcher.serving(commands, self.directory))
            answers = [_answers(server) for server in servers]
            scraped = [self._scraped(server) for server in servers]
            launcher.interrupt(servers)
            told = [self.tool.read(collector) if self.tool.read else [] for collector in collectors]
            return {
                name: Run(answers[place], told[place] + scraped[place], servers[place].output())
                for place, name in enumerate(names)
            }

    def _command(self, subject: str, collector: Collector) -> tuple[str, dict[str, str]]:
        scheme = "https" if self.tool.tls else "http"
        variables = {
            "INTEROP_TOOL": self.tool.name,
            "INTEROP_PLACE": self.place,
            "INTEROP_COLLECTOR": f"{scheme}://127.0.0.1:{collector.port}",
            **subjects.environment(subject),
            **self.tool.environment(collector, self.certificate),
        }
        return f"{self.tool.command} {SERVER}", variables

    def _tls(self) -> ssl.SSLContext:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.certificate))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        return context

    def _scraped(self, server: launcher.Running) -> telemetry.Told:
        if self.tool.read:
            return []
        return telemetry.prometheus(httpx.get(server.url("/metrics"), trust_env=False).raise_for_status().text)


def _rows(checks: str = "", places: tuple[str, ...] = tools.PLACES) -> list[Any]:
    return [
        pytest.param(
            (tool, place),
            id=f"{tool.name}-{place.replace(' ', '-')}",
            marks=pytest.mark.interop(
                name=tool.name, place=place, checks=checks or tool.kinds, needs=(tool.name, "uvicorn")
            ),
        )
        for tool in tools.TOOLS
        for place in places
    ]


@pytest.fixture(scope="module")
def setting(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(scope="module")
def runs(setting: tuple[tools.Tool, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    tool, place = setting
    return Runs(tool, place, tmp_path_factory.mktemp("instrumented")).run()


@pytest.mark.parametrize("setting", _rows("CORS headers"), indirect=True)
def test_answers(runs: dict[str, Run], setting: tuple[tools.Tool, str]) -> None:
    for core in subjects.CORES:
        assert runs[core].answers == runs[subjects.REFERENCE].answers
    answers = runs["compiled"].answers
    # One that is added sits inside of what answers 500, so that only one around the app can amend that.
    of_the_error = ALLOWED_AROUND["500 from the app"] if setting[1] == tools.AROUND else (500, [])
    assert {name: (answer.status, answer.allowed()) for name, answer in answers.items()} == {
        **ALLOWED_AROUND,
        "500 from the app": of_the_error,
    }


@pytest.mark.parametrize("setting", _rows(), indirect=True)
def test_told(runs: dict[str, Run], setting: tuple[tools.Tool, str]) -> None:
    tool, place = setting
    for core in subjects.CORES:
        assert runs[core].told == runs[subjects.REFERENCE].told
    shown = "\n".join(map(str, runs["compiled"].told))
    for part, places in tool.tells.items():
        assert (part in shown) is (place in places), f"{part!r} in\n{shown}\n{runs['compiled'].output}"


@pytest.mark.parametrize("row", _rows("CORS headers by add_cors", tools.OF_ADD_CORS))
def test_add_cors(row: tuple[tools.Tool, str], tmp_path: Path) -> None:
    """It is outside of the instrumentation whatever comes first, and that tells of the rest what it tells otherwise."""
    tool, place = row
    runs = Runs(tool, place, tmp_path).run(subjects.CORES)
    answers = runs["compiled"].answers
    assert {name: (answer.status, answer.allowed()) for name, answer in answers.items()} == ALLOWED_AROUND
    assert runs["python"].answers == answers
    assert runs["python"].told == runs["compiled"].told
    shown = "\n".join(map(str, runs["compiled"].told))
    for part, places in tool.tells.items():
        assert tools.AROUND not in places or part in shown, f"{part!r} in\n{shown}\n{runs['compiled'].output}"


@pytest.mark.interop(name="sentry-sdk", place=tools.BEFORE, checks="names of spans", needs=("sentry-sdk", "uvicorn"))
def test_sentry_names_spans_after_what_send_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen without the names made alike: what a user of it should know."""
    monkeypatch.setattr(telemetry, "named", str)
    runs = Runs(tools.SENTRY, tools.BEFORE, tmp_path).run()
    names = {subject: {row[3] for row in run.told if row[0] == "span"} for subject, run in runs.items()}
    assert "send" in names["compiled"]
    assert not [name for name in names["compiled"] if ORIGIN in name]
    for subject, part in {"python": repr(ORIGIN.encode()), subjects.REFERENCE: "'accept-encoding': "}.items():
        assert [name for name in names[subject] if name.startswith("functools.partial(") and part in name]
