"""The origins that browsers send, as grammars that are walked side by side with an automaton.

HTML, "serialization of an origin": a scheme, a host, and a port other than the default port; or `null`. The host has
the form that the host serializer of the URL standard writes: a domain in lower case, or an address.
"""

import functools
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from ...standard.origins import DEFAULT_PORTS

# Each set begins with the octets that read best, because searches take the first octet that leads on.
LETTERS = b"abcdefghijklmnopqrstuvwxyz"
DIGITS = b"1234567890"
ALPHANUMERIC = LETTERS + DIGITS
# A host can have every octet that is not a URL "forbidden domain code point", though registrars sell only some.
HOST = ALPHANUMERIC + b"-_!\"$&'()*+,;=`{}~"
_HEXADECIMAL = b"123456789abcdef0"
_SCHEME = ALPHANUMERIC + b"+-."
# No page has one of the last three schemes. A request has the page's origin, also when the page opens a WebSocket.
_NOT_OTHER = (*DEFAULT_PORTS, "ws", "wss", "ftp")
_OPAQUE = HOST + LETTERS.upper() + b".:[]%"

Steps: TypeAlias = dict[str, list[tuple[bytes, str]]]


class Grammar(NamedTuple):
    """A grammar as steps from phase to phase, each by any octet of a set; several steps may take the same octet.

    An origin can end in the phases `ends`. The phases `domain` read its registrable domain.
    """

    start: str
    steps: Steps
    ends: frozenset[str]
    domain: frozenset[str] = frozenset()


def port_steps(default: str) -> tuple[Steps, set[str]]:
    """Return the steps of a port from the phase `:` on, and the phases in which it can end: up to five digits without a
    leading zero, other than `default`.
    """
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
    """Return hosts and ports, which follow `scheme://`. Of an address, only the characters are checked."""
    steps, ends = port_steps(DEFAULT_PORTS[scheme])
    steps["host"] = [(HOST, "label"), (b"[", "IPv6")]
    steps["label"] = [(HOST, "label"), (b".", "dot"), (b":", ":")]
    # A host may end in a dot, which stands for the root.
    steps["dot"] = [(HOST, "label"), (b":", ":")]
    steps["IPv6"] = [(_HEXADECIMAL, "IPv6"), (b":", "IPv6"), (b"]", "address")]
    steps["address"] = [(b":", ":")]
    return Grammar("host", steps, frozenset({*ends, "label", "dot", "address"}))


@functools.cache
def addresses(scheme: str) -> Grammar:
    """Return IPv4 addresses and ports, which follow `scheme://`. Of the numbers, only the digits are checked."""
    steps, ends = port_steps(DEFAULT_PORTS[scheme])
    for number in range(4):
        steps[f"number {number}"] = [(DIGITS, f"in number {number}")]
        steps[f"in number {number}"] = [(DIGITS, f"in number {number}"), (b".", f"number {number + 1}")]
    steps["in number 3"] = [(DIGITS, "in number 3"), (b":", ":")]
    return Grammar("number 0", steps, frozenset({*ends, "in number 3"}))


@functools.cache
def other_origins() -> Grammar:
    """Return origins of schemes other than http and https, such as those of browser extensions."""
    steps: Steps = {
        "scheme": [(_SCHEME, "scheme"), (b":", "colon")],
        "colon": [(b"/", "slash")],
        "slash": [(b"/", "opaque")],
        "opaque": [(_OPAQUE, "opaque")],
    }
    # The beginnings of the schemes that are left out.
    begun = {scheme[:length] for scheme in _NOT_OTHER for length in range(len(scheme) + 1)}
    for read in begun:
        letters = {longer[-1].encode() for longer in begun if longer and longer[:-1] == read}
        others = (_SCHEME if read else LETTERS).translate(None, b"".join(letters))
        steps[read] = [(others, "scheme"), *((letter, read + letter.decode()) for letter in sorted(letters))]
        if read and read not in _NOT_OTHER:
            steps[read].append((b":", "colon"))
    return Grammar("", steps, frozenset({"opaque"}))


def domains(scheme: str, suffixes: Iterable[str] | None = None) -> Grammar:
    """Return the hosts with a registrable domain, and ports, which follow `scheme://`. The domain is a label before one
    of `suffixes`, or by default before any top-level domain. `*` in a suffix is any label.
    """
    steps, ends = port_steps(DEFAULT_PORTS[scheme])
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
    """Return the steps of a top-level domain, and where they end. It has two or more characters and begins with a
    letter, unlike the last number of an address.
    """
    more = [(ALPHANUMERIC, "suffix 2"), (b"-", "suffix hyphen")]
    steps = {"suffix": [(LETTERS, "suffix 1")], "suffix 1": more, "suffix 2": [*more], "suffix hyphen": more}
    return steps, {"suffix 2"}


def _tree(suffixes: Iterable[str]) -> tuple[Steps, set[str]]:
    """Return the steps that read each of `suffixes`, and where they end. A phase is named after the text read."""
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
