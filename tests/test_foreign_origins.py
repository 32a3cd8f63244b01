"""What an origin regex lets in: foreign origins where it does, and no false alarm where it does not."""

import contextlib
import importlib
import itertools
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from foreign_patterns import DOTS, FOREIGN, SOUND, UNDER_SUFFIXES, Dot, UnderSuffixes
from hypothesis import HealthCheck, given, settings, strategies as st
from origin_patterns import PATTERNS

from fastcors import _public_suffixes
from fastcors._admitted_domains import AdmittedDomains
from fastcors._admitted_origins import Moves
from fastcors._foreign_origins import PublicSuffixes, RegexProblem, regex_problems, sample_origins
from fastcors._origin_grammar import domains
from fastcors._public_suffixes import installed
from fastcors._regex_analysis import MAX_STEPS, RegexAnalysis
from fastcors._regex_program import Budget
from fastcors.origin_regex import compile_origin_regex

EXAMPLES = int(os.environ.get("FASTCORS_EXAMPLES", "3000"))

# A step takes a quarter of a microsecond, so this stands for the ten milliseconds that checking may take.
ORDINARY_STEPS = 25_000

LISTS = {"by the public suffix list": installed(), "by the last two labels": PublicSuffixes()}


def problems_of(
    source: str, flags: int = 0, *, credentials: bool = False, suffixes: PublicSuffixes | None = None
) -> list[RegexProblem]:
    pattern = re.compile(source, flags)
    found = regex_problems(
        compile_origin_regex(pattern), pattern, credentials=credentials, public_suffixes=suffixes
    )
    assert found is not None
    for problem in found:
        assert problem.origin is None or pattern.fullmatch(problem.origin)
        assert problem.reason.endswith(".")
        assert problem.fix.endswith(".")
    return found


def codes_of(source: str, **options: Any) -> list[str]:
    return [problem.code for problem in problems_of(source, **options)]


# Foreign origins.


def test_there_are_fifty_of_each() -> None:
    assert len(FOREIGN) >= 50
    assert len(SOUND) >= 50


