"""Public IPv6 addresses that an origin regex admits."""

import ipaddress
import re

import pytest
from hypothesis import given, settings, strategies as st

from fastcors import CORSConfig
from fastcors.explain import explain
from fastcors.origins.admitted.ipv6 import public_addresses

# A regex, and the codes of its problems with credentials.
REGEXES = {
    r"http://\[.*\]": ["regex-admits-foreign-origins", "origin-insecure"],
    r"https?://\[[0-9a-f:]+\](:\d+)?": ["regex-admits-foreign-origins", "origin-insecure"],
    r"https?://\[[0-9a-f:]+\]:8000": ["regex-admits-foreign-origins", "origin-insecure"],
    r"http://\[2606:4700:4700::1111\]": ["origin-insecure"],
    r"http://\[2a01:4f8:[0-9a-f:]+\](:\d+)?": ["origin-insecure"],
    r"http://\[2001:41d0:[0-9a-f:]+\]:3000": ["origin-insecure"],
    r"http://\[2600:(1f18:){6}a\]": ["origin-insecure"],
    r"https://\[2a01:4f8:[0-9a-f:]+\](:\d+)?": [],
    r"http://\[::1\](:\d+)?": [],
    r"http://\[(fd|fe80)[0-9a-f:]+\]": [],
    r"http://\[2001:db8:[0-9a-f:]+\]": [],
    r"https?://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?": [],
}


@pytest.mark.parametrize(("source", "codes"), REGEXES.items(), ids=REGEXES)
def test_regex(source: str, codes: list[str]) -> None:
    found = CORSConfig(allow_origin_regex=source, allow_credentials=True).problems()
    assert [each.code for each in found] == codes
    for each in found:
        assert each.severity != "note"
        (address,) = re.findall(r"http.?://\[([0-9a-f:]+)\](?=[:0-9]*[:., ])", each.reason)
        assert ipaddress.ip_address(address).is_global
        assert "label" not in each.fix


def test_explain_warns() -> None:
    config = {"allow_origins": ["https://a.com"], "allow_origin_regex": r"http://\[2a01:.*\](:\d+)?"}
    decision = explain(config, origin="https://a.com", credentials=True)
    assert "allow_credentials=True" in decision.change
    assert "origin-insecure" in decision.warning


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_each_address_is_public_and_as_a_browser_writes_it(data: st.DataObject) -> None:
    grammar = public_addresses("http")
    phase, text = grammar.start, ""
    while phase != "address":
        octets, phase = data.draw(st.sampled_from(grammar.steps[phase]))
        text += chr(data.draw(st.sampled_from(octets)))
    address = ipaddress.ip_address(text[1:-1])
    assert f"[{address}]" == text
    assert address.is_global
