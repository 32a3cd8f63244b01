"""One server of the demo app, in a process of its own on a free port of the loopback.

`run` starts and stops it; the rest of the file is what the process does. It ends with the one that started it,
however that one ends: it listens for the end of its standard input.
"""

import importlib
import os
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from demo_app import create_app
from starlette.types import ASGIApp

START_UP_SECONDS = 20.0


class StartUpError(Exception):
    """A server did not start; the reason is on standard error."""


@contextmanager
def run(middleware: str, origin: str) -> Iterator[str]:
    """Serve the app behind `middleware`, written module:class, and give the server's URL.

    `origin` is the one that the app lists. Raises StartUpError.
    """
    with _start(middleware, origin) as process:
        impatience = threading.Timer(START_UP_SECONDS, process.kill)
        try:
            impatience.start()
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            impatience.cancel()
            if not port:
                raise StartUpError(f"The server with {middleware} did not start.")
            yield f"http://127.0.0.1:{port}"
        finally:
            impatience.cancel()
            _end(process)


def _start(middleware: str, origin: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, __file__, middleware, origin],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # Two servers have to give a set of strings the same order: the methods of the Allow header are one.
        env={**os.environ, "PYTHONHASHSEED": "0"},
        # In a session of its own, Ctrl-C reaches only the parent, which then ends the server in order.
        start_new_session=True,
    )


def _end(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()


class AnnouncingServer(uvicorn.Server):
    """A server on a socket that is bound already, which calls `announce` once it answers."""

    def __init__(self, app: ASGIApp, announce: Callable[[], None]) -> None:
        # The app fails on purpose at one path, and its traceback would bury the output.
        super().__init__(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=2))
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()


def bind() -> tuple[socket.socket, int]:
    """Return a socket that holds a free port of the loopback, and that port."""
    # asyncio turns off Nagle's algorithm only where the protocol is named, and 40 ms per request depend on it.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    return listener, listener.getsockname()[1]


def main(middleware: str, origin: str) -> None:
    """Serve until the parent closes this process's standard input."""
    # One policy is unsafe, to be compared as well.
    warnings.filterwarnings("ignore", r".*\[origin-asterisk-with-credentials\]$")
    module, _, name = middleware.partition(":")
    app = create_app(getattr(importlib.import_module(module), name), origin)
    listener, port = bind()
    server = AnnouncingServer(app, announce=lambda: print(port, flush=True))

    def follow_parent() -> None:
        # Not sys.stdin, whose lock a thread must not hold when the interpreter ends.
        os.read(0, 1)
        server.should_exit = True

    threading.Thread(target=follow_parent, daemon=True).start()
    server.run(sockets=[listener])


if __name__ == "__main__":
    main(*sys.argv[1:])
