"""Sends one HTTP request within a deadline, and says why a server does not answer."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import httpx

from ..browser.steps import Answer
from ..version import __version__
from .loading import CannotTell

_LONGEST_BODY = 200

# OpenSSL's reasons if an answer is not a TLS record.
_NOT_TLS = ("wrong version number", "http request", "record layer failure", "packet length too long")

# RFC 9113, section 3.4: the preface of an HTTP/2 connection, and an empty SETTINGS frame.
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
_SETTINGS = 4
_FRAME_HEADER = 9

_HTTP2_ALONE = "the server speaks HTTP/2 alone there, and this command HTTP/1.1."

Headers: TypeAlias = tuple[tuple[str, str | None], ...]


class Client(NamedTuple):
    """How requests are sent."""

    timeout: float
    """How long to wait each time, in seconds."""
    deadline: float
    """How long all requests may take together, in seconds."""
    until: float
    """When that is over, by `time.monotonic`."""
    verify: ssl.SSLContext | bool = True


def client_of(timeout: float, deadline: float, ca_file: Path | None = None, insecure: bool = False) -> Client:
    """Return a client whose deadline begins now. Raises `CannotTell` if `ca_file` holds no certificates."""
    verify: ssl.SSLContext | bool = not insecure
    if ca_file is not None and not insecure:
        try:
            verify = ssl.create_default_context(cafile=ca_file)
        except OSError as error:
            raise CannotTell(f"{ca_file} holds no certificates that can be read: {error.strerror or error}.") from error
    return Client(timeout, deadline, time.monotonic() + deadline, verify)


def ask(client: Client, method: str, url: str, headers: Headers, *, preflight: bool) -> Answer:
    """Return the answer. The body is only read for a preflight, and only its beginning, which may say what is not
    allowed. Raises `CannotTell` if there is no answer.
    """
    try:
        return _within(client, lambda: _answer(client, method, url, headers, preflight))
    except TimeoutError:
        raise CannotTell(f"{url} does not answer: the {client.deadline:g} seconds for all requests are over.") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, OverflowError) as error:
        raise CannotTell(f"{url} does not answer: {_reason(error, httpx.URL(url), client.timeout)}") from error


def speaks_tls(url: httpx.URL, seconds: float, protocol: str = "http/1.1") -> bool:
    """Tell whether the port of `url` answers with TLS; for `h2`, whether it then chooses HTTP/2."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols([protocol])
    with (
        contextlib.suppress(OSError, ValueError),
        _connected(url, seconds) as connection,
        context.wrap_socket(connection, server_hostname=url.host) as secured,
    ):
        return protocol != "h2" or secured.selected_alpn_protocol() == protocol
    return False


def _speaks_http2(url: httpx.URL, seconds: float) -> bool:
    """Tell whether the port of `url` answers the preface of HTTP/2 with SETTINGS."""
    with contextlib.suppress(OSError), _connected(url, seconds) as connection:
        connection.sendall(_PREFACE)
        answer = connection.recv(_FRAME_HEADER)
        return len(answer) == _FRAME_HEADER and answer[3] == _SETTINGS
    return False


def _connected(url: httpx.URL, seconds: float) -> socket.socket:
    port = url.port if url.port is not None else 443 if url.scheme == "https" else 80
    return socket.create_connection((url.host, port), timeout=seconds)


def _within(client: Client, function: Callable[[], Answer]) -> Answer:
    """Return the result of `function`. It runs in a thread, because a server may send single bytes forever."""
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append(function())
        except Exception as error:
            outcome.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(max(0.0, client.until - time.monotonic()))
    if not outcome:
        raise TimeoutError
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    answer: Answer = outcome[0]
    return answer


def _answer(client: Client, method: str, url: str, headers: Headers, preflight: bool) -> Answer:
    received: list[tuple[str, str]] = []

    def keep(response: httpx.Response) -> None:
        received.extend((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw)
        # `httpx` would parse the Location and raise for some values that browsers accept.
        response.headers.pop("location", None)

    # A new client for each request keeps no cookies.
    with (
        httpx.Client(timeout=client.timeout, verify=client.verify, event_hooks={"response": [keep]}) as own,
        own.stream(method, url, headers=_encoded(headers)) as response,
    ):
        return Answer(response.status_code, tuple(received), _beginning(response) if preflight else "")


def _encoded(headers: Headers) -> list[tuple[bytes, bytes]]:
    names = {name.lower() for name, _ in headers}
    default = (("accept", "*/*"), ("user-agent", f"fastcors/{__version__}"))
    pairs: list[tuple[bytes, bytes]] = []
    for name, value in (*(pair for pair in default if pair[0] not in names), *headers):
        if value is None:
            # The user only gave the name, so the header is sent with a typical value.
            value = "application/json" if name.lower() == "content-type" else ""
        pairs.append((name.encode("latin-1"), value.encode("latin-1")))
    return pairs


def _beginning(response: httpx.Response) -> str:
    try:
        return next(response.iter_text(_LONGEST_BODY), "")
    except httpx.HTTPError:
        return ""


def _reason(error: BaseException, url: httpx.URL, timeout: float) -> str:
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None:
        causes.append(cause)
    for each in causes:
        if isinstance(each, httpx.TimeoutException):
            return f"nothing came within {timeout:g} seconds."
        if isinstance(each, ssl.SSLError):
            return _tls_reason(each)
        if isinstance(each, socket.gaierror):
            return "no address of that host is found."
        if isinstance(each, ConnectionRefusedError):
            return "the connection is refused."
    return _other_protocol(error, url, timeout) or f"{error or type(error).__name__}."


def _tls_reason(error: ssl.SSLError) -> str:
    # Python has no `reason` for some errors of OpenSSL.
    reason = str(error.reason or error).lower().replace("_", " ")
    if "no application protocol" in reason:
        return _HTTP2_ALONE
    hint = " The server does not speak TLS there: try http://." if any(text in reason for text in _NOT_TLS) else ""
    return f"TLS fails: {getattr(error, 'verify_message', reason)}.{hint}"


def _other_protocol(error: BaseException, url: httpx.URL, timeout: float) -> str:
    """Return which protocol the server speaks instead, or an empty string if that is not why it does not answer."""
    if not isinstance(error, (httpx.RemoteProtocolError, httpx.ReadError)):
        return ""
    if url.scheme == "https":
        return _HTTP2_ALONE if speaks_tls(url, timeout, "h2") else ""
    if speaks_tls(url, timeout):
        return "the server speaks TLS there: try https://."
    if _speaks_http2(url, timeout):
        return "the server speaks HTTP/2 without TLS there, which no browser does."
    return ""
