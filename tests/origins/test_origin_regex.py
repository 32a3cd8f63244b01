"""The origin regex as an automaton: the verdict of `re.fullmatch`, whatever the pattern, in bounded time."""

import dataclasses
import importlib
import itertools
import os
import re
import sys
import warnings
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from data.origin_patterns import PATTERNS, Row
from fuzzing import fuzz_regex
from hypothesis import HealthCheck, given, settings, strategies as st
from support import patterns

from fastcors.origins.regex import program as regex_program
from fastcors.origins.regex.automaton import DEAD, MAX_STATES, UNIVERSAL, OriginAutomaton, compile_origin_regex
from fastcors.origins.regex.budget import NoAutomaton
from fastcors.origins.regex.parsing import parsed

EXAMPLES = int(os.environ.get("FASTCORS_EXAMPLES", "3000"))

# A step takes less than half a microsecond, so this stands for the five milliseconds that a start-up may take.
ORDINARY_STEPS = 12_000


def automaton_of(pattern: str, flags: int = 0, **limits: int) -> OriginAutomaton:
    return compile_origin_regex(re.compile(pattern, flags), **limits)


# Drawn patterns. Millions of pairs: make fuzz.


@settings(max_examples=max(1, EXAMPLES // 30), deadline=None, suppress_health_check=list(HealthCheck))
@given(random=st.randoms(use_true_random=False))
def test_same_verdict_as_re(random: Any) -> None:
    compared = patterns.compare(random, 20)
    if compared is None:
        return
    assert compared.diverging is None, compared
    if compared.automaton is None:
        assert compared.construct is not None
        assert compared.construct.endswith("inside a look-behind") or compared.construct.startswith("more than")
    else:
        check_tables(compared.automaton)
        assert compared.pairs > 0


def test_same_verdict_on_what_make_fuzz_draws() -> None:
    for number in range(0, EXAMPLES // 10, fuzz_regex.BATCH):
        counts, reproducer = fuzz_regex.batch((number, 4))
        assert reproducer is None, reproducer
        assert counts["pairs that match"] > counts["pairs"] // 10


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="PyPy's re handles no signal while it matches")
def test_make_fuzz_does_not_wait_for_re() -> None:
    reached = []
    with patterns.limited_time(0.05):
        reached.append(re.fullmatch("(?:(?:|a|a){2,}b?)*c", "a" * 30))
    assert reached == []


def test_make_fuzz_reports_a_divergence(monkeypatch: pytest.MonkeyPatch) -> None:
    # An end anchor that forgets the line break before the end.
    monkeypatch.setitem(regex_program._ANCHORS, "AT_END", regex_program._ANCHORS["AT_END_STRING"])
    regex_program._anchor.cache_clear()
    try:
        reproducers = [fuzz_regex.batch((number, 4))[1] for number in range(0, 500, fuzz_regex.BATCH)]
        reproducer = next(filter(None, reproducers))
        assert "$" in reproducer
        with pytest.raises(AssertionError):
            exec(reproducer, {})
    finally:
        monkeypatch.undo()
        regex_program._anchor.cache_clear()
    exec(reproducer, {})


def check_tables(automaton: OriginAutomaton) -> None:
    """The compiled core's table says what the Python one's does, and has no state or class too many."""
    rows = patterns.next_states(automaton)
    assert len(rows) == len(automaton.accepting) == len(automaton.rows)
    assert rows[DEAD] == [DEAD] * automaton.class_count
    assert rows[UNIVERSAL] == [UNIVERSAL] * automaton.class_count
    assert automaton.rows == ((), (), *map(tuple, rows[2:]))
    assert automaton.accepting[:2] == b"\0\1"
    assert list(dict.fromkeys(automaton.classes)) == list(range(automaton.class_count))
    assert len(set(zip(*rows[2:], strict=True))) == (automaton.class_count if rows[2:] else 0)
    assert distinguishable(rows, automaton.accepting) == len(rows)
    assert [state for state in met(rows, automaton.start) if state > UNIVERSAL] == list(range(2, len(rows)))


def distinguishable(rows: list[list[int]], accepting: bytes) -> int:
    """Return how many states a minimal automaton has (Moore's algorithm, where the product uses Hopcroft's)."""
    block_of = list(accepting)
    while True:
        signatures = [(block_of[state], *(block_of[target] for target in row)) for state, row in enumerate(rows)]
        numbers = {signature: number for number, signature in enumerate(dict.fromkeys(signatures))}
        if len(numbers) == len(set(block_of)):
            return len(numbers)
        block_of = [numbers[signature] for signature in signatures]


def met(rows: list[list[int]], start: int) -> list[int]:
    """Return the states that can be reached, nearest first."""
    found = [start]
    for state in found:  # which grows on the way
        found.extend(target for target in dict.fromkeys(rows[state]) if target not in found)
    return found


# Patterns as people write them.


def neighbours(origin: str) -> set[str]:
    """Return `origin` and what one slip makes of it."""
    pairs = [(origin[:place], origin[place:]) for place in range(len(origin) + 1)]
    dropped = {head + tail[1:] for head, tail in pairs}
    added = {head + letter + tail for head, tail in pairs for letter in "a-.:/0\nK\xe9"}
    return {origin, origin.upper(), origin + origin, *dropped, *added}


@pytest.mark.parametrize("row", PATTERNS.values(), ids=PATTERNS)
def test_pattern_as_people_write_it(row: Row) -> None:
    pattern = re.compile(row.pattern, row.flags)
    automaton = compile_origin_regex(pattern, max_steps=ORDINARY_STEPS)
    assert [origin for origin in row.allowed if not automaton.matches(origin.encode("latin-1"))] == []
    assert [origin for origin in row.refused if automaton.matches(origin.encode("latin-1"))] == []
    # The nested repeats of the last rows cost `re` exponential time on longer ones.
    near = {near for origin in row.allowed + row.refused if len(origin) < 60 for near in neighbours(origin)}
    verdicts = {text: pattern.fullmatch(text) is not None for text in near}
    assert {text: automaton.matches(text.encode("latin-1", "ignore")) for text in near} == verdicts
    check_tables(automaton)


def test_there_are_forty_of_them() -> None:
    assert len({(row.pattern, row.flags) for row in PATTERNS.values()}) >= 40


# What each construct means, on every short text over letters that tell it from its likes.

CONSTRUCTS = (
    "",
    "a",
    "^a$",
    "(?m)^a$",
    "(?m)a$\n^b",
    "a$\n",
    "(?m)a$\n",
    "a$\nb",
    "(?m)a$\nb",
    "a$\n\n",
    r"a\Z\n",
    r"\n\Aa",
    "\n^a",
    "(?m)\n^a",
    "(^a|b)*",
    "(a$|b)*",
    r"(?m)(^[ab]$\n?)*",
    r"\ba\b.*",
    r".*\Ba",
    r"\B",
    r"\b",
    r"\B\B",
    r"(\b\w+\b\W*)*",
    r"(?a)\w\b\xe9",
    r"\w\b\xe9",
    r"(?=a)",
    r"(?=a).",
    r"(?!a).",
    r"(?=(?!ab)a).*",
    # Several conditions at once: each has to be met, also when only one of them is decided before the end.
    r"(?=.*a$)(?=.*b).*",
    r"(?=.*a)(?=.*b$).*",
    r"(?=a.*b$)(?=.*ab).*",
    r"(?=.*a$)(?=.*\.)(?!.*b).*",
    r"(?=(?:..)*$)(?=(?:...)*$).*",
    r"((?!ab)[ab])*",
    r"((?=ab|b)[ab])*",
    r"(?!(?!a)b).*",
    r"(?<=a)b",
    r"(?<!a)b|a(?<=a)b",
    r"(.(?<!a))*",
    r".*(?<=a(?<!ba))",
    r".*(?<=^a)b",
    r"(?=.*(?<=ab)$).*",
    r"(?!.*(?<!a)b).*",
    r"(?!.*\bb\b).*",
    r"(?=)",
    r"(?!)",
    r"a|(?!)",
    r"(?<=)a",
    r"(?<!)a",
    r"a{0}b",
    r"(a|){2,3}?b",
    r"(a?|b)+?",
    r"(?:(?=a)|b)*a",
    r"(?:(?=a)){2,}a",
    r"(?:){7}a",
    r"(?:){2,7}a",
    r"(?:)*a",
    r"(a{1,2}){2}",
    r"(a|ab)(b|)",
    r"(?i)\u212a",
    r"(?i)[\u017f]",
    r"(?i)[^\u212a]",
    r"(?ai)\u212a|k",
    r"(?i)\u0178",
    r"(?i)\u03bc",
    r"(?i)\xdf|\u1e9e",
    r"(?i:a)(?-i:b)",
    r"(?s:.)(?-s:.)",
    r"(?a:\w)\w",
    r"(?a)(?u:\w)\w",
    r"(?i)(?-i:a)a",
    r"(?i:(?=k).)a|(?=k).b",
    r"(?s)(?-s:.).",
    r"(?m)(?-m:a$)\n",
    "(?ia:k)(?u:\\w)",
    r"\u65e5|a",
    # As code points, they have the last eight bits of a and b.
    r"\u0161|\u0262\u0161",
    r"[^\u65e5]",
    r"[\U0001f600-\U0001f64fa]",
    r"[\d\D]",
    r"[^\d\s]",
    r"(?P<first>a)(?#a comment)b",
)


@pytest.mark.parametrize("source", CONSTRUCTS)
def test_construct(source: str) -> None:
    pattern = re.compile(source)
    automaton = compile_origin_regex(pattern)
    letters = "abkKsS\n\xe9\xff\xb5" if source.startswith(("(?i", "(?a")) or "\\u" in source else "ab\n.\xe9"
    texts = [
        "".join(text)
        for length in range(5 if len(letters) < 6 else 4)
        for text in itertools.product(letters, repeat=length)
    ]
    verdicts = {text: pattern.fullmatch(text) is not None for text in texts}
    assert {text: automaton.matches(text.encode("latin-1")) for text in texts} == verdicts
    check_tables(automaton)


def test_every_look_ahead_has_to_match() -> None:
    automaton = compile_origin_regex(re.compile(r"(?=https://.*\.com$)(?=.*app.*$)https://.*"))
    assert automaton.matches(b"https://app.com")
    assert not automaton.matches(b"https://x.com")
    assert not automaton.matches(b"https://app.net")


@pytest.mark.parametrize("flags", [0, re.IGNORECASE, re.ASCII, re.IGNORECASE | re.ASCII, re.DOTALL])
@pytest.mark.parametrize(
    "source", [*(source for source, _ in patterns.SETS), *(re.escape(c) for c in patterns.FOLDING), "k", "\xe9"]
)
@pytest.mark.filterwarnings("ignore:Possible:FutureWarning")
def test_each_of_the_256_bytes(source: str, flags: int) -> None:
    pattern = re.compile(source, flags)
    automaton = compile_origin_regex(pattern)
    expected = [octet for octet in range(256) if pattern.fullmatch(chr(octet))]
    assert [octet for octet in range(256) if automaton.matches(bytes((octet,)))] == expected
    assert not automaton.matches(b"")


# What is left to `re`, and what is said of it.

LEFT_TO_RE = {
    r"(a)\1": "a back-reference",
    r"(?P<x>a)(?P=x)": "a back-reference",
    r"(a)?(?(1)b|c)": "a conditional group",
    r"(?>a*)b": "an atomic group",
    r"a*+b": "a possessive repeat",
    r"a{1,2}+b": "a possessive repeat",
    r"b(?<=a(?=b))": "a look-ahead inside a look-behind",
    r"(?<=(?!b)a)b": "a look-ahead inside a look-behind",
    r"a(?<=(?=a)(?<=^)a)": "a look-ahead inside a look-behind",
    r"a(?<=a\b)": r"the word boundary \b inside a look-behind",
    r"a(?<!a\B)": r"the word boundary \B inside a look-behind",
    r"a(?<=a$)": "the end anchor $ inside a look-behind",
    r"(?m)a(?<=a$)": "the end anchor $ inside a look-behind",
    r"a(?<=a\Z)": r"the end anchor \Z inside a look-behind",
    r"(a|b)*a(a|b){20}": f"more than {MAX_STATES:,} states",
    r"(?:.{1000}){1000}": "more than 280,000 steps of construction",
    "(" * 250 + "a" + ")+" * 250: "groups nested too deep",
}


def refusal(pattern: re.Pattern[str]) -> str:
    with pytest.raises(NoAutomaton) as caught:
        compile_origin_regex(pattern)
    assert str(caught.value) == caught.value.construct
    return caught.value.construct


@pytest.mark.parametrize("source", LEFT_TO_RE, ids=lambda source: source[:30])
def test_left_to_re(source: str) -> None:
    assert refusal(re.compile(source)) == LEFT_TO_RE[source]


class Name(str):
    """As `re` names the parts of what it parsed."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


UNKNOWN: dict[str, list[tuple[str, Any]]] = {
    "the unknown construct RECURSE": [(Name("RECURSE"), None)],
    "the unknown construct CATEGORY in a set": [(Name("IN"), [(Name("CATEGORY"), Name("CATEGORY_EMOJI"))])],
    "the unknown construct SCRIPT in a set": [(Name("IN"), [(Name("SCRIPT"), "Latin")])],
    "the unknown anchor AT_GRAPHEME": [(Name("AT"), Name("AT_GRAPHEME"))],
}


@pytest.mark.parametrize("construct", UNKNOWN)
def test_what_a_later_python_may_add(monkeypatch: pytest.MonkeyPatch, construct: str) -> None:
    pattern = re.compile("later")
    with monkeypatch.context() as patched:
        patched.setattr(importlib.import_module("re._parser"), "parse", lambda source, flags: UNKNOWN[construct])
        parsed.cache_clear()
        assert refusal(pattern) == construct
    parsed.cache_clear()


def test_a_python_with_another_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    pattern = re.compile("a")
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "re._parser", None)
        assert refusal(pattern) == "a parser that this Python does not have"


# Hostile input.


@pytest.mark.parametrize("length", [8 * 1024, 1024 * 1024])
@pytest.mark.parametrize(
    ("source", "allowed", "refused"),
    [
        ("https://(a+)+b", "https://{}b", "https://{}"),
        ("(x|x|x)*y", "{x}y", "{x}"),
        (r"https://(\w+-?)+\.example\.com", "https://{}.example.com", "https://{}.example.org"),
        (r"https://.*\.example\.com", "https://{}.example.com", "https://{}.example.com\n"),
    ],
)
def test_long_origin(source: str, allowed: str, refused: str, length: int) -> None:
    automaton = automaton_of(source)
    fill: dict[str, str] = {"x": "x" * length}
    assert automaton.matches(allowed.format("a" * length, **fill).encode())
    assert not automaton.matches(refused.format("a" * length, **fill).encode())


class Counted:
    """Counts the calls that a construction makes, to hold the steps that it counts against what it does.

    `re` parses a pattern once more, and its sets when it is asked about them. That is in proportion to what it did
    before, and no step of ours; the text of a tree is, because it is asked for more than once.
    """

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        ours = str(frame.f_globals.get("__name__")).startswith("fastcors.") or frame.f_code.co_name == "__repr__"
        self.calls += event == "call" and ours


def calls_during(action: Callable[[], object]) -> int:
    counted = Counted()
    previous = sys.getprofile()
    sys.setprofile(counted)
    try:
        action()
    finally:
        sys.setprofile(previous)
    return counted.calls


def attempt(pattern: re.Pattern[str], steps: int) -> OriginAutomaton | None:
    try:
        return compile_origin_regex(pattern, max_steps=steps)
    except NoAutomaton as reason:
        if "more than" not in reason.construct:
            raise
        return None


WORDS = ["".join(letters) for letters in itertools.islice(itertools.permutations("secdomainpz", 6), 0, 300_000, 60)]

# As often as this machine's `re` takes.
MOST = f"{{{regex_program.UNBOUNDED - 1}}}"

HUGE = {
    "exponential": "(a|b)*a(a|b){20}",
    "exponential, behind": ".*(?<=a.{20})",
    "counts multiplied": "(?:.{1000}){1000}",
    "counts in counts": "((a{1,100}){1,100}){1,100}",
    "nothing, often": f"(?:(?:){MOST}){MOST}",
    "perhaps, often": "(?:a?){100000}",
    "perhaps, often, in a set": "(?:a?){300}a{300}",
    "looking, often": "(?:(?=a)){100000}",
    "looking for something long, often": "(?:(?=" + "ab?" * 300 + ")){5000}",
    "a large set, often": "(?:[" + "".join(map(chr, range(0x4E00, 0x6000))) + "]){4000}",
    "looking for much": "".join(f"(?=.*{letter})" for letter in "abcdefghijklmnopqrst") + ".*",
    "looking in a loop": "(?:" + "|".join(f"(?={letter})" for letter in "abcdefghijklmnopqrst") + ")*.*",
    "looking behind in a loop": "(?:" + "|".join(f"(?<={letter}.)." for letter in "abcdefghijklmnopqrst") + ")*",
    "repeats in a row": "x*" * 2000,
    "repeats in repeats": "(" * 60 + "a*" + ")*" * 60,
    "a window": ".*foo.{0,200}bar.{0,200}",
    "five thousand names": "https://(?:" + "|".join(WORDS) + r")\.example\.com",
    "many sets": "".join(f"[\\x{octet:02x}-\\xff].*" for octet in range(256)),
}


@pytest.mark.parametrize("source", HUGE.values(), ids=HUGE)
def test_construction_is_bounded(source: str) -> None:
    pattern = re.compile(source)
    steps = 20_000
    assert calls_during(lambda: attempt(pattern, steps)) < 5 * steps
    automaton = attempt(pattern, 5 * steps)
    assert automaton is None or len(automaton.accepting) <= MAX_STATES + 2


LARGE = {
    "conditions": "".join(f"(?!{chr(0x100 + number)})" for number in range(300)) + "a",
    "joined sets of threads": "[ab]*[ac]*" * 40,
}


@pytest.mark.parametrize("source", LARGE.values(), ids=LARGE)
def test_size_counts(source: str) -> None:
    """What makes no calls but handles large sets is counted too: without that, these would be well within."""
    pattern = re.compile(source)
    assert attempt(pattern, 35_000) is None
    assert attempt(pattern, 100_000) is not None


def test_a_thousand_names_fit() -> None:
    assert len(set(WORDS)) == 5000
    automaton = automaton_of("https://(?:" + "|".join(WORDS[::5]) + r")\.example\.com")
    for word in WORDS[:100]:
        assert automaton.matches(f"https://{word}.example.com".encode()) is (word in WORDS[::5])


# One automaton for one language.

ALIKE = (
    ("a|b", "[ab]", "(?:b|a)", "(?P<x>a)|b", "[b-b]|a{1}"),
    ("a*", "(a*)*", "(a|aa)*", "a*?", "(?:|a+)", "^a*$", r"\Aa*\Z", "(a?){0,}"),
    ("(?i)a", "[aA]", "(?i:a)", "A|a"),
    ("(?s).*", r"[\s\S]*", r"(?:\n|.)*", "(?=)(?s:.)*", r"(?=[\s\S]*)[\s\S]*"),
    ("(?!)", "a(?<!a)", r"[^\s\S]", "(?=a)b", r"\u65e5"),
    (r"(?!a).", "[^a\n]", r"(?=[^a]).", r".(?<!a)"),
    ("https?://a", "http://a|https://a", "(?:https|http)://a"),
    (r"\d{2,4}", r"\d\d\d?\d?", r"\d\d(?:\d(?:\d)?)?"),
    ("a$", r"a\Z", "a", "(?m)a$"),
    (r"(?!.*b)[abc]*", "[ac]*"),
)


@pytest.mark.parametrize("sources", ALIKE, ids=lambda sources: str(sources[0]))
def test_alike_patterns_have_equal_automata(sources: tuple[str, ...]) -> None:
    automata = {automaton_of(source) for source in sources}
    assert len(automata) == 1
    check_tables(automata.pop())


def test_different_patterns_have_different_automata() -> None:
    assert len({automaton_of(sources[0]) for sources in ALIKE}) == len(ALIKE)


def test_sinks() -> None:
    assert automaton_of("(?!)").start == DEAD
    assert automaton_of("(?s).*").start == UNIVERSAL
    automaton = automaton_of("(?s)ab.*")
    assert (automaton.class_count, len(automaton.accepting)) == (3, 4)
    assert automaton.matches(b"ab\n\xff")
    assert not automaton.matches(b"b" + b"ab" * 9)


# The object and its surroundings.


def test_automaton_cannot_be_changed() -> None:
    automaton = automaton_of("a")
    with pytest.raises(dataclasses.FrozenInstanceError):
        automaton.start = 0  # type: ignore[misc]  # that is what is tried
    for name in ("classes", "accepting", "transitions"):
        assert type(getattr(automaton, name)) is bytes
    assert type(automaton.rows) is tuple
    assert {type(row) for row in automaton.rows} == {tuple}
    assert hash(automaton) == hash(automaton_of("a"))


def test_warnings_are_not_repeated(recwarn: pytest.WarningsRecorder) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        compiled = [re.compile(source) for source in ("[[a]", "[+--a]", "[a&&b]", "[a~~b]", "[a||b]")]
    for pattern in compiled:
        assert compile_origin_regex(pattern).matches(b"a") is (pattern.fullmatch("a") is not None)
    assert recwarn.list == []


def test_debug_output_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    pattern = re.compile("a|bc", re.DEBUG)
    assert "LITERAL" in capsys.readouterr().out
    assert compile_origin_regex(pattern).matches(b"bc")
    assert capsys.readouterr().out == ""
