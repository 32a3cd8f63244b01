"""Times several apps against each other, without an event loop: short batches in turn, round after round.

The order of the apps is rotated in each round, so that other work of the machine affects all of them alike. Each round
gives one difference to the baseline, and the figure is the median of these.
"""

import gc
import statistics
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from types import coroutine
from typing import Any

from exchanges import App, Send, with_own_code

BATCH_NS = 1_000_000


@dataclass(frozen=True)
class Rounds:
    """How much is measured: the rounds, and the nanoseconds that one batch of one subject should take."""

    count: int = 200
    batch_ns: int = BATCH_NS


QUICK = Rounds(5, 50_000)


@dataclass(frozen=True)
class Timing:
    """Nanoseconds per request: all of them, and those beyond the baseline. `spread` is the distance of the latter's
    quartiles.
    """

    whole: float
    overhead: float
    spread: float
    loops: int


async def _requests(app: App, scopes: Iterator[dict[str, Any]], send: Send, loops: int) -> None:
    # One coroutine awaits all of them, as a server's does. Each gets a scope of its own: some middleware write to it.
    for scope in islice(scopes, loops):
        await app(scope.copy(), None, send)


async def _send(message: Any) -> None:
    """The server's."""


@coroutine
def _pause() -> Generator[None]:
    yield


async def _paused(app: App, scopes: Iterator[dict[str, Any]], send: Send) -> None:
    for scope in scopes:
        await app(scope.copy(), None, send)
        await _pause()


def stepper(app: App, scopes: Sequence[dict[str, Any]]) -> Callable[[], object]:
    """Return a function that makes the next request with each call, for tools that loop themselves."""
    return with_own_code(_paused)(app, cycle(scopes), with_own_code(_send)).__await__().__next__  # type: ignore[no-any-return]


class Runner:
    """One app with the requests that it gets in turn, and a loop of its own."""

    def __init__(self, app: App, scopes: Sequence[dict[str, Any]]) -> None:
        self._app = app
        self._turn = len(scopes)
        self._scopes = cycle(scopes)
        self._requests = with_own_code(_requests)
        self._send = with_own_code(_send)

    def batch(self, loops: int) -> float:
        """Return the nanoseconds that one request took, on average over `loops`."""
        running = self._requests(self._app, self._scopes, self._send, loops)
        start = time.perf_counter_ns()
        try:
            running.send(None)
        except StopIteration:
            return (time.perf_counter_ns() - start) / loops
        raise AssertionError("something waited for an event loop")

    def loops(self, batch_ns: int) -> int:
        """Return how many requests fill a batch of that length. These are whole turns, so that all batches have the
        same requests.
        """
        several = self.whole_turns(3)
        return self.whole_turns(max(1, int(batch_ns / min(self.batch(several) for _ in range(5)))))

    def whole_turns(self, loops: int) -> int:
        """Return `loops`, rounded up to whole turns of the requests."""
        return -(-loops // self._turn) * self._turn


@contextmanager
def _no_collection() -> Iterator[None]:
    """A garbage collection would count for the subject that happens to run."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def compare(baseline: Runner, runners: Mapping[str, Runner], rounds: Rounds) -> dict[str, Timing]:
    """Return the timing of each runner, beyond `baseline`."""
    everyone = {"": baseline, **runners}
    loops = {name: runner.loops(rounds.batch_ns) for name, runner in everyone.items()}
    times: dict[str, list[float]] = {name: [] for name in everyone}
    names = list(everyone)
    with _no_collection():
        for _ in range(rounds.count):
            for name in names:
                times[name].append(everyone[name].batch(loops[name]))
            names.append(names.pop(0))
    return {name: _timing(times[name], times[""], loops[name]) for name in runners}


def _timing(times: list[float], baseline: list[float], loops: int) -> Timing:
    beyond = [time - base for time, base in zip(times, baseline, strict=True)]
    low, _, high = statistics.quantiles(beyond, n=4)
    return Timing(statistics.median(times), statistics.median(beyond), high - low, loops)
