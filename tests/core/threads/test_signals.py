"""Assignments by a signal handler, which may run between any two steps of Python code."""

import signal
from types import ModuleType

import pytest
from support.exchange import ORIGIN, OTHER, exchange, get, hello


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="signals of a timer are POSIX's")
@pytest.mark.thread_unsafe(reason="signals")
def test_assigned_by_a_timer(fastcors: ModuleType) -> None:
    """Wherever the signal comes, the last that was assigned is what counts."""
    middleware = fastcors.CORSMiddleware(hello, allow_origins=[ORIGIN])
    turns: list[bool] = [False]
    running: list[object] = []

    def assign(*_: object) -> None:
        # On a slow machine the next signal comes during this function, and would come between its two steps.
        if running:
            return
        running.append(assign)
        turns[0] = not turns[0]
        middleware.allow_origins = [OTHER] if turns[0] else [ORIGIN]
        running.clear()

    before = signal.signal(signal.SIGALRM, assign)
    signal.setitimer(signal.ITIMER_REAL, 0.0003, 0.0003)
    try:
        for _ in range(3000):
            middleware.allow_methods = ["GET"]
            exchange(middleware, get())
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    allowed = (b"access-control-allow-origin", ORIGIN.encode()) in exchange(middleware, get())[0]["headers"]
    assert allowed is not turns[0]
    assert middleware.allow_origins == ([OTHER] if turns[0] else [ORIGIN])
