"""Real servers on real sockets: the same exchanges with either core and with Starlette's middleware, side by side."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from . import exchanges, launcher, servers, subjects

Running = dict[str, exchanges.Target]

PLACES = ("inside", "outermost")


def _id(server: servers.Server) -> str:
    return "-".join(f"{server.name} {server.variant}".replace("-", "").replace(",", "").split())


def _rows() -> list[Any]:
    return [
        pytest.param(
            (server, place),
            id=f"{_id(server)}-{place}",
            marks=pytest.mark.interop(name=server.name, variant=server.variant, place=place, needs=server.needs),
        )
        for server in servers.SERVERS
        for place in PLACES
    ]


@pytest.fixture(scope="module")
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The three, each served by a process of its own."""
    server, place = request.param
    names = subjects.available()
    commands = [(server.line, {**subjects.environment(name), "INTEROP_PLACE": place}) for name in names]
    with launcher.serving(commands, tmp_path_factory.mktemp("served")) as processes:
        yield {
            name: exchanges.Target(process, name, place, server.http2, server.lifespan)
            for name, process in zip(names, processes, strict=True)
        }


@pytest.mark.parametrize("running", _rows(), indirect=True)
@pytest.mark.parametrize(
    "exchange", [pytest.param(name, marks=pytest.mark.interop(checks=name)) for name in exchanges.EXCHANGES]
)
def test_exchange(running: Running, exchange: str) -> None:
    observed = {}
    for name, target in running.items():
        try:
            observed[name] = exchanges.EXCHANGES[exchange](target)
        except BaseException as error:
            error.add_note(f"with {name}, which printed:\n{target.server.output()}")
            raise
    for core in subjects.CORES:
        assert observed[core] == observed[subjects.REFERENCE], core


@pytest.mark.interop(
    name="granian", variant="--interface asgi", place="outermost", checks="500 without the flag", needs=("granian",)
)
def test_granian_does_not_look_at_an_app(tmp_path: Path) -> None:
    """Not ours to mend: it takes any app for one of its own interface, Starlette's middleware as well."""
    names = subjects.available()
    line = f"granian {servers.APP} --port {{port}}"
    commands = [(line, {**subjects.environment(name), "INTEROP_PLACE": "outermost"}) for name in names]
    with launcher.serving(commands, tmp_path) as processes:
        statuses = [httpx.get(process.url("/"), trust_env=False).status_code for process in processes]
    assert statuses == [500] * len(names)
