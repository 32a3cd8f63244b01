"""The checks of `allow_origins`.

An origin is compared with the Origin header character by character, so it has to be written as a browser writes it
(HTML, "serialization of an origin"): scheme, host, and the port unless it is the default port of the scheme.
"""

import itertools
import re
from collections.abc import Iterator

from ...problems import ConfigProblem, problem, shown
from ...standard.origins import DEFAULT_PORTS, LABEL, MAX_NAME_LENGTH, PORT, is_port

MOST_EXAMINED = 10_000
"""The most origins of another form that are examined: each takes a hundred times as long as a usual one."""

# Nearly all origins have this form: a host whose last label begins with a letter, and perhaps a port.
_USUAL = re.compile(rf"(https?)://(?:{LABEL}\.)*(?=[a-z]){LABEL}(?::({PORT}))?")


def origin_problems(origins: list[str], credentials: bool) -> Iterator[ConfigProblem]:
    """Yield the problems of each of `origins`, and of all together."""
    unusual = (origin for origin in origins if origin != "*" and not _is_usual(origin, credentials))
    examined = list(itertools.islice(unusual, MOST_EXAMINED))
    if "null" in origins and "null" not in examined:
        # The dangerous one is found however many origins there are.
        examined.append("null")
    if examined:
        # Imported late: most configurations never need it.
        from .origin_syntax import faults_of

        for origin in examined:
            for fault in faults_of(origin, credentials):
                yield fault.in_parameter("allow_origins", origin)
    if "*" in origins:
        yield from _asterisk_problems([origin for origin in origins if origin != "*"], credentials)


def _is_usual(origin: str, credentials: bool) -> bool:
    """Tell quickly that `origin` has no problem. False means that it has to be examined."""
    usual = _USUAL.fullmatch(origin)
    if usual is None or len(origin) > MAX_NAME_LENGTH:
        return False
    scheme, port = usual.groups()
    if scheme == "http" and credentials:
        return False
    return port is None or (port not in DEFAULT_PORTS.values() and is_port(port))


def _asterisk_problems(others: list[str], credentials: bool) -> Iterator[ConfigProblem]:
    if others:
        reason = f"it allows every origin, so {shown(others[0])} and whatever else is listed has no effect."
        fix = "Remove '*' to allow those listed alone, or else remove those."
        yield problem("origin-asterisk-beside-others", "allow_origins", "*", reason, fix)
    if credentials:
        reason = (
            "with allow_credentials=True every page on the web can act and read as the user whose cookies the browser "
            "sends, because each origin is answered as if it were listed."
        )
        fix = (
            "List the origins that may, such as allow_origins=['https://app.example.com'], or set "
            "allow_credentials=False."
        )
        yield problem("origin-asterisk-with-credentials", "allow_origins", "*", reason, fix)
