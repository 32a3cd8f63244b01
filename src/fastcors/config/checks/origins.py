"""What is wrong with `allow_origins`.

An origin is compared with the Origin header character by character. So it has to be written as a browser writes it
(HTML standard, "serialization of an origin"): scheme, host, and the port where it is not the scheme's own.
"""

import itertools
import re
from collections.abc import Iterator

from ...problems import ConfigProblem, problem, shown

MOST_EXAMINED = 10_000
"""How many origins of another form are looked at, which takes a hundred times as long."""

# Nearly all are of this form: a host that does not end in a number, and perhaps a port.
_USUAL = re.compile(r"(https?)://(?:[a-z0-9_-]{1,63}\.)*[a-z][a-z0-9_-]{0,62}(?::([1-9][0-9]{0,4}))?")
_MOST_OF_A_USUAL_ONE = 250


def origin_problems(origins: list[str], credentials: bool) -> Iterator[ConfigProblem]:
    """Yield what is wrong with each of `origins`, and with all together."""
    unusual = (origin for origin in origins if origin != "*" and not _is_usual(origin, credentials))
    examined = list(itertools.islice(unusual, MOST_EXAMINED))
    if "null" in origins and "null" not in examined:
        # The one that is dangerous is found however many there are.
        examined.append("null")
    for origin in examined:
        yield from _problems_of_one(origin, credentials)
    if "*" in origins:
        yield from _asterisk_problems([origin for origin in origins if origin != "*"], credentials)


def _is_usual(origin: str, credentials: bool) -> bool:
    """Tell at little cost that nothing is wrong with `origin`. False says that it has to be looked at."""
    usual = _USUAL.fullmatch(origin)
    if usual is None or len(origin) > _MOST_OF_A_USUAL_ONE:
        return False
    scheme, port = usual.groups()
    if scheme == "http" and credentials:
        return False
    return port is None or (port not in ("80", "443") and int(port) <= 65535)


def _problems_of_one(origin: str, credentials: bool) -> Iterator[ConfigProblem]:
    # Here, because most configurations do without.
    from .origin_syntax import faults_of

    for fault in faults_of(origin, credentials):
        yield fault.in_parameter("allow_origins", origin)


def _asterisk_problems(others: list[str], credentials: bool) -> Iterator[ConfigProblem]:
    if others:
        yield problem(
            "origin-asterisk-beside-others",
            "allow_origins",
            "*",
            f"it allows every origin, so {shown(others[0])} and whatever else is listed has no effect.",
            "Remove '*' to allow those listed alone, or else remove those.",
        )
    if credentials:
        yield problem(
            "origin-asterisk-with-credentials",
            "allow_origins",
            "*",
            "with allow_credentials=True every page on the web can act and read as the user whose cookies the browser "
            "sends, because each origin is answered as if it were listed.",
            "List the origins that may, such as allow_origins=['https://app.example.com'], or set "
            "allow_credentials=False.",
        )