@pytest.mark.parametrize("suffixes", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize(("source", "origin"), FOREIGN.items(), ids=FOREIGN)
def test_foreign_origin(source: str, origin: str, suffixes: PublicSuffixes) -> None:
    (problem,) = problems_of(source, suffixes=suffixes)
    assert (problem.code, problem.severity, problem.origin) == ("regex-admits-foreign-origins", "error", origin)
    assert origin in problem.reason


@pytest.mark.parametrize("suffixes", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("source", SOUND, ids=SOUND.values())
def test_no_false_alarm(source: str, suffixes: PublicSuffixes) -> None:
    assert problems_of(source, credentials=True, suffixes=suffixes) == []


@pytest.mark.parametrize("row", UNDER_SUFFIXES.values(), ids=UNDER_SUFFIXES)
def test_under_public_suffixes(row: UnderSuffixes) -> None:
    assert problems_of(row.pattern, suffixes=PublicSuffixes()) == []
    assert [problem.origin for problem in problems_of(row.pattern, suffixes=installed())] == [row.origin] * (
        row.origin is not None
    )


FIXES = {
    r"https://.*example\.com": r"Before example.com allow whole labels only: ([a-z0-9-]+\.)*example\.com.",
    r"https://example\.com.*": r"After example.com allow nothing but a port: example\.com(:\d+)?.",
    r"http://localhost.*": r"After localhost allow nothing but a port: localhost(:\d+)?.",
    r"https://.*\.github\.io": "Anyone can have a name under github.io: write yours in full.",
    r"https://x-[a-z]+-y\.vercel\.app": "Anyone can have a name under vercel.app: write yours in full.",
    r"http://\d+\.\d+\.\d+\.\d+": "Anyone can have a public address: write yours, or leave only its last number open.",
    r"https://.*\.com": "Write the domain in full, and leave open only what stands before it: "
    r"([a-z0-9-]+\.)*example\.com.",
}


@pytest.mark.parametrize(("source", "fix"), FIXES.items(), ids=FIXES)
def test_fix(source: str, fix: str) -> None:
    assert [problem.fix for problem in problems_of(source, suffixes=installed())] == [fix]


# Nothing and everything.


@pytest.mark.parametrize(
    "source",
    [
        r"example\.com",
        r"localhost:\d+",
        r"https://example\.com/",
        r"https://example\.com/.*",
        r"https://Example\.com",
        r"HTTPS://example\.com",
        r"https://example\.com:443",
        r"http://example\.com:80(:\d+)?",
        r"https://example\.com:0\d+",
        r"https://.*@example\.com",
        r"https:/example\.com",
        r"https:\\\\example\.com",
        r"/https://example\.com/",
        r"https://example\.com$ ",
        r"https://ex ample\.com",
        r"https://b\xfccher\.example",
        r"https://\.",
        r"http:example\.com",
        r"(?!)",
        r"",
    ],
)
def test_matches_no_origin(source: str) -> None:
    (problem,) = problems_of(source)
    assert (problem.code, problem.severity, problem.origin) == ("regex-matches-no-origin", "error", None)


@pytest.mark.parametrize(
    "source",
    [
        "null",
        "https://example",
        r"https://example\.com:80",
        r"http://example\.com:443",
        r"https://example\.com:4430",
        r"https://\[2001:db8::1\]",
        r"https://my_app\.example\.com",
        "file://",
        "h://a",
        "httpx://a",
        "ht://a",
        "moz-extension://[0-9a-f-]{36}",
        "App://.*|app://Obsidian",
    ],
)
def test_matches_some_origin(source: str) -> None:
    assert problems_of(source) == []


@pytest.mark.parametrize(
    ("source", "what"),
    [
        (".*", "every origin,"),
        ("(?s).*", "every origin,"),
        (".+", "every origin,"),
        (r"https?://.*", "every origin,"),
        (r"\w+://.*", "every origin,"),
        (r"https?://[^/]+", "every origin,"),
        (r"https?://[^\s/]+", "every origin,"),
        (r"null|https?://.*", "every origin,"),
        (r"https://.*", "every origin of https,"),
        (r"^https://.+$", "every origin of https,"),
        (r"http://.*", "every origin of http,"),
        (r"^(?!https://evil\.com$).*$", "every origin of http,"),
        (r"https://.*|http://localhost", "every origin of https,"),
    ],
)
def test_matches_every_origin(source: str, what: str) -> None:
    (problem,) = problems_of(source, credentials=True)
    assert (problem.code, problem.severity) == ("regex-matches-every-origin", "error")
    assert what in problem.reason
    (problem,) = problems_of(source)
    assert (problem.code, problem.severity) == ("regex-matches-every-origin", "warning")
    assert what[:-1] in problem.reason
    assert 'allow_origins=["*"]' in problem.fix


# Dots.


@pytest.mark.parametrize("row", DOTS.values(), ids=DOTS)
def test_unescaped_dot(row: Dot) -> None:
    found = [
        (problem.code, problem.severity, problem.origin)
        for problem in problems_of(row.pattern, row.flags, suffixes=installed())
    ]
    assert found == ([("regex-unescaped-dot", row.severity, row.origin)] if row.origin else [])


def test_what_an_unescaped_dot_is_told_with() -> None:
    (problem,) = problems_of(r"https://app.example.com")
    assert problem.reason == (
        "a dot without a backslash takes any character, not only a dot: https://appaexample.com is admitted too."
    )
    assert problem.fix == r"Write app\.example\.com."
    (problem,) = problems_of(r"http://127.0.0.1")
    assert problem.reason == "a dot without a backslash takes any character, not only a dot."
    assert problem.fix == r"Write 127\.0\.0\.1."


# What is not decided, and what it costs.


def test_without_an_automaton_nothing_is_decided() -> None:
    assert regex_problems(None, re.compile(r"(a)\1")) is None


LARGE = {
    "many states before the domain": r"https://(.*a.{12}|b)\.example\.com",
    "many hosts": "|".join(rf"https://{number:x}-{number * 7919 % 65537}\.example\.com" for number in range(2_000)),
    "many domains": "|".join(rf"https://(.+\.)?{number * 7919 % 65537}\.com" for number in range(1_000)),
    "domains of many lengths": r"https://([a-f]{1,40}|[d-z]{1,40})\.com",
    "domains that differ late": r"https://[ab]{0,16}a[ab]{11}\.com",
}


@pytest.mark.parametrize("source", LARGE.values(), ids=LARGE)
def test_large_automaton_is_decided_or_not_in_bounded_time(source: str) -> None:
    pattern = re.compile(source)
    automaton = compile_origin_regex(pattern, max_steps=10**8, max_states=10**5)
    found = regex_problems(automaton, pattern)
    assert found is None or all(problem.origin and pattern.fullmatch(problem.origin) for problem in found)


def test_more_steps_than_allowed() -> None:
    pattern = re.compile(r"https://(.*a.{12}|b)\.example\.com")
    automaton = compile_origin_regex(pattern, max_steps=10**8, max_states=10**5)
    assert regex_problems(automaton, pattern) is None
    assert sample_origins(automaton) == []


@pytest.mark.parametrize("suffixes", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("source", [*FOREIGN, *SOUND, *(row.pattern for row in UNDER_SUFFIXES.values())])
def test_ordinary_pattern_takes_few_steps(
    source: str, suffixes: PublicSuffixes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fastcors._regex_analysis.MAX_STEPS", ORDINARY_STEPS)
    pattern = re.compile(source)
    analysis = RegexAnalysis(compile_origin_regex(pattern), pattern, suffixes)
    analysis.admits_nothing()
    analysis.admits_every_origin_of()
    analysis.foreign_origin()
    analysis.unescaped_dot()


def test_decided_once() -> None:
    pattern = re.compile(r"https://once-.*\.example")
    automaton = compile_origin_regex(pattern)
    first = regex_problems(automaton, pattern)
    assert first is not None
    first.clear()  # the caller's own
    assert regex_problems(automaton, pattern) != first or first == []
