"""Starts a server in a process of its own, waits until it answers, and ends it with all that it started.

A variable in the environment marks every process of a run, so that run.py can tell afterwards that none is left.
"""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

SCRIPTS = Path(sys.executable).parent
TESTS = Path(__file__).parent.parent
START_UP_SECONDS = 60.0
END_SECONDS = 10.0
INTERRUPT_SECONDS = 30.0


class StartUpError(Exception):
    """A server ended, or did not answer in time; holds what it printed."""


@dataclass(frozen=True)
class Running:
    """A server that accepts connections at 127.0.0.1, and the file that holds what it prints."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def url(self, path: str = "") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def output(self) -> str:
        return self.log.read_text(errors="replace")


def interrupt(servers: list[Running]) -> None:
    """End them as Ctrl-C does: what is to be done at exit is done, which a server's way with SIGTERM may leave out."""
    for server in servers:
        server.process.send_signal(signal.SIGINT)
    for server in servers:
        server.process.wait(INTERRUPT_SECONDS)


def free_port() -> int:
    """Return a port that nobody listens on, below those that the kernel gives to clients."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as candidate, suppress(OSError):
            candidate.bind(("127.0.0.1", port))
            return port


def environment(added: Mapping[str, str]) -> dict[str, str]:
    """Return what a process of ours gets: this environment without proxies, with our modules, then `added`."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    ours = {
        "PATH": f"{SCRIPTS}:{kept['PATH']}",
        "PYTHONPATH": str(TESTS),
        "PYTHONUNBUFFERED": "1",
        "PYTHONHASHSEED": "0",
    }
    return {**kept, **ours, **added}


@contextmanager
def serving(commands: Iterable[tuple[str, Mapping[str, str]]], directory: Path) -> Iterator[list[Running]]:
    """Run these commands, each a line with `{port}` in it and its variables, side by side until the block is left.

    The lines begin with a script of this Python's environment. Raises StartUpError.
    """
    with ExitStack() as stack:
        running = [stack.enter_context(_process(line, added, directory)) for line, added in commands]
        try:
            for server in running:
                _wait(server)
            yield running
        finally:
            # All at once; that they did end is seen to one by one.
            for server in running:
                server.process.terminate()


def ended(commands: Iterable[tuple[str, Mapping[str, str]]], directory: Path) -> list[Running]:
    """Run such commands side by side until they have ended by themselves. Raises StartUpError if one answers."""
    with ExitStack() as stack:
        running = [stack.enter_context(_process(line, added, directory)) for line, added in commands]

        def all_ended() -> bool:
            going = [server for server in running if server.process.poll() is None]
            for server in going:
                if _answers(server.port):
                    raise StartUpError(f"{server.process.args!r} answers:\n{server.output()}")
            return not going

        if not eventually(all_ended, START_UP_SECONDS):
            raise StartUpError("\n".join(["still running:", *(server.output() for server in running)]))
        return running


def _answers(port: int) -> bool:
    """Tell whether something other than the kernel, which accepts for a server that may never start, answers."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5) as connection:
        connection.settimeout(0.5)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        return connection.recv(1) != b""
    return False


@contextmanager
def _process(line: str, added: Mapping[str, str], directory: Path) -> Iterator[Running]:
    port = free_port()
    log = directory / f"{port}.log"
    with log.open("wb") as output:
        process = _start(line.format(port=port).split(), added, directory, output)
        try:
            yield Running(port, process, log)
        finally:
            end(process)


def _start(words: list[str], added: Mapping[str, str], directory: Path, output: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [SCRIPTS / words[0], *words[1:]],
        cwd=directory,
        # Some keep files at home.
        env=environment({"HOME": str(directory), **added}),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        # The leader of a group that holds all of its workers.
        start_new_session=True,
    )


def end(process: subprocess.Popen[bytes]) -> None:
    """End `process` in order if it lets itself be ended so, then whatever is left of its group."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(END_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def eventually(happened: Callable[[], bool], seconds: float = 15.0) -> bool:
    """Tell whether `happened` comes true within so many seconds."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _wait(server: Running) -> None:
    def accepts() -> bool:
        if server.process.poll() is not None:
            raise StartUpError(f"{server.process.args!r} ended:\n{server.output()}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", server.port)) == 0

    if not eventually(accepts, START_UP_SECONDS):
        raise StartUpError(f"{server.process.args!r} did not start to listen:\n{server.output()}")
