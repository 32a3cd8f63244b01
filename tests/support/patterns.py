"""Draws patterns of `re` and values near what they match, and compares the automaton with `re`.

Each pattern comes with a way to draw a text that it might match. So many pairs match, and many more nearly match. The
automaton also draws values that it accepts. One generator serves Hypothesis and `make fuzz`.
"""

import contextlib
import itertools
import re
import signal
import threading
import warnings
from array import array
from collections.abc import Callable, Iterator
from random import Random
from typing import NamedTuple

from fastcors.origins.regex.automaton import DEAD, OriginAutomaton, compile_origin_regex
from fastcors.origins.regex.budget import NoAutomaton
from support.cases import maybe

LONGEST = 12
MOST_REPEATS = 3
LIMIT = 0.2
"""Seconds of processor time for the values of one pattern. `re` can need exponential time, hours for twelve bytes, so
further values are left out.
"""


class _TooSlow(Exception):
    """`re` needs exponential time."""


def _too_slow(signal_number: int, frame: object) -> None:
    raise _TooSlow


@contextlib.contextmanager
def limited_time(seconds: float) -> Iterator[None]:
    """Leave the block after this much processor time. That needs the main thread, and a system with such a timer."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return
    previous = signal.signal(signal.SIGVTALRM, _too_slow)
    try:
        # Stopping the timer is inside the block, because the signal may still come during it.
        with contextlib.suppress(_TooSlow):
            try:
                signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
                yield
            finally:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    finally:
        signal.signal(signal.SIGVTALRM, previous)


class Item(NamedTuple):
    """A piece of a pattern, and a function that draws a text for it."""

    source: str
    text: Callable[[Random], str]
    width: int | None = None
    """How many characters it takes, if that is fixed."""


# Letters that fold into latin-1, or out of it: long s, Kelvin, Angstrom, Y with diaeresis, both kinds of mu, sharp s,
# dotted and dotless i; then one that does neither, and one outside the basic plane.
FOLDING = "\u017f\u212a\u212b\u0178\u03bc\u039c\xb5\u1e9e\u0130\u0131\u65e5\U0001f600"
PLAIN = "aabbks.-:/_0 \n\xe9\xc9\xff\xdf\xe5"
NEAR = "abcKkSsIiy.-:/_019 \n\t\r\x1c\x85\xa0\xe9\xc9\xff\xdf\xb5\xe5\xc5\xaa\x00\x7f"

SETS: tuple[tuple[str, str], ...] = (
    (".", "ab.\xe9-"),
    (r"\w", "ab_0\xe9\xaa"),
    (r"\d", "019"),
    (r"\s", " \n\t\x1c\x85\xa0"),
    (r"\W", ".-/ \n"),
    (r"\D", "ab.\xe9"),
    (r"\S", "ab.\xe9"),
    ("[ab]", "ab"),
    ("[a-z0-9-]", "abz09-"),
    ("[A-Z]", "ABks"),
    ("[^a]", "b.\n\xe9A"),
    ("[^.]", "ab-\n"),
    (r"[\w.-]", "ab.-_"),
    (r"[^\W\d_]", "ab\xe9"),
    (r"[^\s\S]", "a"),
    (r"[\s\S]", "a\n"),
    (r"[^\n]", "a\n"),
    ("[\u0100-\u0200k]", "sSkKy"),
    ("[^\u212a]", "kKab"),
    ("[^\u017f-\u212b]", "sSkKa"),
    ("[\xe0-\xff]", "\xe9\xc9\xff\xe5"),
    (r"[^\x00-\x7f]", "\xe9\x85\xff"),
    (r"[a\-\]^]", "a-]^"),
    ("[[a]", "[a"),
    ("[a||b]", "ab|"),
)

ANCHORS = ("^", "$", r"\A", r"\Z", r"\b", r"\B")
REPEATS = ("*", "+", "?", "{0}", "{1}", "{2}", "{0,1}", "{1,2}", "{2,3}", "{,2}", "{1,}", "{2,}", "{0,3}")
SCOPES = ("i", "s", "m", "a", "u", "-i", "-s", "-m", "i-s", "s-i", "ai", "im")


def _of(pool: str) -> Callable[[Random], str]:
    return lambda random: random.choice(pool)


def _literal(random: Random) -> Item:
    letter = random.choice(FOLDING if maybe(random, 8) else PLAIN)
    source = letter if maybe(random, 4) and letter not in ".-" else re.escape(letter)
    near = [other for other in NEAR if other.casefold() == letter.casefold() or other.lower() == letter.lower()]
    return Item(source, _of("".join(near or "a") + letter * 3), 1)


def _set(random: Random) -> Item:
    source, pool = random.choice(SETS)
    return Item(source, _of(pool), 1)


def _nothing(_random: Random) -> str:
    return ""


def _anchor(random: Random) -> Item:
    return Item(random.choice(ANCHORS), _nothing, 0)


def _sequence(random: Random, depth: int, repeats: int) -> Item:
    items = [_item(random, depth, repeats) for _ in range(random.choice((0, 1, 2, 2, 3, 4)))]
    widths = [item.width for item in items if item.width is not None]
    return Item(
        "".join(item.source for item in items),
        lambda random: "".join(item.text(random) for item in items),
        sum(widths) if len(widths) == len(items) else None,
    )


def _alternation(random: Random, depth: int, repeats: int) -> Item:
    items = [_sequence(random, depth - 1, repeats) for _ in range(random.choice((1, 2, 2, 3)))]
    widths = {item.width for item in items}
    return Item(
        "|".join(item.source for item in items),
        lambda random: random.choice(items).text(random),
        widths.pop() if len(widths) == 1 else None,
    )


def _group(random: Random, depth: int, repeats: int) -> Item:
    inner = _alternation(random, depth, repeats)
    opening = random.choice(("(", "(?:", "(?:", f"(?P<g{random.randrange(10**9)}>", f"(?{random.choice(SCOPES)}:"))
    return inner._replace(source=f"{opening}{inner.source})")


def _repeat(random: Random, depth: int, repeats: int) -> Item:
    inner = random.choice((_literal(random), _set(random), _group(random, depth, repeats - 1)))
    sign = random.choice(REPEATS)
    counts = {"*": (0, 1, 2, 3), "+": (1, 2, 3), "?": (0, 1), "{2,}": (2, 3), "{2}": (2,), "{2,3}": (2, 3)}
    times = counts.get(sign, (0, 1, 2))
    return Item(
        inner.source + sign + random.choice(("", "", "?")),
        lambda random: "".join(inner.text(random) for _ in range(random.choice(times))),
    )


def _look_ahead(random: Random, depth: int, repeats: int) -> Item:
    inner = _alternation(random, depth, repeats)
    return Item(f"(?{random.choice('=!!')}{inner.source})", _nothing, 0)


def _look_behind(random: Random, depth: int, repeats: int) -> Item:
    for _ in range(10):
        inner = _alternation(random, depth, 0)
        if inner.width is not None:
            return Item(f"(?<{random.choice('=!!')}{inner.source})", _nothing, 0)
    return _anchor(random)


def _item(random: Random, depth: int, repeats: int) -> Item:
    kinds = [_literal] * 6 + [_set] * 3 + [_anchor]
    deeper: list[Callable[[Random, int, int], Item]] = [_group, _look_ahead, _look_behind]
    if repeats:
        deeper += [_repeat] * 4
    if depth <= 0 or maybe(random, 2):
        return random.choice(kinds)(random)
    return random.choice(deeper)(random, depth - 1, repeats)


GLOBAL = ("", "", "", "(?i)", "(?i)", "(?s)", "(?m)", "(?a)", "(?ai)", "(?ims)", "(?x)")


class Drawn(NamedTuple):
    pattern: str
    text: Callable[[Random], str]


def drawn_pattern(random: Random) -> Drawn:
    """Draw a pattern. It may be one that `re` refuses, for a look-behind whose width it does not see as fixed."""
    item = _alternation(random, random.choice((1, 2, 3, 4)), MOST_REPEATS)
    return Drawn(random.choice(GLOBAL) + item.source, item.text)


def drawn_value(random: Random, drawn: Drawn) -> bytes:
    """Draw a value that the pattern might match, often with something changed."""
    text = drawn.text(random)[:LONGEST]
    while maybe(random, 2):
        place = random.randrange(len(text) + 1)
        insert = random.choice((random.choice(NEAR), "", text[place : place + 2], "\n"))
        text = text[:place] + insert + text[place + random.randrange(2) :]
    if maybe(random, 8):
        text = text.swapcase()
    return text[:LONGEST].encode("latin-1", "ignore")


def short_values(random: Random, pattern: str) -> list[bytes]:
    """Return all values of up to two bytes over some letters, some of the pattern's among them."""
    letters = sorted({letter for letter in pattern if letter < "\u0100"} | set("a.\n"))
    some = {*random.sample(letters, min(len(letters), 4)), "a", "\n"}
    pairs = itertools.chain.from_iterable(itertools.product(sorted(some), repeat=length) for length in range(3))
    return ["".join(pair).encode("latin-1") for pair in pairs]


