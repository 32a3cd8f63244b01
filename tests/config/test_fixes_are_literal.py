"""What a fix proposes stands in the entry as it is written: no text is read as a host that it may not mean."""

import ipaddress
import os
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from support.fixes import values_in

from fastcors import CORSConfig
from fastcors.config.checks.gate import passes
from fastcors.origins.admitted.samples import sample_origins
from fastcors.origins.regex.matcher import matcher_of
from fastcors.standard.public_suffixes import installed

EXAMPLES = int(os.environ.get("FASTCORS_EXAMPLES", "3000"))


def proposed(**parameters: Any) -> list[str]:
    found = CORSConfig(**parameters).problems()
    assert found or "allow_origin_patterns" in parameters
    assert all(str(each).isprintable() for each in found)
    return [value for each in found for _, value in values_in(each)]


@pytest.fixture(params=["list", "no list"])
def suffixes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if request.param == "no list":
        monkeypatch.setitem(sys.modules, "publicsuffixlist", None)
    installed.cache_clear()
    yield request.param
    monkeypatch.undo()
    installed.cache_clear()


# Nobody can say for certain what is meant by these, each as an entry and as the text of a list.
UNCLEAR = (
    *("localhost: *", "localhost:,*", "https://example.com: *", "all subdomains of example.com"),
    *("app.example.com or any", "https://a.com null", "https://a.com, all"),
    *("https:/api.dev?.example.com", "//api.dev?.example.com", "https//api.dev/.example.com"),
    *("https:///api.dev?.example.com", "//52.14.", "https:/52.14.", "https:52.14", "https:///52.14", "http:3000"),
    *("https:/ex\u0430mple.com", "https:ex\u0430mple.com", "//ex\u0430mple.com", "https:/$HOST"),
    *("https:https://example.com", "https://api.dev//.example.com", r"https://api.dev\\example.com"),
    *(r"https://api.dev\\.example\\.com", "https://api.dev#.example.com"),
    *("https://*.api.dev/.example.com", "https://*.api.dev?.example.com", "*.api.dev#.example.com"),
    *("https://my-*.api.dev/.example.com", "https://api.dev:*?.example.com", "https://*.api.dev//.example.com"),
    *("exa mple.com", "my app.com", "a.com or b.com", "192.168.1.1 - 192.168.1.20", "https://exa mple.com"),
    *("https://my app.com", "https://shop.my,store.com", "https://www.shop,co.uk", "shop.my,store.com"),
    *("shop.my store.com", "https://shop.my; 3000", "https://a.com,b"),
    *("http://34.120:443", "http://api.dev:443/.example.com", "https://api.dev:80?.example.com"),
    *("http://ex\u0430mple.com:443", "http://john.name:123/abc@example.com", "http://bob.name:443/x@h.com"),
    *("https://052.014.001.002", "010.001.001.001", "192.168.010.001", "https://052.014.001.002:*"),
    *("https://shop{1,3}.com", "https://shop(1-3).com", "https://shop[!a-c].com", "http://192.168.1.(1-20)"),
    *("https://(a,b).example.com", "https://example.(com,org)", "https://(app|api)..example.com"),
    *("https://shop(1..3).com", r"https://example.com?(:\d+)?", "https://(www)?mycorp.com:3000"),
    *("https://exam\u0585ple.com", "https://ex\u0251mple.com", "https://exam\ufe0fple.com"),
    "https://exam\u034fple.com",
    *("https://\u0441\u043e\u0441\u043e.com", "https://\u03bf\u03c1.com", "https://\uff41pp.com", "https://a\u3002com"),
    *("192.168.1.n", "http.//example.com", "\ud800", "https://\ud800.com", "http://192.168.[12].*+", "10.0.0.0/8'x"),
    *("https://user%40a.com", "https://user\uff20a.com", "https://u:p@a.com", "https://evil.com\\@a.com", "production"),
    *("https://a.com:/x", "https://a.com:99999", "https://a.com:0", "https://example.com/index.html", "http://127.1"),
    *("https://0x7f.1", "https://a-.com/", "https://-a.com/", "https://https/", "http://192.168.1.xx/", "https://"),
    *("https://*.10.0.0.1", "https://a|b.com", "https://[::1", "https://[::g]/", "http://[fd00::]/8", "config.json"),
    *("https://s3.amazonaws.com/mybucket", "s3.amazonaws.com/mybucket", "https://storage.googleapis.com/b/app/"),
    *("https://github.io/me", "https://vercel.app/", "https://people.mit.edu/~alice/"),
    "https://sites.google.com/view/x",
    *("https://cdn.jsdelivr.net/gh/me/repo/", "https://s3.amazonaws.com/b, https://storage.googleapis.com/b/"),
    *("http://10.1.2.3/8", "http://192.168.1.10/24", "http://10.0.0.1/08", "http://192.168.1.0/024"),
    *("https://www.shop, co.uk", "https://my.app, com.au", "https://api, example.com"),
    *("httpsexample.com", "http.example.com", "https.example.com", "https://httpsexample.com/", "http:null"),
    *("settings.py", "settings.host", "config.app", "process.env.host", "os.environ.dev", "main.rs", '"any', "[any]"),
    *("https://*.printer.local:80", "http://*.example.com:443", "https://squarespace.com/x"),
    *("https://raw.githack.com/u/r", "https://s3.wasabisys.com/b"),
)


