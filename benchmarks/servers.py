"""Starts a server on its own core, reports the CPU time that it used, and always ends it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

HERE = Path(__file__).parent
STARTUP_SECONDS = 20.0

COMMANDS = {
    "uvicorn": "uvicorn load_app:app --port {port} --loop uvloop --http httptools --no-access-log --log-level warning",
    "granian": "granian load_app:app --port {port} --interface asgi --loop uvloop --no-ws --log-level warning",
    "hypercorn": "hypercorn load_app:app --bind 127.0.0.1:{port} --worker-class uvloop --log-level warning",
}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass(frozen=True)
class Server:
    """A running server; its process leads a group that holds all of its workers."""

    port: int
    process: subprocess.Popen[bytes]

    def cpu_seconds(self) -> float:
        """Return the CPU time of the whole group so far."""
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                # After the command's name in parentheses: state, parent, group, ..., user and system time.
                fields = stat.read_text().rpartition(") ")[2].split()
            except OSError:
                continue
            if int(fields[2]) == self.process.pid:
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    for signum in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, signum)
        except ProcessLookupError:
            break
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def _path() -> str:
    """Return an import path with the directory of load_app and the paths of this process."""
    return os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])])


@contextmanager
def serving(server: str, app: str, core: int) -> Iterator[Server]:
    """Run `server` with load_app's app `app` on one core, until the block is left."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", *COMMANDS[server].format(port=port).split()],
        cwd=HERE,
        env=os.environ | {"FASTCORS_LOAD": app, "PYTHONPATH": _path()},
        start_new_session=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    try:
        deadline = time.monotonic() + STARTUP_SECONDS
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"load: {server} did not start to serve {app}")
            time.sleep(0.05)
        yield Server(port, process)
    finally:
        _end(process)
