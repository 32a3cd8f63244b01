"""The three deliberate deviations from Starlette, each where following it would be a vulnerability."""

import warnings
from collections import deque
from types import ModuleType
from typing import Any

import pytest
from support.asgi import Case, Make, Request, observe, subclass
from support.reference import CORSMiddleware as Reference

OK = ({"type": "http.response.start", "status": 200, "headers": Make("list", ())}, {"type": "http.response.body"})


async def app(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("not called")


def ask(middleware_class: Any, config: dict[str, Any], *headers: tuple[bytes, bytes], method: str = "GET") -> Any:
    scope = {"type": "http", "method": method, "headers": Make("list", headers)}
    return observe(middleware_class, Case(config, (Request(scope, OK),)))


def response_headers(observed: Any) -> str:
    """Return the repr of the header list that the server got."""
    ((_, _, items), *_) = observed[0][1]
    return str(dict(items)["headers"])


def status(observed: Any) -> int:
    ((_, _, items), *_) = observed[0][1]
    return int(dict(items)["status"])


# 1. A string where a collection belongs.

STRINGS: dict[str, dict[str, Any]] = {
    "allow_origins": {"allow_origins": "https://app.example.com"},
    "allow_origins, with an asterisk": {"allow_origins": "https://*.example.com"},
    "allow_methods": {"allow_methods": "PUT"},
    "allow_headers": {"allow_headers": "X-A"},
    "expose_headers": {"expose_headers": "X-Total-Count"},
}


@pytest.mark.parametrize("config", STRINGS.values(), ids=STRINGS)
def test_string_is_one_value_and_warns(fastcors: ModuleType, config: dict[str, Any]) -> None:
    ((parameter, value),) = config.items()
    with pytest.warns(UserWarning, match=parameter) as caught:
        middleware = fastcors.CORSMiddleware(app, **config)
    (warning,) = (warning for warning in caught if "[string-for-list]" in str(warning.message))
    text = str(warning.message)
    assert f"{parameter}={value!r}" in text, "parameter and value"
    assert "characters and substrings" in text, "reason"
    # What would not pass the checks is not proposed.
    listed = "..." if "*" in value else repr(value)
    assert f"{parameter}=[{listed}]" in text, "fix"
    assert warning.filename == __file__, "points at the caller"
    expected = Reference(app, **{parameter: [value]})
    for name in ("allow_methods", "allow_headers", "allow_all_origins", "simple_headers", "preflight_headers"):
        ours = getattr(middleware, name)
        assert type(expected.__dict__[name])(ours) == expected.__dict__[name]


@pytest.mark.parametrize("origin", [b"https://app.example.co", b"https://", b"", b"app.example.com"])
def test_substring_of_a_string_is_not_allowed(fastcors: ModuleType, origin: bytes) -> None:
    config = {"allow_origins": "https://app.example.com"}
    assert b"allow-origin" in response_headers(ask(Reference, config, (b"origin", origin))).encode(), (
        "as Starlette does"
    )
    with pytest.warns(UserWarning, match="allow_origins"):
        observed = ask(fastcors.CORSMiddleware, config, (b"origin", origin))
    assert "allow-origin" not in response_headers(observed)


def test_string_assigned_later_is_one_value_and_warns(fastcors: ModuleType) -> None:
    middleware = fastcors.CORSMiddleware(app)
    with pytest.warns(UserWarning, match="allow_origins='https://app.example.com'") as caught:
        middleware.allow_origins = "https://app.example.com"
    assert caught[0].filename == __file__
    assert middleware.is_allowed_origin("https://app.example.com")
    assert not middleware.is_allowed_origin("https://app.example.co")


@pytest.mark.parametrize("parameter", ["allow_origins", "allow_methods", "allow_headers", "expose_headers"])
@pytest.mark.parametrize("value", ["*", ["*"]])
def test_asterisk_alone_keeps_its_meaning_without_a_warning(fastcors: ModuleType, parameter: str, value: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        middleware = fastcors.CORSMiddleware(app, **{parameter: value})
    expected = Reference(app, **{parameter: value})
    assert {**vars(middleware)} == {**vars(expected)} | {"allow_origin_regex": None}


def test_empty_string_is_an_empty_collection(fastcors: ModuleType) -> None:
    with pytest.warns(UserWarning, match="allow_origins=''"):
        observed = ask(fastcors.CORSMiddleware, {"allow_origins": ""}, (b"origin", b""))
    assert "allow-origin" not in response_headers(observed)


# 2. CR, LF or NUL in a configured value.

BROKEN: dict[str, dict[str, Any]] = {
    "allow_origins": {"allow_origins": ["https://a.example\n"]},
    "allow_origins in a deque": {"allow_origins": deque(["https://a.example\0"])},
    "allow_origins in a set": {"allow_origins": {"https://a.example\r\n"}},
    "allow_methods": {"allow_methods": ["GET\r\nX-Injected: 1"]},
    "allow_headers": {"allow_headers": ["X-A\0"]},
    "expose_headers": {"expose_headers": ["X-A", "X-B\n"]},
    "expose_headers, one-shot": {"expose_headers": Make("generator", ("X-B\n",))},
    "max_age": {"max_age": "600\n"},
    "string": {"allow_headers": "X-A\n"},
}


@pytest.mark.parametrize("config", BROKEN.values(), ids=BROKEN)
@pytest.mark.filterwarnings("ignore:allow_headers=")
def test_line_break_or_nul_is_an_error_at_construction(fastcors: ModuleType, config: dict[str, Any]) -> None:
    from support.asgi import build

    ((parameter, _),) = config.items()
    with pytest.raises(ValueError, match=parameter) as raised:
        fastcors.CORSMiddleware(app, **build(config))
    text = str(raised.value)
    assert any(code in text for code in (r"\n", r"\r", r"\x00")), "the value"
    assert "header malformed" in text, "reason"
    assert "strip" in text, "fix"


def test_regex_may_be_written_over_several_lines(fastcors: ModuleType) -> None:
    config = {"allow_origin_regex": "(?x) https://\n a \n \\.example"}
    assert "allow-origin" in response_headers(ask(fastcors.CORSMiddleware, config, (b"origin", b"https://a.example")))


# 3. A control byte in a value that would be reflected.

CONTROLS = [bytes([code]) for code in (*range(0x20), 0x7F) if code != 0x09]
ANY_ORIGIN_EXPLICIT = {
    "every origin with credentials": {"allow_origins": ["*"], "allow_credentials": True},
    "regex": {"allow_origin_regex": r"(?s)https://.*"},
    "a container of one's own": {
        "allow_origins": Make("only contains", tuple("https://a" + chr(c) for c in range(256)))
    },
    "a list": {"allow_origins": Make("list", ("https://a\x01", "https://a\x7f", "https://a\x85"))},
}


@pytest.mark.parametrize("overrides", [(), ("send", "preflight_response"), ("is_allowed_origin",)])
@pytest.mark.parametrize("config", ANY_ORIGIN_EXPLICIT.values(), ids=ANY_ORIGIN_EXPLICIT)
def test_origin_with_a_control_byte_is_refused(fastcors: ModuleType, config: Any, overrides: tuple[str, ...]) -> None:
    middleware_class = subclass(fastcors.CORSMiddleware, overrides, [])
    for control in CONTROLS:
        origin = (b"origin", b"https://a" + control)
        actual = ask(middleware_class, config, origin)
        assert "https://a" not in response_headers(actual)
        assert "access-control-allow-origin" not in response_headers(actual)
        preflight = ask(middleware_class, config, origin, (b"access-control-request-method", b"GET"), method="OPTIONS")
        assert status(preflight) == 400
        assert "https://a" not in response_headers(preflight)
        assert "Disallowed CORS origin'" in str(preflight)


@pytest.mark.parametrize("overrides", [(), ("preflight_response",)])
def test_names_with_a_control_byte_are_refused_where_mirrored(fastcors: ModuleType, overrides: tuple[str, ...]) -> None:
    middleware_class = subclass(fastcors.CORSMiddleware, overrides, [])
    for control in CONTROLS:
        observed = ask(
            middleware_class,
            {"allow_origins": ["*"], "allow_headers": ["*"]},
            (b"origin", b"https://a"),
            (b"access-control-request-method", b"GET"),
            (b"access-control-request-headers", b"x-a" + control),
            method="OPTIONS",
        )
        assert status(observed) == 400
        assert "access-control-allow-headers" not in response_headers(observed)
        assert "Disallowed CORS headers'" in str(observed)


NOT_REFLECTED: dict[str, tuple[dict[str, Any], tuple[bytes, bytes]]] = {
    "origin, where every origin gets an asterisk": ({"allow_origins": ["*"]}, (b"origin", b"https://a\x01")),
    "tab": ({"allow_origin_regex": "https://.*"}, (b"origin", b"https://a\tb")),
    "bytes from 0x80": ({"allow_origin_regex": "https://.*"}, (b"origin", b"https://a\x80\x85\x9f\xff")),
    "refused anyway": ({"allow_origins": ["https://b"]}, (b"origin", b"https://a\x01")),
}


@pytest.mark.parametrize(("config", "origin"), NOT_REFLECTED.values(), ids=NOT_REFLECTED)
def test_other_bytes_are_as_in_starlette(
    fastcors: ModuleType, config: dict[str, Any], origin: tuple[bytes, bytes]
) -> None:
    for headers in ((origin,), (origin, (b"access-control-request-method", b"GET"))):
        for method in ("GET", "OPTIONS"):
            ours = ask(fastcors.CORSMiddleware, config, *headers, method=method)
            assert ours == ask(Reference, config, *headers, method=method)


@pytest.mark.parametrize(
    "hooks", [("is_allowed_origin",), ("is_allowed_origin", "simple_response", "preflight_response")]
)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_overrides_are_called_as_often_for_an_origin_that_is_not_echoed(
    fastcors: ModuleType, method: str, hooks: tuple[str, ...]
) -> None:
    def calls(base: Any) -> Any:
        scope = {
            "type": "http",
            "method": method,
            "headers": Make("list", ((b"origin", b"https://a\x01"), (b"access-control-request-method", b"GET"))),
        }
        return observe(base, Case({"allow_origins": ["https://b"]}, (Request(scope, OK),), hooks))[-1]

    ours, theirs = calls(fastcors.CORSMiddleware), calls(Reference)
    assert ours == theirs
    assert ours[1]
