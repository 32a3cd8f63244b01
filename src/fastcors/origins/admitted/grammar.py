"""Well-formed origins, as browsers send them, as tables to walk through an automaton with.

HTML, "serialization of an origin": a scheme, a host, and a port that is not the scheme's default; or `null`. The host
is one that the URL standard's host serializer writes: a domain in lower case, or an address.
"""

import functools
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from ...standard.origins import DEFAULT_PORTS

# In each set what reads best comes first: searches take the first octet that leads on.
LETTERS = b"abcdefghijklmnopqrstuvwxyz"
DIGITS = b"1234567890"
ALPHANUMERIC = LETTERS + DIGITS
# URL, "forbidden domain code point": all else may be in a host, though no registrar has it for sale.
HOST = ALPHANUMERIC + b"-_!\"$&'()*+,;=`{}~"
_HEXADECIMAL = b"123456789abcdef0"
_SCHEME = ALPHANUMERIC + b"+-."
_OPAQUE = HOST + LETTERS.upper() + b".:[]%"

Steps: TypeAlias = dict[str, list[tuple[bytes, str]]]


class Grammar(NamedTuple):
    """Any of some octets leads from a phase to the next; several steps may take the same octet.

    `ends` are the phases where an origin may end, `domain` those that read its registrable domain.
    """

    start: str
    steps: Steps
    ends: frozenset[str]
    domain: frozenset[str] = frozenset()


def _port(default: str) -> tuple[Steps, set[str]]:
    """Return the steps from the phase `:` on and where they may end: up to five digits, no zero first, no `default`."""
    steps: Steps = {f"{length} digits": [(DIGITS, f"{length + 1} digits")] for length in range(1, 5)}
    steps["5 digits"] = []
    phase = ":"
    digits = DIGITS[:-1]
    for length, digit in enumerate(default, 1):
        octet = digit.encode()
        steps[phase] = [(octet, phase + digit), (digits.replace(octet, b""), f"{length} digits")]
        phase += digit
        digits = DIGITS
    steps[phase] = [(DIGITS, f"{len(default) + 1} digits")]
    return steps, set(steps) - {":", phase}


@functools.cache
def hosts(scheme: str) -> Grammar:
    """Return what may follow `scheme://`. It is a little too wide: of an address only the characters are looked at."""
    steps, ends = _port(DEFAULT_PORTS[scheme])
    steps["host"] = [(HOST, "label"), (b"[", "IPv6")]
    steps["label"] = [(HOST, "label"), (b".", "dot"), (b":", ":")]
    # A host may end in the dot of the root.
    steps["dot"] = [(HOST, "label"), (b":", ":")]
    steps["IPv6"] = [(_HEXADECIMAL, "IPv6"), (b":", "IPv6"), (b"]", "address")]
    steps["address"] = [(b":", ":")]
    return Grammar("host", steps, frozenset({*ends, "label", "dot", "address"}))


@functools.cache
def addresses(scheme: str) -> Grammar:
    """Return what may follow `scheme://` with an IPv4 address in it, of whose numbers only the digits are looked at."""
    steps, ends = _port(DEFAULT_PORTS[scheme])
    for number in range(4):
        steps[f"number {number}"] = [(DIGITS, f"in number {number}")]
        steps[f"in number {number}"] = [(DIGITS, f"in number {number}"), (b".", f"number {number + 1}")]
    steps["in number 3"] = [(DIGITS, "in number 3"), (b":", ":")]
    return Grammar("number 0", steps, frozenset({*ends, "in number 3"}))


@functools.cache
def other_origins() -> Grammar:
    """Return origins of other schemes than the web's: of extensions, of apps in a web view and the like."""
    steps: Steps = {
        "scheme": [(_SCHEME, "scheme"), (b":", "colon")],
        "colon": [(b"/", "slash")],
        "slash": [(b"/", "opaque")],
        "opaque": [(_OPAQUE, "opaque")],
        "https": [(_SCHEME, "scheme")],
    }
    for length, letter in enumerate("https"):
        read, octet = "https"[:length], letter.encode()
        steps[read] = [(octet, read + letter), ((_SCHEME if read else LETTERS).replace(octet, b""), "scheme")]
        if read and read not in DEFAULT_PORTS:
            steps[read].append((b":", "colon"))
    return Grammar("", steps, frozenset({"opaque"}))


def domains(scheme: str, suffixes: Iterable[str] | None = None) -> Grammar:
    """Return what may follow `scheme://` and has a registrable domain: a label before one of `suffixes`, or before any
    top-level domain when there are none given. A `*` in a suffix is any label.
    """
    steps, ends = _port(DEFAULT_PORTS[scheme])
    suffix, complete = _any_top() if suffixes is None else _tree(suffixes)
    for phase in complete:
        suffix[phase] += [(b".", "root"), (b":", ":")]
    steps |= suffix
    steps["host"] = [(HOST, "label"), (ALPHANUMERIC, "domain")]
    steps["label"] = [(HOST, "label"), (b".", "host")]
    steps["domain"] = [(ALPHANUMERIC, "domain"), (b"-", "hyphen"), (b".", "suffix")]
    steps["hyphen"] = [(ALPHANUMERIC, "domain"), (b"-", "hyphen")]
    steps["root"] = [(b":", ":")]
    return Grammar("host", steps, frozenset({*ends, *complete, "root"}), frozenset({"domain", "hyphen", *suffix}))


def _any_top() -> tuple[Steps, set[str]]:
    """A top-level domain has two characters or more and begins with a letter, so that it is no part of an address."""
    more = [(ALPHANUMERIC, "suffix 2"), (b"-", "suffix hyphen")]
    return {
        "suffix": [(LETTERS, "suffix 1")],
        "suffix 1": more,
        "suffix 2": [*more],
        "suffix hyphen": more,
    }, {"suffix 2"}


def _tree(suffixes: Iterable[str]) -> tuple[Steps, set[str]]:
    """Return steps that read each of `suffixes` and where they end. A phase is named for what was read."""
    steps: Steps = {"suffix": []}
    complete = set()
    for suffix in suffixes:
        phase = "suffix"
        for character in suffix:
            taken = HOST if character == "*" else character.encode()
            then = f"{phase} {character}" if phase == "suffix" else phase + character
            if then not in steps:
                steps[phase].append((taken, then))
                steps[then] = [(HOST, then)] if character == "*" else []
            phase = then
        complete.add(phase)
    return steps, complete
