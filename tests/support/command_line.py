"""Runs `fastcors` in this process, on apps that a test writes and, if needed, serves."""

import importlib
import itertools
import json
import socket
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import uvicorn
from typer.testing import CliRunner

_NUMBERS = itertools.count()


class Ran(NamedTuple):
    status: int
    output: str
    errors: str

    @property
    def words(self) -> str:
        """Everything that was printed, as one line."""
        return " ".join(self.output.split())

    @property
    def document(self) -> dict[str, Any]:
        """The JSON document that was printed."""
        found: dict[str, Any] = json.loads(self.output)
        return found


def fastcors(*arguments: str, **environment: str) -> Ran:
    """Run the command line with these arguments."""
    app = importlib.import_module("fastcors.cli.app").app
    result = CliRunner().invoke(app, list(arguments), env=environment, prog_name="fastcors")
    # Any other exception is a failure of the test.
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ran(result.exit_code, result.stdout, result.stderr)


class Project:
    """A directory with modules that no other test has imported."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def write(self, source: str) -> str:
        """Write a module and return its name."""
        name = f"served_{next(_NUMBERS)}"
        (self.directory / f"{name}.py").write_text(textwrap.dedent(source), encoding="utf-8")
        return name

    @contextmanager
    def imported(self) -> Iterator[None]:
        """Make modules in this directory importable, and remove them at the end."""
        path, modules = [*sys.path], set(sys.modules)
        sys.path.insert(0, str(self.directory))
        try:
            yield
        finally:
            sys.path[:] = path
            for name in set(sys.modules) - modules:
                if name.startswith("served_"):
                    del sys.modules[name]

    def run(self, command: str, source: str, *arguments: str, app: str = "app") -> Ran:
        """Run `command` on the app in a module with this source."""
        return fastcors(command, f"{self.write(source)}:{app}", *arguments)


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve `app` with uvicorn on a free port; yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, lifespan="off", ws="none", log_level="critical")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            deadline = time.monotonic() + 20
            while not server.started:
                assert time.monotonic() < deadline, "the server does not start"
                time.sleep(0.01)
            yield "http://{}:{}".format(*listener.getsockname())
        finally:
            server.should_exit = True
            thread.join(20)
