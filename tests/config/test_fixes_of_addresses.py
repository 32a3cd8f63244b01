"""Addresses that are public although nobody can have them, and paths that may be a part of the host."""

from typing import Any

import pytest
from support.fixes import values_in

from fastcors import CORSConfig
from fastcors.standard.hosts import is_local

IPV6 = {
    "[::1]": True,
    "[::]": True,
    "[fd12::1]": True,
    "[fe80::1]": True,
    "[2001:db8::1]": True,
    "[::ffff:10.0.0.1]": True,
    "[::ffff:8.8.8.8]": False,
    "[2001::1]": False,
    "[2001:4:112::1]": False,
    "[2606:4700:4700::1111]": False,
    "[100::1]": False,
}


@pytest.mark.parametrize(("host", "local"), IPV6.items())
def test_local_address(host: str, local: bool) -> None:
    assert is_local(host) is local


def proposed(**parameters: Any) -> list[str]:
    found = CORSConfig(**parameters, allow_credentials=True).problems()
    assert found
    return [value for each in found for _, value in values_in(each)]


def test_address_of_teredo() -> None:
    assert "http://[2001::1]" not in proposed(allow_origins=["http://[2001::1]/"])


SLASH_FOR_DOT = ("https://example.co/uk", "https://example.com/au/", "foo.github/io", "https://example.org/uk")


@pytest.mark.parametrize("origin", SLASH_FOR_DOT)
def test_slash_that_may_be_a_dot(origin: str) -> None:
    assert proposed(allow_origins=[origin]) == []


@pytest.mark.parametrize("path", ["en", "app", "a/b", "docs/"])
def test_path(path: str) -> None:
    assert "https://example.com" in proposed(allow_origins=[f"https://example.com/{path}"])


# Hosts that cannot be, and slips that may mean something else.
DEAD = (
    *("https://xn--B\u00dcCHER.de", "https://xn--a.com/", "https://xn--bcher-.de/", "https://xn--app.example.com/"),
    *(
        "https://contoso./com",
        "a.com.",
        "https://a.com./",
        "192.168.1.0/-1",
        "10.0.0.0/-8",
        "https://xn--BCHER-KVA2.de/",
    ),
)


@pytest.mark.parametrize("origin", DEAD, ids=map(ascii, DEAD))
def test_nothing_is_proposed(origin: str) -> None:
    assert proposed(allow_origins=[origin]) == []


PUNYCODE = {
    "https://xn--bcher-kva.de/": "https://xn--bcher-kva.de",
    "https://xn--mgbaam7a8h.example/": "https://xn--mgbaam7a8h.example",
    "https://XN--BCHER-KVA.example/": "https://xn--bcher-kva.example",
}


@pytest.mark.parametrize(("origin", "meant"), PUNYCODE.items())
def test_punycode(origin: str, meant: str) -> None:
    assert meant in proposed(allow_origins=[origin])
