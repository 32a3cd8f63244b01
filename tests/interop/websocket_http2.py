"""A WebSocket in a stream of HTTP/2, as RFC 8441 has it: no client of the usual ones speaks it."""

import socket
from typing import Any

import h2.config
import h2.connection
import h2.events
import h2.settings
from wsproto.frame_protocol import FrameProtocol, Opcode

SECONDS = 20


class _Connection:
    """One connection that carries one stream."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        self.protocol = h2.connection.H2Connection(h2.config.H2Configuration())
        self.protocol.initiate_connection()
        self.events: list[Any] = []

    def wait_for(self, kind: Any) -> Any:
        """Return the next event of this kind."""
        while True:
            self.socket.sendall(self.protocol.data_to_send())
            while self.events:
                event = self.events.pop(0)
                if isinstance(event, kind):
                    return event
            data = self.socket.recv(65536)
            assert data, "the server left"
            self.events = self.protocol.receive_data(data)


def _echo(port: int, origin: str) -> list[tuple[str, str]]:
    connection = _Connection(port)
    with connection.socket:
        connection.wait_for(h2.events.RemoteSettingsChanged)
        assert connection.protocol.remote_settings[h2.settings.SettingCodes.ENABLE_CONNECT_PROTOCOL] == 1
        asked = {
            ":method": "CONNECT",
            ":protocol": "websocket",
            ":scheme": "http",
            ":path": "/ws",
            ":authority": f"127.0.0.1:{port}",
            "sec-websocket-version": "13",
            "origin": origin,
        }
        connection.protocol.send_headers(1, list(asked.items()))
        answer = connection.wait_for(h2.events.ResponseReceived).headers
        frames = FrameProtocol(client=True, extensions=[])
        connection.protocol.send_data(1, bytes(frames.send_data("hello")))
        received = FrameProtocol(client=True, extensions=[])
        received.receive_bytes(connection.wait_for(h2.events.DataReceived).data)
        frame = next(iter(received.received_frames()))
        assert (frame.opcode, frame.payload) == (Opcode.TEXT, "hello")
    return [(name.decode(), value.decode()) for name, value in answer if name != b"date"]


def echoed(port: int, origins: tuple[str, ...]) -> list[Any]:
    """Have a word echoed to each origin, and return the headers of the handshakes, which hold none of CORS."""
    handshakes = [_echo(port, origin) for origin in origins]
    for headers in handshakes:
        assert dict(headers)[":status"] == "200"
        assert not [name for name, _ in headers if name.startswith("access-control") or name == "vary"]
    return handshakes
