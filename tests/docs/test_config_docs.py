"""docs/configuration.md and the checks agree: each example has the problem that it is of, and the text shown."""

import re
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pydantic import AnyUrl
from support.exchange import hello

from fastcors import CORSConfig, CORSMiddleware
from fastcors.problems import SEVERITIES

DOCUMENT = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text()
NAMES = {"AnyUrl": AnyUrl, "CORSConfig": CORSConfig, "CORSMiddleware": CORSMiddleware, "app": hello}


class Section(NamedTuple):
    code: str
    severity: str
    example: str
    text: str
    put_right: str


SECTION = re.compile(
    r"^### `([a-z0-9-]+)`: (error|warning|note)\n\n"
    r"```python\n(.*?)\n```\n```text\n(.*?)\n```\n```python\n(.*?)\n```\n",
    re.MULTILINE | re.DOTALL,
)
SECTIONS = [Section(*groups) for groups in SECTION.findall(DOCUMENT)]


def problems(example: str) -> dict[str, tuple[str | None, str]]:
    """Return severity and text by code, as the value tells them, or as the middleware warns."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made: Any = eval(example, dict(NAMES))
    if isinstance(made, CORSConfig):
        assert caught == []
        return {problem.code: (problem.severity, str(problem)) for problem in made.problems()}
    texts = [str(warning.message) for warning in caught]
    return {text[text.rindex("[") + 1 : -1]: (None, text) for text in texts}


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
    assert sorted((section.code, section.severity) for section in SECTIONS) == sorted(SEVERITIES.items())


def test_first_example() -> None:
    shown = re.search(r"CORSConfigWarning: (.*?)\n```", DOCUMENT, re.DOTALL)
    assert shown is not None
    assert (
        " ".join(shown[1].split()) == problems('CORSConfig(["https://app.example.com/"])')["origin-trailing-slash"][1]
    )
