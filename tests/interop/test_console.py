"""What a real browser's console says of each answer in `console_rows.py`, and what it sends."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from . import pages
from .browser import Pages, chromium, executable
from .conftest import lacking
from .console_rows import PAGE, ROWS, Answer

pytest.importorskip("playwright")

_BLOCKED = "blocked by CORS policy: "


class _Api(BaseHTTPRequestHandler):
    """Gives the answers of the row that the path names, and writes down what came."""

    protocol_version = "HTTP/1.1"
    page: str
    wire: list[str]

    def answer(self) -> None:
        row = ROWS[int(self.path.strip("/"))]
        names = self.headers.get("access-control-request-headers")
        self.wire.append(self.command + (f" for {names}" if names else ""))
        asks = self.command == "OPTIONS" and "access-control-request-method" in self.headers
        answer = row.preflight if asks else row.actual
        assert answer is not None, "this should not have been sent"
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self._send(answer)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value.replace(PAGE, self.page))
        if answer.status not in (204, 304):
            self.send_header("content-length", "0")
        self.end_headers()

    do_GET = do_POST = do_PUT = do_BREW = do_OPTIONS = answer  # noqa: N815  # the server's names

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _serving() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Api) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://api.site.localhost:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def asked() -> Iterator[Any]:
    """Return what asks for a row: what came of it, what the console says, and what was sent."""
    path = executable()
    if path is None:
        lacking("there is no Chromium: apt-get install chromium")
        return
    # No page passes for a public one.
    with pages.serving() as usual, chromium(path, Pages(usual, usual, 1)) as browser:
        origin = browser.pages.url("app")
        _Api.page, _Api.wire = origin, []
        with _serving() as api:
            page = browser.browser.new_page()
            said: list[str] = []
            page.on("console", lambda message: said.append(message.text))
            page.goto(origin)

            def ask(number: int) -> tuple[str, str, tuple[str, ...]]:
                said.clear()
                _Api.wire.clear()
                script = "([url, options]) => fetch(url, options).then(r => r.type, e => e.message)"
                seen = str(page.evaluate(script, [f"{api}/{number}", ROWS[number].options]))
                page.evaluate("() => 0")  # the console's messages come on their own way
                blocked = [text.partition(_BLOCKED)[2] for text in said if _BLOCKED in text]
                return seen, "".join(blocked).replace(origin, PAGE), tuple(_Api.wire)

            yield ask


@pytest.mark.parametrize("number", range(len(ROWS)), ids=[row.shows for row in ROWS])
def test_row(asked: Any, number: int) -> None:
    row = ROWS[number]
    seen, said, wire = asked(number)
    assert wire == row.wire
    assert (seen == "cors") == (not row.console)
    # What cannot be sent at all is no matter of CORS: the exception says so.
    assert row.console == (said if wire else "" if seen == "cors" else seen)
