"""`fastcors probe` against a real server: what it sends, and what it makes of each answer."""

import socket
import sys
import threading
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from support.command_line import Ran, fastcors, serving

from fastcors import CORSMiddleware
from fastcors.browser.steps import Request as Asked
from fastcors.cli.client import client_of
from fastcors.cli.exchange import probe

PAGE = "https://app.example.com"
ORIGIN = f"--origin={PAGE}"
ALLOWED = {"access-control-allow-origin": PAGE}
ANY = {"access-control-allow-origin": "*"}


class Script:
    """Answers as it is told, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, dict[str, str], str]] = {}
        self.asked: list[tuple[str, str, dict[str, str]]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        self.asked.append((request.method, request.url.path, dict(request.headers)))
        found = self.answers.get(f"{request.method} {request.url.path}", (404, {}, ""))
        status, headers, body = found
        own = str(request.base_url).rstrip("/")
        other = own.replace("127.0.0.1", "localhost")
        told = {name: value.format(own=own, other=other) for name, value in headers.items()}
        await Response(body, status, {"set-cookie": "session=1", **told})(scope, receive, send)


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Script, str]]:
    script = Script()
    with serving(script) as address:
        yield script, address


@pytest.fixture
def script(server: tuple[Script, str]) -> Script:
    server[0].answers.clear()
    server[0].asked.clear()
    return server[0]


@pytest.fixture
def address(server: tuple[Script, str], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("NO_PROXY", "*")
    return server[1]


def probed(url: str, *arguments: str) -> Ran:
    return fastcors("probe", url, *(() if any("--origin" in each for each in arguments) else (ORIGIN,)), *arguments)


class Case(NamedTuple):
    """What the server answers by method and path, what is asked for, and what comes of it."""

    answers: dict[str, tuple[int, dict[str, str], str]]
    arguments: tuple[str, ...]
    status: int
    said: str
    sent: list[str]


PREFLIGHT = {**ALLOWED, "access-control-allow-headers": "x-token", "access-control-allow-methods": "PUT"}
CREDENTIALS = {**ALLOWED, "access-control-allow-credentials": "true"}
CASES = {
    "simple": Case({"GET /": (200, ALLOWED, "")}, (), 0, "It sends the request, and lets the page read", ["GET /"]),
    "any origin": Case({"GET /": (200, ANY, "")}, (), 0, "It is *, and there are no credentials", ["GET /"]),
    "no header": Case(
        {"GET /": (200, {}, "")},
        (),
        1,
        f"from origin '{PAGE}' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present",
        ["GET /"],
    ),
    "any origin with credentials": Case(
        {"GET /": (200, ANY, "")}, ("--credentials",), 1, "must not be the wildcard '*' when", ["GET /"]
    ),
    "credentials": Case({"GET /": (200, CREDENTIALS, "")}, ("--credentials",), 0, "lets the page read", ["GET /"]),
    "preflight": Case(
        {"OPTIONS /": (200, PREFLIGHT, ""), "GET /": (200, ALLOWED, "")},
        ("--header=X-Token: 1",),
        0,
        "It sends a preflight, then the request, and lets the page read the response.",
        ["OPTIONS /", "GET /"],
    ),
    "preflight refused": Case(
        {"OPTIONS /": (400, {}, "Disallowed CORS origin, headers")},
        ("--header=X-Token",),
        1,
        "Hint: The server's CORS middleware says what it does not allow: origin, headers.",
        ["OPTIONS /"],
    ),
    "preflight behind authentication": Case(
        {"OPTIONS /": (401, {}, "")},
        ("--header=Authorization",),
        1,
        "A preflight carries no credentials.",
        ["OPTIONS /"],
    ),
    "preflight to nobody": Case(
        {"OPTIONS /": (405, {}, "")}, ("--header=X-Token",), 1, "Nothing at this URL answers preflights", ["OPTIONS /"]
    ),
    "preflight redirected": Case(
        {"OPTIONS /": (307, {**PREFLIGHT, "location": "/there"}, "")},
        ("--header=X-Token",),
        1,
        "Redirect is not allowed for a preflight request.",
        ["OPTIONS /"],
    ),
    "preflight passes, response does not": Case(
        {"OPTIONS /": (200, PREFLIGHT, ""), "GET /": (500, {}, "")},
        ("--header=X-Token",),
        1,
        "Hint: The server failed, and what answers for it may be outside of the CORS middleware.",
        ["OPTIONS /", "GET /"],
    ),
    "what could change something": Case(
        {"OPTIONS /": (200, PREFLIGHT, "")},
        ("--method=put",),
        0,
        f"from {PAGE}: the preflight is allowed",
        ["OPTIONS /"],
    ),
    "what could change something, sent": Case(
        {"OPTIONS /": (200, PREFLIGHT, ""), "PUT /": (200, ALLOWED, "")},
        ("--method=put", "--send"),
        0,
        "lets the page read the response.",
        ["OPTIONS /", "PUT /"],
    ),
    "a simple POST, sent": Case(
        {"POST /": (200, ALLOWED, "")}, ("--method=POST", "--send"), 0, "lets the page read", ["POST /"]
    ),
    "a forbidden method": Case({}, ("--method=TRACE",), 1, "It sends nothing. Failed to execute 'fetch'", []),
    "redirected": Case(
        {"GET /": (307, {**ALLOWED, "location": "/there"}, ""), "GET /there": (200, ALLOWED, "")},
        (),
        0,
        f"/there, as GET from {PAGE}",
        ["GET /", "GET /there"],
    ),
    "redirected without CORS headers": Case(
        {"GET /": (307, {"location": "/there"}, "")}, (), 1, "No 'Access-Control-Allow-Origin'", ["GET /"]
    ),
    "redirected, and refused there": Case(
        {"GET /": (301, {**ALLOWED, "location": "{own}/there#part"}, ""), "GET /there": (200, {}, "")},
        (),
        1,
        "(redirected from 'http://",
        ["GET /", "GET /there"],
    ),
    "redirected to another origin": Case(
        {"GET /": (302, {**ALLOWED, "location": "{other}/there"}, ""), "GET /there": (200, ALLOWED, "")},
        (),
        1,
        "/there, as GET from null",
        ["GET /", "GET /there"],
    ),
    "redirected to another origin that lets anyone": Case(
        {"GET /": (302, {**ALLOWED, "location": "{other}/there"}, ""), "GET /there": (200, ANY, "")},
        (),
        0,
        "/there, as GET from null",
        ["GET /", "GET /there"],
    ),
    "redirected after a POST": Case(
        {"POST /": (303, {**ALLOWED, "location": "/there"}, ""), "GET /there": (200, ALLOWED, "")},
        ("--method=POST", "--send", "--header=Content-Type: text/plain"),
        0,
        f"/there, as GET from {PAGE}",
        ["POST /", "GET /there"],
    ),
    "redirected after a HEAD": Case(
        {"HEAD /": (303, {**ALLOWED, "location": "/there"}, ""), "HEAD /there": (200, ALLOWED, "")},
        ("--method=HEAD",),
        0,
        f"/there, as HEAD from {PAGE}",
        ["HEAD /", "HEAD /there"],
    ),
    "redirected after a PUT": Case(
        {
            "OPTIONS /": (200, PREFLIGHT, ""),
            "PUT /": (303, {**ALLOWED, "location": "/there"}, ""),
            "GET /there": (200, ALLOWED, ""),
        },
        ("--method=PUT", "--send"),
        0,
        f"/there, as GET from {PAGE}",
        ["OPTIONS /", "PUT /", "GET /there"],
    ),
    "redirected after a PUT, by 301": Case(
        {
            "OPTIONS /": (200, PREFLIGHT, ""),
            "PUT /": (301, {**ALLOWED, "location": "/there"}, ""),
            "OPTIONS /there": (200, PREFLIGHT, ""),
            "PUT /there": (200, ALLOWED, ""),
        },
        ("--method=PUT", "--send"),
        0,
        f"/there, as PUT from {PAGE}",
        ["OPTIONS /", "PUT /", "OPTIONS /there", "PUT /there"],
    ),
    "redirected after a POST, by 301": Case(
        {"POST /": (301, {**ALLOWED, "location": "/there"}, ""), "GET /there": (200, ALLOWED, "")},
        ("--method=POST", "--send"),
        0,
        f"/there, as GET from {PAGE}",
        ["POST /", "GET /there"],
    ),
    "redirected with a preflight each time": Case(
        {
            "OPTIONS /": (200, PREFLIGHT, ""),
            "GET /": (308, {**ALLOWED, "location": "there"}, ""),
            "OPTIONS /there": (204, PREFLIGHT, ""),
            "GET /there": (200, ALLOWED, ""),
        },
        ("--header=X-Token",),
        0,
        "lets the page read",
        ["OPTIONS /", "GET /", "OPTIONS /there", "GET /there"],
    ),
    "redirected to nowhere": Case({"GET /": (307, ALLOWED, "")}, (), 0, "lets the page read", ["GET /"]),
    "redirected in a circle": Case(
        {"GET /": (307, {**ALLOWED, "location": "/"}, "")}, (), 1, "20 redirects were followed", ["GET /"] * 21
    ),
    "redirected to what is not the web": Case(
        {"GET /": (307, {**ALLOWED, "location": "data:,hello"}, "")},
        (),
        1,
        "The request fails. It leads to data:,hello, and no",
        ["GET /"],
    ),
    "redirected to a password": Case(
        {"GET /": (307, {**ALLOWED, "location": "http://me:secret@localhost/"}, "")},
        (),
        1,
        "It leads to a URL with a user name or password in it",
        ["GET /"],
    ),
    "redirected by backslashes and spaces": Case(
        {"GET /": (307, {**ALLOWED, "location": " \\the\tre "}, ""), "GET /there": (200, ALLOWED, "")},
        (),
        0,
        f"/there, as GET from {PAGE}",
        ["GET /", "GET /there"],
    ),
    "a list that holds Origin": Case(
        {"GET /": (200, {"vary": "Accept, origin"}, "")}, (), 1, "Hint: Vary: Origin suggests that CORS is", ["GET /"]
    ),
}


# By the URL standard.
NO_URLS = (
    "http://a:port/",
    "http://a:65536/",
    "http://a b/",
    "//a<b/",
    "http://a%zz/",
    "http://[::1/",
    "http://[::g]/",
    "http://1.2.3.999/",
    "http://1.2.3.4.5/",
    "http://xn--a/",
    "https:\\\\a|b/",
)


@pytest.mark.parametrize("location", NO_URLS)
def test_redirected_to_no_url(script: Script, address: str, location: str) -> None:
    script.answers["GET /"] = (307, {**ALLOWED, "location": location}, "")
    ran = probed(f"{address}/")
    assert ran.status == 1
    assert f"The request fails. Its Location is no URL: {location}." in ran.words
    assert [path for _, path, _ in script.asked] == ["/"]
    assert "is no URL" in probed(location).errors


def test_redirected_to_a_host_that_no_dns_has(script: Script, address: str) -> None:
    script.answers["GET /"] = (307, {**ALLOWED, "location": "http://" + "a" * 300 + "/"}, "")
    ran = probed(f"{address}/")
    assert ran.status == 2
    assert "does not answer: " in ran.words


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_case(script: Script, address: str, case: Case) -> None:
    script.answers.update(case.answers)
    ran = probed(f"{address}/", *case.arguments)
    assert case.said in ran.words
    assert ran.status == case.status
    assert [f"{method} {path}" for method, path, _ in script.asked] == case.sent
    script.asked.clear()
    document = probed(f"{address}/", *case.arguments, "--json").document
    assert document["allowed"] is (case.status == 0)
    assert [f"{method} {path}" for method, path, _ in script.asked] == case.sent


@pytest.mark.parametrize("status", [401, 403, 404, 405])
@pytest.mark.parametrize("arguments", [(), ("--header=X-Token",)], ids=["simple", "preflighted"])
def test_hints_at_preflights_are_for_preflights_alone(
    script: Script, address: str, arguments: tuple[str, ...], status: int
) -> None:
    script.answers.update({"OPTIONS /": (200, PREFLIGHT, ""), "GET /": (status, {}, "")})
    ran = probed(f"{address}/", *arguments)
    assert ran.status == 1
    assert "Hint:" not in ran.words
    assert probed(f"{address}/", *arguments, "--json").document["hints"] == []


def test_what_is_sent(script: Script, address: str) -> None:
    preflight = {**CREDENTIALS, **PREFLIGHT, "access-control-allow-headers": "x-token, content-type"}
    script.answers.update({"OPTIONS /a": (200, preflight, ""), "PUT /a": (200, CREDENTIALS, "")})
    headers = ("--header=X-Token: 1", "--header=Content-Type", "--header=Cookie: session=1")
    ran = probed(f"{address}/a?b=c#d", *headers, "--method=PUT", "--send", "--credentials")
    assert ran.status == 0
    assert "The browser sets Cookie itself and drops what a script sets." in ran.words
    (_, _, asked), (method, path, sent) = script.asked
    assert asked["access-control-request-method"] == "PUT"
    assert asked["access-control-request-headers"] == "content-type,x-token"
    assert asked["origin"] == sent["origin"] == PAGE
    assert (method, path, sent["x-token"], sent["content-type"]) == ("PUT", "/a", "1", "application/json")
    assert not {"cookie", "access-control-request-method"} & set(sent)
    assert not {"cookie", "x-token"} & set(asked)
    assert sent["user-agent"].startswith("fastcors/")


def test_what_another_origin_is_sent(script: Script, address: str) -> None:
    preflight = {"access-control-allow-headers": "authorization, x-token", **ANY}
    script.answers.update(
        {
            "OPTIONS /": (200, preflight, ""),
            "GET /": (307, {"location": "{other}/there", **ANY}, ""),
            "OPTIONS /there": (200, preflight, ""),
            "GET /there": (200, ANY, ""),
        }
    )
    ran = probed(f"{address}/", "--header=Authorization: secret", "--header=X-Token: 1")
    assert ran.status == 0
    there = script.asked[-1][2]
    assert (there["origin"], there["x-token"]) == ("null", "1")
    assert "authorization" not in there


def test_a_get_that_was_a_post_describes_no_body(script: Script, address: str) -> None:
    script.answers.update({"POST /": (303, {**ALLOWED, "location": "/there"}, ""), "GET /there": (200, ALLOWED, "")})
    headers = ("--header=Content-Type: text/plain", "--header=Content-Language: en", "--header=Accept: text/html")
    assert probed(f"{address}/", "--method=POST", "--send", *headers).status == 0
    (*_, before), (*_, after) = script.asked
    assert (before["content-type"], before["content-language"], before["accept"]) == ("text/plain", "en", "text/html")
    assert not {"content-type", "content-language"} & set(after)
    assert after["accept"] == "text/html"


def test_what_is_long_or_not_sent(script: Script, address: str) -> None:
    """Of a preflight's body the beginning is read, and a fragment stays in the browser."""
    script.answers["OPTIONS /"] = (400, {}, "Disallowed CORS " + "x" * 10_000)
    document = probed(f"{address}/#part", "--header=X-Token", "--json").document
    assert document["url"] == f"{address}/"
    assert len(document["exchanges"][0]["preflight"]["body"]) == 200


