"""The smallest change of configuration that would let a request through, and what would be unsafe about it.

Nothing is read off the configuration: the middleware answers the request as it is, and again after it is made anew with
a change.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple, TypeAlias

from ..config.value import CORSConfig
from ..problems import ConfigProblem
from ..standard.methods import ALL_METHODS
from .ask import ask, parameters_of, remade
from .hints import texts
from .steps import Request, check_cors, check_preflight, needs_preflight, unsafe_names


class Change(NamedTuple):
    """One parameter to change; as text, how it is written."""

    parameter: str
    action: Literal["add", "set"]
    """`add`: to what is in the collection. `set`: in place of what is there."""
    value: Any
    """The values added, as a tuple, or the new value."""

    def as_dict(self) -> dict[str, Any]:
        """Return the change as what JSON can hold."""
        value = list(self.value) if isinstance(self.value, tuple) else self.value
        return {"parameter": self.parameter, "action": self.action, "value": value, "text": str(self)}

    def __str__(self) -> str:
        values = self.value if isinstance(self.value, (tuple, list)) else None
        if values is None:
            return f"{self.parameter}={self.value!r}"
        listed = ", ".join(json.dumps(value) for value in values)
        return f"{self.parameter}=[{'..., ' if self.action == 'add' else ''}{listed}]"


def applied(parameters: dict[str, Any], changes: tuple[Change, ...]) -> dict[str, Any]:
    """Return the parameters of a middleware with these changes made."""
    after = dict(parameters)
    for change in changes:
        if change.action == "set":
            after[change.parameter] = change.value
        else:
            after[change.parameter] = [*after.get(change.parameter, ()), *change.value]
    return after


Remedy: TypeAlias = Callable[[Request, dict[str, Any]], tuple[Change, ...]]


def changes_for(middleware: Any, request: Request) -> tuple[Change, ...]:
    """Return the changes that let `request` through; none, where no change of the parameters alone is known to."""
    parameters = parameters_of(middleware)
    changes: tuple[Change, ...] = ()
    try:
        for trial, preflight, remedy in _trials(request):
            current = applied(parameters, changes)
            if not passes(remade(middleware, current), trial, preflight):
                changes = (*changes, *remedy(trial, current))
        changed = remade(middleware, applied(parameters, changes))
    except (TypeError, ValueError):  # such as a collection that cannot be gone through
        return ()
    return _merged(changes) if passes(changed, request, needs_preflight(request)) else ()


def _trials(request: Request) -> Iterator[tuple[Request, bool, Remedy]]:
    """Yield what makes up `request`, one thing at a time, whether it is preflighted, and the remedy for its refusal."""
    simple = Request(request.origin, "GET")
    yield simple, False, _add_origin
    if request.credentials:
        yield simple._replace(credentials=True), False, _allow_credentials
    if needs_preflight(request):
        # Beside a header a preflight asks for the method too, whatever it is.
        bare = request._replace(headers=(), private_network=False)
        yield bare, True, _add_method
        names = {name.lower(): name for name, _ in request.headers}
        for name in unsafe_names(request):
            # A value that no name is safelisted with.
            yield bare._replace(headers=((names[name], "\x7f"),)), True, _add_header
        if request.private_network:
            yield bare._replace(private_network=True), True, _allow_network


def passes(middleware: Any, request: Request, preflight: bool) -> bool:
    """Tell whether `middleware` lets `request` through, and with `preflight` the preflight for it."""
    if preflight and not check_preflight(request, ask(middleware, request, True))[-1].passed:
        return False
    return check_cors(request, ask(middleware, request, False))[-1].passed


def _add_origin(request: Request, _: dict[str, Any]) -> tuple[Change, ...]:
    return (Change("allow_origins", "add", (request.origin,)),)


def _allow_credentials(request: Request, parameters: dict[str, Any]) -> tuple[Change, ...]:
    allow = Change("allow_credentials", "set", True)
    if "*" not in parameters["allow_origins"]:
        return (allow,)
    # With credentials `*` would be every origin, each by its name: a door that nobody means to open.
    listed = [origin for origin in texts(parameters["allow_origins"]) if origin not in ("*", request.origin)]
    return Change("allow_origins", "set", (*listed, request.origin)), allow


def _add_method(request: Request, parameters: dict[str, Any]) -> tuple[Change, ...]:
    # `*` is a list of methods, and whatever stands beside it counts for nothing.
    if "*" in parameters["allow_methods"]:
        others = (method for method in ALL_METHODS if method != request.method)
        return (Change("allow_methods", "set", (*others, request.method)),)
    return (Change("allow_methods", "add", (request.method,)),)


def _add_header(request: Request, _: dict[str, Any]) -> tuple[Change, ...]:
    return (Change("allow_headers", "add", tuple(name for name, _ in request.headers)),)


def _allow_network(request: Request, _: dict[str, Any]) -> tuple[Change, ...]:
    return (Change("allow_private_network", "set", True),)


def _merged(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """Return the changes with what is added to one collection as one change."""
    merged: dict[str, Change] = {}
    for change in changes:
        before = merged.get(change.parameter)
        if before is not None and change.action == "add":
            change = change._replace(action=before.action, value=(*before.value, *change.value))
        merged[change.parameter] = change
    return tuple(merged.values())


# What was there before and is worse where cookies come with a request.
_WORSE_WITH_CREDENTIALS = frozenset(
    {"origin-null", "regex-admits-foreign-origins", "regex-matches-every-origin", "regex-unescaped-dot"}
)


def warning_of(changes: tuple[Change, ...], middleware: Any) -> str:
    """Return what would be unsafe about these changes; nothing, where they are as safe as what they allow."""
    return " ".join(_warnings(changes, middleware)) if changes else ""


def _warnings(changes: tuple[Change, ...], middleware: Any) -> Iterator[str]:
    changed = {change.parameter for change in changes}
    yield from map(str, _new_problems(changes, middleware))
    if "allow_credentials" in changed and _decides_by_code(middleware):
        yield "Code of yours decides about origins: every origin that it allows could act with your users' cookies."
    if "allow_private_network" in changed and middleware.allow_all_origins:
        yield "Every origin is allowed, so every page of the web would reach into the private network."


def _new_problems(changes: tuple[Change, ...], middleware: Any) -> list[ConfigProblem]:
    """Return what is wrong with the configuration once it is changed, and was not before or less so."""
    parameters = parameters_of(middleware)
    parameters["allow_origin_patterns"] = getattr(middleware, "allow_origin_patterns", ())
    before = CORSConfig(**parameters).problems()
    worse = _WORSE_WITH_CREDENTIALS if "allow_credentials" in {change.parameter for change in changes} else ()
    return [
        each
        for each in CORSConfig(**applied(parameters, changes)).problems()
        if each.severity != "note" and (each not in before or each.code in worse)
    ]


def _decides_by_code(middleware: Any) -> bool:
    """Tell whether somebody's own code decides about origins."""
    if "is_allowed_origin" in vars(middleware) or getattr(middleware, "allow_origin_func", None) is not None:
        return True
    module = str(getattr(type(middleware).is_allowed_origin, "__module__", ""))
    return module.partition(".")[0] not in ("starlette", __name__.partition(".")[0])
