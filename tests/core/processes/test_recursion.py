"""Endless chains and finalizers that come back: RecursionError as with Starlette, or it works. Never a crash."""

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from support.deep import CASES

TESTS = Path(__file__).parents[2]


def run(fastcors: ModuleType, case: str, *more: str) -> None:
    # Untraced: what is done hundreds of thousands of times would take minutes.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    environment["FASTCORS_EXTENSIONS"] = "yes" if fastcors.COMPILED else "no"
    environment["PYTHONPATH"] = os.pathsep.join([str(TESTS), *filter(None, [environment.get("PYTHONPATH")])])
    command = [sys.executable, "-W", "ignore::UserWarning", "-m", "support.deep", case, *more]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.stdout == f"{case} went well\n", (done.returncode, done.stderr[-2000:])


# There `send` is a functools.partial, as Starlette's is, and CPython's own attributes of it are not safe.
OF_THE_COMPILED_CORE = ("attributes_of_send_that_change_while_they_are_looked_up",)

NOT_ON_PYPY = {
    "many_middlewares": "a RecursionError during an exception becomes a TypeError",
    "a_partial_that_becomes_another_while_its_names_are_compared": "it takes its function after the names",
    "a_partial_of_a_middleware_that_becomes_another_during_a_collection": "the collector has no thresholds",
}


@pytest.mark.parametrize("case", CASES)
def test_no_crash(fastcors: ModuleType, case: str) -> None:
    if sys.implementation.name == "pypy" and case in NOT_ON_PYPY:
        pytest.skip(f"on PyPy, {NOT_ON_PYPY[case]}")
    if case in OF_THE_COMPILED_CORE and not fastcors.COMPILED:
        pytest.skip("a partial of CPython's itself crashes there")
    run(fastcors, case)


@pytest.mark.parametrize("case", ["around_itself", "two_around_each_other", "many_sends"])
def test_no_crash_in_another_thread(fastcors: ModuleType, case: str) -> None:
    """Its stack may be smaller."""
    run(fastcors, case, "thread")
