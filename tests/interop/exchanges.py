"""What is asked of each server, and what the CORS protocol says of the answer.

An exchange returns what a client sees of it, to be compared among the subjects, and its facts are asserted
besides: the comparison alone would hold where all of them are wrong.
"""

import ssl
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.sync.client import connect
from websockets.typing import Origin

from . import crowd, websocket_http2
from .launcher import Running, eventually

ORIGIN = "https://app.example.com"
OTHER = "https://other.example.org"
FROM_ORIGIN = {"origin": ORIGIN}
_ALLOW_ORIGIN = "access-control-allow-origin"
# What differs between two answers by nature.
_VOLATILE = ("date", "sec-websocket-accept")

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """What a client sees of a response; the names of its headers are as the server spells them, in its order."""

    status: int
    headers: Headers
    body: bytes

    def values(self, name: str) -> list[str]:
        return [value for own, value in self.headers if own.lower() == name]

    def facts(self, status: int, **headers: str | None) -> None:
        """Assert the status and these headers, `_` for `-`; None says that there is none."""
        assert self.status == status
        for name, value in headers.items():
            assert self.values(name.replace("_", "-")) == ([] if value is None else [value]), name


@dataclass(frozen=True)
class Target:
    """A running server, what it is expected to be, and where the middleware is in its app."""

    server: Running
    subject: str
    place: str
    http2: bool
    lifespan: bool

    def client(self) -> httpx.Client:
        return httpx.Client(**_settings(self))


# Never used on a connection, and slow to make.
TLS = ssl.create_default_context()


def _settings(target: Target) -> dict[str, Any]:
    # HTTP/2 without TLS, by prior knowledge, where HTTP/1.1 is turned off.
    return {
        "base_url": target.server.url(),
        "trust_env": False,
        "timeout": 40,
        "http1": not target.http2,
        "http2": target.http2,
        "verify": TLS,
    }


def shown(headers: httpx.Headers) -> Headers:
    return [
        (name.decode(), value.decode("latin-1"))
        for name, value in headers.raw
        if name.lower().decode() not in _VOLATILE
    ]


