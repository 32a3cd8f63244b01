"""Decides whether a regex may be proposed as `allow_origin_regex` instead of an entry of `allow_origins`."""

import re
import warnings

from ...origins.admitted.faults import regex_faults
from ...origins.admitted.samples import sample_origins
from ...origins.admitted.spelled_hosts import ANY, is_impossible, open_domains, spelled_hosts
from ...origins.patterns import has_one_owner, objection_to_subdomains
from ...origins.regex.matcher import matcher_of
from ...standard.origins import has_dns_length
from ...standard.plain import hosts_in, is_shared
from ...standard.public_suffixes import platforms_only
from .regex import regex_problems

UNKNOWN = (
    "No pattern is proposed, because only a public suffix list tells who can have names below that domain. "
    "Install one with: pip install 'fastcors[psl]'."
)


def objection(regex: str, credentials: bool) -> str:
    """Return the reason why `regex` is not proposed as `allow_origin_regex`, or an empty text if nothing is wrong."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = next(regex_problems(regex, credentials), None)
        if found is not None:
            return found.reason
        pattern = re.compile(regex)
    automaton = matcher_of(pattern).automaton
    assert automaton is not None, "otherwise there is a problem"
    faults = regex_faults(automaton, pattern, credentials=credentials, public_suffixes=platforms_only())
    hosts = {host for host in spelled_hosts(pattern) if host.strip(".")}
    admitted = (re.sub(r".*://|:[0-9]+$", "", origin) for origin in sample_origins(automaton, pattern)[0])
    if any(map(is_impossible, hosts)) or not any(map(has_dns_length, admitted)):
        return "no URL has such a host."
    if any(is_shared(host.replace(ANY, ".").strip(".")) for host in hosts):
        return "all customers of a platform, or all who register a name there, share one of its hosts."
    wide = next(filter(None, map(objection_to_subdomains, sorted(open_domains(pattern)))), "")
    if wide:
        return wide
    is_known = _FINITE.fullmatch(regex) is not None or (bool(hosts) and all(map(_is_known, hosts)))
    return "" if faults == [] and is_known else UNKNOWN


# Only literal characters, groups, alternatives and optional parts, and any port. So every host is spelled out.
_FINITE = re.compile(r"(?:[A-Za-z0-9:/-]|\\[.:/-]|[()|?]|:(?:\\d|\[0-9\])\+)*")


def _is_known(host: str) -> bool:
    """Tell whether a host that a regex spells out is an address, or in a domain that has one owner."""
    return host.strip(".").rpartition(".")[2].isdecimal() or has_one_owner(host)


def is_spelled(regex: str, entry: str) -> bool:
    """Tell whether each word in the hosts of `regex` is also in `entry`. Numbers may belong to a range of addresses."""
    words = frozenset(_WORD.findall(" ".join((entry.lower(), *hosts_in(entry)))))
    spelled = (word for host in spelled_hosts(re.compile(regex)) for word in _WORD.findall(host))
    return all(word in words or word.isdecimal() for word in spelled)


_WORD = re.compile("[a-z0-9_-]+")
