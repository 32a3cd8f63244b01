"""`fastcors check` without a target: where it looks for the app, and by which names."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command_line import Ran, fastcors

APP = """
from starlette.applications import Starlette
from fastcors import CORSMiddleware
{} = CORSMiddleware(Starlette(), allow_origins={})
"""
ORIGINS = '["https://app.example.com"]'
SETTLED = APP.format("app", ORIGINS)


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    """An empty directory. What is imported from it is forgotten in the end."""
    path, modules = [*sys.path], dict(sys.modules)
    for name in ("main", "app", "api"):
        sys.modules.pop(name, None)
    yield tmp_path
    sys.path[:] = path
    for name in set(sys.modules) - set(modules):
        if name.partition(".")[0] in ("main", "app", "api", "package"):
            del sys.modules[name]
    sys.modules.update(modules)


def check(directory: Path, files: dict[str, str], *arguments: str, of: str = "") -> Ran:
    for name, source in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(source)
    return fastcors("check", "--app-dir", str(directory / of), *arguments)


NO_APP = "class App: pass\napp, api = App, 7\n"
FOUND = {
    "main.py": ({"main.py": SETTLED, "app.py": "1 / 0"}, "main:app"),
    "app.py": ({"app.py": SETTLED, "api.py": "1 / 0"}, "app:app"),
    "api.py": ({"api.py": APP.format("api", ORIGINS)}, "api:api"),
    "a package": ({"app/__init__.py": "", "app/main.py": SETTLED}, "app.main:app"),
    "a folder": ({"app/api.py": SETTLED}, "api:app"),
    "by its class": ({"main.py": NO_APP + APP.format("served", ORIGINS) + "mine = Starlette()"}, "main:mine"),
}


@pytest.mark.parametrize(("files", "target"), FOUND.values(), ids=FOUND)
def test_found(directory: Path, files: dict[str, str], target: str) -> None:
    ran = check(directory, files)
    assert ran.status == 0
    assert ran.output.startswith(f"{target}, ")


def test_found_within_a_package(directory: Path) -> None:
    files = {"package/__init__.py": "", "package/main.py": SETTLED}
    assert check(directory, files, of="package").output.startswith(
        "package.main:app, CORSMiddleware: 1 CORS middleware"
    )


def test_warnings_at_import(directory: Path) -> None:
    document = check(directory, {"main.py": APP.format("app", "'https://app.example.com'")}, "--json").document
    assert document["app"] == "main:app"
    assert [each["code"] for each in document["problems"]] == ["string-for-list"]


def test_strict_at_import(directory: Path) -> None:
    ran = check(directory, {"main.py": APP.format("app", '["app.example.com"], strict=True')})
    assert ran.status == 1
    assert ran.output.startswith("main\n")
    assert "[origin-missing-scheme]" in ran.output


NOT_FOUND = {
    "no file": (
        {"server.py": SETTLED},
        " has no main.py, app.py, api.py, app/main.py, app/app.py or app/api.py. Write",
    ),
    "no app": ({"main.py": NO_APP}, "main has neither an app or api nor an instance of FastAPI or Starlette. Write"),
    "no import": (
        {"main.py": "1 / 0"},
        "main cannot be imported: ZeroDivisionError: division by zero (main.py, line 1)",
    ),
}


@pytest.mark.parametrize(("files", "said"), NOT_FOUND.values(), ids=NOT_FOUND)
def test_not_found(directory: Path, files: dict[str, str], said: str) -> None:
    ran = check(directory, files)
    assert (ran.status, ran.output) == (2, "")
    assert said in ran.errors
