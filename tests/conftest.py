"""Both cores in one process: every test of behaviour takes the fixture `fastcors` and runs once on each."""

import importlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from support.command_line import Project


# So that what they assert holds under `python -O` as well, and says more where it fails.
pytest.register_assert_rewrite("support")

# A shell has what it runs in the background ignore SIGINT, and so would each example that a test interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # pragma: no cover
    signal.signal(signal.SIGINT, signal.default_int_handler)


def load(core: str) -> ModuleType:
    """Import the package again with one core, `compiled` or `python`, in addition to the imported ones."""
    before = os.environ.get("FASTCORS_EXTENSIONS")
    others = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] == "fastcors"}
    os.environ["FASTCORS_EXTENSIONS"] = {"compiled": "yes", "python": "no"}[core]
    try:
        package = importlib.import_module("fastcors")
        # Import the lazy parts now, while they find the middleware of this core.
        for name in ("add_cors", "install", "uninstall"):
            getattr(package, name)
        return package
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == "fastcors"]:
            del sys.modules[name]
        sys.modules.update(others)
        if before is None:
            del os.environ["FASTCORS_EXTENSIONS"]
        else:
            os.environ["FASTCORS_EXTENSIONS"] = before


def _load_cores() -> dict[str, ModuleType]:
    wanted = os.environ.get("FASTCORS_EXTENSIONS", "")
    if wanted == "no":
        return {"python": load("python")}
    try:
        return {"compiled": load("compiled"), "python": load("python")}
    except ImportError as error:
        if wanted == "yes" or not _was_never_built(error):
            raise
        return {"python": load("python")}


def _was_never_built(error: ImportError) -> bool:
    """Tell whether there is no compiled core. One that is there and broken must not leave the suite green without."""
    cause = error.__cause__
    return isinstance(cause, ModuleNotFoundError) and cause.name == "fastcors.core.compiled"


CORES = _load_cores()


@pytest.fixture(params=CORES)
def fastcors(request: pytest.FixtureRequest) -> ModuleType:
    """The package, on one core and then on the other."""
    return CORES[request.param]


@pytest.fixture
def uninstalled(fastcors: ModuleType) -> Iterator[None]:
    """Leaves Starlette's class as it was, whatever the test installed."""
    yield
    fastcors.uninstall()


@pytest.fixture
def installed(fastcors: ModuleType, uninstalled: None) -> ModuleType:
    fastcors.install()
    return fastcors


@pytest.fixture
def project(tmp_path: Path) -> "Iterator[Project]":
    """A directory for modules that the command line looks at."""
    # Imported here, because tests of a wheel run without its dependencies.
    from support.command_line import Project

    with Project(tmp_path).imported():
        yield Project(tmp_path)


def pytest_report_header() -> str:
    return f"fastcors cores: {', '.join(CORES)}"
