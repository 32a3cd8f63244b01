"""Which of Starlette's CORS behaviours another Starlette changes, one line each: `make drift CHECKOUT=../starlette`.

A configuration and a request of each kind are put to both classes. What differs in the same way is one line, with the
number of exchanges in which it does.
"""

import argparse
import importlib
import importlib.metadata
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from support.exchange import CONFIGS, REQUESTS, exchange, hello, preflight
from support.reference import load

INSTALLED = "installed"
ASKED = REQUESTS | {"preflight for QUERY": lambda: preflight(method="QUERY")}
ABSENT = "nothing"

Facts = dict[str, str]


def middleware_of(directory: str) -> tuple[Any, str]:
    """Return the CORSMiddleware of the Starlette in a directory, or of the one installed, and the version."""
    if directory == INSTALLED:
        module, version = importlib.import_module("starlette.middleware.cors"), importlib.metadata.version("starlette")
    elif not (Path(directory) / "starlette" / "middleware" / "cors.py").is_file():
        raise SystemExit(f"There is no starlette/middleware/cors.py in {directory}.")
    else:
        module, version = load(directory)
    return module.CORSMiddleware, version


def facts(messages: list[Any]) -> Facts:
    """Return what an exchange consists of, by name."""
    found: Facts = {}
    for message in messages:
        if isinstance(message, type):
            found["exception"] = message.__name__
        elif message["type"] == "http.response.start":
            found["status"] = str(message["status"])
            # The body tells its length.
            names = dict.fromkeys(name for name, _ in message["headers"] if name != b"content-length")
            for name in names:
                lines = (value.decode("latin-1") for other, value in message["headers"] if other == name)
                found[name.decode("latin-1")] = " | ".join(lines)
            found["order of headers"] = ", ".join(name.decode("latin-1") for name in names)
        else:
            found["body"] = message.get("body", b"").decode("latin-1")
    return found


def behaviours(base: Any) -> dict[str, Facts]:
    """Return what a class does, by the configuration and the request."""
    public = sorted(name for name in vars(base) if not name.startswith("_"))
    parameters = [
        each.name if each.default is each.empty else f"{each.name}={each.default!r}"
        for each in inspect.signature(base).parameters.values()
    ]
    found = {"the class": {"parameters": ", ".join(parameters), "methods": ", ".join(public)}}
    for config_name, config in CONFIGS.items():
        middleware = base(hello, **config)
        found["an instance"] = {"attributes": ", ".join(sorted(vars(middleware)))}
        for name, request in ASKED.items():
            found[f"{name}, {config_name}"] = facts(exchange(middleware, request()))
    return found


def differences(before: Facts, after: Facts) -> Iterator[tuple[str, str, str]]:
    """Yield what differs, as it was and as it is. The order of headers counts where the headers are the same ones."""
    for name in dict.fromkeys([*before, *after]):
        was, now = before.get(name, ABSENT), after.get(name, ABSENT)
        if was != now and not (name == "order of headers" and set(was.split(", ")) != set(now.split(", "))):
            yield name, was, now


def changes(before: Any, after: Any) -> list[str]:
    """Return a line for each behaviour in which the class `after` differs from the class `before`."""
    old, new = behaviours(before), behaviours(after)
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for where in old:
        for difference in differences(old[where], new[where]):
            grouped.setdefault(difference, []).append(where)
    return [
        f"{name}: {was} -> {now} ({where[0]}{f', and {len(where) - 1} more' if len(where) > 1 else ''})"
        for (name, was, now), where in grouped.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="make drift", description=__doc__)
    parser.add_argument("checkout", nargs="?", default=INSTALLED, help="a directory with Starlette's sources")
    parser.add_argument("--since", default=INSTALLED, help="the directory of the Starlette to compare with")
    options = parser.parse_args()
    (before, version), (after, later) = middleware_of(options.since), middleware_of(options.checkout)
    found = changes(before, after)
    print(f"Starlette {later}, compared with {version}: {len(found)} changes of CORS behaviour")
    for line in found:
        print(f"- {line}")


if __name__ == "__main__":
    main()
