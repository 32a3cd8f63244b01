"""The public IPv6 addresses that an automaton accepts as hosts."""

import functools
from collections.abc import Iterator

from ...standard.origins import DEFAULT_PORTS
from .grammar import Grammar, Steps, port_steps
from .walk import Admitted, Moves, Place

# Two unrelated addresses, from different networks.
UNRELATED = (b"[2606:4700:4700::1111]", b"[2a00:1450:4001::1]")

_NONZERO = b"123456789abcdef"
_HEXADECIMAL = _NONZERO + b"0"
_GROUPS = 8
_MOST_BESIDE_ZEROS = 6
"""The most groups of an address besides `::`, which stands for two or more groups of zeros."""

# The beginnings of the first group, and what may follow. 2002, 3fff and the reserved part of 2001 are left out.
_FIRST: Steps = {
    "host": [(b"[", "[")],
    "[": [(b"2", "2"), (b"3", "3")],
    "2": [(b"0", "20"), (_NONZERO, "1 2")],
    "20": [(b"0", "200"), (_NONZERO, "1 3")],
    "200": [(b"1", "2001"), (b"3456789abcdef0", "1 4")],
    "2001": [(b":", "2001:")],
    # With a second group of four digits, the address is in no reserved network.
    "2001:": [(_NONZERO, "2001:1")],
    "2001:1": [(_HEXADECIMAL, "2001:2")],
    "2001:2": [(_HEXADECIMAL, "2001:3")],
    "2001:3": [(_HEXADECIMAL, "2 4")],
    "3": [(b"f", "3f"), (_HEXADECIMAL.replace(b"f", b""), "1 2")],
    "3f": [(b"f", "3ff"), (_HEXADECIMAL.replace(b"f", b""), "1 3")],
    "3ff": [(_HEXADECIMAL.replace(b"f", b""), "1 4")],
    "1 2": [(_HEXADECIMAL, "1 3")],
    "1 3": [(_HEXADECIMAL, "1 4")],
}


def public_address(moves: Moves, scheme: str, state: int) -> str | None:
    """Return a public IPv6 address that is admitted from `state` on, the state after `scheme://`, with a port if it
    needs one; None if there is none.
    """
    text = Admitted(moves, public_addresses(scheme), state).shortest()
    return None if text is None else text.decode()


def are_many(moves: Moves, hosts: Admitted) -> Iterator[bytes]:
    """Yield one of `UNRELATED`, with a port if it needs one, if all of them are among the admitted `hosts`."""
    ends = [Place(moves.after(host, hosts.start.state), "address") for host in UNRELATED]
    if all(end in hosts.edges for end in ends):
        yield UNRELATED[0] + (hosts.shortest(ends[0]) or b"")


@functools.cache
def public_addresses(scheme: str) -> Grammar:
    """Return the global unicast addresses, as a browser writes them, and ports, which follow `scheme://`."""
    steps, ends = port_steps(DEFAULT_PORTS[scheme])
    steps |= _FIRST
    for count in range(1, _GROUPS + 1):
        _add_group(steps, str(count), count, is_last=count == _GROUPS)
    for count in range(2, _MOST_BESIDE_ZEROS + 1):
        _add_group(steps, f"{count} after ::", count, is_last=count == _MOST_BESIDE_ZEROS)
    steps["address"] = [(b":", ":")]
    return Grammar("host", steps, frozenset({*ends, "address"}))


def _add_group(steps: Steps, name: str, count: int, is_last: bool) -> None:
    """Add the steps of a group and of what follows it. `name` says how many groups have been read."""
    has_zeros = name.endswith("::")
    follower = name.replace(str(count), str(count + 1), 1)
    ended: list[tuple[bytes, str]] = [] if is_last else [(b":", f"{name}:")]
    if is_last or has_zeros:
        ended.append((b"]", "address"))
    for length in range(1, 5):
        more = [] if length == 4 else [(_HEXADECIMAL, f"{name} {length + 1}")]
        steps.setdefault(f"{name} {length}", [*more, *ended])
    # Two groups of zeros, or one before `::`, would be part of the `::`.
    steps[f"{name} zero"] = [(octets, then.replace(f"{name}:", f"{name} zero:")) for octets, then in ended]
    if not is_last:
        steps[f"{name} zero:"] = [(_NONZERO, f"{follower} 1")]
        steps[f"{name}:"] = [(_NONZERO, f"{follower} 1"), (b"0", f"{follower} zero")]
    if not has_zeros and count <= _MOST_BESIDE_ZEROS:
        steps[f"{name}:"].append((b":", f"{name}::"))
        begun = f"{count + 1} after ::"
        steps[f"{name}::"] = [(b"]", "address"), *([(_NONZERO, f"{begun} 1")] if count < _MOST_BESIDE_ZEROS else [])]
