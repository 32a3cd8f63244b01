"""What is said of a configuration, in tables: a row is a value and what it comes to.

docs/problems.md has the whole text for each code, and a test of its own. Here are the shapes that one code covers,
and above all what must not be taken for a mistake.
"""

import ast
import re
import warnings
from collections import UserList, deque
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any

import idna
import pytest
from data.origin_rows import ORIGINS, SOUND_ORIGINS
from pydantic import AnyHttpUrl, AnyUrl
from starlette.datastructures import URL

from fastcors import ConfigProblem, CORSConfig
from fastcors.config.checks.collections import MOST_EXAMINED
from fastcors.config.members import members
from fastcors.origins.admitted.dots import dots_escaped
from fastcors.standard.headers import has_control, holds_line_break, is_token
from fastcors.standard.hosts import host_of
from fastcors.standard.origins import has_dns_length, is_port


def graver(config: CORSConfig) -> list[ConfigProblem]:
    return [problem for problem in config.problems() if problem.severity != "note"]


@pytest.mark.parametrize("credentials", [False, True])
@pytest.mark.parametrize("origin", SOUND_ORIGINS)
def test_sound_origin(origin: str, credentials: bool) -> None:
    assert CORSConfig([origin], allow_credentials=credentials).problems() == ()


@pytest.mark.parametrize(("origin", "codes", "fix"), [(origin, *row) for origin, row in ORIGINS.items()])
def test_origin(origin: str, codes: list[str], fix: str) -> None:
    problems = CORSConfig([origin]).problems()
    assert [problem.code for problem in problems] == codes
    assert {problem.fix for problem in problems} == {fix}
    assert {(problem.parameter, problem.value) for problem in problems} == {("allow_origins", origin)}
    # What is proposed has to be right.
    parameter = re.match(r"Write (allow_origin_(?:regex|patterns))=((?:r?(['\"]).*?\3)|\[.*?\])(?=\.$|, which)", fix)
    if parameter and "\\w" not in fix:
        assert CORSConfig(**{parameter[1]: ast.literal_eval(parameter[2])}).problems() == ()
    proposed = re.fullmatch(r"Write '([^']+)'\.", fix)
    if proposed:
        assert CORSConfig([proposed[1]]).problems() == ()


@pytest.mark.parametrize("host", ["bücher", "straße", "βόλος", "日本語", "münchen-ost", "はじめよう", "пример"])
def test_punycode_is_what_uts_46_asks_for(host: str) -> None:
    (problem,) = (each for each in CORSConfig([f"https://{host}.example"]).problems() if "ascii" in each.code)
    expected = idna.encode(f"{host}.example", uts46=True, transitional=False).decode()
    assert problem.fix == f"Write 'https://{expected}'."


INSECURE = ["http://example.com", "http://app.example.com:8080", "http://93.184.216.34", "http://localhost.example.com"]


@pytest.mark.parametrize("origin", INSECURE)
def test_insecure_only_with_credentials(origin: str) -> None:
    assert CORSConfig([origin]).problems() == ()
    (problem,) = CORSConfig([origin], allow_credentials=True).problems()
    assert (problem.code, problem.severity) == ("origin-insecure", "warning")
    assert origin.replace("http", "https") in problem.fix


def test_insecure_beside_what_else_is_wrong() -> None:
    problems = CORSConfig(["http://Example.com/"], allow_credentials=True).problems()
    assert [problem.code for problem in problems] == ["origin-upper-case", "origin-trailing-slash", "origin-insecure"]


class Color(Enum):
    RED = "https://red.example"


class TextColor(StrEnum):
    RED = "https://red.example"


class Unshowable:
    def __repr__(self) -> str:
        raise RuntimeError("no")


# Members of any kind, and the code of each.
MEMBERS: dict[str, tuple[Any, str | None]] = {
    "AnyUrl": (AnyUrl("https://a.example"), "origin-url-object"),
    "AnyHttpUrl": (AnyHttpUrl("https://a.example"), "origin-url-object"),
    "Starlette's URL": (URL("https://a.example"), "origin-url-object"),
    "None": (None, "not-a-string"),
    "bytes": (b"https://a.example", "not-a-string"),
    "a pattern": (re.compile("https://.+"), "not-a-string"),
    "a member of a plain enumeration": (Color.RED, "not-a-string"),
    "a member of an enumeration of strings": (TextColor.RED, None),
    "what has no repr": (Unshowable(), "not-a-string"),
}


