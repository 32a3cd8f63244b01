"""`make compilers`: compiles the core with all warnings of gcc and clang, without the GIL, and by zig for others.

A warning in the C that we write by hand, src/fastcors/core/*.h, is an error; what Cython makes of the .pyx and .pxi has
only to compile. With the macro Py_GIL_DISABLED, CPython 3.13's and newer headers are those of a free-threaded build.
"""

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from wheels import ROOT, interpreters, run

CORE = ROOT / "src" / "fastcors" / "core"
WORK = ROOT / "build" / "compilers"
GENERATED = WORK / "compiled.c"
GCC = ("-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wcast-qual", "-Wstrict-prototypes")
# What clang finds in CPython's own macros, where we use them, and what only another language could do without.
NOT_OURS = (
    "disabled-macro-expansion",
    "pre-c11-compat",
    "reserved-identifier",
    "unsafe-buffer-usage",
    # CYTHON_UNUSED marks what only some versions of Python need.
    "used-but-marked-unused",
)
CLANG = ("-Weverything", *(f"-Wno-{name}" for name in NOT_OURS), "-Wno-unknown-warning-option")
# Linked as well. Python's headers are this machine's, so these are targets with the same sizes of C's types.
ZIG = ("aarch64-linux-gnu", "aarch64-linux-musl", "x86_64-linux-musl", "riscv64-linux-musl")
OWN_WARNING = re.compile(r"/(?:capi|dicts)\.h:\d+:\d+: warning: .+")


class Build(NamedTuple):
    title: str
    command: tuple[str, ...]


def headers(python: str) -> str:
    """Return where the headers of an interpreter are."""
    return run(python, "-c", "import sysconfig; print(sysconfig.get_path('include'))", cwd=ROOT).strip()


def warning_options(compiler: str) -> tuple[str, ...]:
    return CLANG if "clang" in compiler else GCC


def builds(compilers: list[str], pythons: dict[str, str]) -> Iterator[Build]:
    """Yield a build by each compiler for each Python, and for those that have a free-threaded build, one like that."""
    for compiler in compilers:
        for version, include in pythons.items():
            command = (compiler, *warning_options(compiler), "-O1", "-c", f"-I{include}", f"-I{CORE}")
            command = (*command, "-o", str(WORK / "compiled.o"), str(GENERATED))
            yield Build(f"{compiler}, Python {version}", command)
            if int(version.partition(".")[2]) >= 13:
                yield Build(f"{compiler}, Python {version} without the GIL", (*command, "-DPy_GIL_DISABLED=1"))


def builds_by_zig(zig: tuple[str, ...], include: str) -> Iterator[Build]:
    for target in ZIG:
        made = str(WORK / f"compiled-{target}.so")
        options = ("-shared", "-fPIC", "-O2", f"-I{include}", f"-I{CORE}", "-o", made, str(GENERATED))
        yield Build(f"zig, {target}", (*zig, "cc", "-target", target, *options))


def install_zig() -> tuple[str, ...]:
    """Return the command of zig, which is installed from PyPI."""
    python = str(WORK / "zig" / "bin" / "python")
    run(sys.executable, "-m", "venv", WORK / "zig", cwd=ROOT)
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet")
    run(*pip, "--group", f"{ROOT / 'pyproject.toml'}:zig", cwd=ROOT)
    return (python, "-m", "ziglang")


def own_warnings(said: str) -> list[str]:
    """Return the warnings in what we write by hand, each once."""
    return list(dict.fromkeys(OWN_WARNING.findall(said)))


def tell(build: Build) -> bool:
    """Run a build, and tell whether it worked without a warning of ours."""
    done = subprocess.run(build.command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    warnings = own_warnings(done.stdout)
    if done.returncode:
        print(done.stdout)
    print(f"{build.title}: {'failed' if done.returncode else 'compiled'}, {len(warnings)} warnings of ours", flush=True)
    for warning in warnings:
        print(f"  {warning}")
    return not done.returncode and not warnings


def main() -> int:
    parser = argparse.ArgumentParser(prog="make compilers", description=__doc__)
    parser.add_argument("--compilers", nargs="*", default=["gcc", "clang"], help="the names of compilers on PATH")
    parser.add_argument("--no-zig", action="store_true", help="leave out zig, which is a download of 80 MB")
    options = parser.parse_args()
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    source = Path("src/fastcors/core/compiled.pyx")
    run(sys.executable, "-m", "cython", "-3", "--output-file", GENERATED, source, cwd=ROOT)
    pythons = {version: headers(python) for version, python in interpreters().items()}
    found = [compiler for compiler in options.compilers if shutil.which(compiler)]
    for compiler in set(options.compilers).difference(found):
        print(f"{compiler}: not here")
    every = list(builds(found, pythons))
    if not options.no_zig:
        every += builds_by_zig(install_zig(), next(iter(pythons.values())))
    # Each of them, whether or not one before it failed.
    told = [tell(build) for build in every]
    return int(not all(told))


if __name__ == "__main__":
    sys.exit(main())