def test_no_cookies_are_kept(script: Script, address: str) -> None:
    script.answers.update(
        {"GET /": (307, {**CREDENTIALS, "location": "/there"}, ""), "GET /there": (200, CREDENTIALS, "")}
    )
    assert probed(f"{address}/", "--credentials").status == 0
    assert not [headers for _, _, headers in script.asked if "cookie" in headers]


def test_a_redirect_back_to_the_page(script: Script, address: str) -> None:
    """The page's own origin has to allow it by name as well: it is none of the page's doing any more."""
    script.answers.update({"GET /": (307, {"location": "{other}/there", **ANY}, ""), "GET /there": (200, ALLOWED, "")})
    origin = address.replace("127.0.0.1", "localhost")
    exchanges = probe(f"{address}/", Asked(origin, "GET"), client_of(10, 60), False)
    assert [each.request.origin for each in exchanges] == [origin, "null"]


def test_document(script: Script, address: str) -> None:
    script.answers["GET /"] = (200, {"vary": "Origin"}, "secret")
    document = probed(f"{address}/", "--json").document
    (exchange,) = document.pop("exchanges")
    assert document.pop("browser").startswith(f"Access to fetch at '{address}/' from origin '{PAGE}' has been blocked")
    assert document == {
        "url": f"{address}/",
        "origin": PAGE,
        "method": "GET",
        "headers": [],
        "credentials": False,
        "allowed": False,
        "sent": True,
        "answered": True,
        "hints": ["Vary: Origin suggests that CORS is set up here, and that this origin is not allowed."],
    }
    assert [step["passed"] for step in exchange["steps"]] == [True, False]
    assert exchange["preflight"] is None
    assert (exchange["actual"]["status"], exchange["actual"]["body"]) == (200, "")
    assert ["vary", "Origin"] in exchange["actual"]["headers"]


