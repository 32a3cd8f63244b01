"""Every process that is started is ended, with its children, whatever happens in between."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from . import launcher

STUBBORN = ("python -m interop.apps.stubborn {port}", dict[str, str]())


class Failure(Exception):
    """What a test fails with."""


def _alive(process: int) -> bool:
    try:
        # A child whose parent is gone too may wait for the machine's first process to take notice.
        state = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_what_does_not_end_in_order_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher, "END_SECONDS", 0.5)
    processes: list[int] = []

    def started(server: launcher.Running) -> Callable[[], bool]:
        return lambda: server.output().strip().isdigit()

    def fail_with_servers_running() -> None:
        with launcher.serving([STUBBORN, STUBBORN], tmp_path) as servers:
            for server in servers:
                assert launcher.eventually(started(server))
                processes.extend((server.process.pid, int(server.output())))
            assert all(map(_alive, processes))
            raise Failure

    with pytest.raises(Failure):
        fail_with_servers_running()
    assert len(processes) == 4
    assert launcher.eventually(lambda: not any(map(_alive, processes)), 5)


def test_what_does_not_start_is_an_error_with_its_output(tmp_path: Path) -> None:
    nothing = launcher.serving([("python -m interop.apps.nothing {port}", {})], tmp_path)
    with pytest.raises(launcher.StartUpError, match="No module named"), nothing:
        pass


def test_what_answers_did_not_end(tmp_path: Path) -> None:
    nothing = "python -m interop.apps.nothing {port}"
    (ended,) = launcher.ended([(nothing, {})], tmp_path)
    assert ended.process.returncode == 1
    assert "No module named" in ended.output()
    with pytest.raises(launcher.StartUpError, match="answers"):
        launcher.ended([(nothing, {}), ("python -m http.server {port} --bind 127.0.0.1", {})], tmp_path)


def test_nothing_of_a_proxy_reaches_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert "HTTPS_PROXY" in os.environ
    assert "HTTPS_PROXY" not in launcher.environment({})