@pytest.mark.parametrize(("member", "code"), MEMBERS.values(), ids=MEMBERS)
def test_member(member: Any, code: str | None) -> None:
    assert [problem.code for problem in CORSConfig([member]).problems()] == [code] * (code is not None)


NOT_COLLECTIONS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "origins: None": ({"allow_origins": None}, ["not-a-collection"]),
    "methods: a number": ({"allow_methods": 1}, ["not-a-collection"]),
    "headers: bytes": ({"allow_headers": b"X-A"}, ["not-a-collection"]),
    "expose: a number": ({"expose_headers": 1}, ["not-a-collection"]),
    "expose: None is nothing": ({"expose_headers": None}, []),
    "methods: None in it": ({"allow_methods": [None, *"*"]}, ["not-a-string"]),
    "headers: bytes in it": ({"allow_headers": [b"X-A"]}, ["not-a-string"]),
    "methods: a string": ({"allow_methods": "*"}, []),
    "origins: an empty string": ({"allow_origins": ""}, ["string-for-list"]),
    "origins: a wrong string": ({"allow_origins": "a.example"}, ["string-for-list", "origin-missing-scheme"]),
    "origins: a line break": ({"allow_origins": ["https://a.example\n"]}, ["line-break"]),
    "max_age: a line break": ({"max_age": "600\n"}, ["line-break"]),
}


@pytest.mark.parametrize(("parameters", "codes"), NOT_COLLECTIONS.values(), ids=NOT_COLLECTIONS)
def test_collection(parameters: dict[str, Any], codes: list[str]) -> None:
    assert [problem.code for problem in graver(CORSConfig(**parameters))] == codes


