"""`fastcors regex`: how a pattern is matched, what it lets in, and what is wrong with it."""

import re

import pytest
from support.command_line import fastcors

# Its automaton is small enough to be made, and too large to be looked through.
TOO_LARGE = r"https://(.*a.{9}|b)\.example\.com"
SOUND = r"https://([a-z0-9-]+\.)*example\.com"


def test_sound() -> None:
    ran = fastcors("regex", SOUND)
    assert ran.status == 0
    assert ran.output.startswith(f"{SOUND}\nno errors, no warnings, no notes\n\n  engine   automaton of ")
    assert "\n  time     linear in the length of the Origin\n" in ran.output
    assert "\n  domains  example.com\n" in ran.output
    assert "foreign" not in ran.output


def test_document() -> None:
    document = fastcors("regex", SOUND, "--json").document
    assert len(document["admitted"]) == 4
    assert len(document["refused"]) == 5
    assert all(re.fullmatch(SOUND, origin) for origin in document.pop("admitted"))
    assert not any(re.fullmatch(SOUND, origin) for origin in document.pop("refused"))
    assert document.pop("states") > 10
    assert document == {
        "pattern": SOUND,
        "engine": "automaton",
        "construct": None,
        "linear_time": True,
        "domains": ["example.com"],
        "foreign_origin": None,
        "problems": [],
    }


PROBLEMS = {
    "foreign origins": (r"https://.*example\.com", 1, "regex-admits-foreign-origins"),
    "an unescaped dot": (r"https://app.example\.com", 0, "regex-unescaped-dot"),
    "no origin": (r"https://example\.com/", 1, "regex-matches-no-origin"),
    "every origin": (r"https?://.*", 1, "regex-matches-every-origin"),
    "no pattern": ("https://(app", 1, "regex-does-not-compile"),
    "unbounded time": (r"https://(a+)\1\.example\.com", 0, "regex-unbounded-time"),
}


@pytest.mark.parametrize(("pattern", "status", "code"), PROBLEMS.values(), ids=PROBLEMS)
def test_problem(pattern: str, status: int, code: str) -> None:
    ran = fastcors("regex", pattern, "--credentials")
    assert ran.status == status
    assert f"[{code}]" in ran.output
    document = fastcors("regex", pattern, "--credentials", "--json").document
    assert [each["code"] for each in document["problems"]] == [code]


def test_foreign_origin_passes() -> None:
    pattern = r"https://.*example\.com"
    foreign = fastcors("regex", pattern, "--json").document["foreign_origin"]
    assert foreign == "https://aexample.com"
    assert re.fullmatch(pattern, foreign)
    assert f"\n  foreign  {foreign}\n" in fastcors("regex", pattern).output


def test_credentials_make_it_worse() -> None:
    for pattern in ("https?://.*", r"https://.*example\.com", "null"):
        assert fastcors("regex", pattern, "--credentials").status == 1
        assert fastcors("regex", pattern).status == 0


def test_left_to_re() -> None:
    ran = fastcors("regex", r"https://(a+)\1\.example\.com")
    assert "\n  engine  Python's re, because of a back-reference\n" in ran.output
    assert "\n  time    not bounded: whoever sends the Origin can make it long\n" in ran.output
    document = fastcors("regex", r"https://(a+)\1\.example\.com", "--json").document
    assert (document["engine"], document["construct"], document["linear_time"]) == ("re", "a back-reference", False)


def test_no_pattern_has_no_engine() -> None:
    assert "engine" not in fastcors("regex", "(").output
    assert fastcors("regex", "(", "--json").document["engine"] is None


def test_too_large_to_be_searched() -> None:
    words = fastcors("regex", TOO_LARGE).words
    assert "time linear in the length of the Origin domains example.com" in words
    assert "admits not known: the automaton is too large" in words


def test_nothing_admitted() -> None:
    assert "\n  admits   nothing\n" in fastcors("regex", r"https://example\.com/").output


NO_TRACEBACK = {
    "nothing": "",
    "half a group": "(",
    "a surrogate": "https://\udcff\\.com",
    "deep nesting": "(" * 1000 + ")" * 1000,
    "groups in groups": "(" * 90 + "a" + ")" * 90,
    "huge repeats": "(a{1,1000}){1,1000}",
    "too many repeats": "a{99999999999999999999}",
    "more hosts than are followed": "|".join(rf"https://{number}\.com" for number in range(2_500)),
    "a set in a set": "https://[[a-z]]",
    "outside of latin-1": "https://\u65e5\u672c",
    "beginning with a hyphen": "[-]x",
    "markup": "[bold]https://a[/bold]",
    "a long one": "https://" + "a?" * 1500 + r"\.com",
    "a very long one": "https://" + "a" * 30_000 + r"\.com",
}


@pytest.mark.parametrize("pattern", NO_TRACEBACK.values(), ids=NO_TRACEBACK)
def test_never_a_traceback(pattern: str) -> None:
    for options in ((), ("--credentials",), ("--json",)):
        ran = fastcors("regex", pattern, *options)
        assert ran.status in (0, 1)
        assert "Traceback" not in ran.output + ran.errors


def test_more_hosts_than_are_followed() -> None:
    document = fastcors("regex", rf"https://{'(?:ab|cd)' * 12}\.com", "--json").document
    assert (document["engine"], document["domains"]) == ("automaton", [])
