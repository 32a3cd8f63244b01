"""Starlette's own tests of its CORSMiddleware, from the newest sdist: with nothing but the import changed, and with the
import as it is and `install()` called before.
"""

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from conftest import CORES

IMPORT = "from starlette.middleware.cors import CORSMiddleware"
OURS = "from fastcors import CORSMiddleware"

# Starlette's sdist has its fixtures in conftest.py and its options in pyproject.toml, so both are taken along.
CHECK_CORE = """
import fastcors

def pytest_report_header():
    return f"fastcors compiled: {fastcors.COMPILED}"
"""
INSTALL = """
fastcors.install()

def pytest_sessionfinish():
    from starlette.middleware.cors import CORSMiddleware
    assert type(CORSMiddleware(None)) is fastcors.CORSMiddleware
"""
# What replaces the import, and what is called before.
FORMS = {"import": (OURS, ""), "install": (IMPORT, INSTALL)}


@pytest.fixture(scope="module")
def starlette_tests(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tests of the newest Starlette, unpacked."""
    target = tmp_path_factory.mktemp("starlette")
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    subprocess.run([*download, "--no-binary=:all:", "--dest", target, "starlette"], check=True, timeout=120)
    (sdist,) = target.glob("starlette-*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(target, filter="data")
    root = sdist.with_suffix("").with_suffix("")
    assert (root / "tests" / "middleware" / "test_cors.py").read_text().count(IMPORT) == 1
    (root / "starlette").rename(root / "not-this-starlette")
    return root


def change(root: Path, form: str) -> None:
    """Have the tests use ours in this form."""
    replacement, before = FORMS[form]
    source = root / "tests" / "middleware" / "test_cors.py"
    text = source.read_text()
    source.write_text(text.replace(IMPORT, replacement).replace(OURS, replacement))
    source.with_name("conftest.py").write_text(CHECK_CORE + before)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("core", CORES)
def test_starlette_own_suite_passes(starlette_tests: Path, core: str, form: str) -> None:
    change(starlette_tests, form)
    environment = os.environ | {"FASTCORS_EXTENSIONS": {"compiled": "yes", "python": "no"}[core]}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/middleware/test_cors.py"]
    # That what it configures is unsafe here and there is another matter.
    command += ["-W", "ignore::fastcors.CORSConfigWarning"]
    run = subprocess.run(command, cwd=starlette_tests, env=environment, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"fastcors compiled: {core == 'compiled'}" in run.stdout
    assert " passed" in run.stdout
    assert "skipped" not in run.stdout
    assert "failed" not in run.stdout
