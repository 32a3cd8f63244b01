"""Fixes that were once proposed and admit an origin of somebody else, or are wrong in another way."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from fastcors import ConfigProblem, CORSConfig
from fastcors.explain import explain
from fastcors.standard.public_suffixes import installed


@pytest.fixture(params=["list", "no list"])
def suffixes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if request.param == "no list":
        monkeypatch.setitem(sys.modules, "publicsuffixlist", None)
    installed.cache_clear()
    yield request.param
    monkeypatch.undo()
    installed.cache_clear()


def problems(**parameters: Any) -> tuple[ConfigProblem, ...]:
    return CORSConfig(allow_credentials=True, **parameters).problems()


# A regex, and what no fix may hold.
REGEXES = {
    r"https://.*\\.com\\.br": r".*\.com\.br",
    r"https://.+\\.co\\.uk": r".+\.co\.uk",
    r"https://.*co\.uk": r")*co\.uk",
    r"https://www.*example\.com": "www(",
    r"https://(www|api).*example\.com": ")([a-z",
    r"https://app.*my\.vercel\.app": "app(",
    r"https://exam.*ple\.com": "exam(",
    r"http.*example\.com": "https://http",
    r"https?.*example\.com": "https://http",
    r"h.*my\.vercel\.app": "https://h",
    r"https://.*\\.tumblr\\.com": "tumblr",
    r"https://app\\|https://.*b\.com": "nothing: it is enough that this does not raise",
    r"https://.*\\example.com|http://a\.com": "nothing, as above",
}


@pytest.mark.parametrize(("regex", "wrong"), REGEXES.items(), ids=REGEXES)
@pytest.mark.usefixtures("suffixes")
def test_regex(regex: str, wrong: str) -> None:
    found = problems(allow_origin_regex=regex)
    assert found
    assert not any(wrong in problem.fix for problem in found)


@pytest.mark.parametrize("regex", [r"https://.*myshop.com.au", r"https://.*example.co.uk"])
def test_regex_without_the_list(regex: str, suffixes: str) -> None:
    proposed = [problem.fix for problem in problems(allow_origin_regex=regex) if r"\.com\.au" in problem.fix]
    assert not any(r"://.*" in fix for fix in proposed)
    assert not (suffixes == "no list" and proposed)


# An entry of a list, and what no fix may hold.
ORIGINS = {
    "https://exa mple.com": "mple.com",
    "https://my app.com": "app.com'",
    "https://a.com or b.com": "//or",
    "http://localhost:3000,3001": "0.0.11",
    "https://a.com, 443": "0.0.1",
    "https://api.dev?.example.com": "api.dev",
    "https://web.app#.example.com": "web.app",
    "https://api.dev/.example.com": "api.dev",
    "52.14.": "52.0.0.14",
    "http://34.120.:8080": "34.0.0.120",
    "192.168.": "192.0.0.168",
    "https://ex\u0430mple.com": "xn--",
    "https://\u0440\u0430\u0443\u0440\u0430l.com": "xn--",
    "https://exa\u200bmple.com": "xn--",
    "https://https://example.com": "//https'",
    "https://www.https://example.com": "www.https",
    "https://*.tumblr.com": "*.tumblr.com",
    "https://*.exp.direct": "*.exp.direct",
    "localhost:*": "https://localhost",
    "127.0.0.1:*": "https",
    "http://localhost:[3000-3010]": "[3000-3010]",
    "http://192.168.1.[1-20]": "[1-20].",
    "192.168.1.1-20": "https",
    "http://192.168.x.x": "192.168.x.x",
    "http://*.example.com:80": ":80",
    "https://$HOST": "$host",
    "Null": "//null",
}


@pytest.mark.parametrize(("origin", "wrong"), ORIGINS.items(), ids=map(ascii, ORIGINS))
@pytest.mark.usefixtures("suffixes")
def test_origin(origin: str, wrong: str) -> None:
    found = problems(allow_origins=[origin])
    assert found
    assert not any(wrong in problem.fix for problem in found)


@pytest.mark.parametrize(
    "pattern", ["https://*.my.dev?.example.com", "https://*.api.dev/.example.com", "https://*.ex\u0430mple.com"]
)
def test_pattern(pattern: str) -> None:
    found = problems(allow_origin_patterns=[pattern])
    assert found
    assert not any(each in problem.fix for problem in found for each in (".dev'", "xn--"))


@pytest.mark.parametrize(
    "origin",
    ["https://b\u00fccher.example", "http://127.0.0.1:80", "https://app.example.com?next=home", "localhost:3000"],
)
def test_clear_ones_are_still_proposed(origin: str) -> None:
    assert any(problem.fix.startswith("Write 'http") for problem in problems(allow_origins=[origin]))


def test_explain_warns_when_strangers_may_do_more() -> None:
    decision = explain({"allow_origin_regex": ".*"}, origin="https://a.com", method="PUT", private_network=True)
    assert "allow_private_network" in decision.change
    assert "regex-matches-every-origin" in decision.warning
    open_to_all = {"allow_origins": ["*"], "allow_credentials": True}
    decision = explain(open_to_all, origin="https://a.com", method="PUT", credentials=True)
    assert "allow_methods" in decision.change
    assert "origin-asterisk-with-credentials" in decision.warning


def test_foreign_origins_that_cannot_exist_are_a_note() -> None:
    (problem,) = CORSConfig(allow_origin_regex=".*acme").problems()
    assert problem.severity == "note"
    assert "there is no top-level domain acme" in problem.reason


def test_pattern_for_every_origin() -> None:
    (problem,) = problems(allow_origin_patterns=["*"])
    assert "allow_origins=[" not in problem.fix
    (problem,) = CORSConfig(allow_origin_patterns=["*"]).problems()
    assert 'Write allow_origins=["*"]' in problem.fix


@pytest.mark.parametrize("origin", ["https://*.example.com:443", "http://*.example.com:80"])
def test_default_port_is_left_out_of_a_pattern(origin: str) -> None:
    (problem,) = problems(allow_origins=[origin])
    assert "allow_origin_patterns=['https://*.example.com']" in problem.fix


@pytest.mark.parametrize("method", ["any", "All"])
def test_word_for_every_method(method: str) -> None:
    assert "Write '*' if every method is meant." in [each.fix for each in problems(allow_methods=[method])]