# Configurations that are right and common: nothing is warned of.
COMMON: dict[str, dict[str, Any]] = {
    "the defaults": {},
    "FastAPI's tutorial": {
        "allow_origins": ["http://localhost", "http://localhost:8080", "https://x.example"],
        "allow_credentials": True,
        "allow_methods": ["*"],
        "allow_headers": ["*"],
    },
    "a public API": {"allow_origins": ["*"], "allow_methods": ["*"], "allow_headers": ["*"], "expose_headers": ["*"]},
    "strings for asterisks": {"allow_origins": "*", "allow_methods": "*", "allow_headers": "*"},
    "methods listed": {"allow_methods": ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"]},
    "a method of one's own": {"allow_methods": ["GET", "PURGE", "M-SEARCH"]},
    "names listed": {"allow_headers": ["Authorization", "Content-Type", "X-CSRF-Token", "Range", "If-None-Match"]},
    "asterisk and Authorization": {"allow_headers": ["*", "Authorization"]},
    "exposed": {"expose_headers": ["Content-Disposition", "ETag", "X-Total-Count", "Link", "Location"]},
    "kept for a day": {"max_age": 86400},
    "not kept": {"max_age": 0},
    "truth from numbers": {"allow_credentials": 1, "allow_private_network": None},
}


@pytest.mark.parametrize("parameters", COMMON.values(), ids=COMMON)
def test_common_configuration(parameters: dict[str, Any]) -> None:
    assert graver(CORSConfig(**parameters)) == []


# Parameters, and for each problem its code and what its fix says.
PARAMETERS: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "patch": ({"allow_methods": ["patch"]}, [("method-lower-case", "Write 'PATCH'.")]),
    "a comma in a method": (
        {"allow_methods": ["GET,POST"]},
        [("method-not-token", "Write ['GET', 'POST'], each on its own.")],
    ),
    "white space around a method": ({"allow_methods": [" GET"]}, [("method-not-token", "Write 'GET'.")]),
    "a method outside ASCII": ({"allow_methods": ["GÉT"]}, [("method-not-token", "Remove it.")]),
    "connect": ({"allow_methods": ["connect"]}, [("method-forbidden", "Remove it.")]),
    "asterisk beside what it stands for": (
        {"allow_methods": ["*", "GET"]},
        [("method-asterisk-beside-others", "Write allow_methods=['*'].")],
    ),
    "a colon after a name": ({"allow_headers": ["X-Token:"]}, [("header-not-token", "Write 'X-Token'.")]),
    "names in one string": (
        {"allow_headers": ["X-A, X-B"]},
        [("header-not-token", "Write ['X-A', 'X-B'], each on its own.")],
    ),
    "a name exposed that is none": ({"expose_headers": ["X A"]}, [("header-not-token", "['X', 'A']")]),
    "a cookie exposed": ({"expose_headers": ["Set-Cookie"]}, [("header-forbidden", "Remove it.")]),
    "max_age as a string": ({"max_age": "600"}, [("max-age-not-integer", "max_age=600")]),
    "max_age as a decimal number": ({"max_age": Decimal(600)}, [("max-age-not-integer", "max_age=600")]),
    "max_age as a time": ({"max_age": timedelta(hours=1)}, [("max-age-not-integer", "max_age=600")]),
    "max_age as a truth": ({"max_age": True}, [("max-age-not-integer", "max_age=600")]),
    "max_age missing": ({"max_age": None}, [("max-age-not-integer", "max_age=600")]),
    "an empty string for a truth": (
        {"allow_private_network": ""},
        [("not-a-boolean", "allow_private_network=True or")],
    ),
    "the text of a list": (
        {"allow_origins": '["http://a.example","http://b.example"]'},
        [("string-for-list", "['http://a.example', 'http://b.example'], or read the list with json.loads.")],
    ),
    "the text of a list of one": (
        {"allow_methods": '["GET"]'},
        [("string-for-list", "Write allow_methods=['GET'], or read the list with json.loads.")],
    ),
    "origins in one string": (
        {"allow_origins": "http://a.example,http://b.example"},
        [("string-for-list", "Write allow_origins=['http://a.example', 'http://b.example'].")],
    ),
    "origins in one string, one of them wrong": (
        {"allow_origins": "http://a.example,https://*.b.example"},
        [
            ("string-for-list", "Split it into a list, one value each: allow_origins=[...]."),
            ("origin-wildcard", "Write allow_origin_patterns=['https://*.b.example']."),
        ],
    ),
    "many origins in one string": (
        {"allow_origins": ",".join(f"http://{letter}.example" for letter in "abcdefghijkl")},
        [("string-for-list", "Split it into a list, one value each: allow_origins=[...].")],
    ),
    "an empty list in one string": (
        {"allow_origins": "[]"},
        [("string-for-list", "Write allow_origins=[].")],
    ),
    "every origin as a word": (
        {"allow_origins": "all"},
        [
            ("string-for-list", "Write allow_origins=['*'] if every site may read"),
            ("origin-missing-scheme", "Write '*' if"),
        ],
    ),
    "headers in one string": (
        {"allow_headers": "X-A, X-B"},
        [("string-for-list", "Write allow_headers=['X-A', 'X-B'].")],
    ),
    "a header with its value": (
        {"allow_headers": "X-Token: secret"},
        [
            ("string-for-list", "Split it into a list, one value each: allow_headers=[...]."),
            ("header-not-token", "Write 'X-Token'."),
        ],
    ),
    "a list in a list": (
        {"allow_origins": [["http://a.example"]]},
        [("not-a-string", "Write allow_origins=['http://a.example'].")],
    ),
    "what is no string in a list in a list": (
        {"allow_headers": [("X-A", 1)]},
        [("not-a-string", "Write allow_headers=[...] with its members, each a string.")],
    ),
    "a regex beside one origin": ({"allow_origins": ["https://b"], "allow_origin_regex": r"https://a\.example"}, []),
    "one origin pattern as a string": (
        {"allow_origin_patterns": "https://*.example.com"},
        [("string-for-list", "Write allow_origin_patterns=['https://*.example.com'].")],
    ),
    "every origin as a pattern": ({"allow_origin_patterns": "*"}, [("pattern-too-wide", 'allow_origins=["*"]')]),
    "no origin patterns": ({"allow_origin_patterns": 7}, [("not-a-collection", "allow_origin_patterns=[...]")]),
    "an origin pattern that is no string": (
        {"allow_origin_patterns": [AnyUrl("https://a.example")]},
        [("pattern-malformed", "Write 'https://a.example'.")],
    ),
    "each wrong origin pattern": (
        {"allow_origin_patterns": ["https://*", "https://*.a.example", "*.b.example"]},
        [("pattern-too-wide", "Name the domain"), ("pattern-malformed", "Write 'https://*.b.example'.")],
    ),
    "an insecure origin pattern with credentials": (
        {"allow_origin_patterns": ["http://*.a.example", "http://localhost:*"], "allow_credentials": True},
        [("origin-insecure", "such as 'https://*.a.example'.")],
    ),
    "an insecure origin pattern without": ({"allow_origin_patterns": ["http://*.a.example"]}, []),
    "websockets checked, as a string": (
        {"check_websocket_origin": "no"},
        [("not-a-boolean", "check_websocket_origin=True or")],
    ),
    "a pattern of bytes": ({"allow_origin_regex": re.compile(b"https://.+")}, [("not-a-string", "raw string")]),
    "a number for a pattern": ({"allow_origin_regex": 1}, [("not-a-string", "raw string")]),
    "a pattern that repeats too often": (
        {"allow_origin_regex": "a{99999999999999999999}"},
        [("regex-does-not-compile", "Correct it")],
    ),
}


