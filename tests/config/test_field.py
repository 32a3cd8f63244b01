"""Lists as people write them, see tests/data/field_rows.py, and fixes that must never open anything."""

import ast
import random
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from data.field_rows import FIELD_ROWS, Expected

from fastcors import CORSConfig
from fastcors.origins.patterns import OriginPatternError, parse_origin_pattern
from fastcors.standard.platforms import PLATFORMS
from fastcors.standard.public_suffixes import installed


@pytest.mark.parametrize("credentials", [False, True])
@pytest.mark.parametrize(("parameters", "without", "having"), FIELD_ROWS.values(), ids=FIELD_ROWS)
def test_row(parameters: dict[str, Any], without: list[Expected], having: list[Expected], credentials: bool) -> None:
    expected = having if credentials else without
    problems = CORSConfig(**parameters, allow_credentials=credentials).problems()
    found = [each for each in problems if each.code != "regex-matches-every-origin" or credentials]
    by_text = zip(found, [text for _, _, text in expected], strict=True)
    assert [(each.severity, each.code) for each in found] == [(severity, code) for severity, code, _ in expected]
    for each, text in by_text:
        assert text in str(each)


@pytest.fixture
def without_list(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Public suffixes are unknown, except for those of the platforms."""
    monkeypatch.setitem(sys.modules, "publicsuffixlist", None)
    _forget()
    yield
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    installed.cache_clear()


def suffixes() -> list[str]:
    """Return some of the public suffixes, or what stands for them without a list."""
    rules = [rule.lstrip("*.!") for rule in sorted(installed()._rules) if rule and "/" not in rule]
    return random.Random(5).sample([rule for rule in rules if rule.isascii()], 400)


SHAPES: tuple[Callable[[str], str], ...] = (
    lambda name: f"https://*.{name}",
    lambda name: f"*.{name}",
    lambda name: f"http://*.{name}:*",
    lambda name: f"https://app-*.{name}",
    lambda name: f"https://*.*.{name}/",
    lambda name: f"*{name}",
    lambda name: f"http*://*.{name}",
    lambda name: f"https://*.{name}.",
    lambda name: f"HTTPS://*.{name.upper()}",
    lambda name: rf"https://.*\.{name}",
    lambda name: rf"^https://[a-z0-9-]+\.{re.escape(name)}$",
    lambda name: rf"https?://(.+\.)?{re.escape(name)}(:\d+)?",
    lambda name: f"https://.*{name}",
    lambda name: f"https://*.{name.partition('.')[2] or name}",
)
PARAMETER = re.compile(r"(?:Write |allow_origin_patterns holds .*Write )(allow_origin_\w+)=(\[.*?\]|r\"[^\"]*\")")
PROPOSED = re.compile(r"Write '([^']*)'")


def proposed(problem: Any) -> Iterator[tuple[str, Any]]:
    for parameter, value in PARAMETER.findall(problem.fix):
        yield parameter, ast.literal_eval(value)
    for value in PROPOSED.findall(problem.fix):
        yield problem.parameter, [value]


def graver(parameters: dict[str, Any]) -> list[str]:
    return [str(each) for each in CORSConfig(**parameters).problems() if each.severity != "note"]


def check_fixes(written: str, credentials: bool, foreign: tuple[str, ...]) -> int:
    """See that what is proposed for `written` is sound and admits none of `foreign`. Return how many there are."""
    count = 0
    for parameter in ("allow_origins", "allow_origin_patterns"):
        given: dict[str, Any] = {parameter: [written], "allow_credentials": credentials}
        for problem in CORSConfig(**given).problems():
            for name, value in proposed(problem):
                count += 1
                after = {name: value, "allow_credentials": credentials}
                assert graver(after) == [], (written, name, value)
                if name == "allow_origin_regex":
                    assert not [origin for origin in foreign if re.fullmatch(value, origin)], (written, value)
    return count


def _foreign(name: str) -> tuple[str, ...]:
    hosts = (f"evil.{name}", f"a.evil.{name}", f"app-evil.{name}", f"evil{name}", f"{name}.evil.com")
    return tuple(f"{scheme}://{host}" for scheme in ("http", "https") for host in hosts)


@pytest.mark.parametrize("credentials", [False, True])
def test_no_fix_opens_a_public_suffix(credentials: bool) -> None:
    for name in suffixes()[:50]:
        for shape in SHAPES:
            check_fixes(shape(name), credentials, _foreign(name) if installed().registrable(name) is None else ())


def test_no_fix_opens_a_platform(without_list: None) -> None:
    for name in random.Random(6).sample(sorted(name.lstrip("*.") for name in PLATFORMS), 25):
        for shape in SHAPES:
            check_fixes(shape(name), True, _foreign(name))


def test_nothing_that_needs_the_list_is_proposed_without_it(request: pytest.FixtureRequest) -> None:
    names = suffixes()[:50]
    request.getfixturevalue("without_list")
    for name in names:
        for shape in SHAPES[:9]:
            fixes = [each.fix for each in CORSConfig([shape(name)]).problems()]
            assert not any(re.search(rf"=\[?r?['\"][^ ]*\*[^ ]*{re.escape(name)}", fix) for fix in fixes), (name, fixes)
            assert check_fixes(shape(name), False, _foreign(name)) == 0, shape(name)


def test_what_is_reserved_is_proposed_without_the_list(without_list: None) -> None:
    assert check_fixes("https://*.example.com", True, ()) == 1
    assert check_fixes(r"https://.*\.example\.com", True, ()) == 1
    assert check_fixes(r"https://(app|admin)\.acme\.com", True, ()) == 1
    (problem,) = CORSConfig(["https://*.acme.com"]).problems()
    assert "pip install 'fastcors[psl]'" in problem.fix
    (problem,) = CORSConfig([r"https://.*\.acme\.com"]).problems()
    assert "pip install 'fastcors[psl]'" in problem.fix


def test_what_is_owned_is_proposed_with_the_list() -> None:
    pytest.importorskip("publicsuffixlist")
    assert check_fixes("https://*.acme.com", True, _foreign("acme.org")) == 1
    assert check_fixes("https://app-*.acme.co.uk", True, _foreign("co.uk")) == 1


def test_only_the_first_of_many_are_proposed() -> None:
    problems = CORSConfig([f"https://*.a{number}.example" for number in range(8)]).problems()
    assert problems[0].fix.count("https://*.a") == 5
    assert problems[7].fix.startswith("List each origin in full")


def addresses(draw: random.Random) -> str:
    numbers = [draw.choice(("*", "**", "0", "1", "10", "127", "168", "172", "16", "192", "8", "255", "300", "01"))]
    numbers += [draw.choice(("*", "*", "***", "0", "168", "16", "254", "evil")) for _ in range(draw.randint(1, 4))]
    scheme = draw.choice(("http://", "https://", "", "http*://", "*://"))
    if draw.random() < 0.3:
        dotted = ".".join(str(draw.choice((10, 192, 172, 127, 8, 168, 0, 255))) for _ in range(4))
        return f"{scheme}{dotted}/{draw.randint(0, 33)}"
    return f"{scheme}{'.'.join(numbers)}{draw.choice(('', ':*', ':80*', ':3000', ':**'))}"


@pytest.mark.parametrize("credentials", [False, True])
def test_no_fix_for_addresses_opens_anything(credentials: bool) -> None:
    draw = random.Random(7)
    foreign = tuple(
        f"{scheme}://{host}{port}"
        for scheme in ("http", "https")
        for host in (
            "192.168.evil.com",
            "10.evil.com",
            "8.8.8.8",
            "192.169.1.1",
            "11.0.0.1",
            "10.0.0.1.evil.com",
            "evil",
        )
        for port in ("", ":3000")
    )
    count = sum(check_fixes(addresses(draw), credentials, foreign) for _ in range(500))
    assert count > 10


TOO_WIDE = ("https://*.com.", "https://*.amazonaws.com", "https://*.windows.net", "https://*.vercel.app.", "https://*.")


@pytest.mark.parametrize("pattern", TOO_WIDE)
def test_pattern_that_is_too_wide(pattern: str, without_list: None) -> None:
    with pytest.raises(OriginPatternError, match="pattern-too-wide"):
        parse_origin_pattern(pattern)


def test_fix_of_a_pattern_corrects_all_of_it() -> None:
    (problem,) = CORSConfig(allow_origin_patterns=["HTTP://*.Example.com:80/"]).problems()
    assert problem.fix == "Write 'http://*.example.com'."
    (problem,) = CORSConfig(allow_origin_patterns=["HTTP://*.Example.com:80/"], allow_credentials=True).problems()
    assert problem.fix == "Write 'https://*.example.com', and serve the pages over https."
    (problem,) = CORSConfig(allow_origin_patterns=["*.vercel.app"]).problems()
    assert "vercel" not in problem.fix


SOUND_INSTEAD: dict[str, tuple[dict[str, Any], str]] = {
    "methods in one string": ({"allow_methods": "get,post"}, "Write allow_methods=['GET', 'POST']."),
    "methods in one entry": ({"allow_methods": ["GET, put"]}, "Write ['GET', 'PUT'], each on its own."),
    "a method that is forbidden": ({"allow_methods": "GET,trace"}, "one value each: allow_methods=[...]."),
    "every origin with credentials": (
        {"allow_origins": "all", "allow_credentials": True},
        "one value each: allow_origins=[...].",
    ),
    "every origin in a list in a list": (
        {"allow_origins": [["all"]], "allow_credentials": True},
        "Write allow_origins=[...] with its members",
    ),
    "an asterisk in quotes": (
        {"allow_origins": ["'*'"], "allow_credentials": True},
        "List the origins that you trust; '*' is not safe",
    ),
    "patterns in one string": (
        {"allow_origin_patterns": "*.vercel.app"},
        "one value each: allow_origin_patterns=[...].",
    ),
    "names in one string": ({"allow_headers": "X-A, \xc4"}, "one value each: allow_headers=[...]."),
}


@pytest.mark.parametrize(("parameters", "fix"), SOUND_INSTEAD.values(), ids=SOUND_INSTEAD)
def test_what_has_problems_of_its_own_is_not_proposed(parameters: dict[str, Any], fix: str) -> None:
    assert fix in CORSConfig(**parameters).problems()[0].fix