@pytest.mark.parametrize("credentials", [False, True])
@pytest.mark.parametrize("text", UNCLEAR, ids=map(ascii, UNCLEAR))
@pytest.mark.usefixtures("suffixes")
def test_nothing_is_proposed_for_what_is_unclear(text: str, credentials: bool) -> None:
    for value in ([text], text, [[text]]):
        given: Any = value
        assert proposed(allow_origins=given, allow_credentials=credentials) == []
    assert proposed(allow_origin_patterns=[text], allow_credentials=credentials) == []


# What these mean is plain.
PLAIN = {
    "https://app.example.com/": "https://app.example.com",
    "https://httpbin.example/": "https://httpbin.example",
    "https://app.example.com/a/b-c/": "https://app.example.com",
    "https://app.example.com/?a=b&c=": "https://app.example.com",
    "https://app.example.com/#/home": "https://app.example.com",
    "https:/app.example.com": "https://app.example.com",
    "https///app.example.com": None,
    "https:///app.example.com": "https://app.example.com",
    "HTTPS://APP.Example.com:443": "https://app.example.com",
    "wss://app.example.com/": None,
    "app.example.com:8443": "https://app.example.com:8443",
    "localhost": "http://localhost",
    "93.184.216.34": "https://93.184.216.34",
    "192.168.1.5:3000": "http://192.168.1.5:3000",
    "[2001:DB8::1]:3000": "http://[2001:db8::1]:3000",
    "a.b.museum/": "https://a.b.museum",
    "https://1.2.3.example/": "https://1.2.3.example",
    "chrome-extension://abc/": "chrome-extension://abc",
    "https://\u043f\u0440\u0438\u043c\u0435\u0440.example": "https://xn--e1afmkfd.example",
    "https://a.com https://b.com/": "https://a.com https://b.com",
    "a.com, localhost:3000": "https://a.com http://localhost:3000",
}


@pytest.mark.parametrize(("text", "meant"), PLAIN.items(), ids=map(ascii, PLAIN))
def test_what_is_plain_is_proposed(text: str, meant: str | None) -> None:
    if text == "a.b.museum/":
        pytest.importorskip("publicsuffixlist")
    assert {*proposed(allow_origins=[text])} == {*(meant or "").split()}


def test_range_keeps_its_scheme_and_port() -> None:
    assert proposed(allow_origins=["http://10.0.0.5/32"]) == [r"http://10\.0\.0\.5"]
    assert proposed(allow_origins=["10.0.0.5/32"]) == [r"http://10\.0\.0\.5(:\d+)?"]
    assert proposed(allow_origins=["http://192.168.0.0/16:3000"]) == [r"http://192\.168\.\d{1,3}\.\d{1,3}:3000"]