@pytest.mark.parametrize(("parameters", "expected"), PARAMETERS.values(), ids=PARAMETERS)
def test_parameters(parameters: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    problems = graver(CORSConfig(**parameters))
    assert [problem.code for problem in problems] == [code for code, _ in expected]
    for problem, (_, fix) in zip(problems, expected, strict=True):
        assert fix in problem.fix


@pytest.mark.parametrize(
    ("host", "written"),
    [
        ("0177.0.0.1", "127.0.0.1"),
        ("010.1", "8.0.0.1"),
        ("08", None),
        ("0x7f.1", "127.0.0.1"),
        ("0x", "0.0.0.0"),
        ("1.2.3.255", "1.2.3.255"),
        ("1.2.3.256", None),
        ("1.2.65535", "1.2.255.255"),
        ("1.2.65536", None),
        ("255.1", "255.0.0.1"),
        ("256.1", None),
        ("1.2.3.4.5", None),
    ],
)
def test_addresses_as_browsers_read_them(host: str, written: str | None) -> None:
    assert host_of(host).written == written


def test_bounds_of_ports_and_names() -> None:
    assert all(map(is_port, ("1", "80", "9999", "10000", "65535")))
    assert not any(map(is_port, ("", "0", "01", "65536", "99999", "100000", "+1", " 1", "1\n", "\u0661")))
    longest = ".".join(["a" * 63] * 3 + ["a" * 61])
    assert len(longest) == 253
    assert all(map(has_dns_length, ("a", "a" * 63, "a.", longest, f"{longest}.")))
    assert not any(map(has_dns_length, ("a" * 64, f"a.{'a' * 64}.b", f"{longest}a", f"{longest}a.")))


def test_characters_of_a_token() -> None:
    """RFC 9110, section 5.6.2, and what a field value must not hold: section 5.5."""
    signs = "!#$%&'*+-.^_`|~"
    for character in map(chr, range(0x180)):
        expected = character in signs or (character.isascii() and character.isalnum())
        assert is_token(character) == is_token(f"a{character}b") == expected, character
        assert has_control(f"a{character}b") == ((character < " " and character != "\t") or character == "\x7f")
        assert holds_line_break(f"a{character}b") == (character in "\r\n\0")
    assert not is_token("")


# A pattern, and the same with the dots escaped that ought to be.
DOTS = {
    r"https://app.example.com": r"https://app\.example\.com",
    r"https://.*.example.com": r"https://.*\.example\.com",
    r"https://.+\.example.com": r"https://.+\.example\.com",
    r"https://[a-z.]+.example\.com": r"https://[a-z.]+\.example\.com",
    r"https://(app|admin).example\.com": r"https://(app|admin)\.example\.com",
    r"https://\w.example\.com": r"https://\w\.example\.com",
    r"https://a{2}.example\.com": r"https://a{2}\.example\.com",
    r"https://(www.)?example.com": r"https://(www\.)?example\.com",
    r"https://(www.|api.|(a|b).)?example\.com": r"https://(www\.|api\.|(a|b)\.)?example\.com",
    r"https://((a.)+?)example\.com": r"https://((a\.)+?)example\.com",
    r"https://(example\.com|a.)": None,
    r"https://(a.|b)": None,
    r"https://a(?#a.b).b\.example": None,
    r"https://[]a.b]\.example": None,
    r"https://.\.example\.com": None,
    r"https://app\.example\..+": None,
    r"https://app\.example\.com(:.{1,5})?": None,
    r"https://x.?\.example": None,
    r"(?!.*evil)https://[^.]+\.example\.com": None,
    r"https://app\.example\.com": None,
    ".": None,
    ".*": None,
    "": None,
}


@pytest.mark.parametrize(("pattern", "escaped"), DOTS.items())
def test_unescaped_dots(pattern: str, escaped: str | None) -> None:
    assert dots_escaped(pattern) == (escaped or pattern)


LONG_LABEL = "a" * 50

ESCAPED = {
    "whole": (r"https://(www.)?example.com", r'Write allow_origin_regex=r"https://(www\.)?example\.com".'),
    "a dot that is not found": (
        r"https://(www.){0,1}example.com",
        "Put a backslash before each dot that stands for a dot.",
    ),
    "too long": (
        rf"https://{LONG_LABEL}\.{LONG_LABEL}\.a.example\.com",
        "Put a backslash before each dot that stands for a dot.",
    ),
    "no automaton": (r"https://(a)\1x.example", "Put a backslash before each dot that stands for a dot."),
    "no automaton, too long": (
        rf"https://(a)\1x.{LONG_LABEL}.{LONG_LABEL}.com",
        "Put a backslash before each dot that stands for a dot.",
    ),
}


@pytest.mark.parametrize(("pattern", "fix"), ESCAPED.values(), ids=ESCAPED)
def test_what_to_write_for_an_unescaped_dot(pattern: str, fix: str) -> None:
    problems = graver(CORSConfig(allow_origin_regex=pattern))
    assert [problem.fix for problem in problems if problem.code == "regex-unescaped-dot"] == [fix]


UNSAFE = {
    r"https://app\.example\.com|null": ["origin-null"],
    r"http://app\.example\.com": ["origin-insecure"],
    r"https?://([a-z]+\.)?example\.com": ["origin-insecure"],
    r"http://(localhost|app\.test|127\.0\.0\.1)(:\d+)?": [],
    r"http://a\.\.b|https://app\.example\.com": [],
    r"https://app\.example\.com": [],
    ".*": ["regex-matches-every-origin"],
}


@pytest.mark.parametrize(("pattern", "codes"), UNSAFE.items(), ids=UNSAFE)
def test_regex_that_admits_what_is_unsafe(pattern: str, codes: list[str]) -> None:
    problems = graver(CORSConfig(allow_origin_regex=pattern, allow_credentials=True))
    assert [problem.code for problem in problems] == codes
    problems = graver(CORSConfig(allow_origin_regex=pattern))
    assert [problem.code for problem in problems] == [code for code in codes if code != "origin-insecure"]


def test_unescaped_dot_beside_what_else_is_wrong() -> None:
    problems = graver(CORSConfig(allow_origin_regex=r"https://(a|b)\1x.example\.com"))
    assert {problem.code for problem in problems} == {"regex-unescaped-dot", "regex-unbounded-time"}


def test_nothing_is_raised_where_warnings_are_errors() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert CORSConfig(allow_origin_regex=r"https://[[0-9a-z]+\.example\.com").problems() == ()


def test_type_of_max_age_is_named() -> None:
    (problem,) = CORSConfig(max_age=Decimal(600)).problems()  # type: ignore[arg-type]  # which is the point
    assert problem.reason == "its type is Decimal, not int. It works, because its text is a number."


def test_dot_in_a_comment_is_a_dot() -> None:
    problems = graver(CORSConfig(allow_origin_regex=r"(?x) https://(a|b)\1\.example\.com # not a.b"))
    assert {problem.code for problem in problems} == {"regex-unbounded-time"}


def test_compiled_pattern_is_shown_as_its_text() -> None:
    pattern = re.compile(r"https://(a)\1")
    (problem,) = graver(CORSConfig(allow_origin_regex=pattern))
    assert (problem.code, problem.value) == ("regex-unbounded-time", pattern.pattern)


# The note of methods that are left out: never of the default.
NOTES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "the default": ({}, []),
    "the default, as a list": ({"allow_methods": ["GET"]}, []),
    "none": ({"allow_methods": []}, ["method-safelisted-missing"]),
    "some": ({"allow_methods": {"PUT", "GET"}}, ["method-safelisted-missing"]),
    "of a class that is left alone": ({"allow_methods": UserList(["PUT"])}, []),
    "all three": ({"allow_methods": ["POST", "HEAD", "GET"]}, []),
    "asterisk": ({"allow_methods": ["*"]}, []),
    "an empty method": ({"allow_methods": ["GET", "HEAD", "POST", ""]}, ["nothing-set"]),
    "nothing for a regex": ({"allow_origin_regex": ""}, ["nothing-set"]),
    "names that browsers set": (
        {"allow_headers": ["origin", "Sec-Fetch-Mode", "Proxy-Authorization"]},
        ["header-forbidden"],
    ),
    "a header of responses": ({"allow_headers": ["access-control-max-age"]}, ["header-of-response"]),
    "a regex beside every origin": (
        {"allow_origins": ["*"], "allow_origin_regex": r"https://a\.example"},
        ["origin-asterisk-beside-others"],
    ),
    "a function beside every origin": (
        {"allow_origins": ["*"], "allow_origin_func": lambda origin, scope: True},
        ["origin-asterisk-beside-others"],
    ),
    "safelisted for requests": ({"allow_headers": ["Content-Type", "accept"]}, []),
    "safelisted for responses": ({"expose_headers": ["content-type"]}, ["header-safelisted"]),
    "all safelisted for responses": (
        {
            "expose_headers": [
                *("Cache-Control", "Content-Language", "Content-Length", "Content-Type", "Expires", "Last-Modified"),
                "Pragma",
            ]
        },
        ["header-safelisted"] * 7,
    ),
    "any header": ({"allow_headers": ["*"]}, []),
    "asterisks with credentials": (
        {"allow_methods": ["*"], "allow_headers": ["*"], "allow_credentials": True},
        [],
    ),
}


