"""Counts instructions and allocations per request. On a noisy machine they vary by a per mille only.

They come from callgrind, as the difference between a longer and a shorter run, which removes start-up and the set-up of
the loop. As with time, the figure is what exceeds the bare app.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from scenarios import SCENARIOS, select
from subjects import COMPILED, FLOOR, PYTHON, STARLETTE

HERE = Path(__file__).parent
LOOPS = 50
COMPARED = (FLOOR, STARLETTE, COMPILED, PYTHON)
ORDINARY = tuple(scenario for scenario in SCENARIOS if not scenario.adversarial)
MISSING = "counts: valgrind is missing, so no instructions were counted. Install it: apt-get install valgrind"

_TOTALS = re.compile(rb"^totals: (\d+)", re.MULTILINE)
_ALLOCATIONS = re.compile(rb"^cfn=(?:malloc|calloc|realloc)(?:'\d+)?\ncalls=(\d+)", re.MULTILINE)


def _instructions(dump: bytes) -> int:
    found = _TOTALS.search(dump)
    assert found is not None, "callgrind wrote no totals"
    return int(found[1])


def _allocations(dump: bytes) -> int:
    return sum(map(int, _ALLOCATIONS.findall(dump)))


def _callgrind(plan: dict[str, Any], directory: Path, environment: dict[str, str]) -> list[tuple[str, str, int]]:
    """Run counted.py, which puts numbered dumps into `directory`. Return the run to which each dump belongs."""
    done = directory / "done.json"
    tool = ["valgrind", "--tool=callgrind", "--dump-before=getppid", "--compress-strings=no", "--compress-pos=no"]
    counted = [sys.executable, str(HERE / "counted.py"), json.dumps(plan | {"done": str(done)})]
    subprocess.run(
        [*tool, f"--callgrind-out-file={directory}/dump", *counted],
        env=os.environ | {"PYTHONHASHSEED": "0"} | environment,
        check=True,
        capture_output=True,
        timeout=900,
    )
    return [(scenario, subject, loops) for scenario, subject, loops in json.loads(done.read_text())]


def _per_request(
    plan: dict[str, Any], count: Callable[[bytes], int], environment: dict[str, str]
) -> dict[str, dict[str, float]]:
    """Return the counts per request by scenario and subject. The empty name is the baseline."""
    counts: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as directory:
        for place, (scenario, subject, loops) in enumerate(_callgrind(plan, Path(directory), environment)):
            short, long = (count(Path(directory, f"dump.{3 * place + length}").read_bytes()) for length in (2, 3))
            counts.setdefault(scenario, {})[subject] = (long - short) / loops
    return counts


def _beyond_baseline(counts: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    return {
        scenario: {name: value - values[""] for name, value in values.items() if name}
        for scenario, values in counts.items()
    }


# Without Python's own allocator, each allocation calls the C library, so that it is counted.
COUNTED: dict[str, tuple[Callable[[bytes], int], dict[str, str]]] = {
    "instructions": (_instructions, {}),
    "allocations": (_allocations, {"PYTHONMALLOC": "malloc"}),
}


def measure(
    words: list[str],
    subjects: tuple[str, ...] = COMPARED,
    environment: dict[str, str] | None = None,
    counted: tuple[str, ...] = tuple(COUNTED),
) -> dict[str, Any] | None:
    """Return the `counted` figures by scenario and subject, as stored in the JSON file; None without valgrind."""
    if shutil.which("valgrind") is None:
        return None
    names = [scenario.name for scenario in select(words, ORDINARY)]
    plan = {"scenarios": names, "subjects": subjects, "loops": LOOPS}
    with ThreadPoolExecutor() as pool:
        running = {}
        for what in counted:
            count, own = COUNTED[what]
            running[what] = pool.submit(_per_request, plan, count, (environment or {}) | own)
        try:
            return {what: _beyond_baseline(future.result()) for what, future in running.items()}
        except subprocess.CalledProcessError as error:
            # The run has taken minutes so far, and the times do not depend on the counts.
            print("counts: valgrind failed:", error.stderr.decode(errors="replace")[-2000:], file=sys.stderr)
            return None


def lines(counts: dict[str, Any]) -> list[str]:
    """Return the counts as lines of text."""
    rows = []
    for what, by_scenario in counts.items():
        rows.append(f"{what + ' per request':24}" + "".join(f"{name:>20}" for name in COMPARED))
        for scenario, values in by_scenario.items():
            cells = (f"{values[name]:20,.1f}" if name in values else f"{'-':>20}" for name in COMPARED)
            rows.append(f"  {scenario:22}" + "".join(cells))
    return rows


if __name__ == "__main__":
    counted = measure(sys.argv[1:])
    print("\n".join(lines(counted)) if counted else MISSING)
    sys.exit(counted is None)