@pytest.mark.parametrize("pattern", ["localhost:*/", "127.0.0.1:*"])
def test_pattern_for_this_machine_is_proposed_over_http(pattern: str) -> None:
    (value,) = proposed(allow_origin_patterns=[pattern])
    assert value == f"http://{pattern.rstrip('/')}"


@pytest.mark.parametrize("origin", ["http://a.localtest.me/x@y", "http://a.localtest.me/.example.com"])
def test_name_for_this_machine_that_is_unclear(origin: str) -> None:
    found = CORSConfig([origin], allow_credentials=True).problems()
    assert not [value for each in found for value in values_in(each)]
    assert "Open the page by the name localhost" in found[-1].fix


# The parameter, a value, and the entry that it must not be proposed for.
KEPT_BACK = {
    "an entry with a password": ("allow_origins", "https://a.com", "https://u:p@a.com"),
    "a host that is not in the entry": ("allow_origins", "https://a.com", "https://b.a.com"),
    "what is no origin": ("allow_origins", "https://*.a.com", "https://*.a.com"),
    "an origin with a fault": ("allow_origins", "https://a.com/", "https://a.com/"),
    "an origin that is not safe with credentials": ("allow_origins", "http://a.com", "http://a.com/"),
    "a pattern that is none": ("allow_origin_patterns", "https://*.com", "https://*.com"),
    "a pattern that is not safe": ("allow_origin_patterns", "http://*.example.com", "http://*.example.com"),
    "a pattern of another host": ("allow_origin_patterns", "https://*.example.com", "https://*.example.com.a"),
    "a regex with a fault": ("allow_origin_regex", "https://.*example.com", "https://*example.com"),
    "a regex with another word": ("allow_origin_regex", r"https://b\.example\.com", "https://a.example.com"),
}


@pytest.mark.parametrize(("parameter", "value", "entry"), KEPT_BACK.values(), ids=KEPT_BACK)
def test_gate(parameter: str, value: str, entry: str) -> None:
    assert not passes(parameter, value, entry, credentials=True)


JOINED: dict[str, tuple[dict[str, Any], str]] = {
    "a regex that is no raw string": (
        {"allow_origins": ["https://a-*.example.com"], "allow_origin_regex": r'https://b"\.example\.com'},
        "It cannot be joined safely with the allow_origin_regex that is set already.",
    ),
    "a pattern that is none": (
        {"allow_origins": ["https://*.example.com"], "allow_origin_patterns": ["https://*", "https://*.example.org"]},
        "Write allow_origin_patterns=['https://*.example.org', 'https://*.example.com'].",
    ),
}


@pytest.mark.parametrize(("parameters", "fix"), JOINED.values(), ids=JOINED)
def test_what_is_joined(parameters: dict[str, Any], fix: str) -> None:
    assert fix in CORSConfig(**parameters).problems()[0].fix


def test_pattern_over_https_has_one_owner(suffixes: str) -> None:
    assert proposed(allow_origin_patterns=["http://*.co.uk"], allow_credentials=True) == []
    if suffixes == "no list":
        return
    assert proposed(allow_origin_patterns=["http://*.mycorp.com"], allow_credentials=True) == ["https://*.mycorp.com"]


@pytest.mark.parametrize("given", ["https://[a-z.", "https://[^x", "https://(a"])
def test_nothing_is_joined_with_what_does_not_compile(given: str) -> None:
    problems = CORSConfig(allow_origins=["https://*-app.example.com"], allow_origin_regex=given).problems()
    assert "[a-z0-9-]+-app" not in " ".join(each.fix for each in problems)


