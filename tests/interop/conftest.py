"""What a run leaves behind for the report, and what happens where a machine lacks something.

A test that needs a package or a program which is not there is skipped for a person, and fails where CI is set.
"""

import importlib.metadata
import json
import os
import platform
import signal
from collections.abc import Generator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from .subjects import available

RESULTS = "INTEROP_RESULTS"


def version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def lacking(reason: str) -> None:
    """Skip the test for a person, visibly; fail it in CI."""
    if os.environ.get("CI"):
        pytest.fail(f"CI is to have everything: {reason}", pytrace=False)
    pytest.skip(reason)


def pytest_configure(config: pytest.Config) -> None:
    # What is started is ended by the fixtures, which a plain SIGTERM would not let run.
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    config.stash[_rows] = []


_rows = pytest.StashKey[list[dict[str, Any]]]()


def _said(item: pytest.Item) -> dict[str, Any]:
    """Return what the markers of a test say, the closest last."""
    said: dict[str, Any] = {"variant": "", "place": "", "needs": ()}
    for marker in reversed(list(item.iter_markers("interop"))):
        said |= marker.kwargs
    return said


def pytest_runtest_setup(item: pytest.Item) -> None:
    for package in _said(item)["needs"]:
        if version(package) is None:
            lacking(f"{package} is not installed")
    if "compiled" not in available() and "name" in _said(item):
        lacking("the compiled core is not built")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    said = _said(item)
    if "name" in said and (report.when == "call" or not report.passed):
        versions = {package: version(package) for package in said.pop("needs")}
        told = dict(report.user_properties)
        item.config.stash[_rows].append(
            {**said, "version": None, **told, "outcome": report.outcome, "versions": versions}
        )
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    if RESULTS in os.environ:
        packages = {"fastcors": version("fastcors")}
        results = {"python": platform.python_version(), "packages": packages, "rows": session.config.stash[_rows]}
        Path(os.environ[RESULTS]).write_text(json.dumps(results, indent=1) + "\n")
