"""Which core is picked for each value of FASTCORS_EXTENSIONS, at import and at build, and what is said about it."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pydantic_core
import pytest
from conftest import CORES

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
# The one under test: in the tree, or installed.
PACKAGE = Path(str(next(iter(CORES.values())).__file__)).parent
FAILING_COMPILER = shutil.which("false") or "false"
EXTENSION: str = "compiled" + sysconfig.get_config_var("EXT_SUFFIX")

Finished = subprocess.CompletedProcess[str]

# The package works when it answers a preflight; then it says on which core.
PROGRAM = """
from support.exchange import CONFIG, exchange, hello, preflight

import fastcors

start, _ = exchange(fastcors.CORSMiddleware(hello, **CONFIG), preflight())
assert start["status"] == 200
core = fastcors.CORSMiddleware.__mro__[1].__module__
assert core == ("fastcors.core.compiled" if fastcors.COMPILED else "fastcors.core.dispatch")
print("compiled" if fastcors.COMPILED else "python")
"""


def environment(extensions: str | None, **more: str) -> dict[str, str]:
    given = {name: value for name, value in os.environ.items() if name != "FASTCORS_EXTENSIONS"}
    return given | more | ({} if extensions is None else {"FASTCORS_EXTENSIONS": extensions})


def use(package: Path, extensions: str | None) -> Finished:
    """Import the package in the directory `package` and use it, in a process of its own."""
    path = os.pathsep.join((str(package.parent), str(TESTS)))
    return subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment(extensions, PYTHONPATH=path), capture_output=True, text=True
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package without its extension."""
    shutil.copytree(PACKAGE, tmp_path / "fastcors", ignore=shutil.ignore_patterns("compiled.*", "__pycache__"))
    return tmp_path / "fastcors"


@pytest.mark.skipif("compiled" not in CORES, reason="the compiled core is not built, or not wanted, here")
@pytest.mark.parametrize(
    ("extensions", "core"), [("yes", "compiled"), ("no", "python"), ("", "compiled"), (None, "compiled")]
)
def test_core_wanted(extensions: str | None, core: str) -> None:
    finished = use(PACKAGE, extensions)
    assert (finished.stdout, finished.stderr) == (f"{core}\n", "")


@pytest.mark.parametrize("extensions", ["1", "YES", "true", " "])
def test_value_that_is_no_choice(copy: Path, extensions: str) -> None:
    finished = use(copy, extensions)
    assert finished.returncode != 0
    assert f"ImportError: FASTCORS_EXTENSIONS={extensions!r} is not a choice" in finished.stderr


@pytest.mark.parametrize("extensions", ["no", "", None])
def test_without_extension(copy: Path, extensions: str | None) -> None:
    finished = use(copy, extensions)
    assert (finished.stdout, finished.stderr) == ("python\n", "")


def test_without_extension_that_is_demanded(copy: Path) -> None:
    finished = use(copy, "yes")
    assert finished.returncode != 0
    assert "ImportError: FASTCORS_EXTENSIONS=yes demands fastcors' compiled core" in finished.stderr
    assert "No module named 'fastcors.core.compiled'" in finished.stderr
    assert "--no-binary fastcors fastcors" in finished.stderr


def garbage(copy: Path) -> str:
    (copy / "core" / EXTENSION).write_bytes(b"garbage" * 1000)
    return EXTENSION


def of_another_module(copy: Path) -> str:
    shutil.copy(pydantic_core._pydantic_core.__file__, copy / "core" / EXTENSION)
    return "PyInit_compiled"


def raising(statement: str, cause: str) -> Callable[[Path], str]:
    # All that is seen of an extension that fails to initialise is its exception; any module can raise that.
    def breaks(copy: Path) -> str:
        (copy / "core" / "compiled.py").write_text(statement)
        return cause

    return breaks


