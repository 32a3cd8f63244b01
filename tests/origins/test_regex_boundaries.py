"""Origin regexes at the bounds of what is foreign: one domain, one letter or one address more, and it is."""

import re

import pytest

from fastcors.origins.admitted.faults import regex_faults
from fastcors.origins.regex.automaton import compile_origin_regex
from fastcors.standard.public_suffixes import PublicSuffixes, installed, platforms_only

# The origin with which the regex is refused; None: it is sound.
BOUNDARIES = {
    # As many domains as one owner may have: sixteen.
    r"https://app[0-9a-f]\.com": None,
    r"https://app[0-9a-g]\.com": "https://appa.com",
    r"https://app[0-9a-f]\.(com|net)": "https://appa.com",
    # A label has at most 63 characters.
    r"https://[a-z]{63}\.com": f"https://{'a' * 63}.com",
    r"https://[a-z]{64}\.com": None,
    # Nobody can register a name below these.
    r"https://[a-z]+\.example": None,
    r"https://[a-z]+\.test": None,
    r"https://[a-z]+\.invalid": None,
    r"https://[a-z]+\.localhost": None,
    # As many public addresses as one owner may have: 65,536.
    r"http://93\.184\.\d+\.\d+": None,
    r"http://93\.184\.\d+\.\d+|http://93\.185\.1\.1": "http://93.184.1.1",
    # The bounds of multicast, and of what is reserved.
    r"http://223\.\d+\.\d+\.\d+": "http://223.1.1.1",
    r"http://224\.\d+\.\d+\.\d+": None,
    r"http://255\.\d+\.\d+\.\d+": None,
    # Of private networks, and of shared addresses: those beside them are counted.
    r"http://(172\.15|93\.184)\.\d+\.\d+": "http://93.184.1.1",
    r"http://(172\.16|93\.184)\.\d+\.\d+": None,
    r"http://(172\.31|93\.184)\.\d+\.\d+": None,
    r"http://(172\.32|93\.184)\.\d+\.\d+": "http://93.184.1.1",
    r"http://(100\.63|93\.184)\.\d+\.\d+": "http://93.184.1.1",
    r"http://(100\.64|93\.184)\.\d+\.\d+": None,
    r"http://(100\.127|93\.184)\.\d+\.\d+": None,
    r"http://(100\.128|93\.184)\.\d+\.\d+": "http://93.184.1.1",
    r"http://(169\.253|93\.184)\.\d+\.\d+": "http://93.184.1.1",
    r"http://(169\.254|93\.184)\.\d+\.\d+": None,
    r"http://(192\.168|93\.184)\.\d+\.\d+": None,
    r"http://(192\.169|93\.184)\.\d+\.\d+": "http://93.184.1.1",
    r"http://(9|10)\.\d+\.\d+\.\d+": "http://9.1.1.1",
    r"http://(0|10|127)\.\d+\.\d+\.\d+": None,
    # The second number counts after these first ones alone.
    r"http://93\.172\.\d+\.\d+|http://93\.185\.1\.1": "http://93.172.1.1",
    r"http://93\.(168|254)\.\d+\.\d+": "http://93.168.1.1",
}


@pytest.mark.parametrize("suffixes", [installed(), platforms_only()], ids=["with the list", "without"])
@pytest.mark.parametrize(("source", "origin"), BOUNDARIES.items(), ids=BOUNDARIES)
def test_what_is_foreign(source: str, origin: str | None, suffixes: PublicSuffixes) -> None:
    pattern = re.compile(source)
    found = regex_faults(compile_origin_regex(pattern), pattern, public_suffixes=suffixes)
    foreign = [fault.origin for fault in found if fault.code == "regex-admits-foreign-origins"]
    assert foreign == ([] if origin is None else [origin])