@pytest.mark.parametrize(("parameters", "codes"), NOTES.values(), ids=NOTES)
def test_notes(parameters: dict[str, Any], codes: list[str]) -> None:
    problems = CORSConfig(**parameters).problems()
    assert [(problem.code, problem.severity) for problem in problems] == [(code, "note") for code in codes]


SHOWN: dict[str, tuple[str, str]] = {
    "what cannot be printed is escaped": ("a\r\x1b[31m\u202e\ud800", r"'a\r\x1b[31m\u202e\ud800'"),
    "a long one is cut": ("a" * 10**6, "'" + "a" * 116 + "..."),
    "a password is left out": ("x://me:secret@a", "'x://...@a'"),
    "a token is left out": ("x://token@a", "'x://...@a'"),
    "a long password is left out": (f"x://me:{'s' * 300}@a", "'x://...@a'"),
}


@pytest.mark.parametrize(("value", "shown"), SHOWN.values(), ids=SHOWN)
def test_value_in_the_text(value: str, shown: str) -> None:
    problem = ConfigProblem("code", "error", "allow_origins", value, "Reason.", "Fix.")
    assert str(problem) == f"allow_origins holds {shown}: Reason. Fix. [code]"
    assert problem.value == value


def test_value_whose_repr_holds_what_cannot_be_printed() -> None:
    value = type("Forged", (), {"__repr__": lambda self: "a\nb"})()
    problem = ConfigProblem("code", "error", "max_age", value, "Reason.", "Fix.")
    assert str(problem) == r"max_age=a\nb: Reason. Fix. [code]"


