"""docs/problems.md and the checks agree: each example has the problem that its entry is about, and the text shown."""

import re
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from asgi_cors import asgi_cors  # type: ignore[import-untyped]  # it has no types
from fastapi import FastAPI
from pydantic import AnyUrl
from starlette.middleware.gzip import GZipMiddleware
from support import documents
from support.exchange import hello

from fastcors import CORSConfig, CORSMiddleware, add_cors
from fastcors.cli.findings import ACCEPTABLE_IN_APP, report_of
from fastcors.problems import SEVERITIES

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENT = (DOCS / "problems.md").read_text()
NAMES = {"AnyUrl": AnyUrl, "CORSConfig": CORSConfig, "CORSMiddleware": CORSMiddleware, "app": hello}
OF_AN_APP = {
    "FastAPI": FastAPI,
    "GZipMiddleware": GZipMiddleware,
    "add_cors": add_cors,
    "asgi_cors": asgi_cors,
    **NAMES,
}


class Section(NamedTuple):
    code: str
    severity: str
    example: str
    text: str
    put_right: str


SECTION = re.compile(
    r"^### `([a-z0-9-]+)`\n\nSeverity: (error|warning|note)\n\n"
    r"```python\n(.*?)\n```\n```text\n(.*?)\n```\n```python\n(.*?)\n```\n",
    re.MULTILINE | re.DOTALL,
)
SECTIONS = [Section(*groups) for groups in SECTION.findall(DOCUMENT)]


def problems(example: str) -> dict[str, tuple[str | None, str]]:
    """Return severity and text by code: of an app as `check` reports them, of a value, or as the middleware warns."""
    if example.startswith("app = "):
        return problems_of_an_app(example)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made: Any = eval(example, dict(NAMES))
    if isinstance(made, CORSConfig):
        assert caught == []
        return {problem.code: (problem.severity, str(problem)) for problem in made.problems()}
    texts = [str(warning.message) for warning in caught]
    return {text[text.rindex("[") + 1 : -1]: (None, text) for text in texts}


def problems_of_an_app(example: str) -> dict[str, tuple[str | None, str]]:
    names: dict[str, Any] = dict(OF_AN_APP)
    exec(example, names)
    report = report_of(names["app"])
    found = [*report.findings, *(finding for each in report.middlewares for finding in each.findings)]
    texts = {each: f"{each.reason} {each.fix} [{each.code}]" for each in found}
    return {
        each.code: (each.severity, f"{each.heading}: {text}" if each.heading else text) for each, text in texts.items()
    }


@pytest.mark.parametrize("section", SECTIONS, ids=[section.code for section in SECTIONS])
def test_example(section: Section) -> None:
    severity, text = problems(section.example)[section.code]
    assert severity in (section.severity, None)
    assert text == " ".join(section.text.split())


@pytest.mark.parametrize("section", SECTIONS, ids=[section.code for section in SECTIONS])
def test_example_put_right(section: Section) -> None:
    graver = {code for code, (severity, _) in problems(section.put_right).items() if severity != "note"}
    assert section.code not in problems(section.put_right)
    assert not graver, "nothing else is wrong instead"


def test_every_code_is_documented_once_with_its_severity() -> None:
    assert len(SECTIONS) == DOCUMENT.count("\n### ")
    documented = {section.code: section.severity for section in SECTIONS}
    of_an_app = {code: severity for code, severity in documented.items() if code not in SEVERITIES}
    assert len(documented) == len(SECTIONS)
    assert documented == {**SEVERITIES, **of_an_app}
    assert {*of_an_app} == {*ACCEPTABLE_IN_APP, "cannot-be-made"} - {*SEVERITIES}


def test_an_anchor_is_the_code_alone() -> None:
    assert {section.code for section in SECTIONS} <= documents.anchors(DOCS / "problems.md")


def test_first_example() -> None:
    shown = re.search(r"CORSConfigWarning: (.*?)\n```", (DOCS / "configuration.md").read_text(), re.DOTALL)
    assert shown is not None
    assert (
        " ".join(shown[1].split()) == problems('CORSConfig(["https://app.example.com/"])')["origin-trailing-slash"][1]
    )
