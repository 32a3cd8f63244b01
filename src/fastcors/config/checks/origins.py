"""The checks of `allow_origins`.

An origin is compared with the Origin header character by character, so it has to be written as a browser writes it
(HTML, "serialization of an origin"): scheme, host, and the port unless it is the default port of the scheme.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...problems import ConfigProblem, Fault, problem, shown
from ...standard.origins import DEFAULT_PORTS, LABEL, MAX_NAME_LENGTH, PORT, is_port
from ..members import MOST_CHARACTERS, plain
from .collections import MOST_EXAMINED

if TYPE_CHECKING:
    from .advice import Advice

# Nearly all origins have this form: a host whose last label begins with a letter, and perhaps a port.
_USUAL = re.compile(rf"(https?)://(?:(?:{LABEL}\.)+(?=[a-z]){LABEL}|localhost)(?::({PORT}))?")

# The beginning of a fix for an entry that is also listed in the correct form. Its other faults do not matter then.
_REMOVE = "Remove it:"

# An entry with such a fault has an effect, so it is not needless even if the correct entry is listed too.
_ALIVE = frozenset({"origin-null", "origin-insecure", "origin-port-of-other-scheme", "origin-container-name"})


def origin_problems(
    origins: list[str], credentials: bool, patterns: Any = (), regex: Any = None
) -> Iterator[ConfigProblem]:
    """Yield the problems of each of `origins`, and of all together. `patterns` and `regex` are the other configured
    values, of any type.
    """
    if "*" in origins:
        # Nothing else in the list has an effect, so this is the only problem of the other entries.
        yield from _asterisk_problems([origin for origin in origins if origin != "*"], credentials)
        return
    examined = _examined(origins, credentials)
    if not examined:
        return
    # Imported late: most configurations never need it.
    from .origin_syntax import ADVISED, faults_of, remarks_of

    faults = [(each, fault) for each in examined for fault in (*faults_of(each, credentials), *remarks_of(each))]
    listed = frozenset(origins)
    advice = _advice_for([origin for origin, fault in faults if fault.code in ADVISED], credentials, patterns, regex)
    needless = set()
    for origin, fault in faults:
        judged = _judged(origin, fault, listed, advice)
        if origin not in needless:
            yield judged.in_parameter("allow_origins", origin)
        if judged.fix.startswith(_REMOVE):
            needless.add(origin)


def _examined(origins: list[str], credentials: bool) -> list[str]:
    """Return the origins to examine, each once. `null` is dangerous, so it is always among them."""
    examined: dict[str, None] = {}
    characters = 0
    for origin in origins:
        if not _is_usual(origin, credentials) and origin not in examined:
            # A longer entry is not parsed.
            characters += len(origin) if len(origin) <= MOST_CHARACTERS else 0
            if len(examined) >= MOST_EXAMINED or characters > MOST_CHARACTERS:
                break
            examined[origin] = None
    if "null" in origins:
        examined["null"] = None
    return list(examined)


def _is_usual(origin: str, credentials: bool) -> bool:
    """Tell quickly whether `origin` has no problem. False means that it has to be examined."""
    usual = _USUAL.fullmatch(origin)
    if usual is None or len(origin) > MAX_NAME_LENGTH:
        return False
    scheme, port = usual.groups()
    if scheme == "http" and credentials:
        return False
    return port is None or (port not in DEFAULT_PORTS.values() and is_port(port))


def _advice_for(entries: list[str], credentials: bool, patterns: Any, regex: Any) -> "Advice | None":
    if not entries:
        return None
    from .advice import Advice
    from .patterns import sound_patterns

    return Advice(entries, credentials, sound_patterns(patterns), plain(regex))


def _judged(origin: str, fault: Fault, listed: frozenset[str], advice: "Advice | None") -> Fault:
    """Return `fault` with its fix. It becomes a note if the meaning of `origin` is configured already."""
    from .meant import meant_by_all
    from .origin_syntax import ADVISED

    if advice is not None and fault.code in ADVISED:
        if advice.is_set(origin):
            return fault._replace(fix=f"{_REMOVE} what it means is configured already.", severity="note")
        return fault._replace(fix=advice.fix(origin))
    if fault.code in _ALIVE or fault.severity == "note":
        return fault
    meant = meant_by_all(origin)
    if meant and listed.issuperset(meant):
        has = f"{shown(meant[0])} is" if len(meant) == 1 else "these origins are"
        return fault._replace(fix=f"{_REMOVE} {has} in the list already.", severity="note")
    return fault


def _asterisk_problems(others: list[str], credentials: bool) -> Iterator[ConfigProblem]:
    if others:
        reason = f"it allows every origin, so the other entries, such as {shown(others[0])}, have no effect."
        fix = "Remove '*' to allow only the listed origins, or remove the others."
        yield problem("origin-asterisk-beside-others", "allow_origins", "*", reason, fix)
    if credentials:
        reason = (
            "with allow_credentials=True, every website can act and read as the logged-in user: each origin is "
            "answered as if it were listed, and browsers send the user's cookies."
        )
        fix = (
            "List the origins that you trust, such as allow_origins=['https://app.example.com'], or set "
            "allow_credentials=False."
        )
        yield problem("origin-asterisk-with-credentials", "allow_origins", "*", reason, fix)