def test_value_without_a_repr() -> None:
    problem = ConfigProblem("code", "error", "max_age", Unshowable(), "Reason.", "Fix.")
    assert str(problem) == "max_age=<Unshowable>: Reason. Fix. [code]"


def test_many_of_one_code_are_counted() -> None:
    origins = [f"https://{number}.example/" for number in range(MOST_EXAMINED + 10)]
    problems = CORSConfig([*origins, "null"], allow_headers=[f"X {number}" for number in range(10)]).problems()
    assert [problem.code for problem in problems] == [
        *["origin-trailing-slash"] * 10,
        "origin-null",
        *["header-not-token"] * 10,
    ]
    assert [problem.value for problem in problems[:10]] == origins[:10]
    assert f"At least {MOST_EXAMINED - 10} more have the same problem. Write" in str(problems[9])
    assert not any("more have" in str(problem) for problem in (*problems[:9], *problems[10:]))


def test_time_that_many_take_has_a_bound() -> None:
    slashes = [f"https://{number}.example/" for number in range(MOST_EXAMINED + 10)]
    sound = [f"https://a{number}.example" for number in range(MOST_EXAMINED)]
    problems = CORSConfig([*sound, *slashes, "null"]).problems()
    # All the same, the one that is dangerous is found.
    assert {problem.code for problem in problems} == {"origin-trailing-slash", "origin-null"}
    assert f"At least {MOST_EXAMINED - 10:,} more have the same problem." in problems[-2].reason


