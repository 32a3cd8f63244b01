"""The smallest change of configuration that would let a request through, and what would be unsafe about it.

Nothing is read off the configuration: the middleware is asked, made anew with a change, and asked again.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple, TypeAlias

from ._asking import ask, parameters_of, remade
from ._fetch import Request, check_cors, check_preflight, needs_preflight, unsafe_names
from ._near_misses import is_local, looks_like, texts
from .policy import ALL_METHODS


class Change(NamedTuple):
    """One parameter to change; as text, how it is written."""

    parameter: str
    action: Literal["add", "set"]
    """`add`: to what is in the collection. `set`: in place of what is there."""
    value: Any
    """The values added, as a tuple, or the new value."""

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
            if not _passes(remade(middleware, current), trial, preflight):
                changes = (*changes, *remedy(trial, current))
        changed = remade(middleware, applied(parameters, changes))
    except (TypeError, ValueError):  # such as a collection that cannot be gone through
        return ()
    return _merged(changes) if _passes(changed, request, needs_preflight(request)) else ()


def _trials(request: Request) -> Iterator[tuple[Request, bool, Remedy]]:
    """Yield what makes up `request`, one thing at a time, whether it is preflighted, and the remedy for its refusal."""
    simple = Request(request.origin, "GET")
    yield simple, False, _add_origin
    if request.credentials:
        yield simple._replace(credentials=True), False, _allow_credentials
    if needs_preflight(request):
        # Beside a header a preflight asks for the method too, whatever it is.
        asked = request._replace(headers=(), private_network=False)
        yield asked, True, _add_method
        names = {name.lower(): name for name, _ in request.headers}
        for name in unsafe_names(request):
            # A value that no name is safelisted with.
            yield asked._replace(headers=((names[name], "\x7f"),)), True, _add_header
        if request.private_network:
            yield asked._replace(private_network=True), True, _allow_network


def _passes(middleware: Any, request: Request, preflight: bool) -> bool:
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


def warning_of(changes: tuple[Change, ...], middleware: Any, request: Request) -> str:
    """Return what would be unsafe about these changes; nothing, where they are as safe as what they allow."""
    return " ".join(_warnings({change.parameter for change in changes}, middleware, request))


def _warnings(changed: set[str], middleware: Any, request: Request) -> Iterator[str]:
    origin, credentials = request.origin, request.credentials or bool(parameters_of(middleware)["allow_credentials"])
    if "allow_origins" in changed:
        if origin == "null":
            yield (
                "Every page can have the origin null, in a sandboxed frame: whoever it is would be let in. Serve the "
                "page from a server of your own instead."
            )
        elif origin.startswith("http://") and credentials and not is_local(origin):
            yield (
                "Whoever sits on the network between a user and a page over http can change that page, and would read "
                "what the user's cookies give access to. Serve the page over https."
            )
        twin = looks_like(origin, texts(middleware.allow_origins))
        if twin is not None:
            yield f"{origin} looks like {twin}, which is allowed, but may be somebody else's: look twice."
    elif "allow_credentials" in changed and "null" in texts(middleware.allow_origins):
        yield "allow_origins holds null, which every page can be: with credentials it would act for your users."
    if "allow_private_network" in changed and middleware.allow_all_origins:
        yield "Every origin is allowed, so every page of the web would reach into the private network."
