"""Gradio mounted in a FastAPI app that allows one origin, with credentials: who may read what Gradio answers.

Gradio looks for Starlette's very class among the app's middleware. If it finds another class instead, it adds CORS
headers of its own, which allow every origin, with credentials.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from . import launcher, subjects
from .apps.gradio_mounted import CONFIG, FORMS, IMPORTED, INFO, INSTALLED, ITEM, ORIGIN, OTHER, PATHS, STARLETTES

SECONDS = 180
CHECKS = {
    STARLETTES: "a page of another origin can read nothing",
    IMPORTED: "a page of another origin can read everything of Gradio's, with credentials",
    INSTALLED: "a page of another origin can read nothing, and all answers are those of Starlette's class",
}


@pytest.fixture(scope="module")
def observations(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Any]:
    """Return what was observed, by form and subject."""
    # Gradio keeps files there.
    home = tmp_path_factory.mktemp("home")
    rows = [(STARLETTES, subjects.REFERENCE)]
    rows += [(form, core) for form in (IMPORTED, INSTALLED) for core in subjects.CORES]
    return {(form, subject): _observe(form, subject, home) for form, subject in rows}


def _observe(form: str, subject: str, home: Path) -> Any:
    added = {"HOME": str(home), "GRADIO_ANALYTICS_ENABLED": "False"} | subjects.environment(subject)
    done = subprocess.run(
        [sys.executable, "-m", "interop.apps.gradio_mounted", form],
        env=launcher.environment(added),
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def _readers(observed: Any, path: str, origin: str) -> list[str]:
    """Return which origins a browser lets read, with credentials, what a page of `origin` asked for."""
    status, headers = observed["answers"][f"GET {path} from {origin}"]
    assert status == 200
    if ["access-control-allow-credentials", "true"] not in headers:
        return []
    return [value for name, value in headers if name == "access-control-allow-origin"]


def _row(form: str) -> Any:
    needs = ("gradio", "fastapi", "httpx")
    marked = pytest.mark.interop(name="gradio", variant=form, checks=CHECKS[form], needs=needs)
    return pytest.param(form, marks=marked, id=form.replace(" ", "-"))


@pytest.mark.parametrize("form", [_row(form) for form in FORMS])
def test_who_may_read(observations: dict[tuple[str, str], Any], form: str) -> None:
    reference = observations[STARLETTES, subjects.REFERENCE]
    for (made, subject), observed in observations.items():
        if made == form:
            assert observed["package"] == ("starlette" if subject == subjects.REFERENCE else "fastcors")
            assert all(_readers(observed, path, ORIGIN) == [ORIGIN] for path in PATHS)
            assert _readers(observed, ITEM, OTHER) == []
            expected = [OTHER] if form == IMPORTED else []
            assert [_readers(observed, path, OTHER) for path in (CONFIG, INFO)] == [expected] * 2
            # Preflights are answered outside of what Gradio adds.
            for what in observed["answers"] if form == INSTALLED else filter(_is_preflight, observed["answers"]):
                assert observed["answers"][what] == reference["answers"][what], what


def _is_preflight(what: str) -> bool:
    return what.startswith("OPTIONS")
