"""Records the origin of figures: machine, versions, date, commit and command."""

import importlib.metadata
import os
import platform
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGES = (
    *("starlette", "fastapi", "asgi-cors", "litestar"),
    *("uvicorn", "uvloop", "httptools", "granian", "hypercorn"),
    *("cython", "pytest-benchmark"),
)


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _system() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        name = platform.system()
    return f"{name}, kernel {platform.release().partition('-')[0]}, {platform.machine()}"


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def _commit() -> str:
    # For a copy of the sources in another system, which may have no git.
    if "BENCH_COMMIT" in os.environ:
        return os.environ["BENCH_COMMIT"]
    commit = _git("rev-parse", "--short=12", "HEAD") or "unknown"
    # The files from which the package is built. The results themselves change with every run.
    return commit + (" and uncommitted changes" if _git("status", "--porcelain", "src", "setup.py") else "")


def _build() -> str:
    """Say how the interpreter was built. Without optimisation, Python code takes 1.4 times as long."""
    if "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or ""):
        return "optimised build"
    # Debian optimises in a way of its own and leaves no other trace of it.
    return "build without --enable-optimizations" if sysconfig.get_config_var("PGO_PROF_USE_FLAG") else "vendor's build"


def _versions() -> dict[str, str]:
    versions = {platform.python_implementation(): f"{platform.python_version()} ({_build()})"}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def stamp(command: str) -> dict[str, Any]:
    """Return the stamp for the results of `command`."""
    return {
        "command": " ".join([command, *sys.argv[1:]]),
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "commit": _commit(),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "busy": os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0,
        "system": _system(),
        "versions": _versions(),
    }