def next_states(automaton: OriginAutomaton) -> list[list[int]]:
    """Return the table that the compiled core reads: for each state the next one by class."""
    cells = array("H")
    cells.frombytes(automaton.transitions)
    width = automaton.class_count
    return [cells[at : at + width].tolist() for at in range(0, len(cells), width)]


def accepted_values(random: Random, automaton: OriginAutomaton, most: int) -> list[bytes]:
    """Return values that the automaton accepts, drawn by walking through it."""
    rows = next_states(automaton)
    octets: list[list[int]] = [[] for _ in range(automaton.class_count)]
    for octet, octet_class in enumerate(automaton.classes):
        octets[octet_class].append(octet)
    values = []
    for _ in range(most):
        state = automaton.start
        value = bytearray()
        while len(value) < LONGEST:
            if automaton.accepting[state]:
                values.append(bytes(value))
            ways = [octet_class for octet_class, target in enumerate(rows[state]) if target != DEAD]
            if not ways:
                break
            octet_class = random.choice(ways)
            value.append(random.choice(octets[octet_class]))
            state = rows[state][octet_class]
    return values


class Comparison(NamedTuple):
    """What came of comparing one pattern: `construct` where it has no automaton, `diverging` a value whose verdict
    differs, `left_out` how many values `re` was too slow for.
    """

    pattern: str
    automaton: OriginAutomaton | None = None
    construct: str | None = None
    pairs: int = 0
    matched: int = 0
    left_out: int = 0
    diverging: bytes | None = None


