"""`fastcors probe` over TLS, with servers that speak another protocol, and with servers that are slow."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from data.certificate import CERTIFICATE, KEY
from support.command_line import Ran, fastcors

PAGE = "https://app.example.com"
OK = (
    f"HTTP/1.1 200 OK\r\naccess-control-allow-origin: {PAGE}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()
)
BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
SETTINGS = bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
# RFC 7301, section 3.2: no_application_protocol.
NO_PROTOCOL = bytes((0x15, 3, 3, 0, 2, 2, 120))
HANDSHAKE = 0x16

Handle = Callable[[socket.socket], None]


@contextlib.contextmanager
def listening(handle: Handle) -> Iterator[int]:
    """Let `handle` answer each connection; yields the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ended = threading.Event()

        def serve() -> None:
            while True:
                connection, _ = listener.accept()
                with connection, contextlib.suppress(OSError):
                    if ended.is_set():
                        return
                    connection.settimeout(5)
                    handle(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            ended.set()
            socket.create_connection(listener.getsockname()).close()
            thread.join(10)


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NO_PROXY", "*")
    (tmp_path / "key.pem").write_text(KEY)
    (tmp_path / "certificate.pem").write_text(CERTIFICATE)
    return tmp_path / "certificate.pem"


def plain(answer: bytes) -> Handle:
    def handle(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(answer)

    return handle


def secured(certificate: Path, answer: bytes, protocol: str = "http/1.1") -> Handle:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.parent / "key.pem")
    context.set_alpn_protocols([protocol])

    def handle(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as own:
            own.recv(65536)
            own.sendall(answer)

    return handle


def probed(url: str, *arguments: str) -> Ran:
    return fastcors("probe", url, f"--origin={PAGE}", "--timeout=5", *arguments)


def test_certificates(certificate: Path) -> None:
    with listening(secured(certificate, OK)) as port:
        url = f"https://localhost:{port}/"
        unknown = probed(url)
        assert unknown.status == 2
        assert "TLS fails: " in unknown.errors
        known = probed(url, f"--ca-file={certificate}")
        assert (known.status, "Hint" in known.output) == (0, False)
        unchecked = probed(url, "--insecure")
        assert unchecked.status == 0
        assert "Hint: The certificate was not checked, as --insecure asks. A browser checks it." in unchecked.words


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_no_certificates(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    ran = probed("https://localhost/", f"--ca-file={file}")
    assert (ran.status, ran.output) == (2, "")
    assert "ca.pem holds no certificates that can be read: " in ran.errors


def silent(connection: socket.socket) -> None:
    """Close a connection that does not begin with TLS, as some servers do."""
    connection.recv(65536)


def either(certificate: Path) -> Handle:
    """Return what answers TLS, and anything else with a 400 in plain text."""

    def handle(connection: socket.socket) -> None:
        if connection.recv(1, socket.MSG_PEEK)[0] == HANDSHAKE:
            secured(certificate, OK)(connection)
        else:
            plain(BAD_REQUEST)(connection)

    return handle


OTHER_PROTOCOLS: dict[str, tuple[str, Callable[[Path], Handle], str]] = {
    "http to TLS": (
        "http",
        lambda file: secured(file, OK),
        "does not answer: the server speaks TLS there: try https://.",
    ),
    "https to HTTP": ("https", lambda file: plain(BAD_REQUEST), "The server does not speak TLS there: try http://."),
    "http to HTTP/2": (
        "http",
        lambda file: plain(SETTINGS),
        "the server speaks HTTP/2 without TLS there, which no browser",
    ),
    "https to HTTP/2": ("https", lambda file: secured(file, SETTINGS, "h2"), "the server speaks HTTP/2 alone there"),
    "https to HTTP/2, refused": ("https", lambda file: plain(NO_PROTOCOL), "the server speaks HTTP/2 alone there"),
    "http to nothing": ("http", lambda file: silent, "does not answer: Server disconnected"),
    "https to nothing": ("https", lambda file: secured(file, b""), "does not answer: Server disconnected"),
}


@pytest.mark.parametrize(("scheme", "handle", "said"), OTHER_PROTOCOLS.values(), ids=OTHER_PROTOCOLS)
def test_another_protocol(certificate: Path, scheme: str, handle: Callable[[Path], Handle], said: str) -> None:
    with listening(handle(certificate)) as port:
        ran = probed(f"{scheme}://127.0.0.1:{port}/", "--insecure")
        assert (ran.status, ran.output) == (2, "")
        assert said in ran.errors


def test_as_many_bytes_as_http2_answers_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with listening(plain(bytes(len(SETTINGS)))) as port:
        ran = probed(f"http://127.0.0.1:{port}/")
        assert (ran.status, ran.output) == (2, "")
        assert "does not answer: " in ran.errors
        assert "HTTP/2" not in ran.errors


def test_a_certificate_that_was_not_checked_before_a_redirect(certificate: Path) -> None:
    with listening(plain(OK)) as there:
        redirect = OK.replace(b"200 OK", b"307 There", 1)
        redirect = redirect.replace(b"\r\n", f"\r\nlocation: http://localhost:{there}/\r\n".encode(), 1)
        with listening(secured(certificate, redirect)) as port:
            ran = probed(f"https://localhost:{port}/", "--insecure")
    assert "Redirected to http://localhost:" in ran.words
    assert "Hint: The certificate was not checked, as --insecure asks." in ran.words


def test_a_server_of_tls_that_answers_in_plain_text(certificate: Path) -> None:
    said = "Hint: The server speaks TLS there, and refuses what is not: try https://."
    with listening(either(certificate)) as port:
        assert said in probed(f"http://127.0.0.1:{port}/").words
    with listening(plain(BAD_REQUEST)) as port:
        assert "Hint" not in probed(f"http://127.0.0.1:{port}/").words


def test_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, and the answer does not."""
    monkeypatch.setenv("NO_PROXY", "*")

    def drip(connection: socket.socket) -> None:
        for _ in range(80):
            connection.sendall(b"x")
            time.sleep(0.05)

    with listening(drip) as port:
        url = f"http://127.0.0.1:{port}/"
        began = time.monotonic()
        ran = probed(url, "--deadline=0.5")
        assert time.monotonic() - began < 3.5
        assert ran.errors == f"fastcors: {url} does not answer: the 0.5 seconds for all requests are over.\n"


def test_what_came_before_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nowhere = f"http://127.0.0.1:{listener.getsockname()[1]}/there"
    redirect = OK.replace(b"200 OK", b"307 There").replace(b"content-length", f"location: {nowhere}\r\nx".encode())
    redirect = redirect.replace(b"\r\nx: 0", b"\r\ncontent-length: 0")
    with listening(plain(redirect)) as port:
        url = f"http://127.0.0.1:{port}/"
        ran = probed(url)
        assert ran.status == 2
        assert ran.output.startswith(f"GET {url} from {PAGE}: not answered\n")
        assert "The server answers the request with 307" in ran.output
        said = f"{nowhere} does not answer: the connection is refused."
        assert f'FAIL Fetch, "HTTP-network fetch": {said}' in ran.words
        assert f"The browser: The request fails. {said}" in ran.words
        document = probed(url, "--json").document
        assert [len(document["exchanges"]), document["allowed"], document["answered"]] == [2, False, False]


def test_the_preflight_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")

    def handle(connection: socket.socket) -> None:
        if connection.recv(65536).startswith(b"OPTIONS"):
            connection.sendall(
                OK.replace(b"content-length", b"access-control-allow-headers: x-token\r\ncontent-length")
            )

    with listening(handle) as port:
        ran = probed(f"http://127.0.0.1:{port}/", "--header=X-Token")
        assert ran.status == 2
        assert "The server answers the preflight with 200\n" in ran.output
        assert "The browser: The request fails. http://127.0.0.1" in ran.words
