"""The smallest change of configuration that would allow a request, and a warning if that change is unsafe.

The configuration is not interpreted here. Instead, a copy of the middleware with the change answers the request.
"""

import json
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from ..config.checks.origin_parts import is_clean
from ..config.value import CORSConfig
from ..problems import ConfigProblem, without_secret
from ..standard.headers import EXPOSE_HEADERS
from ..standard.methods import ALL_METHODS
from ..standard.plain import is_shared
from .ask import ask, parameters_of, remade
from .hints import is_meant, parts_of, texts
from .steps import Request, check_cors, check_preflight, needs_preflight, unsafe_names


class Change(NamedTuple):
    """One parameter to change. `str()` returns it as Python source."""

    parameter: str
    """The parameter of `CORSMiddleware`."""
    action: Literal["add", "set"]
    """`add` extends the collection; `set` replaces the value."""
    value: Any
    """The values to add, as a tuple, or the new value."""

    def as_dict(self) -> dict[str, Any]:
        """Return the change in types that JSON supports."""
        value = list(self.value) if isinstance(self.value, tuple) else self.value
        return {"parameter": self.parameter, "action": self.action, "value": value, "text": str(self)}

    def __str__(self) -> str:
        values = self.value if isinstance(self.value, (tuple, list)) else None
        if values is None:
            return f"{self.parameter}={self.value!r}"
        listed = ", ".join(map(_quoted, values))
        return f"{self.parameter}=[{'..., ' if self.action == 'add' else ''}{listed}]"


def _quoted(value: Any) -> str:
    """Return a string as Python source in double quotes."""
    text = json.dumps(value, ensure_ascii=False)
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def applied(parameters: dict[str, Any], changes: tuple[Change, ...]) -> dict[str, Any]:
    """Return the parameters of a middleware after these changes."""
    after = dict(parameters)
    for change in changes:
        if change.action == "set":
            after[change.parameter] = change.value
        else:
            after[change.parameter] = [*after.get(change.parameter, ()), *change.value]
    return after


def changes_for(middleware: Any, request: Request) -> tuple[Change, ...]:
    """Return the changes that allow `request`, or an empty tuple if no change of the parameters is known to."""
    parameters = parameters_of(middleware)
    changes: tuple[Change, ...] = ()
    try:
        for trial, preflight, remedy in _trials(request, parameters):
            if not passes(remade(middleware, applied(parameters, changes)), trial, preflight):
                changes = (*changes, *remedy)
        changed = remade(middleware, applied(parameters, changes))
    except (TypeError, ValueError):  # for example from a collection that cannot be iterated
        return ()
    return _merged(changes) if passes(changed, request, needs_preflight(request)) else ()


def _trials(request: Request, parameters: dict[str, Any]) -> Iterator[tuple[Request, bool, tuple[Change, ...]]]:
    """Yield one request for each aspect of `request`, whether it is preflighted, and the changes if it is refused."""
    simple = Request(request.origin, "GET")
    yield simple, False, (_origin_allowed(request.origin, parameters["allow_origins"]),)
    if request.credentials:
        yield simple._replace(credentials=True), False, _credentials_allowed(request.origin, parameters)
    if needs_preflight(request):
        # Every preflight names the method, even a safelisted one.
        bare = request._replace(headers=(), private_network=False)
        yield bare, True, (_method_allowed(request.method, parameters),)
        names = {name.lower(): name for name, _ in request.headers}
        for name in unsafe_names(request):
            # No header is safelisted with this value, so the preflight names it.
            header = (names[name], "\x7f")
            yield bare._replace(headers=(header,)), True, (Change("allow_headers", "add", header[:1]),)
        if request.private_network:
            network = Change("allow_private_network", "set", True)
            yield bare._replace(private_network=True), True, (network,)


def passes(middleware: Any, request: Request, preflight: bool) -> bool:
    """Tell whether `middleware` allows `request` and, if `preflight` is true, the preflight for it."""
    if preflight and not check_preflight(request, ask(middleware, request, True))[-1].passed:
        return False
    return check_cors(request, ask(middleware, request, False))[-1].passed


def _credentials_allowed(origin: str, parameters: dict[str, Any]) -> tuple[Change, ...]:
    allow = Change("allow_credentials", "set", True)
    if "*" not in parameters["allow_origins"]:
        return (allow,)
    # With credentials, `*` would let every origin use the users' cookies. Other entries had no effect next to `*`, so
    # the unsafe ones are left out.
    listed = [each for each in _replaced(texts(parameters["allow_origins"]), origin) if is_clean(each, True)]
    listed = [each for each in listed if each not in ("*", origin)]
    return Change("allow_origins", "set", (*listed, origin)), allow


