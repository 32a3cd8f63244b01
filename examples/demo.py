"""The same requests to the same app, once behind Starlette's CORSMiddleware and once behind fastcors'.

Two real servers, real HTTP: a table of both answers, then the time that each takes. The exit status is 1 if any
answer differs. `demo.py module:class` puts another middleware, such as a subclass, in the place of fastcors'.
"""

import argparse
import os
import re
import statistics
import sys
import textwrap
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import zip_longest
from urllib.parse import urlsplit

import demo_server
import httpx
import starlette

import fastcors

STARLETTE = "starlette.middleware.cors:CORSMiddleware"
FASTCORS = "fastcors:CORSMiddleware"
ORIGIN = "https://app.example"
STRANGER = "https://evil.example"
ROUNDS, REQUESTS_PER_ROUND = 20, 20

# What the server says of itself and the time, not of the app.
NOT_COMPARED = (b"date", b"server")
VALUE_WIDTH = 27


@dataclass(frozen=True)
class Case:
    """One request, and what it is there to show."""

    shows: str
    path: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_preflight(self) -> bool:
        return self.method == "OPTIONS" and "Access-Control-Request-Method" in self.headers


@dataclass(frozen=True)
class Answer:
    """What came back: the headers as they were on the wire, in their order."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def values(self, name: str) -> str:
        found = [value.decode("latin-1") for key, value in self.headers if key.decode("latin-1").lower() == name]
        return " | ".join(found) if found else "-"


def actual(shows: str, path: str, origin: str | None = ORIGIN, method: str = "GET", **headers: str) -> Case:
    """Return an actual request; without an origin it is one that no script of another origin makes."""
    return Case(shows, path, method, headers if origin is None else {"Origin": origin, **headers})


def preflight(
    shows: str, path: str, origin: str = ORIGIN, *, method: str = "GET", headers: str = "", network: bool = False
) -> Case:
    """Return the preflight for an actual request with `method` and the request-header names `headers`."""
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    if headers:
        asked["Access-Control-Request-Headers"] = headers
    if network:
        asked["Access-Control-Request-Private-Network"] = "true"
    return Case(shows, path, "OPTIONS", asked)


ACTUAL_REQUESTS = (
    actual("no Origin", "/listed/item", None),
    actual("allowed origin", "/listed/item"),
    actual("refused origin: no Allow-Origin, the browser hides it", "/listed/item", STRANGER),
    actual("allowed origin, in another case: refused", "/listed/item", "https://APP.example"),
    actual("opaque origin", "/listed/item", "null"),
    actual("allowed origin with credentials", "/listed/item", Cookie="session=1"),
    actual("actual request after a preflight", "/listed/item", method="PUT"),
    actual("app sets cookies", "/listed/login"),
    actual("app sets Vary", "/listed/translated"),
    actual("app sets Vary, no Origin", "/listed/translated", None),
    actual("app sets Allow-Origin, which the policy replaces", "/listed/own-header"),
    actual("app streams", "/listed/stream"),
    actual("404", "/listed/missing"),
    actual("500: the error page is written outside the middleware", "/listed/broken"),
    actual("OPTIONS that is no preflight", "/listed/item", method="OPTIONS"),
    actual("wildcard", "/wildcard/item"),
    actual("wildcard, no Origin", "/wildcard/item", None),
    actual("wildcard, cookie sent: still *", "/wildcard/item", Cookie="session=1"),
    actual("wildcard and credentials: the origin is named", "/wildcard-credentials/item", Cookie="session=1"),
    actual("regex match", "/regex/item", "https://eu.shop.example"),
    actual("regex mismatch: only the start fits", "/regex/item", "https://eu.shop.example.evil.example"),
    actual("nothing configured", "/none/item"),
)

PREFLIGHTS = (
    preflight("allowed", "/listed/item", method="PUT", headers="content-type,x-token"),
    preflight("allowed, no request-header names", "/listed/item", method="POST"),
    preflight("wildcard: any header, names mirrored", "/wildcard/item", method="DELETE", headers="x-a, X-B"),
    preflight("wildcard and credentials", "/wildcard-credentials/item", headers="authorization"),
    preflight("regex match", "/regex/item", "https://eu.shop.example"),
    preflight("private network allowed", "/private-network/item", network=True),
    preflight("refused: origin", "/listed/item", STRANGER),
    preflight("refused: method", "/listed/item", method="DELETE"),
    preflight("refused: headers", "/listed/item", headers="x-token, x-other"),
    preflight("refused: private network", "/listed/item", network=True),
    preflight("refused: everything", "/listed/item", STRANGER, method="DELETE", headers="x-other", network=True),
    preflight("nothing configured", "/none/item"),
)


def ask(client: httpx.Client, case: Case) -> Answer:
    """Send the request of `case` and return the answer."""
    client.cookies.clear()
    response = client.request(case.method, case.path, headers=case.headers)
    headers = tuple(pair for pair in response.headers.raw if pair[0].lower() not in NOT_COMPARED)
    return Answer(response.status_code, headers, response.content)


def differences(expected: Answer, got: Answer) -> list[str]:
    """Name what differs between two answers, down to the order and the bytes of the headers."""
    found = [name for name in ("status", "body") if getattr(expected, name) != getattr(got, name)]
    names = sorted({name.decode("latin-1").lower() for name, _ in (*expected.headers, *got.headers)})
    found += [name for name in names if expected.values(name) != got.values(name)]
    if not found and expected.headers != got.headers:
        same_pairs = sorted(expected.headers) == sorted(got.headers)
        found.append("order of headers" if same_pairs else "spelling of header names")
    return found


def table_row(number: int, case: Case, expected: Answer, got: Answer) -> list[str]:
    """Return the lines of one row: request, verdict, and the two answers side by side."""
    differing = differences(expected, got)
    verdict = "DIFFERS" if differing else "same"
    lines = [f"{number:2} {case.shows:<69} {verdict:>7}", *_request(case)]
    lines += _cells("status", str(expected.status), str(got.status))
    names = {name.decode("latin-1").lower() for name, _ in (*expected.headers, *got.headers)}
    for name in sorted(names):
        if name == "vary" or name.startswith("access-control-") or name in differing:
            lines += _cells(name.title(), expected.values(name), got.values(name))
    if case.is_preflight or "body" in differing:
        lines += _cells("body", expected.body.decode("latin-1"), got.body.decode("latin-1"))
    if differing:
        lines += textwrap.wrap("differs in: " + ", ".join(differing), 76, initial_indent="   ")
    return [*lines, ""]


def _request(case: Case) -> list[str]:
    # A line may not break within one header, so its white space is hidden from textwrap.
    headers = "; ".join(f"{name}: {value}".replace(" ", "\0") for name, value in case.headers.items())
    lines = textwrap.wrap(
        _short(f"{case.method} {case.path}  {headers}"),
        76,
        initial_indent="   ",
        subsequent_indent="     ",
        break_on_hyphens=False,
    )
    return [line.replace("\0", " ") for line in lines]


def _cells(name: str, expected: str, got: str) -> list[str]:
    columns = (textwrap.wrap(_short(value), VALUE_WIDTH, break_on_hyphens=False) for value in (expected, got))
    label = textwrap.shorten(name.removeprefix("Access-Control-"), 21, placeholder="...")
    lines = []
    for left, right in zip_longest(*columns, fillvalue=""):
        lines.append(f"   {label:<21} {left:<{VALUE_WIDTH}} {right}".rstrip())
        label = ""
    return lines


def _short(text: str) -> str:
    return text.replace("Access-Control-", "AC-")


def show(lines: Iterable[str]) -> None:
    """Print `lines`, on a terminal with the verdicts in colour."""
    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    for line in lines:
        if coloured:
            line = re.sub(r"(?<= )same$", "\033[32msame\033[0m", line)
            line = re.sub(r"(?<= )DIFFERS$", "\033[1;31mDIFFERS\033[0m", line)
        print(line, flush=True)


def compare(urls: tuple[str, str], right: str) -> int:
    """Print the table and return how many rows differ."""
    show(["", f"   {'':21} {'Starlette':<{VALUE_WIDTH}} {right}", "-" * 80])
    differing = 0
    # uvicorn closes the connection after an app has failed without announcing it, so none is used twice.
    limits = httpx.Limits(max_keepalive_connections=0)
    with (
        httpx.Client(base_url=urls[0], limits=limits, trust_env=False) as starlettes,
        httpx.Client(base_url=urls[1], limits=limits, trust_env=False) as other,
    ):
        for number, case in enumerate((*ACTUAL_REQUESTS, *PREFLIGHTS), start=1):
            expected, got = ask(starlettes, case), ask(other, case)
            differing += bool(differences(expected, got))
            show(table_row(number, case, expected, got))
    return differing


TIMED = {
    "no CORSMiddleware": actual("", "/bare/item"),
    "actual request": actual("", "/listed/item"),
    "preflight": preflight("", "/listed/item", method="PUT", headers="content-type,x-token"),
}


def median_times(urls: tuple[str, str], case: Case) -> list[float]:
    """Return the median microseconds per request for each server, measured in alternating rounds."""
    # http.client, because httpx takes longer for a request than the server does.
    connections = [HTTPConnection(urlsplit(url).netloc, timeout=5) for url in urls]
    samples: list[list[float]] = [[], []]
    for turn in range(-1, ROUNDS):
        # The first round only warms up; then each server goes first in every other round.
        for server in (0, 1) if turn % 2 else (1, 0):
            for _ in range(REQUESTS_PER_ROUND):
                started = time.perf_counter()
                connections[server].request(case.method, case.path, headers=dict(case.headers))
                connections[server].getresponse().read()
                if turn >= 0:
                    samples[server].append(1e6 * (time.perf_counter() - started))
    for connection in connections:
        connection.close()
    return [statistics.median(sample) for sample in samples]


def show_times(urls: tuple[str, str], right: str) -> None:
    """Print the median time per request of both."""
    each = ROUNDS * REQUESTS_PER_ROUND
    title = f"median microseconds per request, of {each} over HTTP, alternating in {ROUNDS} rounds"
    show([title, "-" * 80, f"   {'':21} {'Starlette':<{VALUE_WIDTH}} {right}"])
    for name, case in TIMED.items():
        expected, got = median_times(urls, case)
        show(_cells(name, f"{expected:.0f}", f"{got:.0f}"))
    show(["", "Most of a request is HTTP, FastAPI and the client; the first line has no", "CORSMiddleware at all."])


def run(middleware: str) -> int:
    """Compare `middleware` with Starlette's and return the exit status."""
    core = "compiled" if fastcors.COMPILED else "Python"
    right = "fastcors" if middleware == FASTCORS else middleware
    show([f"Starlette {starlette.__version__} and fastcors {fastcors.__version__} on its {core} core, under uvicorn"])
    show(["AC- is short for Access-Control-, which the column of names leaves out."])
    with demo_server.run(STARLETTE, ORIGIN) as expected, demo_server.run(middleware, ORIGIN) as got:
        urls = (expected, got)
        differing = compare(urls, right)
        # The times of two servers that do not do the same would say nothing.
        if not differing:
            show_times(urls, right)
    total = len(ACTUAL_REQUESTS) + len(PREFLIGHTS)
    show(["", f"{total - differing} of {total} answers are the same, with fastcors on its {core} core."])
    return 1 if differing else 0


def main() -> int:
    """Run the demo and return the exit status."""
    parser = argparse.ArgumentParser(description="Compare the answers of fastcors with Starlette's, over HTTP.")
    parser.add_argument("middleware", nargs="?", default=FASTCORS, help="module:class; %(default)s unless given")
    middleware = parser.parse_args().middleware
    if tuple(map(int, starlette.__version__.split(".")[:2])) < (1, 10):
        print(f"fastcors answers as Starlette 1.10 does, and here is {starlette.__version__}.", file=sys.stderr)
        return 1
    try:
        return run(middleware)
    except (demo_server.StartUpError, httpx.HTTPError, HTTPException, OSError) as error:
        print(f"The demo could not finish: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
