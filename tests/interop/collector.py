"""A receiver on loopback for what instrumentation sends: it answers what each kind of sender expects, and keeps all.

Over HTTP, or over TLS with a certificate made for the run, where a sender knows nothing else.
"""

import gzip
import json
import ssl
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

# What Datadog's agent says of itself, and what New Relic's collector answers to the calls that need an answer.
_AGENT = {"version": "7.0.0", "endpoints": ["/v0.4/traces"], "client_drop_p0s": False}
_CALLS: dict[str, Any] = {
    "preconnect": {"redirect_host": "127.0.0.1"},
    "connect": {
        "agent_run_id": "1",
        "collect_traces": True,
        "collect_errors": True,
        "collect_analytics_events": True,
        "data_report_period": 60,
    },
    "get_agent_commands": [],
    "agent_command_results": None,
}


@dataclass(frozen=True)
class Received:
    """A request as it came, its body unpacked."""

    path: str
    query: dict[str, list[str]]
    body: bytes


@dataclass(frozen=True)
class Collector:
    port: int
    received: list[Received] = field(default_factory=list)

    def bodies(self, path: str) -> list[bytes]:
        """Return what was sent to this path, in the order in which it came."""
        return [request.body for request in self.received if request.path == path]


def _answer(request: Received) -> tuple[int, Any]:
    if request.path == "/info":
        return 200, _AGENT
    if request.path == "/intake/v2/events":
        return 202, {}
    if request.path == "/agent_listener/invoke_raw_method":
        return 200, {"return_value": _CALLS.get(request.query["method"][0])}
    return 200, {}


def _unpacked(body: bytes, encoding: str) -> bytes:
    if encoding == "gzip":
        return gzip.decompress(body)
    return zlib.decompress(body) if encoding in ("deflate", "zlib") else body


def _handler(received: list[Received]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            url = urlsplit(self.path)
            body = _unpacked(self._body(), self.headers.get("content-encoding", ""))
            request = Received(url.path, parse_qs(url.query), body)
            received.append(request)
            status, content = _answer(request)
            # The protobuf of an empty answer is empty.
            protobuf = "protobuf" in self.headers.get("content-type", "")
            encoded = b"" if protobuf else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-type", "application/x-protobuf" if protobuf else "application/json")
            self.send_header("content-length", str(len(encoded)))
            self.end_headers()
            self.wfile.write(encoded)

        do_GET = do_PUT = do_POST  # noqa: N815  # http.server's names

        def _body(self) -> bytes:
            if self.headers.get("transfer-encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("content-length", 0)))
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextmanager
def collecting(tls: ssl.SSLContext | None = None) -> Iterator[Collector]:
    """Receive on a free port until the block is left."""
    received: list[Received] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(received)) as server:
        server.daemon_threads = True
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield Collector(server.server_port, received)
        finally:
            server.shutdown()
            thread.join()