def _origin_allowed(origin: str, origins: Any) -> Change:
    """Return the change that allows `origin`. A misspelled entry for it is replaced, because it allows nothing."""
    listed = sorted(texts(origins)) if isinstance(origins, (set, frozenset)) else texts(origins)
    if not any(is_meant(each, origin) for each in listed) or len(listed) != len(origins):
        return Change("allow_origins", "add", (origin,))
    return Change("allow_origins", "set", tuple(_replaced(listed, origin)))


def _replaced(origins: list[str], origin: str) -> Iterator[str]:
    """Yield the origins. `origin` replaces the first misspelled entry for it, and further ones are left out."""
    yield from dict.fromkeys(origin if is_meant(each, origin) else without_secret(each) for each in origins)


def _method_allowed(method: str, parameters: dict[str, Any]) -> Change:
    # `*` stands for a fixed list of methods, and any other member is ignored.
    if "*" in parameters["allow_methods"]:
        return Change("allow_methods", "set", (*(each for each in ALL_METHODS if each != method), method))
    return Change("allow_methods", "add", (method,))


def _merged(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """Return the changes with one change for each parameter."""
    merged: dict[str, Change] = {}
    for change in changes:
        before = merged.get(change.parameter)
        if before is not None and change.action == "add":
            change = change._replace(action=before.action, value=(*before.value, *change.value))
        merged[change.parameter] = change
    return tuple(merged.values())


# Problems that become worse when strangers may do more: with cookies, with other methods, in a private network.
_OPEN_TO_STRANGERS = frozenset(
    {
        "origin-asterisk-with-credentials",
        "origin-null",
        "regex-admits-foreign-origins",
        "regex-matches-every-origin",
        "regex-unescaped-dot",
    }
)


def warnings_of(changes: tuple[Change, ...], middleware: Any) -> Iterator[str]:
    """Yield what would be unsafe about these changes."""
    changed = {change.parameter for change in changes}
    yield from map(str, _new_problems(changes, middleware))
    for origin in _new_origins(changes, middleware):
        parts = parts_of(origin)
        if parts is not None and is_shared(parts.host):
            yield f"{origin} is the host of a platform or a public suffix, where many owners have their pages."
    if "allow_credentials" in changed and _decides_by_code(middleware):
        yield "Code of yours decides about origins: every origin that it allows could act with your users' cookies."
    if "allow_private_network" in changed and middleware.allow_all_origins:
        yield "Every origin is allowed, so every page of the web would reach into the private network."


def _new_origins(changes: tuple[Change, ...], middleware: Any) -> list[str]:
    added = [origin for change in changes if change.parameter == "allow_origins" for origin in change.value]
    before = texts(middleware.allow_origins)
    return [origin for origin in added if origin not in before]


def _new_problems(changes: tuple[Change, ...], middleware: Any) -> list[ConfigProblem]:
    """Return the problems that these changes would cause or make worse."""
    parameters = parameters_of(middleware)
    parameters["allow_origin_patterns"] = getattr(middleware, "allow_origin_patterns", ())
    exposed = middleware.simple_headers.get(EXPOSE_HEADERS)
    parameters["expose_headers"] = exposed.split(", ") if exposed else ()
    before = CORSConfig(**parameters).problems()
    changed = {change.parameter for change in changes}
    widened = "allow_credentials" in changed or "allow_private_network" in changed
    if parameters["allow_credentials"]:
        widened = widened or not changed.isdisjoint(("allow_methods", "allow_headers"))
    worse = _OPEN_TO_STRANGERS if widened else frozenset[str]()
    return [
        each
        for each in _problems_after(parameters, changes)
        if each.severity != "note" and (each not in before or each.code in worse)
    ]


def _problems_after(parameters: dict[str, Any], changes: tuple[Change, ...]) -> Iterator[ConfigProblem]:
    """Yield the problems of the changed configuration."""
    after = applied(parameters, changes)
    found = CORSConfig(**after).problems()
    yield from found
    # A list of many problems with one code is cut, so the new values are judged alone as well.
    lists = {each.parameter: each.value for each in changes if isinstance(each.value, (list, tuple))}
    new = {name: [value for value in values if value not in parameters[name]] for name, values in lists.items()}
    yield from (each for each in CORSConfig(**{**after, **new}).problems() if each not in found)


def _decides_by_code(middleware: Any) -> bool:
    """Tell whether the user's code decides about origins: an override or `allow_origin_func`."""
    if "is_allowed_origin" in vars(middleware) or getattr(middleware, "allow_origin_func", None) is not None:
        return True
    module = str(getattr(type(middleware).is_allowed_origin, "__module__", ""))
    return module.partition(".")[0] not in ("starlette", __name__.partition(".")[0])
