"""The warnings of a configuration: one per code and parameter, where they point, and that each is shown once."""

import os
import pickle
import re
import subprocess
import sys
import threading
import unittest
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from support.exchange import hello

from fastcors import ConfigProblem, CORSConfig, CORSConfigWarning
from fastcors.config.grouping import MOST_LISTED, warnings_of
from fastcors.config.place import _is_installed

WRONG = ["https://a.example/"]
ONCE = "allow_origins holds 'https://a.example/': a browser sends an origin without a slash at the end"


def warned(make: Any, action: Any = "always") -> list[warnings.WarningMessage]:
    """Return the warnings that come of `make`."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter(action)
        make()
    return caught


# One per code and parameter.


def texts(**parameters: Any) -> list[str]:
    return [str(warning) for warning in warnings_of(CORSConfig(**parameters).problems())]


def slashes(count: int) -> list[str]:
    return [f"https://{number}.example/" for number in range(count)]


GROUPS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "two values": (
        {"allow_origins": slashes(2)},
        [
            "allow_origins holds 'https://0.example/', 'https://1.example/': a browser sends an origin without a slash "
            "at the end, so this never matches. Write 'https://0.example', 'https://1.example'. "
            "[origin-trailing-slash]"
        ],
    ),
    "the same fix": (
        {"expose_headers": ["Set-Cookie", "Set-Cookie2"]},
        [
            "expose_headers holds 'Set-Cookie', 'Set-Cookie2': no browser lets a script read it (Fetch, forbidden "
            "response-header name). Remove it. [header-forbidden]"
        ],
    ),
    "different reasons": (
        {"allow_headers": [1, b"X-A", 2.5]},
        [
            "allow_headers holds 1: int is not a string, so the middleware raises a TypeError. Write the name as a "
            "string. Also b'X-A': bytes is not a string, so the middleware raises a TypeError. Write the "
            "name as a string. "
            "Also 2.5: float is not a string, so the middleware raises a TypeError. Write the name as a string. "
            "[not-a-string]"
        ],
    ),
    "two parameters": (
        {"allow_headers": ["X A"], "expose_headers": ["X B"]},
        [
            f"{name}: it is not a valid header name. Letters, digits and some signs are allowed, but no spaces (RFC "
            f"9110, section 5.6.2). Write {parts}, each on its own. [header-not-token]"
            for name, parts in (
                ("allow_headers holds 'X A'", "['X', 'A']"),
                ("expose_headers holds 'X B'", "['X', 'B']"),
            )
        ],
    ),
    "notes": ({"max_age": 10**6}, []),
}


@pytest.mark.parametrize(("parameters", "expected"), GROUPS.values(), ids=GROUPS)
def test_values_of_one_code(parameters: dict[str, Any], expected: list[str]) -> None:
    assert texts(**parameters) == expected


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (MOST_LISTED, ""),
        (MOST_LISTED + 1, "1 more has the same problem."),
        (10, "5 more have the same problem."),
        (2005, "At least 495 more have the same problem."),
    ],
)
def test_many_values_are_counted(count: int, said: str) -> None:
    (text,) = texts(allow_origins=slashes(count))
    assert text.count("Write") == 1
    assert text.count("'https://") == 2 * MOST_LISTED
    assert re.findall(r"(?:At least )?[\d,]+ more ha\w+ the same problem\.", text) == [said] * bool(said)
    assert re.match(r".*\[origin-trailing-slash\]$", text), "a filter matches the code in one line"


def test_different_fixes_of_one_reason_are_all_said() -> None:
    (text,) = texts(allow_methods=["GET,POST", "\xc4", " PUT"])
    assert "Write ['GET', 'POST'], each on its own. Remove it. Write 'PUT'. [method-not-token]" in text


def test_warning_has_its_problems(fastcors: ModuleType) -> None:
    config = CORSConfig(slashes(3))
    (caught,) = warned(lambda: fastcors.CORSMiddleware(hello, config=config))
    assert isinstance(caught.message, CORSConfigWarning)
    assert caught.message.problems == config.problems()
    again = pickle.loads(pickle.dumps(caught.message))
    assert (again.problems, str(again)) == (caught.message.problems, str(caught.message))
    assert CORSConfigWarning("made by hand").problems == ()


def test_problem_made_as_before() -> None:
    assert ConfigProblem("code", "error", "max_age", 1, "Reason.", "Fix.").more == 0


# The place.


def test_no_place_of_another_package(fastcors: ModuleType) -> None:
    app = Starlette()
    app.add_middleware(fastcors.CORSMiddleware, allow_origins=WRONG)
    (caught,) = warned(lambda: TestClient(app).get("/"))
    assert (caught.filename, caught.lineno) == ("<fastcors>", 1)
    shown = warnings.formatwarning(caught.message, caught.category, caught.filename, caught.lineno)
    assert shown == f"<fastcors>:1: CORSConfigWarning: {caught.message}\n", "and no line of a source"


def test_place_is_outside_of_what_is_installed(fastcors: ModuleType) -> None:
    library: dict[str, Any] = {"__name__": "some_library"}
    exec(compile("def make(cls, *given): cls(*given)", "/venv/lib/site-packages/some_library.py", "exec"), library)
    (caught,) = warned(lambda: library["make"](fastcors.CORSMiddleware, hello, WRONG))
    assert caught.filename == __file__


INSTALLED = {
    "/srv/venv/lib/python3.12/site-packages/gradio/routes.py": True,
    "/usr/lib/python3/dist-packages/gunicorn/arbiter.py": True,
    "<frozen runpy>": True,
    "<string>": True,
    "/home/me/.local/bin/uvicorn": True,
    "/opt/app/bin/serve.py": False,
    "<stdin>": False,
    "main.py": False,
    "/home/me/api/main.py": False,
    os.__file__: True,
    threading.__file__: True,
}


@pytest.mark.parametrize(("filename", "expected"), INSTALLED.items(), ids=INSTALLED)
def test_what_is_installed(filename: str, expected: bool) -> None:
    assert _is_installed(filename) is expected


# Once per process.


def test_two_middlewares_say_it_once(fastcors: ModuleType) -> None:
    def make() -> None:
        fastcors.CORSMiddleware(hello, WRONG)
        fastcors.CORSMiddleware(hello, [*WRONG])
        fastcors.CORSMiddleware(hello, ["null"])

    assert [str(each.message).split(":")[0] for each in warned(make, "default")] == [
        "allow_origins holds 'https",
        "allow_origins holds 'null'",
    ]


def test_checks_that_change_filters_do_not_repeat_it(fastcors: ModuleType) -> None:
    def make() -> None:
        for _ in range(2):
            fastcors.CORSMiddleware(hello, WRONG, allow_origin_regex=r"https://[[0-9a-z]+\.example\.com(a)\1")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                fastcors.CORSMiddleware(hello, WRONG)

    caught = [each for each in warned(make, "default") if each.category is CORSConfigWarning]
    assert [re.findall(r"\[([a-z-]+)\]$", str(each.message))[0] for each in caught] == [
        "origin-trailing-slash",
        "regex-unbounded-time",
    ]


@pytest.mark.parametrize("again", [1, 2])
def test_each_test_sees_it(fastcors: ModuleType, again: int) -> None:
    def make() -> None:
        fastcors.CORSMiddleware(hello, WRONG)

    with pytest.warns(CORSConfigWarning, match=re.escape(ONCE)):
        make()
    assert len(warned(make, "default")) == 1
    assert len(warned(make, "once")) == 1
    with unittest.TestCase().assertWarnsRegex(CORSConfigWarning, "origin-trailing-slash"):
        make()


@pytest.mark.parametrize("again", [1, 2])
def test_recorder_of_pytest_sees_it(fastcors: ModuleType, recwarn: pytest.WarningsRecorder, again: int) -> None:
    fastcors.CORSMiddleware(hello, WRONG)
    fastcors.CORSMiddleware(hello, WRONG)
    assert len(recwarn) == 1
    warnings.resetwarnings()
    fastcors.CORSMiddleware(hello, WRONG)
    assert len(recwarn) == 2


def test_filters_work_as_usual(fastcors: ModuleType) -> None:
    def make() -> None:
        fastcors.CORSMiddleware(hello, WRONG)

    def twice() -> None:
        make()
        make()

    assert len(warned(twice)) == 2
    assert warned(make, "ignore") == []
    for _ in range(2):
        with pytest.raises(CORSConfigWarning, match=re.escape(ONCE)):
            warned(make, "error")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", r".*\[origin-trailing-slash\]$")
        make()
        fastcors.CORSMiddleware(hello, slashes(100))
    assert caught == []


def test_filters_of_a_context(fastcors: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """From Python 3.14 on, `warnings.filters` are not those of each context."""
    own = [("default", None, Warning, None, 0)]

    def make() -> None:
        nonlocal own
        # Not before: on 3.14 and newer, `warned` sets its filter by this function.
        monkeypatch.setattr(warnings, "_get_filters", lambda: own, raising=False)
        fastcors.CORSMiddleware(hello, WRONG)
        fastcors.CORSMiddleware(hello, WRONG)
        own = [*own]
        fastcors.CORSMiddleware(hello, WRONG)
        monkeypatch.undo()

    assert len(warned(make, "default")) == 2


PROCESS = """
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient
from fastcors import CORSMiddleware
outer, inner = Starlette(), Starlette()
for app in (outer, inner):
    app.add_middleware(CORSMiddleware, allow_origins=["https://a.example/", "https://b.example/"])
outer.mount("/inner", inner)
client = TestClient(outer)
client.get("/")
client.get("/inner/")
CORSMiddleware(Starlette(), ["https://a.example/", "https://b.example/"])
"""


def test_process_shows_one_line(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(PROCESS)
    run = subprocess.run([sys.executable, "main.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    lines = [line for line in run.stderr.splitlines() if line]
    assert len(lines) == 1, run.stderr
    assert lines[0].startswith("<fastcors>:1: CORSConfigWarning: allow_origins holds 'https://a.example/', 'https://b.")
