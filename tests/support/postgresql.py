"""Runs a PostgreSQL server from Debian's package, on a socket in a temporary directory."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAMS = ("initdb", "pg_isready", "postgres")


def programs() -> Path | None:
    """Return the directory of its programs, or None if it is not installed."""
    # Debian does not put them into the path.
    places = [*Path("/usr/lib/postgresql").glob("*/bin"), *map(Path, os.get_exec_path())]
    return next((place for place in places if all((place / name).exists() for name in PROGRAMS)), None)


def _user() -> dict[str, Any]:
    """Return the user to run it as, because it refuses to run as root."""
    if os.geteuid():
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@contextmanager
def running(where: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run a server until the block is left. Yield its address and its process."""
    directory = tempfile.mkdtemp(prefix="postgresql-")
    try:
        if os.geteuid() == 0:
            os.chown(directory, pwd.getpwnam("nobody").pw_uid, -1)
        settings: dict[str, Any] = {"cwd": directory, "stdout": subprocess.DEVNULL, **_user()}
        data = ["-D", f"{directory}/data"]
        initdb: list[Any] = [
            where / "initdb",
            *data,
            "--auth=trust",
            "--username=tenants",
            "--no-locale",
            "--encoding=UTF8",
        ]
        subprocess.run([*initdb, "--no-sync"], check=True, timeout=120, **settings)
        with (Path(directory) / "log").open("wb") as log:
            options = ["-k", directory, "-c", "listen_addresses=", "-c", "fsync=off"]
            process = subprocess.Popen([where / "postgres", *data, *options], stderr=log, **settings)
        try:
            _wait(where, directory, process)
            yield f"postgresql://tenants@/postgres?host={directory}", process
        finally:
            # A fast shutdown, which does not wait for clients.
            process.send_signal(signal.SIGINT)
            process.wait(20)
    finally:
        shutil.rmtree(directory)


def _wait(where: Path, directory: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while subprocess.run([where / "pg_isready", "-q", "-h", directory], check=False).returncode:
        log = (Path(directory) / "log").read_text()
        assert process.poll() is None, log
        assert time.monotonic() < deadline, log
        time.sleep(0.02)
