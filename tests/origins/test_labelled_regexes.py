"""Origin regexes that were labelled by hand are judged as labelled, and what is proposed instead of one is sound."""

import re

import pytest
from data.foreign_patterns import FOREIGN
from data.labelled_regexes import (
    CLOSED,
    CLOSED_OVER_HTTP,
    DEAD,
    DOTTED,
    NOTED,
    OPEN,
    OPEN_BY_LIST,
    WITH_NULL,
)

from fastcors.origins.admitted.faults import regex_faults
from fastcors.origins.regex.matcher import matcher_of
from fastcors.problems import SEVERITIES, Fault
from fastcors.standard.platforms import PLATFORMS
from fastcors.standard.public_suffixes import PublicSuffixes, installed

ALL = (*OPEN, *OPEN_BY_LIST, *CLOSED, *CLOSED_OVER_HTTP, *WITH_NULL, *DEAD, *NOTED, *DOTTED)
WITHOUT = PublicSuffixes("\n".join(PLATFORMS))

each_list = pytest.mark.parametrize("suffixes", [installed(), WITHOUT], ids=["list", "no list"])
with_and_without_credentials = pytest.mark.parametrize("credentials", [False, True], ids=["plain", "credentials"])

OPENING = {"regex-admits-foreign-origins", "regex-matches-every-origin"}


def judged(source: str, credentials: bool, suffixes: PublicSuffixes) -> dict[str, str]:
    """Return the gravest severity by code."""
    found: dict[str, str] = {}
    for fault in faults(source, credentials, suffixes):
        found.setdefault(fault.code, fault.severity or SEVERITIES[fault.code])
    return found


def faults(source: str, credentials: bool, suffixes: PublicSuffixes) -> list[Fault]:
    pattern = re.compile(source)
    found = regex_faults(matcher_of(pattern).automaton, pattern, credentials=credentials, public_suffixes=suffixes)
    for fault in found:
        assert fault.origin is None or pattern.fullmatch(fault.origin)
    return found


def grave(found: dict[str, str]) -> dict[str, str]:
    return {code: severity for code, severity in found.items() if severity != "note"}


def test_there_are_enough() -> None:
    assert len(set(ALL)) == len(ALL) >= 200


@each_list
@with_and_without_credentials
@pytest.mark.parametrize("source", OPEN)
def test_open(source: str, credentials: bool, suffixes: PublicSuffixes) -> None:
    found = judged(source, credentials, suffixes)
    assert {found.get(code) for code in OPENING} - {None} == {"error" if credentials else "warning"}


@with_and_without_credentials
@pytest.mark.parametrize("source", OPEN_BY_LIST)
def test_open_by_list(source: str, credentials: bool) -> None:
    found = judged(source, credentials, installed())
    assert found["regex-admits-foreign-origins"] == ("error" if credentials else "warning")


@each_list
@with_and_without_credentials
@pytest.mark.parametrize("source", CLOSED)
def test_closed(source: str, credentials: bool, suffixes: PublicSuffixes) -> None:
    assert judged(source, credentials, suffixes) == {}


@each_list
@with_and_without_credentials
@pytest.mark.parametrize("source", CLOSED_OVER_HTTP)
def test_closed_over_http(source: str, credentials: bool, suffixes: PublicSuffixes) -> None:
    expected = {"origin-insecure": "warning"} if credentials else {}
    assert grave(judged(source, credentials, suffixes)) == expected


@each_list
@with_and_without_credentials
@pytest.mark.parametrize("source", WITH_NULL)
def test_null(source: str, credentials: bool, suffixes: PublicSuffixes) -> None:
    assert judged(source, credentials, suffixes) == {"origin-null": "error" if credentials else "warning"}


@each_list
@with_and_without_credentials
@pytest.mark.parametrize("source", DEAD)
def test_dead(source: str, credentials: bool, suffixes: PublicSuffixes) -> None:
    assert judged(source, credentials, suffixes) == {"regex-matches-no-origin": "error"}


@each_list
@with_and_without_credentials
@pytest.mark.parametrize("source", NOTED)
def test_noted(source: str, credentials: bool, suffixes: PublicSuffixes) -> None:
    assert set(judged(source, credentials, suffixes).values()) == {"note"}


@each_list
@with_and_without_credentials
@pytest.mark.parametrize("source", DOTTED)
def test_dotted(source: str, credentials: bool, suffixes: PublicSuffixes) -> None:
    found = grave(judged(source, credentials, suffixes))
    assert found in (
        {"regex-unescaped-dot": "warning"},
        dict.fromkeys(found, "error" if credentials else "warning"),
    )
    assert found


@with_and_without_credentials
@pytest.mark.parametrize("source", [*ALL, *FOREIGN])
def test_advice_is_a_promise(source: str, credentials: bool) -> None:
    """A pattern that is proposed has no fault by either list, and refuses the origin that was shown."""
    for fault in faults(source, credentials, installed()):
        for _, proposed in re.findall(r'allow_origin_regex=(r?)"([^"]*)"', fault.fix):
            for suffixes in (installed(), WITHOUT):
                assert grave(judged(proposed, credentials, suffixes)) == {}
            assert fault.origin is None or not re.fullmatch(proposed, fault.origin)
