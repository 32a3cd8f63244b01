"""Runs the compiled core under valgrind's memcheck and reports the errors that it has a part in. `make memcheck`.

CPython's own small integers look uninitialised to memcheck, so what counts is an error with the core in its stack
before the interpreter's evaluation loop; memory that is definitely lost counts as well. That such an error is
found is shown first, by a read beyond a block through ctypes.
"""

import argparse
import ctypes
import os
import random
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
CORE_TESTS = [
    str(TESTS / name)
    for name in ("core/test_safety.py", "core/test_racing.py", "middleware/test_deviations.py", "core/test_traps.py")
]
# A module's own objects, which live as long as the process.
AT_THE_END = ("Leak_PossiblyLost", "Leak_StillReachable", "Leak_IndirectlyLost")
LOOP = "_PyEval_EvalFrameDefault"


def errors(output: Path, library: str) -> Iterator[str]:
    """Yield the errors that `library` has a part in."""
    for error in ET.parse(output).getroot().iter("error"):
        if error.findtext("kind") in AT_THE_END:
            continue
        for frame in error.find("stack") or ():
            if frame.findtext("fn") == LOOP:
                break
            if library in frame.findtext("obj", ""):
                kind, line = error.findtext("kind"), f"{frame.findtext('fn')}, line {frame.findtext('line')}"
                yield f"{kind} in {line}"
                break


def memcheck(library: str, *command: str) -> list[str]:
    """Run Python with these arguments under valgrind; return the errors that `library` has a part in."""
    with tempfile.TemporaryDirectory() as directory:
        output = Path(directory) / "errors.xml"
        valgrind = ["valgrind", "--quiet", "--leak-check=full", "--xml=yes", f"--xml-file={output}", "--error-limit=no"]
        environment = os.environ | {"PYTHONMALLOC": "malloc"}
        subprocess.run([*valgrind, sys.executable, *command], env=environment, check=True)
        return list(errors(output, library))


def read_too_far() -> None:
    block = ctypes.create_string_buffer(64)
    ctypes.string_at(block, 4096)


def take_all_paths(cases: int) -> None:
    """Take each path twice, and make some drawn cases."""
    from support.asgi import observe
    from support.cases import case
    from support.paths import PATHS

    import fastcors

    for path in PATHS.values():
        run = path(fastcors.CORSMiddleware)
        run()
        run()
    for number in range(cases):
        observe(fastcors.CORSMiddleware, case(random.Random(number)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--tests", action="store_true", help="run the core's tests as well")
    parser.add_argument("--inside", choices=("read too far", "take all paths"))
    options = parser.parse_args()
    if options.inside:
        read_too_far() if options.inside == "read too far" else take_all_paths(options.cases)
        return 0
    if not memcheck("_ctypes", "-m", "safety.memcheck", "--inside", "read too far"):
        sys.exit("a planted read beyond a block was not found")
    found = memcheck(
        "core/compiled.", "-m", "safety.memcheck", "--inside", "take all paths", "--cases", str(options.cases)
    )
    if options.tests:
        found += memcheck("core/compiled.", "-m", "pytest", "-q", "-k", "compiled", *CORE_TESTS)
    print(*found, f"{len(found)} errors in the compiled core", sep="\n")
    return len(found) > 0


if __name__ == "__main__":
    sys.exit(main())
