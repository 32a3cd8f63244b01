"""Which regexes a fix proposes instead of an entry or a regex, and which it does not."""

import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from support.fixes import values_in

from fastcors import CORSConfig
from fastcors.origins.admitted.advice import to_write
from fastcors.origins.regex.budget import NoAutomaton
from fastcors.origins.regex.matcher import matcher_of
from fastcors.standard.public_suffixes import installed


@pytest.fixture(params=["list", "no list"])
def suffixes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if request.param == "no list":
        monkeypatch.setitem(sys.modules, "publicsuffixlist", None)
    installed.cache_clear()
    yield request.param
    monkeypatch.undo()
    installed.cache_clear()


def proposed(credentials: bool = True, **parameters: Any) -> list[str]:
    found = CORSConfig(**parameters, allow_credentials=credentials).problems()
    assert found
    return [value for each in found for _, value in values_in(each)]


SHARED = ("s3.amazonaws.com", "storage.googleapis.com", "raw.githubusercontent.com", "github.io", "vercel.app")


@pytest.mark.parametrize("host", SHARED)
@pytest.mark.usefixtures("suffixes")
def test_host_that_many_share(host: str) -> None:
    escaped = host.replace(".", r"\.")
    for origin in (
        f"https://{escaped}",
        f"^https://{escaped}$",
        rf"https://(mine\.)?{escaped}",
        rf"https://mine\.(example\.com|{escaped})",
        f"https://contoso.com|https://{host}",
        f"https://(contoso.com|{host})",
    ):
        assert proposed(allow_origins=[origin]) == []


# With half of the backslashes, each admits two domains that differ by a letter.
OPTIONAL_LETTERS = (
    *(
        r"https://app\\.acme\\.c?om",
        r"https://app\\.acme\\.co?m",
        r"https://app\\.acme\\.n?et",
        r"^https://acmes?\\.com$",
    ),
    *(
        r"https://acme\\.herokuapp\\.com?",
        r"https?://acmes?\\.com",
        r"https://acme\\.co[m]?",
        r"https://acm[e]{0,1}\\.com",
    ),
)


@pytest.mark.parametrize("credentials", [False, True])
@pytest.mark.parametrize("regex", OPTIONAL_LETTERS)
@pytest.mark.usefixtures("suffixes")
def test_optional_letter_beside_doubled_backslashes(regex: str, credentials: bool) -> None:
    assert proposed(credentials, allow_origin_regex=regex) == []


@pytest.mark.parametrize("suffix", ["co.uk", "com.au"])
def test_public_suffix(suffix: str) -> None:
    pytest.importorskip("publicsuffixlist")
    assert proposed(allow_origins=[f"https://example.com|https://{suffix}"]) == []


# What an unescaped dot stands for here is the colon before a port, so that with a backslash nothing would be admitted.
PORTS = (
    *("http://localhost.3000", "http://localhost.(3000|8080)", "https://example.com.8443", "http://192.168.0.1.3000"),
    *("https?://localhost.[0-9]+|http://a.com.8000", "http://10.0.0.300", r"https://[a-z]+\.example\.com.8000"),
)


@pytest.mark.parametrize("source", PORTS)
def test_dot_for_the_colon_of_a_port(source: str) -> None:
    assert not [value for value in proposed(allow_origin_regex=source) if r"\." in value]
    if "(" in source or "[" in source:
        assert proposed(allow_origins=[source]) == []


@pytest.mark.parametrize("entry", [r"https://[a-z]{64}\.contoso\.com", r"https://contoso\.[a-z]{2}\.300"])
def test_host_that_cannot_be(entry: str) -> None:
    assert proposed(allow_origins=[entry]) == []


def test_pattern_is_not_joined_with_one_that_is_not_safe() -> None:
    given: dict[str, Any] = {
        "allow_origins": ["https://*.example.com"],
        "allow_origin_patterns": ["http://*.example.org", "http://*.corp.internal"],
    }
    assert proposed(credentials=False, **given) == [*given["allow_origin_patterns"], "https://*.example.com"]
    # What replaces the one that is not safe is its own fix.
    assert proposed(**given) == ["https://*.example.org"]
    given["allow_origin_patterns"] = ["http://*.corp.internal"]
    assert proposed(**given) == ["http://*.corp.internal", "https://*.example.com"]


HALVED = (
    r"https://a\\b.com",
    r"https://acme\\b\.com",
    r"https://\\w+\\.example\\.com",
    r"https://app\\d\\.example\\.com",
)


@pytest.mark.parametrize("source", HALVED)
def test_backslashes_that_would_make_a_class(source: str) -> None:
    assert proposed(allow_origin_regex=source) == []
    assert proposed(allow_origin_regex=r"https://app\\.example\\.com") == [r"https://app\.example\.com"]


SUFFIXES = (
    *(r"https://foo\.execute-api\.[a-z0-9-]+\.amazonaws\.com", r"https://foo\.lambda-url\.[a-z0-9-]+\.on\.aws"),
    *(r"https://foo\.[a-z0-9-]+\.platform\.sh", r"https://foo\.s3-[a-z0-9-]+\.amazonaws\.com"),
)


@pytest.mark.parametrize("source", SUFFIXES)
@pytest.mark.usefixtures("suffixes")
def test_one_name_below_several_suffixes(source: str) -> None:
    assert proposed(allow_origins=[source]) == []
    doubled = source.replace("\\", "\\\\")
    assert proposed(allow_origin_regex=doubled) == []


@pytest.mark.parametrize("host", [r"app\d\.vercel\.app", r"app-[0-9a-f]\.github\.io"])
@pytest.mark.usefixtures("suffixes")
def test_names_on_a_platform_that_differ_by_a_digit(host: str) -> None:
    found = CORSConfig(allow_origin_regex=f"https://{host}", allow_credentials=True).problems()
    assert [each.code for each in found] == ["regex-admits-foreign-origins"]
    assert CORSConfig(allow_origin_regex=r"https://app\d\.com", allow_credentials=True).problems() == ()
    assert CORSConfig(allow_origin_regex=r"https://app[1-3]\.vercel\.app", allow_credentials=True).problems() == ()


def test_hosts_that_are_too_many_to_be_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_many(_: object) -> set[str]:
        raise NoAutomaton("too many hosts")

    pattern = re.compile(r"https://.*example\.com")
    monkeypatch.setattr("fastcors.origins.admitted.advice.spelled_hosts", too_many)
    assert to_write(pattern, matcher_of(pattern).automaton, True) == ""


@pytest.mark.parametrize("wrong", ["(", "(" * 120 + ")" * 120, "(?>a)"])
def test_what_cannot_be_judged_does_not_pass(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fastcors.origins.admitted.advice._proposals", lambda *_: (iter([wrong]), None))
    assert proposed(allow_origin_regex="https://a.*b.com") == []


def test_host_of_ones_own() -> None:
    assert proposed(allow_origins=[r"https://mine\.github\.io"]) == [r"https://mine\.github\.io"]
    assert proposed(allow_origins=[r"https://mine.vercel.app|https://example.com"]) == [
        r"https://mine\.vercel\.app|https://example\.com"
    ]