BROKEN: dict[str, Callable[[Path], str]] = {
    "garbage": garbage,
    "another module's extension": of_another_module,
    "an older build": raising("class Dispatcher: ...", "cannot import name"),
    "a library missing": raising("raise ImportError('libc.so.7: cannot open shared object file')", "libc.so.7"),
    "a module missing": raising("import nothing_of_the_kind", "nothing_of_the_kind"),
    "another Python": raising("raise RuntimeError('compiled for another Python')", "compiled for another Python"),
    "another layout": raising("raise ValueError('type size changed')", "type size changed"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_extension(copy: Path, name: str) -> None:
    cause = BROKEN[name](copy)
    finished = use(copy, None)
    assert finished.stdout == "python\n", finished.stderr
    assert finished.stderr.count("RuntimeWarning: fastcors runs on its Python core") == 1
    assert cause in finished.stderr


@pytest.mark.parametrize("name", BROKEN)
def test_broken_extension_that_is_not_wanted(copy: Path, name: str) -> None:
    BROKEN[name](copy)
    finished = use(copy, "no")
    assert (finished.stdout, finished.stderr) == ("python\n", "")


@pytest.mark.parametrize("name", BROKEN)
def test_broken_extension_that_is_demanded(copy: Path, name: str) -> None:
    cause = BROKEN[name](copy)
    finished = use(copy, "yes")
    assert finished.returncode != 0
    last_line = finished.stderr.splitlines()[-1]
    assert last_line.startswith("ImportError: FASTCORS_EXTENSIONS=yes demands fastcors' compiled core")
    assert cause in last_line


def install(directory: Path, extensions: str | None, **more: str) -> tuple[Finished, set[str]]:
    """Install a copy of the source tree under `directory`; return the process and the names of the package's files."""
    pytest.importorskip("Cython")
    pytest.importorskip("setuptools")
    tree, target = directory / "tree", directory / "target"
    unwanted = shutil.ignore_patterns("compiled.c", "*.so", "*.pyd", "*.egg-info", "__pycache__")
    shutil.copytree(ROOT / "src", tree / "src", ignore=unwanted)
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, tree)
    command = [sys.executable, "-m", "pip", "install", "-v", "--no-build-isolation", "--no-deps", "--no-cache-dir"]
    finished = subprocess.run(
        [*command, "--target", str(target), str(tree)],
        env=environment(extensions, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return finished, {path.name for path in (target / "fastcors").rglob("*")}


def test_build_without_extension(tmp_path: Path) -> None:
    finished, files = install(tmp_path, "no", CC=FAILING_COMPILER)
    assert finished.returncode == 0, finished.stdout
    assert "-py3-none-any.whl" in finished.stdout
    assert {"request.py", "py.typed"} <= files
    assert not any(name.startswith("compiled.") for name in files)
    assert use(tmp_path / "target" / "fastcors", None).stdout == "python\n"


@pytest.mark.skipif(sys.platform == "win32", reason="CC does not name the compiler there")
def test_build_with_a_compiler_that_does_not_work(tmp_path: Path) -> None:
    finished, files = install(tmp_path, None, CC=FAILING_COMPILER)
    assert finished.returncode == 0, finished.stdout
    assert "request.py" in files
    assert EXTENSION not in files
    said = [line for line in finished.stdout.splitlines() if "fastcors" in line and "Python core" in line]
    assert len(said) == 1, finished.stdout
    assert "FASTCORS_EXTENSIONS=yes" in said[0]
    # A wheel that was cached as one for this platform would be taken for the compiled one later.
    assert "-py3-none-any.whl" in finished.stdout
    assert use(tmp_path / "target" / "fastcors", None).stdout == "python\n"


@pytest.mark.skipif(sys.platform == "win32", reason="CC does not name the compiler there")
def test_build_that_is_demanded_with_a_compiler_that_does_not_work(tmp_path: Path) -> None:
    finished, files = install(tmp_path, "yes", CC=FAILING_COMPILER)
    assert finished.returncode != 0
    assert any("error" in line and FAILING_COMPILER in line for line in finished.stdout.splitlines()), finished.stdout
    assert finished.stdout.count("Install a C compiler and Python's headers") == 1
    assert not files


@pytest.fixture
def without_headers(tmp_path: Path) -> str:
    """A compiler that finds no header but the system's."""
    compiler = tmp_path / "cc"
    compiler.write_text(
        '#!/bin/sh\nfor argument; do shift; case "$argument" in -I*) ;; *) set -- "$@" "$argument";; esac; done\n'
        'exec cc "$@"\n'
    )
    compiler.chmod(0o755)
    return str(compiler)


@pytest.mark.skipif(sys.platform == "win32" or not shutil.which("cc"), reason="no compiler of that kind")
@pytest.mark.parametrize("extensions", [None, "yes"])
def test_build_without_headers(tmp_path: Path, without_headers: str, extensions: str | None) -> None:
    finished, files = install(tmp_path, extensions, CC=without_headers)
    assert "Python.h: No such file or directory" in finished.stdout
    if extensions is None:
        assert finished.returncode == 0, finished.stdout
        assert "-py3-none-any.whl" in finished.stdout
        assert use(tmp_path / "target" / "fastcors", None).stdout == "python\n"
    else:
        assert finished.returncode != 0
        assert finished.stdout.count("Install a C compiler and Python's headers") == 1
        assert not files


def test_build_for_a_value_that_is_no_choice(tmp_path: Path) -> None:
    finished, files = install(tmp_path, "maybe")
    assert finished.returncode != 0
    assert "FASTCORS_EXTENSIONS='maybe' is not a choice" in finished.stdout
    assert not files


@pytest.mark.parametrize("name", [None, *BROKEN])
def test_suite_does_without_the_compiled_core_only_where_it_was_not_built(copy: Path, name: str | None) -> None:
    cause = "" if name is None else BROKEN[name](copy)
    path = os.pathsep.join((str(copy.parent), str(TESTS)))
    finished = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", "import conftest; print(*conftest.CORES)"],
        env=environment(None, PYTHONPATH=path),
        capture_output=True,
        text=True,
    )
    assert (finished.returncode == 0, finished.stdout) == ((True, "python\n") if name is None else (False, ""))
    assert cause in finished.stderr
