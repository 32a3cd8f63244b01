"""What an origin regex lets in: foreign origins where it does, and no false alarm where it does not."""

import dataclasses
import importlib
import itertools
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from data.foreign_patterns import DOTS, FOREIGN, SOUND, UNDER_SUFFIXES, Dot, UnderSuffixes
from data.origin_patterns import PATTERNS
from hypothesis import HealthCheck, given, settings, strategies as st

from fastcors.origins.admitted.analysis import MAX_STEPS, RegexAnalysis
from fastcors.origins.admitted.domains import AdmittedDomains
from fastcors.origins.admitted.faults import regex_faults
from fastcors.origins.admitted.grammar import domains
from fastcors.origins.admitted.samples import sample_origins
from fastcors.origins.admitted.spelled_hosts import spelled_hosts
from fastcors.origins.admitted.tried import is_confirmed
from fastcors.origins.admitted.walk import Moves
from fastcors.origins.regex.automaton import compile_origin_regex
from fastcors.origins.regex.budget import Budget, NoAutomaton
from fastcors.origins.regex.parsing import LONGEST
from fastcors.problems import Fault
from fastcors.standard import public_suffixes
from fastcors.standard.platforms import PLATFORMS
from fastcors.standard.public_suffixes import PublicSuffixes, installed

EXAMPLES = int(os.environ.get("FASTCORS_EXAMPLES", "3000"))

# A step takes a quarter of a microsecond, so this stands for the ten milliseconds that checking may take.
ORDINARY_STEPS = 25_000

LISTS = {"by the public suffix list": installed(), "by the last two labels": PublicSuffixes()}


def problems_of(
    source: str, flags: int = 0, *, credentials: bool = False, suffixes: PublicSuffixes | None = None
) -> list[Fault]:
    pattern = re.compile(source, flags)
    found = regex_faults(compile_origin_regex(pattern), pattern, credentials=credentials, public_suffixes=suffixes)
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
    assert (problem.code, problem.origin) == ("regex-admits-foreign-origins", origin)
    assert origin in problem.reason


