"""The contract beside other Starlettes: `make matrix`. On other Pythons: `make wheel`.

The reference stays Starlette 1.10.0, which each environment gets beside the Starlette that it tests. Only in `drift`,
which runs when it is asked for, is it what Starlette's developers have now.
"""

import os
from pathlib import Path

import nox

nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_missing_interpreters = True

STARLETTES: tuple[str, ...] = ("0.46.0", "0.46.2", "0.52.1", "1.0.1", "1.6.0")
QUICK = bool(os.environ.get("QUICK"))
if QUICK:
    # The oldest. The newest, which is the reference, is what `make test` runs beside.
    STARLETTES = ("0.46.0",)
# One that runs on all of these; the newest FastAPI does not, though it says that it does.
FASTAPI = "fastapi==0.135.0"
REFERENCE = "1.10.0"
MAIN = "starlette @ git+https://github.com/Kludex/starlette@main"

# These do not depend on the Starlette installed, or compare with the reference itself.
NOT_FOR_OTHER_STARLETTES = (
    "benchmarks",
    "cli",
    "config",
    "core/processes",
    "docs",
    "middleware/external",
    "origins",
    "release",
)
LEFT_OUT = [f"--ignore=tests/{folder}" for folder in NOT_FOR_OTHER_STARLETTES]
# Older packages meet newer ones there, and what those deprecate is not ours to mend.
LEFT_OUT += ["-W", "default::DeprecationWarning", "-W", "default::PendingDeprecationWarning"]


def install(session: nox.Session) -> None:
    session.install("--upgrade", "pip", silent=True)
    session.install("--group", "test", silent=True)
    session.install(".", env={"FASTCORS_EXTENSIONS": "yes"}, silent=True)


def install_reference(session: nox.Session) -> Path:
    """Install the reference beside what the session tests, and return the directory."""
    reference = Path(session.create_tmp()) / "reference"
    if not reference.exists():
        session.install("--target", str(reference), "--no-deps", f"starlette=={REFERENCE}", silent=True)
    return reference


def suite(session: nox.Session, *arguments: str, reference: Path | str | None = None) -> None:
    environment = {"FASTCORS_EXTENSIONS": "yes"} | ({"FASTCORS_REFERENCE": str(reference)} if reference else {})
    session.run("python", "-m", "pytest", "-q", *arguments, *session.posargs, env=environment)


@nox.session
def starlettes(session: nox.Session) -> None:
    """The suite beside each older Starlette, and beside the newest there is."""
    install(session)
    reference = install_reference(session)
    for version in STARLETTES:
        session.install(FASTAPI, f"starlette=={version}", silent=True)
        session.log(f"Starlette {version}")
        suite(session, *LEFT_OUT, reference=reference)
    if not QUICK:
        session.install("--upgrade", "fastapi", "starlette", silent=True)
        suite(session, *LEFT_OUT, reference=reference)


@nox.session(default=False)
def drift(session: nox.Session) -> None:
    """Compare with Starlette's main branch, or with what STARLETTE names, such as a directory: what changes there is
    noticed early.
    """
    install(session)
    reference = install_reference(session)
    session.install("--force-reinstall", "--no-deps", os.environ.get("STARLETTE", MAIN), silent=True)
    environment = {"FASTCORS_REFERENCE": "installed", "PYTHONPATH": "tests"}
    session.run("python", "-m", "support.drift", "--since", str(reference), env=environment)
    suite(session, *LEFT_OUT, reference="installed")