def test_the_middleware_itself() -> None:
    app = FastAPI()
    app.add_middleware(CORSMiddleware, allow_origins=[PAGE], allow_headers=["X-Token"])

    @app.get("/items")
    def items() -> list[str]:
        return []

    with serving(app) as address:
        assert probed(f"{address}/items", "--header=X-Token").status == 0
        refused = probed(f"{address}/items", "--header=X-Trace")
        assert refused.status == 1
        assert "does not allow: headers." in refused.words


NO_QUESTION = {
    "no URL": ("http://a:port/", "is no URL"),
    "no scheme": ("api.example.com/items", "Write it in full, as in https://api.example.com/items."),
    "another scheme": ("ftp://api.example.com/", "is no URL of http or https"),
    "a password": ("https://me:secret@api.example.com/", "A script cannot fetch a URL with a user name or password"),
    "the page's own origin": ("https://app.example.com:443/items", "the page have the same origin"),
}


@pytest.mark.parametrize(("url", "said"), NO_QUESTION.values(), ids=NO_QUESTION)
def test_no_question(url: str, said: str) -> None:
    ran = probed(url)
    assert (ran.status, ran.output) == (2, "")
    assert said in ran.errors
    assert "secret" not in ran.errors
    assert ran.errors.count("\n") == 1