def compare(random: Random, values: int) -> Comparison | None:
    """Draw a pattern and about that many values, and compare. Return None if `re` rejects the pattern."""
    drawn = drawn_pattern(random)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        try:
            pattern = re.compile(drawn.pattern)
        except re.error:
            return None
    try:
        automaton = compile_origin_regex(pattern)
    except NoAutomaton as error:
        return Comparison(drawn.pattern, construct=error.construct)
    pool = {drawn_value(random, drawn) for _ in range(values)}
    pool.update(short_values(random, drawn.pattern), accepted_values(random, automaton, values // 4))
    return _compared(Comparison(drawn.pattern, automaton), pattern, sorted(pool, key=lambda value: (len(value), value)))


def _compared(comparison: Comparison, pattern: re.Pattern[str], values: list[bytes]) -> Comparison:
    """Compare `values`, the shortest first, because `re` may not finish the long ones in time."""
    assert comparison.automaton is not None
    matches = comparison.automaton.matches
    verdicts: list[bool] = []
    with limited_time(LIMIT):
        # Appended results are kept when the time is over.
        verdicts.extend(pattern.fullmatch(value.decode("latin-1")) is not None for value in values)
    diverging = (value for value, expected in zip(values, verdicts, strict=False) if matches(value) is not expected)
    return comparison._replace(
        pairs=len(verdicts),
        matched=sum(verdicts),
        left_out=len(values) - len(verdicts),
        diverging=next(diverging, None),
    )
