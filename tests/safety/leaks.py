"""Measures resident memory over many requests whose origins never repeat, and over many middlewares. `make leaks`.

A planted leak is looked for first: where that is not found, nothing that follows would mean anything.
"""

import argparse
import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.asgi import OnlyContains, subclass
from support.exchange import CONFIGS, ORIGIN, exchange, get, hello, preflight, websocket

import fastcors

MOST = 1 << 20  # bytes that may be added, whatever the number of requests
PLANTED = 100  # bytes a request


def resident() -> int:
    """Return the bytes of memory that this process has now."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def configured() -> list[Any]:
    """Return middlewares of every kind, the usual ones more often."""
    made = [fastcors.CORSMiddleware(hello, **config) for config in CONFIGS.values()] * 8
    own: dict[str, Any] = {"allow_origins": OnlyContains((ORIGIN,)), "allow_headers": {"X-Token"}}
    made.append(fastcors.CORSMiddleware(hello, **own))
    in_full = subclass(fastcors.CORSMiddleware, ("preflight_response", "simple_response"), Forgetful())
    made.append(in_full(hello, **CONFIGS["one origin"]))
    return made


class Forgetful(list[Any]):
    def append(self, value: Any, /) -> None:
        pass


def requests(middlewares: list[Any]) -> Callable[[int], None]:
    """Return the function that makes request number n: another origin, another header name, another kind."""

    def request(number: int) -> None:
        middleware = middlewares[number % len(middlewares)]
        origin = f"https://{number}.example.com"
        kind = number // len(middlewares) % 8
        if kind < 3:
            scope = get(origin)
        elif kind < 6:
            scope = preflight(ORIGIN if kind == 3 else origin, ("GET", f"M{number}")[kind == 5], f"x-{number}, accept")
        else:
            scope = get(None) if kind == 6 else websocket()
        exchange(middleware, scope)

    return request


def build_and_drop(number: int) -> None:
    """Build middleware number n, ask it once and drop it; some are kept by the app that they keep."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        cycle.append(send)
        await hello(scope, receive, send)

    cycle: list[Any] = [app]
    config: dict[str, Any] = {"allow_origins": [f"https://{number}.{n}.example" for n in range(number % 20)]}
    middleware = fastcors.CORSMiddleware(app if number % 10 == 0 else hello, **config)
    cycle.append(middleware)
    exchange(middleware, get(f"https://{number}.0.example"))
    # How much garbage waits for the collector is the collector's choice, and grows with what else there is.
    if number % 1000 == 0:
        gc.collect()


def growth(act: Callable[[int], object], times: int) -> int:
    """Return by how many bytes this process grew while it acted, after a tenth as many times to warm up."""
    warm_up = times // 10
    for number in range(warm_up):
        act(number)
    before = resident()
    for number in range(warm_up, warm_up + times):
        act(number)
    return resident() - before


def planted(times: int) -> int:
    kept: list[bytes] = []
    return growth(lambda number: kept.append(bytes(PLANTED)), times)


def measure(job: str, times: int) -> int:
    """Do one job and print its growth; return 1 where it is too much."""
    act = requests(configured()) if job == "requests" else build_and_drop
    started = time.monotonic()
    grown = growth(act, times)
    print(f"{times:,} {job}: {grown / 1024:,.0f} KiB grown, in {time.monotonic() - started:.0f} s", flush=True)
    return int(grown > MOST)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000_000)
    parser.add_argument("--middlewares", type=int, default=100_000)
    parser.add_argument("--job", choices=("requests", "middlewares"))
    options = parser.parse_args()
    if options.job:
        return measure(options.job, getattr(options, options.job))
    times = 2 * MOST // PLANTED
    if planted(times) <= MOST:
        sys.exit(f"a planted leak of {PLANTED} bytes in each of {times:,} turns was not found")
    print("the", "compiled" if fastcors.COMPILED else "Python", "core", flush=True)
    # Each in a process of its own, because what one leaves in the heap moves the other's pages.
    jobs = ("requests", "middlewares")
    command = [sys.executable, "-m", "safety.leaks", *sys.argv[1:]]
    codes = [subprocess.run([*command, "--job", job]).returncode for job in jobs]
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
