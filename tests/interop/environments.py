"""An environment for each group of tests, with what its file of requirements pins and a wheel of this tree."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
BUILD = ROOT / "build" / "interop"
GROUPS = ("instrumentation", "servers", "browser", "frameworks", "gradio")
_QUIET = ("--quiet", "--disable-pip-version-check")


class SetUpError(Exception):
    """Something could not be installed; holds what pip said."""


def python(group: str) -> Path:
    """Return the Python of this group's environment."""
    return BUILD / group / "bin" / "python"


def requirements(group: str) -> Path:
    return HERE / "requirements" / f"{group}.txt"


def pinned(group: str) -> list[str]:
    """Return the requirements of this group, without comments."""
    lines = (line.partition("#")[0].strip() for line in requirements(group).read_text().splitlines())
    return [line for line in lines if line]


def _pip(interpreter: Path | str, *words: str | Path) -> None:
    done = subprocess.run(
        [interpreter, "-m", "pip", *words, *_QUIET], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        raise SetUpError(f"pip {' '.join(map(str, words))}\n{done.stdout}")


def build_wheel() -> Path:
    """Return a wheel of this tree, built with what this interpreter's environment holds. Raises SetUpError."""
    directory = BUILD / "wheel"
    for old in directory.glob("*.whl"):
        old.unlink()
    _pip(sys.executable, "wheel", "--no-build-isolation", "--no-deps", "--wheel-dir", directory, ROOT)
    (wheel,) = directory.glob("*.whl")
    return wheel


def create(group: str) -> list[str]:
    """Make the environment unless it is there as it should be, and return what could not be installed.

    In CI that is an error, SetUpError.
    """
    stamp = BUILD / group / "installed"
    wanted = "\n".join([sys.version, *pinned(group)])
    if stamp.exists() and stamp.read_text() == wanted:
        return []
    subprocess.run([sys.executable, "-m", "venv", "--clear", BUILD / group], check=True)
    missing = _install(group)
    if not missing:
        stamp.write_text(wanted)
    return missing


def _install(group: str) -> list[str]:
    try:
        # What they need is pinned as well, so there is nothing to resolve.
        _pip(python(group), "install", "--no-deps", "--requirement", requirements(group))
    except SetUpError:
        if os.environ.get("CI"):
            raise
        return _install_one_by_one(group)
    return []


def _install_one_by_one(group: str) -> list[str]:
    missing = []
    for requirement in pinned(group):
        try:
            _pip(python(group), "install", "--no-deps", requirement)
        except SetUpError:
            missing.append(requirement)
    return missing


def install_wheel(group: str, wheel: Path) -> None:
    """Install `wheel` anew, though its version may be that of the last one. Raises SetUpError."""
    _pip(python(group), "install", "--no-deps", "--no-index", "--force-reinstall", wheel)
