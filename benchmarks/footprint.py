"""Measures costs other than time per request: bytes of a middleware, import time, size of the extension.

Each figure comes from child processes that do only one thing.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from typing import Any

ORIGIN_COUNTS = (1, 1000, 100_000)

# The extension takes some memory directly from the C library, so the C library is asked. With PYTHONMALLOC=malloc, all
# memory comes from it. The origins exist before, as in an application's configuration.
_MEMORY = """
import ctypes, gc, importlib, sys
class Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in
        ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")]
mallinfo2 = ctypes.CDLL(None).mallinfo2
mallinfo2.restype = Info
def used():
    gc.collect()
    info = mallinfo2()
    return info.uordblks + info.hblkhd
module, count = sys.argv[1], int(sys.argv[2])
Middleware = importlib.import_module(module).CORSMiddleware
copies = max(1, 1000 // count)
lists = [[f"https://tenant-{number}.example.com" for number in range(count)] for _ in range(copies + 1)]
Middleware(None, lists.pop(), allow_credentials=True)
kept = [None] * copies
before = used()
for place in range(copies):
    kept[place] = Middleware(None, lists[place], allow_credentials=True)
print((used() - before) // copies)
"""

# First, import the modules that every application with Starlette's middleware has imported anyway.
_IMPORT = """
import starlette.middleware.cors, starlette.responses, time
start = time.perf_counter()
import fastcors
print((time.perf_counter() - start) * 1000)
"""

_EXTENSION = """
import os, fastcors.core.compiled
print(os.path.getsize(fastcors.core.compiled.__file__))
"""


def _child(code: str, *arguments: str, **environment: str) -> float | None:
    """Return the number that `code` prints in a process of its own, or None if it cannot run."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=inherited | {"PYTHONHASHSEED": "0"} | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return float(done.stdout) if done.returncode == 0 else None


def memory(counts: tuple[int, ...]) -> dict[str, dict[str, float | None]]:
    """Return bytes by subject and number of origins."""
    modules = {
        "Starlette": ("starlette.middleware.cors", ""),
        "fastcors compiled": ("fastcors", "yes"),
        "fastcors Python": ("fastcors", "no"),
    }
    return {
        name: {
            str(count): _child(_MEMORY, module, str(count), PYTHONMALLOC="malloc", FASTCORS_EXTENSIONS=core)
            for count in counts
        }
        for name, (module, core) in modules.items()
    }


def import_time(rounds: int) -> dict[str, float | None]:
    """Return milliseconds by core, beyond Starlette's own import: medians of processes that alternate."""
    times: dict[str, list[float | None]] = {"fastcors compiled": [], "fastcors Python": []}
    with tempfile.TemporaryDirectory() as cache:
        for _ in range(rounds + 1):
            for core, name in (("yes", "fastcors compiled"), ("no", "fastcors Python")):
                times[name].append(_child(_IMPORT, FASTCORS_EXTENSIONS=core, PYTHONPYCACHEPREFIX=cache))
    # The first of each wrote the bytecode.
    known = {name: [time for time in measured[1:] if time is not None] for name, measured in times.items()}
    return {name: statistics.median(measured) if measured else None for name, measured in known.items()}


def measure(rounds: int = 20, counts: tuple[int, ...] = ORIGIN_COUNTS) -> dict[str, Any]:
    """Return all three, as stored in the JSON file."""
    return {
        "memory": memory(counts),
        "import": import_time(rounds),
        "extension": _child(_EXTENSION, FASTCORS_EXTENSIONS="yes"),
    }


def lines(footprint: dict[str, Any]) -> list[str]:
    """Return the figures as lines of text."""
    counts = map(int, next(iter(footprint["memory"].values())))
    rows = [f"{'bytes of a middleware':34}" + "".join(f"{count:>12,}" for count in counts) + " origins"]
    for name, sizes in footprint["memory"].items():
        rows.append(
            f"  {name:32}" + "".join("           -" if size is None else f"{size:12,.0f}" for size in sizes.values())
        )
    for name, milliseconds in footprint["import"].items():
        if milliseconds is not None:
            rows.append(f"import beyond Starlette's, {name}: {milliseconds:.2f} ms")
    if footprint["extension"] is not None:
        rows.append(f"built extension: {footprint['extension'] / 1024:,.0f} KiB")
    return rows


if __name__ == "__main__":
    print("\n".join(lines(measure())))