@pytest.mark.parametrize("suffixes", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("source", SOUND, ids=SOUND.values())
def test_no_false_alarm(source: str, suffixes: PublicSuffixes) -> None:
    found = problems_of(source, credentials=True, suffixes=suffixes)
    assert {problem.code for problem in found if problem.severity != "note"} <= {"origin-insecure", "origin-null"}


@pytest.mark.parametrize("row", UNDER_SUFFIXES.values(), ids=UNDER_SUFFIXES)
def test_under_public_suffixes(row: UnderSuffixes) -> None:
    assert problems_of(row.pattern, suffixes=PublicSuffixes()) == []
    assert [problem.origin for problem in problems_of(row.pattern, suffixes=installed())] == [row.origin] * (
        row.origin is not None
    )


ON_A_PLATFORM = (
    "Write yours in full. If yours vary, as names of previews do, use a domain of your own, or do without "
    "allow_credentials, or decide with allow_origin_func."
)
FIXES = {
    r"https://.*example\.com": r'Write allow_origin_regex=r"https://([a-z0-9-]+\.)*example\.com".',
    r"https://example\.com.*": r'Write allow_origin_regex=r"https://example\.com(:\d+)?".',
    r"http://localhost.*": r'Write allow_origin_regex=r"http://localhost(:\d+)?".',
    r"http://192\.168\..*:300\d": r'Write allow_origin_regex=r"http://192\.168\.\d{1,3}\.\d{1,3}:300\d".',
    r"https://.*\.github\.io": f"Anyone can have a name under github.io. {ON_A_PLATFORM}",
    r"https://x-[a-z]+-y\.vercel\.app": f"Anyone can have a name under vercel.app. {ON_A_PLATFORM}",
    r"https://.*\.amazonaws\.com": f"Anyone can have a name under s3.amazonaws.com. {ON_A_PLATFORM}",
    r"http://\d+\.\d+\.\d+\.\d+": "Anyone can have a public address. Write yours, or leave only its last number open.",
    r"https://.*\.com": "Write the domain in full, and leave only whole subdomains open, as in "
    r'allow_origin_regex=r"https://([a-z0-9-]+\.)*example\.com".',
    r"^https://example\\.com$": r'Write allow_origin_regex=r"https://example\.com".',
    r"wss?://example\.com": r'Write allow_origin_regex=r"https://example\.com".',
    r"https://example\.com/": r'Write allow_origin_regex=r"https://example\.com".',
    r"https://a\.com|https://b\\.com": r'Write allow_origin_regex=r"https://a\.com|https://b\.com".',
    r"wss?://a\.com|https://a\.com": "Remove it. The pattern still admits the same origins.",
    r"https://example\.com?": r'Write allow_origin_regex=r"https://example\.com".',
    r"https://(www|m)?example\.com": r'Write allow_origin_regex=r"https://((www|m)\.)?example\.com".',
    r"https://www\.?example\.com": r'Write allow_origin_regex=r"https://(www\.)?example\.com".',
    rf"https://www\.?{'a' * 50}\.com|https://{'b' * 50}\.com": "Write the domain in full, and "
    r'leave only whole subdomains open, as in allow_origin_regex=r"https://([a-z0-9-]+\.)*example\.com".',
}


@pytest.mark.parametrize(("source", "fix"), FIXES.items(), ids=FIXES)
def test_fix(source: str, fix: str) -> None:
    assert [problem.fix for problem in problems_of(source, suffixes=installed())] == [fix]


# A browser sends such a host in punycode, so nothing of it is admitted.
BEYOND_LATIN_1 = {
    r"https://(example\.com|пример\.рф)": ["regex-matches-no-origin"],
    r"https://example\.(com|日本)": ["regex-matches-no-origin"],
    "(?i)https://\u017f\\.com": [],
    r"https://.*(example\.com|пример\.рф)": ["regex-admits-foreign-origins"],
    r"https://пример\.рф": ["regex-matches-no-origin"],
}


@pytest.mark.parametrize("suffixes", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize(("source", "codes"), BEYOND_LATIN_1.items(), ids=map(ascii, BEYOND_LATIN_1))
def test_host_beyond_latin_1(source: str, codes: list[str], suffixes: PublicSuffixes) -> None:
    assert codes_of(source, suffixes=suffixes) == codes


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
    assert (problem.code, problem.origin) == ("regex-matches-no-origin", None)


@pytest.mark.parametrize(
    "source",
    [
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
        "app://Obsidian",
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
    assert found == ([("regex-unescaped-dot", row.severity, row.origin)] if row.severity else [])


def test_what_an_unescaped_dot_is_told_with() -> None:
    (problem,) = problems_of(r"https://app.example\.com")
    assert problem.reason == (
        "a dot without a backslash matches any character, so https://appaexample.com is admitted too."
    )
    assert problem.fix == r'Write allow_origin_regex=r"https://app\.example\.com".'
    (problem,) = problems_of(r"http://127.0.0.1")
    assert problem.reason == "a dot without a backslash matches any character, not only a dot."
    assert problem.fix == r'Write allow_origin_regex=r"http://127\.0\.0\.1".'


# What is not decided, and what it costs.


class CountedBudgets:
    """Counts the steps that the analysis of a pattern takes, whatever it may take."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._budgets: list[Budget] = []
        monkeypatch.setattr("fastcors.origins.admitted.analysis.Budget", self._budget)

    def _budget(self, steps: int) -> Budget:
        self._budgets.append(Budget(steps))
        return self._budgets[-1]

    def spent(self) -> int:
        return sum(budget.spent for budget in self._budgets)


LARGE = {
    "many states before the domain": r"https://(.*a.{12}|b)\.example\.com",
    "many hosts": "https://("
    + "|".join(rf"{number:x}-{number * 7919 % 65537}" for number in range(2_000))
    + r")\.example\.com",
    "many domains": "|".join(rf"https://(.+\.)?{number * 7919 % 65537}\.com" for number in range(150)),
    "domains of many lengths": r"https://([a-f]{1,40}|[d-z]{1,40})\.com",
    "subdomains of many lengths": r"https://.{0,200}\.example\.com",
    "domains that differ late": r"https://[ab]{0,16}a[ab]{11}\.com",
}


@pytest.mark.parametrize("source", LARGE.values(), ids=LARGE)
def test_large_automaton_is_decided_or_not_in_bounded_time(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pattern = re.compile(source)
    automaton = compile_origin_regex(pattern, max_steps=10**8, max_states=10**5)
    counted = CountedBudgets(monkeypatch)
    # What is known of it from before would take no steps.
    judged = importlib.import_module("fastcors.origins.admitted.judgement").judged.__wrapped__
    found = judged(automaton, pattern, False, installed())
    assert 0 < counted.spent() < MAX_STEPS + ORDINARY_STEPS
    for problem in found:
        assert problem.code == "regex-not-decided" or (problem.origin and pattern.fullmatch(problem.origin))


UNDECIDED = {
    r"https://.{1,100}": [("regex-matches-every-origin", None)],
    r"https?://.{1,255}": [("regex-matches-every-origin", None)],
    r"http://.{1,100}": [("regex-matches-every-origin", None)],
    r"https://[a-z0-9.-]{1,100}\.com": [("regex-admits-foreign-origins", "https://evil.com")],
    r"https://.{0,200}example\.com": [("regex-admits-foreign-origins", "https://aexample.com")],
    r"^(?=.{1,253}$)https://.*example\.com$": [("regex-admits-foreign-origins", "https://aexample.com")],
    r"https://(.{1,200}\.)?example\.com.*": [("regex-admits-foreign-origins", "https://example.com.co")],
    r"null|https://.{0,200}example\.test": [("origin-null", "null"), ("regex-not-decided", None)],
    r"https://.{1,200} example\.net": [("regex-not-decided", None)],
    r"https?://(.{1,200}\.)?example\.net": [("regex-not-decided", None), ("origin-insecure", "http://example.net")],
}


@pytest.mark.parametrize(("source", "expected"), UNDECIDED.items(), ids=UNDECIDED)
def test_few_are_tried_where_all_are_too_many(
    source: str, expected: list[tuple[str, str | None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Too few steps for any of these, so that a faster analysis does not undo what is tested here.
    monkeypatch.setattr("fastcors.origins.admitted.analysis.MAX_STEPS", 100)
    pattern = re.compile(source)
    found = regex_faults(compile_origin_regex(pattern), pattern, credentials=True)
    assert [(problem.code, problem.origin) for problem in found] == expected


def test_more_hosts_than_are_followed() -> None:
    pattern = re.compile(rf"https://{'[ab]' * 12}\.com")
    (problem,) = regex_faults(compile_origin_regex(pattern), pattern)
    assert problem.code == "regex-admits-foreign-origins"


def test_more_steps_than_allowed() -> None:
    pattern = re.compile(r"https://(.*a.{12}|b)\.example\.com")
    automaton = compile_origin_regex(pattern, max_steps=10**8, max_states=10**5)
    assert [problem.code for problem in regex_faults(automaton, pattern)] == ["regex-not-decided"]
    assert sample_origins(automaton, pattern) == ([], [])


@pytest.mark.parametrize("suffixes", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("source", [*FOREIGN, *SOUND, *(row.pattern for row in UNDER_SUFFIXES.values())])
def test_ordinary_pattern_takes_few_steps(
    source: str, suffixes: PublicSuffixes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fastcors.origins.admitted.analysis.MAX_STEPS", ORDINARY_STEPS)
    pattern = re.compile(source)
    analysis = RegexAnalysis(compile_origin_regex(pattern), pattern, suffixes)
    analysis.admits_nothing()
    analysis.admits_every_origin_of()
    analysis.foreign_origin()
    analysis.unescaped_dot()


def test_decided_once() -> None:
    pattern = re.compile(r"https://.*once\.com")
    automaton = compile_origin_regex(pattern)
    first = regex_faults(automaton, pattern)
    assert first
    again = regex_faults(automaton, pattern)
    assert again[0] is first[0]
    first.clear()  # the list is the caller's
    assert again == regex_faults(automaton, pattern)


@pytest.mark.parametrize("source", [*(row.pattern for row in PATTERNS.values()), *FOREIGN, *SOUND])
def test_what_is_shown_passes(source: str) -> None:
    pattern = re.compile(source, re.VERBOSE if source.startswith("\n") else 0)
    for suffixes in LISTS.values():
        analysis = RegexAnalysis(compile_origin_regex(pattern), pattern, suffixes)
        dot = analysis.unescaped_dot()
        for origin in (analysis.foreign_origin(), dot and dot[1]):
            assert origin is None or pattern.fullmatch(origin)


def test_question_mark_that_makes_a_letter_before_the_domain_optional() -> None:
    assert codes_of(r"https://x?acme\.com") == []


def test_hosts_that_cannot_be() -> None:
    assert codes_of(r"https://[a-z]{64}\.com") == []
    assert codes_of(r"https://[a-z]{60}\.[a-z]{60}\.[a-z]{60}\.[a-z]{60}\.[a-z]{10}\.com") == []


@pytest.mark.parametrize(("count", "expected"), [(800, []), (2_500, ["regex-not-decided"])])
def test_not_decided_where_too_many_hosts_are_spelled_out(count: int, expected: list[str]) -> None:
    pattern = re.compile("https://(" + "|".join(map(str, range(count))) + r")\.com")
    automaton = compile_origin_regex(pattern, max_steps=10**8, max_states=10**5)
    assert [problem.code for problem in regex_faults(automaton, pattern)] == expected


COPIES = {
    "of nothing": "(?:" * 30 + "(?:)" + "){2}" * 30,
    "of anchors": "(?:" * 30 + "^" + "){2}" * 30,
    "of a set": "(?:" * 30 + "[a-z]" + "){2}" * 30,
    "that are optional": "(?:" * 12 + "^|){4}" * 12,
}


@pytest.mark.parametrize("source", COPIES.values(), ids=COPIES)
def test_copies_of_what_spells_out_nothing_count(source: str) -> None:
    with pytest.raises(NoAutomaton, match="too many hosts"):
        spelled_hosts(re.compile(source))


def test_pattern_too_long_to_be_parsed_is_tried() -> None:
    pattern = re.compile(r"https://.*example\.com|" + "a" * LONGEST)
    with pytest.raises(NoAutomaton, match=f"more than {LONGEST:,} characters"):
        compile_origin_regex(pattern)
    assert [problem.code for problem in regex_faults(None, pattern)] == []
    every = re.compile("https://.*|" + "a" * LONGEST)
    assert [problem.code for problem in regex_faults(None, every)] == ["regex-matches-every-origin"]


def test_the_construction_leaves_fewer_steps_to_the_analysis() -> None:
    pattern = re.compile(r"https://.*example\.com")
    automaton = compile_origin_regex(pattern)
    assert [problem.code for problem in regex_faults(automaton, pattern)] == ["regex-admits-foreign-origins"]
    costly = dataclasses.replace(automaton, steps=10**6)
    with pytest.raises(NoAutomaton):
        RegexAnalysis(costly, pattern, installed())


@pytest.mark.parametrize("source", ["https://" + ".*a" * 30, "x" * 2_000], ids=["slow", "long"])
def test_confirmation_that_may_take_long_is_left_out(source: str) -> None:
    assert is_confirmed(re.compile(source), "https://a.com")
    assert not is_confirmed(re.compile("https://.*a"), "https://a.com")


def test_what_is_not_confirmed_by_re_is_not_shown() -> None:
    automaton = compile_origin_regex(re.compile(r"https://.*example\.com"))
    assert regex_faults(automaton, re.compile(r"another")) == []


# Drawn patterns: sound or not by construction.

LABELS = st.sampled_from(["a", "b", "ab", "example", "shop", "xn--a", "x-y", "1a"])
DOMAINS = st.tuples(LABELS, st.sampled_from(["com", "net", "org", "de"])).map(".".join)
WHOLE_LABELS = ("", r"(?:[a-z0-9-]+\.)*", r"(?:.+\.)?", r".*\.", r"[^.]+\.", r"(?:www\.|.*\.app\.)?", r"(?!x)(?:.*\.)?")
PART_LABELS = (".*", ".+", r"\w*", "[a-z]+", "[^/]*", r"[\w-]+", "(?:.*-)?", ".{0,3}", r"(?:.+\.)?.*", r"\S*\.?", "a*")
SCHEMES = st.sampled_from(["https://", "https?://", "http://", "(?:https://)?", "(?:http|https)://"])
PORTS = st.sampled_from(["", r"(:\d+)?", r":\d+", "(?::8080)?", r"(?::[1-9]\d{0,4})?"])
AFTER = (".*", "[^/]*", r"(?:\..*)?", r"\b.*", r"[a-z.]*", r".+", r"\.[a-z]+")
TOPS = (r"[a-z]+", r"\w{2,3}", ".*", r"(?:com|[a-z]{2})", r"[^/]+", r"[a-z.]+")


@st.composite
def sound_alternatives(draw: st.DrawFn, escaped: bool = True) -> tuple[str, set[str]]:
    """Draw alternatives for the domains drawn, which alone they admit."""
    domains_drawn = draw(st.lists(DOMAINS, min_size=1, max_size=3))
    alternatives = [
        draw(SCHEMES) + draw(st.sampled_from(WHOLE_LABELS)) + re.escape(domain) + draw(PORTS)
        for domain in domains_drawn
    ]
    return "|".join(f"(?:{alternative})" for alternative in alternatives), set(domains_drawn)


@settings(max_examples=max(1, EXAMPLES // 10), deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=sound_alternatives())
def test_sound_by_construction(drawn: tuple[str, set[str]]) -> None:
    source, _ = drawn
    assert codes_of(source, suffixes=PublicSuffixes()) == []


@settings(max_examples=max(1, EXAMPLES // 10), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    sound=sound_alternatives(),
    domain=DOMAINS,
    scheme=SCHEMES,
    port=PORTS,
    mistake=st.one_of(
        st.sampled_from(PART_LABELS).map(lambda part: (part, None, "")),
        st.sampled_from(AFTER).map(lambda after: ("", None, after)),
        st.sampled_from(TOPS).map(lambda top: ("", top, "")),
    ),
    first=st.booleans(),
)
def test_unsound_by_construction(
    sound: tuple[str, set[str]],
    domain: str,
    scheme: str,
    port: str,
    mistake: tuple[str, str | None, str],
    first: bool,
) -> None:
    before, top, after = mistake
    # With another top-level domain than its own, the pattern does not spell out `domain`.
    own = sound[1] | ({domain} if top is None else set())
    label, _, own_top = domain.partition(".")
    mistaken = rf"{scheme}{before}{re.escape(label)}\.{top or own_top}{after}{port}"
    source = f"{mistaken}|{sound[0]}" if first else f"{sound[0]}|{mistaken}"
    (problem,) = problems_of(source, suffixes=PublicSuffixes())
    assert problem.code == "regex-admits-foreign-origins"
    assert problem.origin is not None
    host = re.fullmatch(r"https?://([a-z0-9.-]+?)\.?(:\d+)?", problem.origin)
    assert host is not None
    assert ".".join(host[1].split(".")[-2:]) not in own


# Drawn patterns: whatever they are, beside all short hosts.

SHORT_HOSTS = ["".join(text) for length in range(9) for text in itertools.product("a.-", repeat=length)]
WELL_FORMED = [host for host in SHORT_HOSTS if re.fullmatch(r"(?:[a-]+\.)*a(?:[a-]*a)?\.a[a-]*a\.?", host)]


def brute_force(pattern: re.Pattern[str]) -> set[str]:
    """Return the registrable domains of the short hosts that match."""
    hosts = (host.removesuffix(".") for host in WELL_FORMED if pattern.fullmatch(f"https://{host}"))
    return {".".join(host.split(".")[-2:]) for host in hosts}


PIECES = st.sampled_from(["a", r"\.", "-", ".", "a*", "a+", ".*", r"\.?", "-?", "[a-]", "[^a]", "a{2}", r"\.a", "aa"])
SOURCES = st.recursive(
    st.lists(PIECES, min_size=1, max_size=6).map("".join),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        st.tuples(inner, inner).map("".join),
        inner.map(lambda source: f"(?:{source})*"),
        inner.map(lambda source: f"(?:{source})?"),
        inner.map(lambda source: f"(?!{source})"),
    ),
    max_leaves=4,
)


@settings(max_examples=max(1, EXAMPLES // 10), deadline=None, suppress_health_check=list(HealthCheck))
@given(source=SOURCES)
def test_domains_beside_all_short_hosts(source: str) -> None:
    pattern = re.compile(f"https://(?:{source})")
    automaton = compile_origin_regex(pattern)
    moves = Moves(automaton, Budget(MAX_STEPS))
    found = AdmittedDomains(moves, domains("https"), moves.after(b"https://", automaton.start), frozenset())
    expected = brute_force(pattern)
    if not found.more_than(1_000):
        assert expected <= set(found.domains())
    for excluded in (set(), expected, set(itertools.islice(sorted(expected), 2))):
        rest = AdmittedDomains(moves, domains("https"), moves.after(b"https://", automaton.start), frozenset(excluded))
        shortest = rest.shortest()
        left = {domain for domain in expected if domain not in excluded}
        assert shortest is not None or not left
        if shortest is not None:
            assert pattern.fullmatch(f"https://{shortest.decode()}")
            domain = ".".join(re.sub(r":\d+$", "", shortest.decode()).removesuffix(".").split(".")[-2:])
            assert domain not in excluded


# Public suffixes.


def test_registrable_domains_are_those_of_publicsuffixlist() -> None:
    reference = importlib.import_module("publicsuffixlist").PublicSuffixList()
    text = Path(importlib.import_module("publicsuffixlist").PSLFILE).read_text(encoding="utf-8")
    suffixes, lines = PublicSuffixes(text), text.splitlines()
    rules = [line.lstrip("!").replace("*", "any") for line in lines if line and not line.startswith("//")]
    assert len(rules) > 5_000
    for rule in rules[:: max(1, 30_000 // EXAMPLES)]:
        suffix = ".".join(label if label.isascii() else label.encode("idna").decode() for label in rule.split("."))
        for host in (suffix, f"a.{suffix}", f"b.a.{suffix}", f"b.a.{suffix}."):
            assert suffixes.registrable(host) == reference.privatesuffix(host.removesuffix("."))


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("example.com", "example.com"),
        ("a.b.example.co.uk", "co.uk"),
        ("localhost", None),
        ("", None),
        ("a..com", None),
        (".example.com", None),
        ("127.0.0.1", None),
        ("[::1]", None),
        ("a.xn--.com", "xn--.com"),
        ("a.xn--\xff.com", "xn--\xff.com"),
        ("a.xn--zz.zz", "xn--zz.zz"),
    ],
)
def test_registrable_domain_without_a_list(host: str, domain: str | None) -> None:
    assert PublicSuffixes().registrable(host) == domain


def test_public_suffixes_under_two_labels() -> None:
    suffixes = PublicSuffixes(
        "// a comment.co.uk\n\ncom\nco.uk\nsub.co.uk\n*.wild.co.uk\n!not.wild.co.uk\n*.ck\n公.公.cn\n"
    )
    assert suffixes.under("co.uk") == ["co.uk", "*.wild.co.uk", "sub.co.uk"]
    assert suffixes.under("example.com") == []
    assert suffixes.under("any.ck") == ["any.ck"]
    assert suffixes.under("xn--55q.cn") == ["xn--55q.xn--55q.cn"]


@pytest.mark.parametrize("missing", ["package", "attribute", "file"])
def test_without_publicsuffixlist(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    package = importlib.import_module("publicsuffixlist")
    if missing == "package":
        monkeypatch.setitem(sys.modules, "publicsuffixlist", None)
    elif missing == "attribute":
        monkeypatch.delattr(package, "PSLFILE")
    else:
        monkeypatch.setattr(package, "PSLFILE", "missing")
    installed.cache_clear()
    try:
        assert codes_of(r"https://without-.*\.co\.uk") == []
        assert codes_of(r"https://without-.*\.app\.github\.dev") == ["regex-admits-foreign-origins"]
    finally:
        monkeypatch.undo()
        installed.cache_clear()
    assert codes_of(r"https://without-.*\.co\.uk") == ["regex-admits-foreign-origins"]


ON_PLATFORMS = {
    r"https://.*\.vercel\.app": "https://a.vercel.app",
    r"https://.*\.app\.github\.dev": "https://a.app.github.dev",
    r"https://.*\.amazonaws\.com": "https://a.s3.amazonaws.com",
    r"https://.*\.us-east-1\.elb\.amazonaws\.com": "https://a.us-east-1.elb.amazonaws.com",
    r"https://.*\.s3\.eu-west-1\.amazonaws\.com": "https://a.s3.eu-west-1.amazonaws.com",
    r"https://.*\.windows\.net": "https://a.web.core.windows.net",
    r"https://.*\.my\.salesforce\.com": "https://a.my.salesforce.com",
    r"https://[a-z0-9-]+-3000\.euw\.devtunnels\.ms": "https://a-3000.euw.devtunnels.ms",
    r"https://3000-.*\.gitpod\.io": "https://3000-a.a.gitpod.io",
    r"https://my-team\.my\.salesforce\.com": None,
    r"https://my-app\.vercel\.app": None,
    r"https://.*\.my-app\.fly\.dev": None,
}


@pytest.mark.parametrize("suffixes", [installed(), PublicSuffixes("\n".join(PLATFORMS))], ids=["with", "without"])
@pytest.mark.parametrize(("source", "origin"), ON_PLATFORMS.items(), ids=ON_PLATFORMS)
def test_a_name_on_a_platform(source: str, origin: str | None, suffixes: PublicSuffixes) -> None:
    assert [problem.origin for problem in problems_of(source, suffixes=suffixes)] == [origin] * (origin is not None)


def test_a_platform_is_a_rule_of_the_public_suffix_list() -> None:
    assert len(PLATFORMS) > 500
    for rule in PLATFORMS:
        assert re.fullmatch(r"(\*\.)?([a-z0-9-]+\.)+[a-z]+", rule)
        name = f"a.{rule.replace('*', 'any')}"
        # None: what stands before the domain is part of a longer suffix.
        assert installed().registrable(name) in (name, None)


# Samples.


@pytest.mark.parametrize("source", [*(row.pattern for row in PATTERNS.values()), *SOUND, *list(FOREIGN)[::3]])
def test_samples_are_what_they_are_said_to_be(source: str) -> None:
    pattern = re.compile(source, re.VERBOSE if source.startswith("\n") else 0)
    automaton = compile_origin_regex(pattern)
    admitted, refused = sample_origins(automaton, pattern)
    for samples in (admitted, refused):
        assert len(set(samples)) == len(samples) <= 5
    assert admitted or problems_of(source, pattern.flags)[0].code == "regex-matches-no-origin"
    assert refused or problems_of(source, pattern.flags)[0].severity != "note"
    assert all(pattern.fullmatch(origin) for origin in admitted)
    assert not any(pattern.fullmatch(origin) for origin in refused)


SAMPLES = {
    r"https://(app|api)\.example\.com": (
        ["https://api.example.com", "https://app.example.com"],
        ["https://api.example.com.evil.com", "https://evilexample.com", "https://example.com"],
    ),
    r"http://localhost:(3000|5173)": (
        ["http://localhost:3000", "http://localhost:5173"],
        ["http://localhost.evil.com", "http://evillocalhost", "http://localhost"],
    ),
    r"null|moz-extension://[0-9]": (
        ["null", "moz-extension://1"],
        ["moz-extension://1.evil.com", "https://1", "moz-extension://1:8080"],
    ),
    r"http://10\.0\.0\.[12]": (
        ["http://10.0.0.1", "http://10.0.0.2"],
        ["http://10.0.0.1.evil.com", "https://10.0.0.1", "http://10.0.0.1:8080"],
    ),
    r"(?!)": ([], ["https://example.com.evil.com", "https://evilexample.com", "https://example.com"]),
    r"(?s).*": (["null", "http://a.aa", "https://a"], []),
}


@pytest.mark.parametrize(("source", "admitted", "refused"), [(key, *row) for key, row in SAMPLES.items()], ids=SAMPLES)
def test_samples(source: str, admitted: list[str], refused: list[str]) -> None:
    automaton = compile_origin_regex(re.compile(source))
    assert sample_origins(automaton, re.compile(source), count=3) == (admitted, refused)


def test_operators_are_known_by_their_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    """On PyPy their `str` is a number."""
    monkeypatch.setattr(type(importlib.import_module("re._constants").LITERAL), "__str__", int.__repr__, raising=False)
    assert spelled_hosts(re.compile(r"https://repr\.example[12]")) == {"repr.example1", "repr.example2"}


# On their own.


def test_neither_the_middleware_nor_starlette_is_needed() -> None:
    code = (
        "import sys, types; package = types.ModuleType('fastcors'); package.__path__ = [sys.argv[1]]\n"
        "sys.modules['fastcors'] = package\n"
        "import re\n"
        "from fastcors.origins.admitted.faults import regex_faults\n"
        "from fastcors.origins.regex.automaton import compile_origin_regex\n"
        "pattern = re.compile('https://.*example[.]com')\n"
        "print(regex_faults(compile_origin_regex(pattern), pattern)[0].origin)\n"
        "print({'starlette', 'fastcors.middleware', 'fastcors.core.policy'} & set(sys.modules))"
    )
    where = str(Path(public_suffixes.__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", code, where], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["https://aexample.com", "set()"]
