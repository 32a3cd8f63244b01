"""Hooks that instrumentation patches after the first request: what it puts in place is called as with Starlette."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from . import launcher, subjects
from .apps.patched import HOOKS, WAYS

TESTS = Path(__file__).parents[1]


def told(subject: str, way: str) -> list[Any]:
    """Return what each hook comes to, patched in this way, in processes of their own."""
    environment = launcher.environment({**subjects.environment(subject), "PYTHONPATH": str(TESTS)})
    command = [sys.executable, "-W", "ignore", "-m", "interop.apps.patched", way]
    done = subprocess.run(command, cwd=TESTS, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("way", WAYS)
def test_patched_after_the_first_request(way: str) -> None:
    expected = told(subjects.REFERENCE, way)
    assert [hook for hook, *_ in expected] == list(HOOKS)
    assert all(calls for _, calls, *_ in expected)
    for core in subjects.CORES:
        assert told(core, way) == expected, core
