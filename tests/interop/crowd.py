"""Two hundred clients at once, each a connection and an origin of its own, and every answer has to be for its origin.

The protocols are h11's and h2's, on plain asyncio streams: a full client per connection takes longer than the servers.
"""

import asyncio
import json
import uuid
from typing import Any, Protocol

import h2.config
import h2.connection
import h2.events
import h11

CLIENTS = 200
SECONDS = 60.0

Headers = list[tuple[str, str]]
# The status, the headers without the date, and the body.
Response = tuple[int, Headers, bytes]


class Client(Protocol):
    """One connection, which answers one request after the other."""

    async def ask(self, method: str, path: str, headers: dict[str, str]) -> Response: ...

    def close(self) -> None: ...


class _Stream:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def close(self) -> None:
        self.writer.close()


class HTTP1(_Stream):
    """An HTTP/1.1 connection."""

    protocol = None

    async def ask(self, method: str, path: str, headers: dict[str, str]) -> Response:
        protocol = self.protocol = self.protocol or h11.Connection(h11.CLIENT)
        request = h11.Request(method=method, target=path, headers=[("host", "api"), *headers.items()])
        self.writer.write((protocol.send(request) or b"") + (protocol.send(h11.EndOfMessage()) or b""))
        status, received, body = 0, [], b""
        while True:
            event = protocol.next_event()
            if event is h11.NEED_DATA:
                protocol.receive_data(await self.reader.read(65536))
            elif isinstance(event, h11.Response):
                status, received = event.status_code, list(event.headers)
            elif isinstance(event, h11.Data):
                body += event.data
            else:
                assert isinstance(event, h11.EndOfMessage), event
                protocol.start_next_cycle()
                return status, _without_date(received), body


class HTTP2(_Stream):
    """An HTTP/2 connection, by prior knowledge."""

    protocol = None

    async def ask(self, method: str, path: str, headers: dict[str, str]) -> Response:
        if self.protocol is None:
            self.protocol = h2.connection.H2Connection(h2.config.H2Configuration())
            self.protocol.initiate_connection()
        pseudo = {":method": method, ":path": path, ":scheme": "http", ":authority": "api"}
        stream = self.protocol.get_next_available_stream_id()
        self.protocol.send_headers(stream, [*pseudo.items(), *headers.items()], end_stream=True)
        status, received, body = 0, [], b""
        while True:
            self.writer.write(self.protocol.data_to_send())
            for event in self.protocol.receive_data(await self._read()):
                if isinstance(event, h2.events.ResponseReceived):
                    (_, code), *received = event.headers
                    status = int(code)
                elif isinstance(event, h2.events.DataReceived):
                    body += event.data
                elif isinstance(event, h2.events.StreamEnded):
                    return status, _without_date(received), body

    async def _read(self) -> bytes:
        data = await self.reader.read(65536)
        assert data, "the server left"
        return data


def _without_date(headers: list[tuple[bytes, bytes]]) -> Headers:
    return [(name.decode(), value.decode()) for name, value in headers if name.lower() != b"date"]


def run(port: int, http2: bool) -> list[Any]:
    """Let them all ask at once, twice, and then preflight; return what the last answers' headers are."""
    return asyncio.run(asyncio.wait_for(_run(port, HTTP2 if http2 else HTTP1), SECONDS))


async def _run(port: int, kind: type[HTTP1] | type[HTTP2]) -> list[Any]:
    clients: list[Client] = []
    try:
        for _ in range(CLIENTS):
            connected = await asyncio.open_connection("127.0.0.1", port)
            clients.append(kind(*connected))
        rounds = []
        for turn in range(2):
            # Connections are kept, and their origins change hands.
            key = uuid.uuid4().hex
            asked = [_together(client, (place + turn) % CLIENTS, key) for place, client in enumerate(clients)]
            rounds.append(await asyncio.gather(*asked))
        assert rounds[0] == rounds[1], "a connection was not kept"
        assert len(set(rounds[0])) == CLIENTS
        return await asyncio.gather(*(_preflight(client, place) for place, client in enumerate(clients)))
    finally:
        for client in clients:
            client.close()


async def _together(client: Client, number: int, key: str) -> Any:
    """Ask from the origin of this number, and return the port that the server sees."""
    origin = f"https://client-{number}.example.com"
    status, headers, body = await client.ask("GET", f"/together?key={key}&count={CLIENTS}", {"origin": origin})
    assert status == 200
    assert _values(headers, "access-control-allow-origin") == [origin]
    assert _values(headers, "vary") == ["Origin"]
    told = json.loads(body)
    assert told["origin"] == origin
    return told["client"]


async def _preflight(client: Client, number: int) -> Headers:
    """Half of the origins are allowed, and half are not."""
    allowed = number % 2 == 0
    origin = f"https://client-{number}.example.{'com' if allowed else 'net'}"
    asked = {"origin": origin, "access-control-request-method": "PUT"}
    status, headers, body = await client.ask("OPTIONS", "/item", asked)
    assert (status, body) == ((200, b"OK") if allowed else (400, b"Disallowed CORS origin"))
    assert _values(headers, "access-control-allow-origin") == ([origin] if allowed else [])
    return headers


def _values(headers: Headers, name: str) -> list[str]:
    return [value for own, value in headers if own.lower() == name]
