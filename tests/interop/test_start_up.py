"""A configuration that raises stops every server that has a lifespan: nothing answers, and the log names the parameter.

Starlette's middleware is not compared: it has no such configuration but the regex, with which servers start.
"""

from pathlib import Path
from typing import Any

import pytest

from . import launcher, servers, subjects
from .apps.wrong import CONFIGS

CODES = {
    "allow_origins": "origin-trailing-slash",
    "allow_headers": "line-break",
    "allow_origin_regex": "regex-does-not-compile",
}
PLACES = ("add_middleware", "middleware=[...]", "add_cors", "directly")


def _rows() -> list[Any]:
    return [
        pytest.param(
            server,
            place,
            id=f"{server.name}-{server.variant}-{place}",
            marks=pytest.mark.interop(name=server.name, variant=server.variant, needs=server.needs),
        )
        for server in servers.STOPPING
        for place in PLACES
    ]


@pytest.mark.interop(checks="a configuration that raises stops it")
@pytest.mark.parametrize(("server", "place"), _rows())
def test_stops(server: servers.Server, place: str, tmp_path: Path) -> None:
    cases = [(core, wrong) for core in subjects.CORES if core in subjects.available() for wrong in CONFIGS]
    line = server.line.replace(servers.APP, servers.WRONG)
    commands = [
        (line, {**subjects.environment(core), "INTEROP_PLACE": place, "INTEROP_WRONG": wrong}) for core, wrong in cases
    ]
    for (_, wrong), process in zip(cases, launcher.ended(commands, tmp_path), strict=True):
        # Some wrap lines.
        output = "".join(process.output().split())
        assert wrong in output, process.output()
        assert f"[{CODES[wrong]}]" in output, process.output()
        assert (process.process.returncode != 0) is server.fails, process.output()
