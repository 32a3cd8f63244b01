"""The checks take a bounded time, whatever the values are: `re` matches nothing that may take it long."""

import re
import time
import warnings
from typing import Any

import pytest

from fastcors import CORSConfig, CORSMiddleware
from fastcors.explain import explain
from fastcors.origins.admitted.ways import is_quick
from fastcors.origins.regex.parsing import LONGEST

MOST_SECONDS = 1.0
"""Much more than they take: each of these once took that long or longer."""


def nested(depth: int, end: str) -> str:
    return f"https://{'(' * depth}a{')*' * depth}{end}"


REGEXES = (
    *(r"https://((.*)*)*\.example.com", r"https://((.*)*)*.example\.com", r"https://((.*)*)*\.example\.com"),
    *(nested(12, ".example.com"), nested(12, r".(e)\1xample.com"), "https://" + "(a|a)*b" * 11 + r".(e)\1example.com"),
    *(f"https://.*{'.+' * 14}example.com", f"https://{'(.*.)?' * 14}.example.com"),
    r"https://(?>((.*)*)*)\.example.com",
    f"{nested(12, '.example.com')}|{'a' * LONGEST}",
    rf"https://(?:a|{'(?:' * 3}x{'){300}' * 3})\.(?>a)com",
)


@pytest.mark.parametrize("source", REGEXES, ids=[each[:40] for each in REGEXES])
def test_regex(source: str) -> None:
    began = time.process_time()
    CORSConfig(allow_origin_regex=source, allow_credentials=True).problems()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        CORSMiddleware(None, allow_origin_regex=source, allow_credentials=True)  # type: ignore[arg-type]
    assert time.process_time() - began < MOST_SECONDS


@pytest.mark.parametrize("around", ["", ".*", "."])
def test_explain(around: str) -> None:
    began = time.process_time()
    explain({"allow_origin_regex": rf"https://((.*)*)*\.example\.com{around}/"}, origin="https://" + "a" * 60 + ".com")
    explain({"allow_origin_regex": rf"https://((a*)*)*\.com{around}"}, origin="https://" + "a" * 60 + ".com.b")
    assert time.process_time() - began < MOST_SECONDS


@pytest.mark.parametrize("source", [r"(?i)https://a\.com", r"https://(a)\1\.com"])
def test_no_hint_where_nobody_knows_quickly(source: str) -> None:
    assert explain({"allow_origin_regex": source}, origin="https://a.com.b").hints == ()
    assert explain({"allow_origin_regex": r"https://a\.com"}, origin="https://a.com.b").hints != ()


MANY = (
    *("https://" + "[[" * 6_000, '["' * 12_000 + "]", "[ ' " * 6_000 + "]", "https://[[12-" * 3_000, "*." * 9_000),
    *("https://" + "[a-" * 6_000 + "*", "https://a" + ".*" * 6_000 + "x", "https://" + "{1," * 6_000),
)


@pytest.mark.parametrize("text", MANY, ids=[each[:20] for each in MANY])
def test_entry(text: str) -> None:
    began = time.process_time()
    for value in (text, [text]):
        given: Any = value
        assert CORSConfig(allow_origins=given, allow_credentials=True).problems()
    assert time.process_time() - began < MOST_SECONDS / 2


# A pattern, and whether the number of ways to match it is small.
WAYS = {
    r"https://.*example\.com": True,
    r"https://.*.*.*": False,
    r"(a)?(?(1)b|c*)": True,
    r"(a)?(?(1)b)": True,
    r"(a)(?>a|b)++\1|(?=a*)(?!b)(?<!c)": True,
    "(a|bb){2}": True,
    "(a|bb){20}": False,
    "(ab){2,3}": True,
    "(a*)*": False,
    "(?:)" * 9: True,
    "https://.*|" + "a" * LONGEST: True,
    "https://(a|b).*|" + "a" * LONGEST: True,
    "https://(a|b)*|" + "a" * LONGEST: False,
    "(a|b)https://.*|" + "a" * LONGEST: True,
    "https://(a|b).*.*.*|" + "a" * LONGEST: False,
    "(" * 300 + ")" * 300: False,
}


@pytest.mark.parametrize(("source", "quick"), WAYS.items(), ids=[each[:40] for each in WAYS])
def test_ways_to_match(source: str, quick: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    pattern = re.compile(source)
    if source.startswith("(((("):
        monkeypatch.setattr("fastcors.origins.admitted.ways._of_sequence", too_deep)
    assert is_quick(pattern) is quick


def too_deep(tree: Any) -> int:
    raise RecursionError
