"""Patterns that `re` matches in linear time do without an automaton on the Python core."""

import re
import time
from types import ModuleType

import pytest
from support.exchange import exchange, get, hello

from fastcors.origins.regex.linear import is_linear
from fastcors.origins.regex.matcher import linear_matcher_of

LINEAR = (
    r"",
    r"https://app\.example\.com",
    r"https://[a-z0-9-]+\.example\.com",
    r"https?://(www|app)\.example\.(com|org)",
    r"^https://.*\.example\.com$",
    r"https://[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.example\.com",
    r"https://[a-z0-9-]+\.example\.com(:[0-9]+)?",
    r"https://[a-z]+?\.[a-z]+\.[a-z]{2,3}",
    r"(?i)https://\w+\.example\.com\b",
    r"https://(?:[a-z]\.){1,3}example\.com",
    r"(?:ab|[^b]|.){2}(?:){0,3}",
    r"(?:a|b)*c",  # `re` makes a set of the branch
)
NOT_PROVED = (
    r"(a+)+b",
    r"(?:a|bc)*d",
    r"https://([a-z]+\.)*example\.com",
    r".*.*x",
    r"[a-z]+[a-z]+",
    r"[a-z]+[0-9]+",
    r"[a-z]*\w[a-z]*",
    r"[a-z]+(?:\.)?[a-z]+",
    r"(a)\1",
    r"(?=a)a",
    r"(?i:a)",
    r"(?:ab){5}",
    r"(?:aa|a){4}(?:aa|a){4}(?:aa|a){4}",
    r"a+" + "b" * 64,
    "a" * 1000,
    "(?:a|b|c|d)?" * 20,
    "(" * 200 + "a" + ")" * 200 + r"\1",
)


@pytest.mark.parametrize("source", LINEAR)
def test_proved(source: str) -> None:
    assert is_linear(re.compile(source))


@pytest.mark.parametrize("source", NOT_PROVED)
def test_not_proved(source: str) -> None:
    assert not is_linear(re.compile(source))


def test_of_several_patterns_each_has_to_be_linear() -> None:
    first, second, quadratic = (re.compile(source) for source in ("a+b", "c", ".*.*x"))
    matcher = linear_matcher_of(first, second)
    assert matcher is not None
    assert [matcher(text) is not None for text in ("aab", "c", "d")] == [True, True, False]
    assert linear_matcher_of(first, quadratic) is None


def took(source: str, text: str) -> float:
    pattern = re.compile(source)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        pattern.fullmatch(text)
        times.append(time.perf_counter() - start)
    return min(times)


HOSTILE = (
    "a" * 8192,
    "https://" + "a" * 8192,
    "https://" + "a." * 4096,
    "https://" + ".example.co" * 745,
    "a.:1" * 2048,
)


@pytest.mark.parametrize("source", LINEAR)
def test_long_text_takes_linear_time(source: str) -> None:
    for text in HOSTILE:
        # Quadratic time would take 64 times as long, and so would the shorter text take long already.
        assert took(source, text * 8) < 30 * max(took(source, text), 1e-4)


# The first is left to `re`, the second has an automaton.
@pytest.mark.parametrize("source", [r"https://[a-z0-9-]+\.example\.com", r"https://(([a-z0-9-]+)+\.)+example\.com"])
@pytest.mark.parametrize("end", ["", ".example.com", "!"])
def test_hostile_origin(fastcors: ModuleType, source: str, end: str) -> None:
    middleware = fastcors.CORSMiddleware(hello, allow_origin_regex=source)
    origin = "https://" + "a" * 65536 + end
    start = time.perf_counter()
    headers = exchange(middleware, get(origin))[0]["headers"]
    assert time.perf_counter() - start < 1
    assert ((b"access-control-allow-origin", origin.encode()) in headers) is (end == ".example.com")


def test_more_origins_than_are_remembered(fastcors: ModuleType) -> None:
    middleware = fastcors.CORSMiddleware(hello, allow_origin_regex=r"https://[a-z0-9-]+\.example\.com")
    for _ in range(2):
        for number in range(100):
            origin = f"https://tenant-{number}.example.com"
            assert (b"access-control-allow-origin", origin.encode()) in exchange(middleware, get(origin))[0]["headers"]
            refused = exchange(middleware, get(origin + ".evil.test"))[0]["headers"]
            assert b"access-control-allow-origin" not in dict(refused)
    middleware.allow_origin_regex = re.compile("https://other")
    assert b"access-control-allow-origin" not in dict(exchange(middleware, get(origin))[0]["headers"])
