"""Decides whether a value may be proposed. Every value in a fix passes here, whichever check proposes it.

A fix must never make things worse. So the value is checked as if it were configured already, with the public suffix
list and without it, and nothing may be wrong with it. Each of its hosts has to be in the entry unchanged.
"""

from ...origins.patterns import OriginPatternError, has_one_owner, parse_origin_pattern
from ...problems import holds_secret
from ...standard.hosts import is_local
from ...standard.plain import hosts_in, read_pattern
from .origin_parts import host_in, is_clean


def passes(parameter: str, value: str, entry: str, credentials: bool) -> bool:
    """Tell whether `value` may be proposed as a member of `parameter`, or as its value, instead of `entry`."""
    if holds_secret(entry):
        return False
    if parameter == "allow_origins":
        return is_clean(value, credentials) and host_in(value) in hosts_in(entry)
    if parameter == "allow_origin_patterns":
        return _is_sound_pattern(value, credentials) and parse_origin_pattern(value).host in hosts_in(entry)
    # Imported late: most configurations have no regex.
    from .gate_of_regexes import is_spelled, objection

    return not objection(value, credentials) and is_spelled(value, entry)


def _is_sound_pattern(pattern: str, credentials: bool) -> bool:
    try:
        parts = parse_origin_pattern(pattern)
    except OriginPatternError:
        return False
    if read_pattern(pattern) is None or (credentials and parts.scheme == "http" and not is_local(parts.host)):
        return False
    return not parts.subdomains or has_one_owner(parts.host)
