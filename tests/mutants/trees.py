"""A copy of the tree, in which one fault at a time is planted, built and met by tests."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from mutants.faults import PACKAGE, ROOT, Fault

_NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", ".nox", ".*cache", ".hypothesis", "__pycache__", "build", "dist", "*.egg-info", "compiled.c"
)
_KILLER = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)
_NOTHING_RAN = 5
# Starlette's own tests and the type checkers take minutes.
_SLOW = "external"
_AT_ONCE = 3
# All that the tests need: to load every plugin that is installed takes longer than most runs. The first has a mark.
_PLUGINS = ("-p", "pytest_run_parallel.plugin", "-p", "no:cacheprovider")


class Ended(NamedTuple):
    """How a run of tests ended."""

    failed: bool
    by: str = ""
    """The test that failed, or what else happened."""
    again: tuple[str, ...] = ()
    """What to run without the fault, to see that it is the fault which fails."""


class Tree:
    """A copy of the tree at `place`."""

    def __init__(self, place: Path, source: Path = ROOT, seconds: float = 900) -> None:
        self.place = place
        self.seconds = seconds
        self._known: dict[tuple[tuple[str, ...], bool], bool] = {}
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(source, place, ignore=_NOT_COPIED)

    @contextlib.contextmanager
    def planted(self, fault: Fault) -> Iterator[None]:
        """Have the tree with a fault, and without it afterwards."""
        path = self.place / PACKAGE / fault.file
        text = path.read_text(encoding="utf-8")
        built = {each: each.read_bytes() for each in self._extensions()} if fault.needs_build else {}
        self._write(path, fault.planted(text))
        try:
            yield
        finally:
            self._write(path, text)
            for each, octets in built.items():
                # Another file: the old one may still be loaded.
                each.unlink(missing_ok=True)
                each.write_bytes(octets)

    def _write(self, path: Path, text: str) -> None:
        path.write_text(text, encoding="utf-8")
        # Its time and size may be those of before, by which Python would take the compiled file for current.
        for cached in path.parent.glob(f"__pycache__/{path.stem}.*.pyc"):
            cached.unlink()

    def _extensions(self) -> list[Path]:
        return [*(self.place / PACKAGE / "core").glob("compiled.*.so")]

    def build(self) -> bool:
        """Build the compiled core as it is now; tell whether that worked."""
        for each in self._extensions():
            each.unlink()
        command = [sys.executable, "setup.py", "--quiet", "build_ext", "--inplace", "--force"]
        environment = os.environ | {"FASTCORS_EXTENSIONS": "yes", "CFLAGS": "-O1 -g0"}
        done = subprocess.run(command, cwd=self.place, env=environment, capture_output=True)
        return done.returncode == 0 and bool(self._extensions())

    def test(self, targets: Sequence[str], python_alone: bool = False) -> Ended:
        """Run these files or tests, in this order, until one fails."""
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", *_PLUGINS, *targets]
        with subprocess.Popen(
            command,
            cwd=self.place,
            env=self._environment(python_alone),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as process:
            try:
                output, _ = process.communicate(timeout=self.seconds)
            except subprocess.TimeoutExpired:
                return Ended(True, f"more than {self.seconds:g} seconds", tuple(targets))
            finally:
                # Also the servers that a test may have left.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        return _ended(process.returncode, output, tuple(targets))

    def _environment(self, python_alone: bool) -> dict[str, str]:
        extensions = "no" if python_alone or not self._extensions() else "yes"
        # Without the tracing that measures the suite's own coverage.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
        own = {"PYTHONPATH": str(self.place / "src"), "FASTCORS_EXTENSIONS": extensions}
        return {"FASTCORS_EXAMPLES": "30"} | inherited | own | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

    def fails_anyway(self, targets: tuple[str, ...], python_alone: bool) -> bool:
        """Tell whether what noticed a fault fails without one as well. Only call it where none is planted."""
        known = targets, python_alone
        if known not in self._known:
            self._known[known] = self.test(targets, python_alone).failed
        return self._known[known]

    def files(self, folders: Sequence[str], likely: Sequence[str]) -> Iterator[list[str]]:
        """Yield the files of tests, a few likely ones at a time, because collecting takes long, and then the others."""
        first = [f"tests/{each}" for each in dict.fromkeys(likely)]
        yield from (first[at : at + _AT_ONCE] for at in range(0, len(first), _AT_ONCE))
        every = sorted(path for folder in folders for path in (self.place / "tests" / folder).rglob("test_*.py"))
        names = (path.relative_to(self.place).as_posix() for path in every if path.parent.name != _SLOW)
        yield [name for name in dict.fromkeys(names) if name not in first]


def _ended(status: int, output: str, targets: tuple[str, ...]) -> Ended:
    if status in (0, _NOTHING_RAN):
        return Ended(False)
    found = _KILLER.search(output)
    if found is None:
        what = f"a crash: signal {-status}" if status < 0 else f"pytest's status {status}"
        return Ended(True, what, targets)
    # Without the parameters, which may hold anything.
    return Ended(True, found[1], (found[1].partition("[")[0],))