BASES = (
    *("https://api.dev.mycorp.co.uk", "http://shop.app.mycorp.com:3000", "https://web.app.mycorp.com", "mycorp.com"),
    *("http://192.168.1.10:3000", "https://52.14.120.7", "http://localhost:3000", "https://*.dev.mycorp.co.uk"),
    *("http://*.mycorp.com:*", "https://my-*.app.mycorp.com", "localhost:*", "192.168.1.*", "10.0.0.0/8"),
    *("http://[2001:db8::1]:3000", "https://user:pass@app.mycorp.com", "https://b\u00fccher.mycorp.com/"),
    *(r"^https://.*\.mycorp\.com$", r"https://(www|api)\.mycorp\.com", r"https?://(.+\.)?mycorp\.co\.uk"),
)
SIGNS = (
    *(" ", ",", ";", ", ", "/", "//", "/.", ":", "://", "?", "?.", "#", "\\", "@", "%40", "\uff20", "*", "*.", "."),
    *("..", "[", "]", "(", ")", "{1,3}", "(1-3)", "|", "^", "$", "%", "-", "_", "'", '"', "\u200b", "\u00ad", "\u0430"),
    *("\u3002", "\uff0e", "\u0585", "\u0131", "A", "0", ":443", ":80", ":*", "/24", "[1-20]", "$HOST", "https:"),
    " or ",
    *("http://", "http:/", "null", "\\.", "\\d+", ".+", "\n", "xn--", "!", "\ud83d\ude00", "x", "\\\\", "/x@", "&"),
    "=",
)


@st.composite
def mangled(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(BASES))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        cut = draw(st.sampled_from([0, 0, 0, 1, 2]))
        text = text[:at] + draw(st.sampled_from((*SIGNS, ""))) + text[at + cut :]
    return text


def stands_in(host: str, entry: str, is_pattern: bool) -> bool:
    """Tell whether `host` is written out in `entry`, and nothing after it can belong to the host too."""
    text = entry.lower()
    before = r"(?<![\w-])(?<!\w\.)" if is_pattern else r"(?<![\w.*-])"
    after = r"(?::[0-9*]*)?(?:[/?][^\s,;.@\\]*)?(?=[\s,;\"'`\]$]|$)"
    if host.startswith("["):
        written = re.findall(r"\[([0-9a-f:.]+)\]", text)
        return ipaddress.ip_address(host[1:-1]) in map(ipaddress.ip_address, written)
    hosts = [host, ".".join(_decoded(label) for label in host.split("."))]
    return any(re.search(before + re.escape(each) + after, text) for each in hosts)


def _decoded(label: str) -> str:
    try:
        return label[4:].encode().decode("punycode") if label.startswith("xn--") else label
    except UnicodeError:
        return label


def check(entry: str, parameter: str, value: str) -> None:
    if parameter != "allow_origin_regex":
        host = re.sub(r"^[a-z-]+://(?:\*\.)?|:[0-9*]+$", "", value)
        assert stands_in(host, entry, parameter == "allow_origin_patterns"), (entry, value)
        return
    pattern = re.compile(value)
    automaton = matcher_of(pattern).automaton
    assert automaton is not None
    for origin in sample_origins(automaton, pattern, 20)[0]:
        host = re.sub(r"^https?://|:[0-9]+$", "", origin)
        if "." in host and not re.fullmatch(r"(?:10|192\.168)\.[0-9.]+", host):
            domain = installed().registrable(host) or host
            assert domain in entry.lower().replace("\\", ""), (entry, value, origin)


@pytest.mark.parametrize("parameter", ["allow_origins", "allow_origin_patterns"])
@settings(max_examples=max(1, EXAMPLES // 2), deadline=None, suppress_health_check=list(HealthCheck))
@given(text=mangled(), credentials=st.booleans(), as_string=st.booleans())
def test_whatever_is_proposed_is_written(parameter: str, text: str, credentials: bool, as_string: bool) -> None:
    given: dict[str, Any] = {parameter: text if as_string else [text], "allow_credentials": credentials}
    for problem in CORSConfig(**given).problems():
        assert str(problem).isprintable()
        assert "pass@" not in str(problem)
        for name, value in values_in(problem):
            assert value not in ("*", "null")
            check(text, name, value)
            after: dict[str, Any] = {name: value if name == "allow_origin_regex" else [value]}
            again = CORSConfig(**after, allow_credentials=credentials).problems()
            assert not [each for each in again if each.severity != "note"], (text, name, value)