def ask(client: httpx.Client, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> Answer:
    """Send a request and return what comes."""
    response = client.request(method, path, headers=headers, content=body)
    return Answer(response.status_code, shown(response.headers), response.content)


def preflight(client: httpx.Client, origin: str, method: str, names: str | None = None) -> Answer:
    asked = {"access-control-request-method": method} | ({"access-control-request-headers": names} if names else {})
    return ask(client, "OPTIONS", "/item", {"origin": origin, **asked})


def actual(target: Target) -> list[Answer]:
    with target.client() as client:
        answers = [ask(client, "PUT", "/item", FROM_ORIGIN, b"12345"), ask(client, "GET", "/", {})]
    allowed, without = answers
    allowed.facts(200, access_control_allow_origin=ORIGIN, access_control_allow_credentials="true", vary="Origin")
    allowed.facts(200, access_control_expose_headers="X-Total-Count")
    assert allowed.body == b'{"length":5}'
    without.facts(200, access_control_allow_origin=None, access_control_allow_credentials=None, vary="Origin")
    return answers


def lifespan(target: Target) -> Any:
    """The app was started, through the middleware where that is outermost, and it is the one that was meant."""
    with target.client() as client:
        assert client.get("/subject").json() == target.subject
        started = client.get("/").json()["started"]
    assert started == (["yes"] if target.lifespan else [])
    return started


def preflights(target: Target) -> Answer:
    with target.client() as client:
        answer = preflight(client, ORIGIN, "PUT", "x-token, content-type")
    answer.facts(200, access_control_allow_origin=ORIGIN, access_control_allow_methods="GET, PUT")
    answer.facts(200, access_control_allow_credentials="true", access_control_max_age="600")
    assert "X-Token" in answer.values("access-control-allow-headers")[0].split(", ")
    assert answer.body == b"OK"
    return answer


def refused(target: Target) -> list[Answer]:
    with target.client() as client:
        answer = ask(client, "PUT", "/item", {"origin": OTHER}, b"1")
        everything = preflight(client, OTHER, "DELETE", "x-other")
        by_method = preflight(client, ORIGIN, "DELETE")
    answer.facts(200, access_control_allow_origin=None, vary="Origin")
    assert answer.body == b'{"length":1}'
    everything.facts(400, access_control_allow_origin=None)
    assert everything.body == b"Disallowed CORS origin, method, headers"
    by_method.facts(400, access_control_allow_origin=ORIGIN)
    assert by_method.body == b"Disallowed CORS method"
    return [answer, everything, by_method]


def streaming(target: Target) -> Answer:
    with target.client() as client:
        answer = ask(client, "GET", "/stream", FROM_ORIGIN)
    answer.facts(200, access_control_allow_origin=ORIGIN, vary="Accept, Origin", content_length=None)
    assert answer.body == b"".join(b"%d," % number * 1000 for number in range(5))
    return answer


def error(target: Target) -> Answer:
    """A middleware that is added sits inside of what answers 500, so that only the outermost can amend that."""
    with target.client() as client:
        answer = ask(client, "GET", "/broken", FROM_ORIGIN)
    # On a connection of its own: uvicorn and gunicorn close the one whose app failed, unannounced.
    with target.client() as client:
        after = ask(client, "GET", "/", FROM_ORIGIN)
    answer.facts(500, access_control_allow_origin=ORIGIN if target.place == "outermost" else None)
    after.facts(200, access_control_allow_origin=ORIGIN)
    return answer


def keep_alive(target: Target) -> list[Answer]:
    """One connection, many answers, each as if it were the only one."""
    origins = [ORIGIN, OTHER, None, "https://client-7.example.com"]
    with target.client() as client:
        ports, answers = set(), []
        for origin in origins * 5:
            response = client.get("/stream", headers={"origin": origin} if origin else {})
            ports.add(response.extensions["network_stream"].get_extra_info("client_addr"))
            answers.append(Answer(response.status_code, shown(response.headers), response.content))
            allowed = origin if origin != OTHER else None
            answers[-1].facts(200, access_control_allow_origin=allowed, vary="Accept, Origin")
            if origin:
                answers.append(preflight(client, origin, "GET"))
                answers[-1].facts(200 if allowed else 400, access_control_allow_origin=allowed)
    assert len(ports) == 1
    return answers


def disconnect(target: Target) -> bool:
    """A client that leaves mid-response: the app learns of it, and the server goes on."""
    key = uuid.uuid4().hex
    path = f"/endless?key={key}"
    with target.client() as client, client.stream("GET", path, headers={"origin": ORIGIN}) as response:
        assert response.headers[_ALLOW_ORIGIN] == ORIGIN
        assert next(response.iter_raw()).startswith(b"more\n")
    with target.client() as client:
        noticed = eventually(lambda: client.get(f"/ended?key={key}").json() is True)
    assert noticed, "the app was not told that its client left"
    return noticed


def websocket(target: Target) -> list[Any]:
    """CORS is not for WebSockets: another origin connects, and no handshake holds a CORS header."""
    if target.http2:
        return websocket_http2.echoed(target.server.port, (ORIGIN, OTHER))
    observed: list[Any] = []
    for origin in (ORIGIN, OTHER):
        url = target.server.url("/ws").replace("http", "ws")
        with connect(url, origin=Origin(origin), compression=None, proxy=None, open_timeout=20) as connection:
            connection.send("hello")
            assert connection.recv(timeout=20) == "hello"
            response = connection.response
            assert response is not None
            headers = [(name.lower(), value) for name, value in response.headers.raw_items()]
        assert not [name for name, _ in headers if name.startswith("access-control") or name == "vary"]
        observed.append([response.status_code, [header for header in headers if header[0] not in _VOLATILE]])
    return observed


def at_once(target: Target) -> list[Any]:
    """So many connections that all of them have to have asked before one is answered, each from its own origin."""
    return crowd.run(target.server.port, target.http2)


EXCHANGES: dict[str, Callable[[Target], Any]] = {
    "lifespan": lifespan,
    "actual": actual,
    "preflight": preflights,
    "refused": refused,
    "streaming": streaming,
    "500 from the app": error,
    "keep-alive": keep_alive,
    "disconnect mid-response": disconnect,
    f"{crowd.CLIENTS} connections at once": at_once,
    "websocket": websocket,
}
