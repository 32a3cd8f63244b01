"""Apps of every framework with the middleware wherever a user can put it: the same answers as with Starlette's.

Each framework runs in a process of its own per subject, because some are configured once for a process.
"""

import json
import subprocess
import sys
from typing import Any

import pytest

from . import launcher, subjects

ORIGIN = "https://app.example.com"
# Who is allowed what, unless a row says otherwise: the status, and Access-Control-Allow-Origin.
USUAL: dict[str, tuple[int, list[str]]] = {
    "actual": (200, [ORIGIN]),
    "without Origin": (200, []),
    "refused": (200, []),
    "PUT": (200, [ORIGIN]),
    "streaming": (200, [ORIGIN]),
    "missing": (404, [ORIGIN]),
    "500 from the app": (500, [ORIGIN]),
    "preflight": (200, [ORIGIN]),
    "refused preflight": (400, []),
}
# One that is added sits inside of what answers 500.
INSIDE: dict[str, tuple[int, list[str]]] = {"500 from the app": (500, [])}
# What is not found there is answered outside of it.
ROUTES_ONLY: dict[str, tuple[int, list[str]]] = {"missing": (404, [])}
PUBLIC: dict[str, tuple[int, list[str]]] = {
    **{name: (status, ["*"] if name != "without Origin" else []) for name, (status, _) in USUAL.items()},
    **INSIDE,
    # It allows GET alone.
    "preflight": (400, ["*"]),
}
_STARLETTE_SIDES = ("BaseHTTPMiddleware", "GZipMiddleware", "SessionMiddleware")
VARIANTS: dict[str, dict[str, dict[str, tuple[int, list[str]]]]] = {
    "fastapi": {"added": INSIDE, "listed": INSIDE, "around": {}, "in a sub-app": INSIDE},
    "starlette": {
        "added": INSIDE,
        "around": {},
        "twice": {},
        "sub-app, a policy of its own": INSIDE,
        "sub-app, a public policy": PUBLIC,
        "around a sub-app": {},
        "around mounted routes": INSIDE | ROUTES_ONLY,
        **{f"{side} {name}": INSIDE for name in _STARLETTE_SIDES for side in ("inside", "outside")},
        "between all three": INSIDE,
    },
    # It adds middleware to routes, and answers 500 outside of all that is added to the app.
    "litestar": {"added": ROUTES_ONLY, "around": {}},
    "quart": {"around asgi_app": {}, "around": {}},
    "django": {"around": {}},
    # Without a framework nobody answers 500 but the server.
    "asgi": {"around": INSIDE, "twice": INSIDE},
    "mangum": {
        f"{place}, {shape}": {} for place in ("inside", "around") for shape in ("HTTP API", "REST API", "load balancer")
    },
}
NEEDS = {"asgi": ()} | {name: (name,) for name in VARIANTS if name != "asgi"} | {"mangum": ("mangum", "fastapi")}
CHECKS = "actual, refused, streaming, 404 and 500, preflight"
SECONDS = 120


def _rows() -> list[Any]:
    return [
        pytest.param(
            framework,
            variant,
            id=f"{framework}-{variant.replace(',', '').replace(' ', '-')}",
            marks=pytest.mark.interop(
                name="bare ASGI" if framework == "asgi" else framework,
                place=variant,
                checks="actual, refused, preflight" if framework == "mangum" else CHECKS,
                needs=(*NEEDS[framework], "httpx"),
            ),
        )
        for framework, variants in VARIANTS.items()
        for variant in variants
    ]


@pytest.fixture(scope="module")
def observations() -> dict[tuple[str, str], Any]:
    """What was observed, by framework and subject; filled as it is asked for."""
    return {}


def _observe(framework: str, subject: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "interop.apps.frameworks", framework],
        env=launcher.environment(subjects.environment(subject)),
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _allowed(answer: Any) -> tuple[int, list[str]]:
    status, headers, _ = answer
    return status, [value for name, value in headers if name.lower() == "access-control-allow-origin"]


@pytest.mark.parametrize(("framework", "variant"), _rows())
def test_answers(observations: dict[tuple[str, str], Any], framework: str, variant: str) -> None:
    for subject in subjects.available():
        if (framework, subject) not in observations:
            observations[framework, subject] = _observe(framework, subject)
    # An app that nobody expects anything of would not be looked at.
    assert set(observations[framework, "compiled"]) == set(VARIANTS[framework])
    compiled, python, reference = (observations[framework, subject][variant] for subject in subjects.SUBJECTS)
    assert compiled == reference
    assert python == reference
    expected = {name: outcome for name, outcome in (USUAL | VARIANTS[framework][variant]).items() if name in compiled}
    assert {name: _allowed(answer) for name, answer in compiled.items()} == expected


@pytest.mark.interop(name="django", place="around", checks="header names", needs=("django",))
def test_django_sends_names_in_mixed_case() -> None:
    """Not ours to mend: ASGI asks for lower case, and only that is looked for."""
    _, headers, _ = _observe("django", subjects.REFERENCE)["around"]["actual"]
    assert [(name, value) for name, value in headers if name.lower() == "vary"] == [
        ("Vary", "Cookie"),
        ("vary", "Origin"),
    ]