@pytest.mark.parametrize("value", [None, 1, ["https://a.example"]])
def test_of_many_that_are_no_strings_the_first_are_examined(value: object) -> None:
    given: Any = [*[value] * (MOST_EXAMINED + 10), "https://a.example\n"]
    problems = CORSConfig(given).problems()
    assert [problem.code for problem in problems] == [*["not-a-string"] * 10, "line-break"]
    assert problems[9].more == MOST_EXAMINED - 10


@pytest.mark.parametrize(
    "values", [{1, 2, "a"}, {b"a", b"b", None}, {*range(2_000)}, {*map(frozenset, [[1], [2], [3]])}]
)
def test_set_of_anything_is_read_in_the_same_order(values: set[Any]) -> None:
    assert members(values) == members(frozenset(values))
    assert set(members(values)) == values


def test_large_set_of_objects_is_read() -> None:
    values: set[Any] = {object() for _ in range(2_000)}
    assert set(members(values)) == values


def test_long_list_in_one_string_is_not_proposed() -> None:
    given: Any = " ".join(["https://a.example", *[" " * 10_000], "https://b.example"])
    (problem,) = CORSConfig(given).problems()
    assert problem.code == "string-for-list"
    assert problem.fix == "Split it into a list, one value each: allow_origins=[...]."


def once(*values: str) -> Iterator[str]:
    yield from values


COLLECTIONS: dict[str, Any] = {
    "list": ["a"],
    "tuple": ("a",),
    "set": {"a"},
    "frozenset": frozenset({"a"}),
    "deque": deque(["a"]),
    "dict": {"a": 1},
    "keys": {"a": 1}.keys(),
    "values": {1: "a"}.values(),
    "generator": once("a"),
    "string": "a",
}


@pytest.mark.parametrize("collection", COLLECTIONS.values(), ids=COLLECTIONS)
def test_kind_of_collection(collection: Any) -> None:
    codes = [problem.code for problem in CORSConfig(collection).problems()]
    assert "origin-missing-scheme" in codes


def test_order_is_that_of_the_parameters_and_of_their_members() -> None:
    config = CORSConfig(
        {"https://c.example/", "https://a.example/", "https://b.example/", b"x", 1},  # type: ignore[arg-type]
        ["get"],
        ["X A"],
        "yes",  # type: ignore[arg-type]
        "(",
        "yes",  # type: ignore[arg-type]
        ["X B"],
        -1,
    )
    found = [(problem.parameter, problem.value) for problem in graver(config)]
    assert found == [
        ("allow_origins", 1),
        ("allow_origins", b"x"),
        ("allow_origins", "https://a.example/"),
        ("allow_origins", "https://b.example/"),
        ("allow_origins", "https://c.example/"),
        ("allow_methods", "get"),
        ("allow_headers", "X A"),
        ("allow_credentials", "yes"),
        ("allow_origin_regex", "("),
        ("allow_private_network", "yes"),
        ("expose_headers", "X B"),
        ("max_age", -1),
    ]
    assert config.problems() == config.problems()


@pytest.mark.parametrize("text", ["a" * 60_000, "https://a.example," * 5_000], ids=["a name", "a list"])
def test_entry_that_is_too_long_to_take_apart_is_reported(text: str) -> None:
    (found,) = CORSConfig(allow_origins=["https://app.example.com", text]).problems()
    assert (found.code, found.severity) == ("origin-malformed", "error")
    assert f"it has {len(text):,} characters" in found.reason
