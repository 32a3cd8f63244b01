"""docs/command-line.md: each example prints what is written there."""

import importlib
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from starlette.responses import PlainTextResponse
from support.command_line import fastcors, serving

DOCUMENT = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")
SERVED = "http://localhost:8000"


class Example(NamedTuple):
    command: str
    output: str


EXAMPLES = [
    Example(*found)
    for found in re.findall(r"^```console\n\$ fastcors (.*?)\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = re.search(r"^```python\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert found is not None
    directory = tmp_path_factory.mktemp("example")
    (directory / "main.py").write_text(found[1], encoding="utf-8")
    return directory


@pytest.fixture
def main(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The app of the examples as `main`, and nothing left of it."""
    monkeypatch.chdir(directory)
    monkeypatch.setattr(sys, "path", [str(directory), *sys.path])
    monkeypatch.setenv("NO_PROXY", "*")
    before = sys.modules.pop("main", None)
    yield
    sys.modules.pop("main", None)
    if before is not None:
        sys.modules["main"] = before


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.command for example in EXAMPLES])
@pytest.mark.usefixtures("main")
@pytest.mark.filterwarnings("ignore::fastcors.CORSConfigWarning")
def test_example(example: Example) -> None:
    if SERVED not in example.command:
        assert fastcors(*shlex.split(example.command)).output == example.output
        return
    with serving(importlib.import_module("main").app) as address:
        own = address.replace("127.0.0.1", "localhost")
        output = fastcors(*shlex.split(example.command.replace(SERVED, own))).output
    # A port of another length breaks lines elsewhere.
    assert output.replace(own, SERVED).split() == example.output.split()


def test_each_command_has_an_example() -> None:
    assert {example.command.split()[0] for example in EXAMPLES} == {"check", "explain", "probe", "regex"}


def listed(command: str) -> set[str]:
    row = re.search(rf"^\| `{command}` \| (.*) \|$", DOCUMENT, re.MULTILINE)
    assert row is not None
    return set(re.findall(r"`([a-z_]+)`", row[1]))


@pytest.mark.parametrize(("command", "nested"), [("check main:app", "middlewares"), ("regex https://a", None)])
@pytest.mark.usefixtures("main")
def test_keys(command: str, nested: str | None) -> None:
    document = fastcors(*shlex.split(command), "--json").document
    assert listed(command.split()[0]) == {*document, *(document[nested][0] if nested else ())}


@pytest.mark.usefixtures("main")
def test_keys_of_explain() -> None:
    document = fastcors("explain", "main:app", "--origin=https://a.example", "--json").document
    assert listed("explain") - {"problems"} == {"app", "middleware", "allowed"} <= set(document)


def test_keys_of_probe() -> None:
    with serving(PlainTextResponse("hello")) as address:
        document = fastcors("probe", address, "--origin=https://a.example", "--json").document
    assert listed("probe") == {*document, *document["exchanges"][0]}


def test_keys_of_a_problem() -> None:
    (problem,) = fastcors("regex", "(", "--json").document["problems"]
    found = re.search(r"^A problem has (.*?)\.", DOCUMENT, re.MULTILINE)
    assert found is not None
    assert list(problem) == re.findall(r"`(\w+)`", found[1])
