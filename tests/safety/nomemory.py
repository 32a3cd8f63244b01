"""Makes every allocation of the compiled core fail in turn, on every path. `make nomemory`.

For each n, the n-th allocation fails, then the n-th and all that follow. What comes of it is a MemoryError, or the
usual outcome where the allocation was dispensable: never a crash, another answer or a lost exception; and without
the failure the path works again at once. failing.c says which allocations are the core's. Each path runs in a
process of its own, so that a crash is seen and named.
"""

import argparse
import ctypes
import faulthandler
import gc
import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any

from support.asgi import shown
from support.paths import PATHS, Run

import fastcors

# Far more than any path allocates.
MOST = 10_000
FAILING = ctypes.PyDLL(None)  # what is preloaded is found among the program's own names


def prepare() -> None:
    """Tell what is preloaded which code is the core's, and which runs Python code."""
    core = sys.modules["fastcors.core.compiled"].__file__ or ""
    loop = ctypes.cast(ctypes.pythonapi._PyEval_EvalFrameDefault, ctypes.c_void_p)
    if not hasattr(FAILING, "failing_prepare"):
        sys.exit("failing.c is not preloaded")
    if not all(map(lambda path: FAILING.failing_prepare(path, loop), [core.encode()])):  # noqa: C417  # called from C
        sys.exit("failing.c does not find the core")


def without_memory(run: Run, first: int, stop: int) -> tuple[Any, int]:
    """Return what `run` returns while the core's allocations from `first` on, up to `stop`, fail, and how many there
    were; `stop` 0: all of them.
    """
    FAILING.failing_start(ctypes.c_long(first), ctypes.c_long(stop))
    try:
        outcome = run()
    except MemoryError:
        outcome = MemoryError
    return outcome, FAILING.failing_stop()


def parts(outcome: Any) -> Iterator[Any]:
    """Yield what an outcome is made of: messages, types of exceptions, numbers."""
    if isinstance(outcome, list | tuple):
        for part in outcome:
            yield from parts(part)
    else:
        yield outcome


def wrong(outcome: Any, expected: Any) -> str | None:
    """Return what is wrong with an outcome that is not the usual one."""
    said = list(parts(outcome))
    usual = [*parts(expected), MemoryError]
    if MemoryError not in said:
        return f"no MemoryError in {said}"
    if any(part not in usual for part in said if isinstance(part, dict)):
        return f"another answer: {said}"
    return None


def problem(run: Run, expected: Any, first: int, stop: int) -> tuple[int, str | None]:
    """Return how many allocations the core tried, and what is wrong with what came of the failure."""
    unraisable: list[Any] = []
    sys.unraisablehook = lambda raised: unraisable.append((raised.exc_type, shown(raised.object)))
    outcome, count = without_memory(run, first, stop)
    sys.unraisablehook = sys.__unraisablehook__
    if unraisable:
        return count, f"an exception was lost: {unraisable}"
    if outcome != expected and (found := wrong(outcome, expected)):
        return count, found
    after = run()
    return count, None if after == expected else f"afterwards {after}"


def problems(name: str) -> tuple[int, list[str]]:
    """Return how many allocations the core makes on this path, and what is wrong when they fail."""
    run = PATHS[name](fastcors.CORSMiddleware)
    expected = run()
    if run() != expected:
        return 0, ["does not come to the same each time"]
    found = []
    for first in range(1, MOST):
        gc.collect()  # frees the interpreter's own stock of lists, tuples and dicts, which is not allocated anew
        for stop in (first + 1, 0):
            count, wrong = problem(run, expected, first, stop)
            if count >= first and wrong:
                found.append(f"allocation {first}{'' if stop else ' and all that follow'}: {wrong}")
        if count < first:
            return first - 1, found
    return MOST, [*found, "no end of allocations"]


def in_a_process(name: str) -> tuple[int, list[str]]:
    """Run `problems` in a child, so that its crash is told like a problem."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        faulthandler.enable()
        count, found = problems(name)
        os.write(writing, "\n".join([str(count), *found])[:60_000].encode())
        os._exit(0)
    os.close(writing)
    with open(reading) as pipe:
        lines = pipe.read().splitlines()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return (0, [f"ended with {status}"]) if status or not lines else (int(lines[0]), lines[1:])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", default=list(PATHS))
    options = parser.parse_args()
    prepare()
    warnings.simplefilter("ignore")  # of coroutines that are not awaited, because nothing could be
    allocations = failed = 0
    for name in options.paths:
        count, found = in_a_process(name)
        allocations += count
        failed += bool(found)
        for line in found[:5]:
            print(f"{name}: {line[:1500]}", flush=True)
    print(f"{len(options.paths)} paths, {allocations:,} allocations, each made to fail twice; {failed} paths failed")
    return int(failed > 0 or not allocations)


if __name__ == "__main__":
    sys.exit(main())
