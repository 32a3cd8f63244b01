"""What is proposed instead of an origin regex: nothing that admits more, nor less than what worked."""

from collections.abc import Iterator

import pytest
from support.fixes import values_in

from fastcors import ConfigProblem, CORSConfig
from fastcors.cli.regex import examine_regex


def problems(source: str) -> tuple[ConfigProblem, ...]:
    found = CORSConfig(allow_origin_regex=source, allow_credentials=True).problems()
    assert all(str(each).isprintable() for each in found)
    return found


def proposed(source: str) -> Iterator[str]:
    for problem in problems(source):
        for name, value in values_in(problem):
            if name == "allow_origin_regex" and "as in allow_origin_regex" not in problem.fix:
                yield value


# A dot that any character matches, next to another one or to a dot that is escaped.
DOTS = {
    r"https://api..example\.com": "https://api.aexample.com",
    r"https://app\..example\.com": "https://app.aexample.com",
    r"https://a..b\.com": "https://a.ab.com",
    r"https://app-..example\.com": "https://app-.aexample.com",
    r"https://my..vercel\.app": "https://mya.vercel.app",
    r"https://x..co\.uk": "https://xa.co.uk",
    r"https://(app.)(.example)\.com": "https://app.aexample.com",
}


@pytest.mark.parametrize(("source", "origin"), DOTS.items(), ids=DOTS)
def test_dot_beside_a_dot(source: str, origin: str) -> None:
    (problem,) = problems(source)
    assert (problem.code, problem.severity) == ("regex-unescaped-dot", "warning")
    assert f"{origin} is admitted too" in problem.reason
    assert [*proposed(source)] == []


# A part that is optional by mistake, and what is proposed instead.
SLIPS = {
    r"https://(www)?mycorp\.com:3000": r"https://((www)\.)?mycorp\.com:3000",
    r"https://www\.?mycorp\.com:3000": r"https://(www\.)?mycorp\.com:3000",
    r"https://mycorp\.com?(:\d+)?": r"https://mycorp\.com(:\d+)?",
    r"http://mycorp\.com?": None,
    r"https://mycorp\.co(m)?": None,
    r"https://mycorp\.(com?)": None,
    r"https://(www|)mycorp\.com": None,
    r"https://(?:www|m)?(mycorp|other)\.com": None,
    r"https://(w|m)?mycorp\.com": None,
    r"https://(my)?corp\.com": None,
}


@pytest.mark.parametrize(("source", "instead"), SLIPS.items(), ids=SLIPS)
def test_slip(source: str, instead: str | None) -> None:
    found = [each for each in problems(source) if each.code == "regex-admits-foreign-origins"]
    assert [each.severity for each in found] == ["note"]
    assert "is optional, so it admits both" in found[0].reason
    assert [each for each in proposed(source) if each == instead] == [instead] * (instead is not None)


NO_SLIPS = (
    *(r"https://(www\.)?mycorp\.com", r"https://mycorp\.com(\.au)?", r"https://s?mycorp\.com", "https://(my-)?corp.de"),
    *(
        r"https://(a|b)?x\.mycorp\.com",
        r"https://mycorps?\.com",
        r"https?://b\.com|https://ab\.com",
        r"https://a?b?\.co",
    ),
    r"https://(my|amy)\.com|https://" + "".join(f"({letter}x)?" for letter in "abcdefghi") + r"\.mycorp\.com",
    r"https://(www)?(?!x)mycorp\.com(?<!wwwmycorp\.com)",
)


@pytest.mark.parametrize("source", NO_SLIPS)
def test_no_slip(source: str) -> None:
    assert not [each for each in problems(source) if "is optional" in each.reason]


# What comes out of these has a fault that the pattern at hand does not have.
NOTHING = (
    *(r"https://(www|m)?(mycorp|other)\.com/", r"https://(www)?mycorp\\.com:3000", r"https://mycorp\.com?(:\d+)?/"),
    *(r"https://app..mycorp\\.com", r"https?://mycorp\\.com", r"https://(?:(?!admin).)*example\.com"),
    *("http://192.168.[12].*+", r"https://(?>a*)mycorp.com", r"https?://[a-z]+mycorp.com(x)?(?(1)y)"),
    *(r"https://staging\.?mycorp\.com", r"https://app\.?le\.com", r"https://mycorp\.coms?", r"https://mycorp\.nets?"),
    *(r"https://.*\\.c[n-p]\\.uk", r"https://192\\.30\\.\\d+\\.\\d+", r"https://172\\.217\\.\\d+\\.\\d+"),
    *("http://192.168.[12].*", r"https://(a)\1.mycorp.com", r"https://(?:(?!admin).)*mycorp\.com:[0-9]{4}"),
)


@pytest.mark.parametrize("source", NOTHING)
def test_nothing_is_proposed(source: str) -> None:
    assert problems(source)
    assert [*proposed(source)] == []


# Good advice, which is within the pattern at hand.
ADVICE = {
    r"^https://example\\.com$": r"https://example\.com",
    r"https://app.example.com": r"https://app\.example\.com",
    r"https://.*example\.com": r"https://([a-z0-9-]+\.)*example\.com",
    r"https://example\.com/": r"https://example\.com",
    r"https://www\.?example\.com": r"https://(www\.)?example\.com",
    r"http://localhost.*": r"http://localhost(:\d+)?",
}


@pytest.mark.parametrize(("source", "instead"), ADVICE.items(), ids=ADVICE)
def test_advice(source: str, instead: str) -> None:
    assert instead in [*proposed(source)]


SECRETS = (
    r"https://(user:hunter2@)?example.com",
    r"https://user:(hunter2|x)@a\.com|https://b\.com",
    r"https://user:hunter2%40example\\.com",
    r"https://hunter2@example\.com|https://.*",
    r"https://(?P<hunter2@a",
)


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("source", SECRETS)
def test_no_password_is_shown(source: str, as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    assert not any("hunter2" in str(each) for each in problems(source))
    examine_regex(source, True, as_json)
    assert "hunter2" not in capsys.readouterr().out


def test_what_is_not_decided_shows_no_placeholder() -> None:
    found = problems("http://192.168.[12].*+|http://a.mycorp.com")  # which sees that all is printable
    assert "origin-insecure" in [each.code for each in found]
