"""Hostile requests: Starlette's answer, in memory that does not grow with what was sent. Their time: `make hostile`."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import hostile
import pytest
from support.asgi import drive
from support.exchange import exchange, hello, nothing_received, preflight
from support.reference import CORSMiddleware as Reference

ANSWERED_BY_STARLETTE = {case.name: case for case in hostile.CASES if not case.exponential}


@pytest.mark.parametrize("size", ["smaller", "larger"])
@pytest.mark.parametrize("case", ANSWERED_BY_STARLETTE.values(), ids=ANSWERED_BY_STARLETTE)
def test_same_answer_as_starlette(fastcors: ModuleType, case: hostile.Case, size: str) -> None:
    scenario = case.scenario(case.sizes[size == "larger"])
    ours, theirs = (
        exchange(base(hello, **scenario.configuration), dict(scenario.scope))
        for base in (fastcors.CORSMiddleware, Reference)
    )
    assert ours == theirs


def peak(middleware: Any, scope: dict[str, Any]) -> int:
    """Return the most bytes that answering took at one time."""
    # Imported here, because PyPy, where only the Python core runs, has none.
    import tracemalloc

    async def send(message: Any) -> None:
        pass

    drive(middleware(scope, nothing_received, send))
    tracemalloc.start()
    try:
        drive(middleware(scope, nothing_received, send))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


NOT_REFLECTED = {name: case for name, case in ANSWERED_BY_STARLETTE.items() if "any is allowed" not in name}


@pytest.mark.thread_unsafe(reason="tracemalloc counts what every thread allocates")
@pytest.mark.parametrize("case", NOT_REFLECTED.values(), ids=NOT_REFLECTED)
def test_memory_does_not_grow_with_the_request(fastcors: ModuleType, case: hostile.Case) -> None:
    if not fastcors.COMPILED:
        pytest.skip("the Python core splits a piece at a time, and a piece may be long")
    peaks = []
    for size in case.sizes:
        scenario = case.scenario(size)
        middleware = fastcors.CORSMiddleware(hello, **scenario.configuration)
        peaks.append(peak(middleware, dict(scenario.scope)))
    assert peaks[1] <= peaks[0] + 100


def spelled(around: str) -> list[str]:
    return [around[:place] + chr(code) + around[place:] for code in range(256) for place in (0, 3, len(around))]


@pytest.mark.parametrize("change", [str, str.swapcase, str.title])
@pytest.mark.parametrize("around", ["x-a", "x-token", "x-tokens", "x-application-id"])
def test_every_byte_in_either_case(fastcors: ModuleType, around: str, change: Callable[[str], str]) -> None:
    names = [name for name in spelled(around) if "," not in name and min(name) >= " " and "\x7f" not in name]
    asked = [change(name) for name in names if max(change(name)) <= "\xff"]

    def statuses(base: Callable[..., Any]) -> list[Any]:
        middleware = base(hello, allow_origins=["*"], allow_headers=names)
        return [exchange(middleware, preflight(names=name))[0]["status"] for name in asked]

    ours = statuses(fastcors.CORSMiddleware)
    assert ours == statuses(Reference)
    assert 200 in ours


def test_runs_of_white_space(fastcors: ModuleType) -> None:
    ours, theirs = (
        base(hello, allow_origins=["*"], allow_headers=["X-A"]) for base in (fastcors.CORSMiddleware, Reference)
    )
    for space in (" ", "\t", " \t", "\xa0", "\x85", "   \t"):
        for count in (*range(20), 63, 64, 65):
            run = space * count
            for names in (f"{run}x-a", f"x-a{run}", f"{run}x-a{run},x-a", run):
                assert exchange(ours, preflight(names=names)) == exchange(theirs, preflight(names=names)), repr(names)