def test_no_question_by_the_page(address: str) -> None:
    ran = probed(f"{address}/", "--method=P T")
    assert (ran.status, ran.output) == (2, "")
    assert "'P T'" in ran.errors


def test_a_simple_post_is_not_sent_unasked(script: Script, address: str) -> None:
    ran = probed(f"{address}/", "--method=POST")
    assert (ran.status, script.asked) == (2, [])
    assert "it could change something" in ran.errors


def test_connection_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    ran = probed(f"http://127.0.0.1:{port}/")
    assert (ran.status, ran.output) == (2, "")
    assert ran.errors == f"fastcors: http://127.0.0.1:{port}/ does not answer: the connection is refused.\n"


def test_no_such_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    ran = probed("http://no-such-host.invalid/")
    assert ran.errors == "fastcors: http://no-such-host.invalid/ does not answer: no address of that host is found.\n"


def test_no_tls(address: str) -> None:
    ran = probed(address.replace("http:", "https:") + "/")
    assert ran.status == 2
    assert "does not answer: TLS fails: " in ran.errors


def listening(answer: bytes) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)
                connection.recv(65536)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join(10)


ANSWERS = {
    "nothing in time": (b"", "nothing came within 0.3 seconds."),
    "what is not HTTP": (b"SSH-2.0-OpenSSH\r\n\r\n", "does not answer: "),
}


@pytest.mark.parametrize(("answer", "said"), ANSWERS.values(), ids=ANSWERS)
def test_no_answer(answer: bytes, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    for url in listening(answer):
        ran = probed(url, "--timeout=0.3")
        assert (ran.status, ran.output) == (2, "")
        assert said in ran.errors


def test_a_preflight_whose_body_does_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    for url in listening(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 20\r\n\r\n"):
        ran = probed(url, "--timeout=0.3", "--header=X-Token")
        assert ran.status == 1
        assert "The server answers the preflight with 400\n" in ran.output


@pytest.mark.skipif(sys.platform == "win32", reason="0.0.0.0 is no address to connect to there")
def test_mixed_content(script: Script, address: str) -> None:
    script.answers["GET /"] = (200, ALLOWED, "")
    ran = probed(address.replace("127.0.0.1", "0.0.0.0") + "/")
    assert "Hint: A page over https may not fetch over http" in ran.words
    assert "mixed content" not in probed(f"{address}/").words
