"""An app in a file of its own, under a real server in a process of its own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

COMMANDS = {
    "uvicorn": ["uvicorn", "served:app", "--fd", "{fd}"],
    "hypercorn": ["hypercorn", "served:app", "--bind", "fd://{fd}"],
}


@contextmanager
def serving(command: list[str], source: str, compiled: bool, directory: Path) -> Iterator[httpx.Client]:
    """Run `source` on a socket that is already bound, so that no port can be taken by another in between."""
    (directory / "served.py").write_text(source)
    with (directory / "output").open("w+") as output, socket.create_server(("127.0.0.1", 0)) as listener:
        address = "http://{}:{}".format(*listener.getsockname())
        process = subprocess.Popen(
            [sys.executable, "-m", *(word.format(fd=listener.fileno()) for word in command)],
            cwd=directory,
            env={**os.environ, "FASTCORS_EXTENSIONS": "yes" if compiled else "no"},
            pass_fds=[listener.fileno()],
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        # Only the server itself keeps the socket now, so its end is an error at once instead of a wait.
        listener.close()
        try:
            with httpx.Client(base_url=address, timeout=20, trust_env=False) as client:
                yield client
        except httpx.TransportError as error:
            output.seek(0)
            pytest.fail(f"{command[0]} does not answer: {error!r}. Its output:\n{output.read()}", pytrace=False)
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End `process` with the workers that it started."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
