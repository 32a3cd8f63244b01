"""The compared subjects: the bare app, the floor, Starlette's middleware, fastcors on both cores, and other middleware.

A subject that does not support a scenario is left out of it, with the reason.
"""

import functools
import importlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import floor
from exchanges import App, Send, with_own_code
from scenarios import Scenario
from starlette.middleware.cors import CORSMiddleware as StarletteCORSMiddleware


class LeftOut(Exception):
    """Raised if a subject does not take part in a scenario, with the reason."""


@functools.cache
def fastcors_on(core: str) -> ModuleType:
    """Import fastcors with one core, `compiled` or `python`, in addition to the one that is imported already."""
    before = os.environ.get("FASTCORS_EXTENSIONS")
    others = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] == "fastcors"}
    os.environ["FASTCORS_EXTENSIONS"] = {"compiled": "yes", "python": "no"}[core]
    try:
        return importlib.import_module("fastcors")
    except ImportError as error:
        raise LeftOut(str(error)) from None
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == "fastcors"]:
            del sys.modules[name]
        sys.modules.update(others)
        del os.environ["FASTCORS_EXTENSIONS"]
        if before is not None:
            os.environ["FASTCORS_EXTENSIONS"] = before


def _bare(scenario: Scenario) -> App:
    if scenario.kind == "preflight":
        raise LeftOut("has no answer to a preflight")
    return scenario.app


async def _ready_answer(scope: Any, receive: Any, send: Send) -> None:
    await send(_READY[0])
    await send(_READY[1])


_READY = ({"type": "http.response.start", "status": 200, "headers": []}, {"type": "http.response.body", "body": b"OK"})


def _floor(scenario: Scenario) -> App:
    if scenario.kind == "preflight":
        return _ready_answer
    return floor.module().Floor(scenario.app)  # type: ignore[no-any-return]  # from a compiled module


def _wrapper(scenario: Scenario) -> App:
    if scenario.kind == "preflight":
        raise LeftOut("answers nothing")
    return floor.module().Wrapper(scenario.app)  # type: ignore[no-any-return]  # from a compiled module


def _starlette(scenario: Scenario) -> App:
    return StarletteCORSMiddleware(scenario.app, **scenario.configuration)


def _fastcors(core: str, scenario: Scenario) -> App:
    return fastcors_on(core).CORSMiddleware(scenario.app, **scenario.own_configuration)  # type: ignore[no-any-return]


def _asgi_cors(scenario: Scenario) -> App:
    if scenario.kind in ("preflight", "mix"):
        raise LeftOut("passes preflights on to the app")
    if "allow_origin_regex" in scenario.config:
        raise LeftOut("has no regex")
    asgi_cors: Any = importlib.import_module("asgi_cors")

    config = scenario.configuration
    if scenario.own:
        raise LeftOut("asks its callback with bytes and no scope")
    if config["allow_origins"] == ["*"]:
        return asgi_cors.asgi_cors(scenario.app, allow_all=True)  # type: ignore[no-any-return]  # untyped
    return asgi_cors.asgi_cors(scenario.app, hosts=config["allow_origins"])  # type: ignore[no-any-return]  # untyped


def _litestar(scenario: Scenario) -> App:
    if scenario.own:
        raise LeftOut("has no function that decides")
    from litestar.config.cors import CORSConfig
    from litestar.middleware._internal.cors import CORSMiddleware

    config = {"allow_origins": [], **scenario.configuration}
    middleware: App = CORSMiddleware(scenario.app, CORSConfig(**config))
    return middleware


@functools.cache
def _litestar_app() -> Any:
    from litestar import Litestar

    return Litestar([])


@dataclass(frozen=True)
class Subject:
    name: str
    wrap: Callable[[Scenario], App]

    def enter(self, scenario: Scenario) -> App:
        """Return the app of `scenario` behind this subject. Raises LeftOut."""
        try:
            return self.wrap(replace(scenario, app=with_own_code(scenario.app)))
        except ModuleNotFoundError as error:
            raise LeftOut(f"{error.name} is not installed") from None

    def scopes(self, scenario: Scenario) -> list[dict[str, Any]]:
        # Litestar's middleware needs an object for its preflight answers that its application puts into the scope.
        if self.name == "Litestar" and scenario.kind in ("preflight", "mix"):
            return [scope | {"litestar_app": _litestar_app()} for scope in scenario.scopes]
        return list(scenario.scopes)


BARE, FLOOR, WRAPPER, STARLETTE = "bare app", "floor", "wrapper", "Starlette"
COMPILED, PYTHON = "fastcors compiled", "fastcors Python"
ASGI_CORS, LITESTAR = "asgi-cors", "Litestar"

SUBJECTS = (
    Subject(BARE, _bare),
    Subject(FLOOR, _floor),
    Subject(WRAPPER, _wrapper),
    Subject(STARLETTE, _starlette),
    Subject(COMPILED, functools.partial(_fastcors, "compiled")),
    Subject(PYTHON, functools.partial(_fastcors, "python")),
    Subject(ASGI_CORS, _asgi_cors),
    Subject(LITESTAR, _litestar),
)
FASTCORS = (COMPILED, PYTHON)

# The work that the others leave out in their scenarios.
REMARKS = {
    FLOOR: "a compiled wrapper that hands the app a `send` which forwards, and does nothing else: one object, called "
    "by vectorcall; for a preflight, an `async def` that sends two ready messages",
    WRAPPER: "the same with a bound method of an extension type for `send`, as one usually writes it",
    ASGI_CORS: "answers no preflight, has neither regex nor credentials, sets no `Vary`: it does less for its time",
    LITESTAR: "its `CORSMiddleware` around the bare app; answers every `OPTIONS` that has an Origin",
}


def messages(app: App, scope: dict[str, Any]) -> list[Any]:
    """Return copies of the messages that `app` sends for one request."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append({key: list(value) if key == "headers" else value for key, value in message.items()})

    _run(app, scope, send)
    return sent


def _run(app: App, scope: dict[str, Any], send: Send) -> None:
    iterator = app(scope.copy(), None, send).__await__()
    try:
        next(iterator)
    except StopIteration:
        return
    raise AssertionError("something waited for an event loop")


def check(scenario: Scenario) -> list[str]:
    """Return the names of fastcors' subjects whose messages for `scenario` differ from Starlette's."""
    expected = _answers(_starlette(scenario), scenario)
    differing = []
    for subject in SUBJECTS:
        if subject.name in FASTCORS:
            try:
                app = subject.enter(scenario)
            except LeftOut:
                continue
            # Run twice, because an answer must not depend on what the middleware kept from the first turn.
            if any(_answers(app, scenario) != expected for _ in range(2)):
                differing.append(subject.name)
    return differing


def _answers(app: App, scenario: Scenario) -> list[list[Any]]:
    return [messages(app, scope) for scope in scenario.scopes]
