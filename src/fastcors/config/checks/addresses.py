"""Reads what people write for a range of IP addresses: `http://192.168.*.*:3000`, `192.168.0.0/16`."""

import ipaddress
import re

from .origin_texts import RANGE

# Nobody on the internet has an address in these private networks.
_PRIVATE = tuple(map(ipaddress.IPv4Network, ("10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_ANY_NUMBER = r"\d{1,3}"
_MOST_NUMBERS = 16

_WITH_ASTERISKS = re.compile(r"(?:[0-9]+|\*+)(?:\.(?:[0-9]+|\*+)){0,3}")
ANY_PORT = r"(:\d+)?"


def host_with_asterisks(host: str) -> str | None:
    """Return a regex for the addresses that `host`, such as `192.168.*`, stands for. Return None if it stands for
    something else, or some of the addresses are public.
    """
    if not _WITH_ASTERISKS.fullmatch(host) or "*" not in host or host.startswith("*"):
        return None
    numbers = ["*" if "*" in part else part for part in host.split(".")]
    if numbers[-1] == "*":
        numbers += ["*"] * (4 - len(numbers))
    fixed = numbers[: numbers.index("*")]
    if len(numbers) < 4 or not all(number in ("*", str(int("0" + number))) for number in numbers if number != "*"):
        return None
    return _of_network(".".join([*fixed, *["0"] * (4 - len(fixed))]), 8 * len(fixed), numbers)


def range_of(text: str) -> str | None:
    """Return a regex for the origins on a range of private addresses, such as `192.168.0.0/16`. It has the port of the
    range, or allows any port if the range has neither a port nor a scheme. Return None if the regex would be too long,
    or some addresses are public.
    """
    found = RANGE.fullmatch(text)
    # If host bits are set, or a number begins with a zero, the text is an address with a path.
    if found is None or ":" in found[2] or not _is_network(found[2], found[3]):
        return None
    length = int(found[3])
    numbers = []
    for at, number in enumerate(found[2].split(".")):
        open_bits = min(max(8 * (at + 1) - length, 0), 8)
        first = int(number) >> open_bits << open_bits
        values = [str(value) for value in range(first, first + (1 << open_bits))]
        numbers.append("*" if open_bits == 8 else values[0] if len(values) == 1 else f"({'|'.join(values)})")
        if open_bits < 8 and len(values) > _MOST_NUMBERS:
            return None
    host = _of_network(found[2], length, numbers)
    port = f":{found[4]}" if found[4] else "" if found[1] else ANY_PORT
    return host and f"{(found[1] or 'http').lower()}://{host}{port}"


def _is_network(address: str, length: str) -> bool:
    try:
        return str(ipaddress.IPv4Network(f"{address}/{length}")) == f"{address}/{length}"
    except ValueError:
        return False


def _of_network(address: str, length: int, numbers: list[str]) -> str | None:
    try:
        network = ipaddress.IPv4Network(f"{address}/{length}", strict=False)
    except ValueError:
        return None
    if not any(network.subnet_of(private) for private in _PRIVATE):
        return None
    return r"\.".join(_ANY_NUMBER if number == "*" else number for number in numbers)
