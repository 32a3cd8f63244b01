"""Finds every CORS middleware of an app: around it, added to it, and in mounted apps. The app is not started."""

import functools
import inspect
import itertools
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.cors import CORSMiddleware as StarletteCORSMiddleware
from starlette.routing import BaseRoute, Host, Match, Mount, Route, Router

from ..browser.ask import stand_in
from .others import INNER, Other, alone, recognised, wrapped_by

# A limit in case an app wraps itself.
_MOST_LAYERS = 100


class Layer(NamedTuple):
    """One middleware of a stack. A CORS middleware has either `made`, or `cls` and its arguments."""

    name: str
    is_builtin: bool = False
    """Starlette adds it to every app."""
    made: Any = None
    cls: Any = None
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}
    other: Other | None = None
    """A CORS middleware that is neither Starlette's nor ours."""

    @property
    def is_cors(self) -> bool:
        return self.made is not None or self.cls is not None


class Stack(NamedTuple):
    """An app with the middlewares around it, the outermost first, and the apps mounted in it."""

    place: str
    """The path of the mount, after its host if it has one; empty for the outermost app."""
    route: BaseRoute | None
    """The route of the outer app that leads to it."""
    layers: tuple[Layer, ...]
    below: "tuple[Stack, ...]"


class Placed(NamedTuple):
    """A CORS middleware and its position."""

    number: int
    """Counted from 1 through the whole app, from the outermost on."""
    layer: Layer
    stack: Stack
    outside: tuple[Layer, ...]
    """All middlewares that a request passes before this one, outermost first, including those of outer apps."""
    around: "Placed | None"
    """The innermost CORS middleware of `outside`."""

    @property
    def own(self) -> tuple[Layer, ...]:
        """The middlewares of its stack, without those that Starlette adds to every app."""
        return tuple(layer for layer in self.stack.layers if not layer.is_builtin)

    @property
    def position(self) -> int:
        """Its position in `own`, counted from 1."""
        return next(at for at, layer in enumerate(self.own, 1) if layer is self.layer)


def stack_of(
    app: Any, place: str = "", route: BaseRoute | None = None, ancestors: frozenset[int] = frozenset()
) -> Stack:
    """Return the middlewares around `app`, and the stacks of the apps mounted in it."""
    layers, routes = _unwrapped(app)
    if id(app) in ancestors:
        routes = []
    below = _mounted(routes, place, ancestors | {id(app)})
    return Stack(place, route, tuple(layers), tuple(below))


def cors_middlewares(stack: Stack) -> list[Placed]:
    """Return all CORS middlewares of a stack and of the stacks below it, the outermost first."""
    return [each for each in _placed(stack) if each.layer.is_cors]


def other_cors_middlewares(stack: Stack) -> list[Placed]:
    """Return the CORS middlewares that are neither Starlette's nor ours. They have no numbers."""
    return [each for each in _placed(stack) if each.layer.other is not None]


def _placed(stack: Stack) -> list[Placed]:
    found: list[Placed] = []
    numbers = itertools.count(1)

    def visit(stack: Stack, outside: tuple[Layer, ...], around: Placed | None) -> None:
        for layer in stack.layers:
            if layer.is_cors:
                around = Placed(next(numbers), layer, stack, outside, around)
                found.append(around)
            elif layer.other is not None:
                found.append(Placed(0, layer, stack, outside, around))
            outside = (*outside, layer)
        for each in stack.below:
            visit(each, outside, around)

    visit(stack, (), None)
    return found


def answering(stack: Stack, url: str) -> Placed | None:
    """Return the outermost CORS middleware that a request for `url`, a path or a whole URL, passes."""
    parts = urlsplit(url)
    headers = [(b"host", parts.netloc.encode("latin-1", "replace"))]
    scope = {"type": "http", "method": "GET", "path": parts.path or "/", "root_path": "", "headers": headers}
    found = cors_middlewares(stack)
    while True:
        first = next((each for each in found if each.stack is stack), None)
        below = next((each for each in stack.below if _leads(each.route, scope)), None)
        if first is not None or below is None:
            return first
        stack = below


def _leads(route: BaseRoute | None, scope: dict[str, Any]) -> bool:
    assert route is not None
    match, child = route.matches(scope)
    scope.update(child)
    return match is not Match.NONE


def _unwrapped(app: Any) -> tuple[list[Layer], list[BaseRoute]]:
    """Return the middlewares around an app, and the routes of its router, if it has one."""
    layers: list[Layer] = []
    while len(layers) < _MOST_LAYERS:
        router = getattr(app, "__self__", None)
        if isinstance(app, Starlette):
            layers += _layers_of(app)
            app = app.router
        elif isinstance(app, Router):
            app = app.middleware_stack
        elif isinstance(router, Router):
            return layers, router.routes
        elif (inner := _inner(app)) is not None:
            layers.append(_layer_of(app))
            app = inner
        else:
            break
    return layers, []


def _inner(app: Any) -> Any:
    if type(app).__name__ == "Litestar":
        # Its `__call__` calls the middleware that its `cors_config` makes.
        return getattr(app, "asgi_handler", None)
    if _other(app) is not None and (wrapped := wrapped_by(app)) is not None:
        return wrapped
    attributes = getattr(app, "__dict__", {})
    return next((attributes[name] for name in INNER if callable(attributes.get(name))), None)


def _layer_of(middleware: Any) -> Layer:
    if isinstance(middleware, StarletteCORSMiddleware):
        return Layer(type(middleware).__name__, made=middleware)
    other = _other(middleware)
    return Layer(other.name.rpartition(".")[2] if other is not None else type(middleware).__name__, other=other)


def _other(middleware: Any) -> Other | None:
    kind = middleware if inspect.isfunction(middleware) else type(middleware)
    return recognised(kind, lambda: alone(middleware))


def _layers_of(app: Starlette) -> Iterator[Layer]:
    around = vars(app).get("_fastcors_middleware")
    if around is not None:
        yield _layer_of(around)
    yield Layer("ServerErrorMiddleware", is_builtin=True)
    for added in app.user_middleware:
        yield from _layers_to_be(added.cls, added.args, added.kwargs)


def _layers_to_be(cls: Any, args: Iterable[Any], kwargs: dict[str, Any]) -> list[Layer]:
    """Return the layers for the arguments of `add_middleware`. A function is called, because it may return anything."""
    while isinstance(cls, functools.partial):
        cls, args, kwargs = cls.func, (*cls.args, *args), {**cls.keywords, **kwargs}
    name = getattr(cls, "__name__", type(cls).__name__)
    if isinstance(cls, type):
        if issubclass(cls, StarletteCORSMiddleware):
            return [Layer(name, cls=cls, args=tuple(args), kwargs=kwargs)]
        kind = cls
        if cls is BaseHTTPMiddleware:
            kind = kwargs.get("dispatch", cls)
            name = f"{name}({getattr(kind, '__name__', '')})"
        return [Layer(name, other=recognised(kind, lambda: cls(stand_in, *args, **kwargs)))]
    try:
        layers, _ = _unwrapped(cls(stand_in, *args, **kwargs))
    except Exception:
        # The error has nothing to do with CORS, and the app raises it when it starts.
        return [Layer(name)]
    return layers if any(layer.is_cors or layer.other for layer in layers) else [Layer(name)]


def _mounted(routes: Iterable[BaseRoute], place: str, ancestors: frozenset[int]) -> Iterator[Stack]:
    for route in _effective(routes):
        if isinstance(route, Mount):
            yield stack_of(route.app, place + route.path, route, ancestors)
        elif isinstance(route, Host):
            yield stack_of(route.app, route.host + place, route, ancestors)
        elif isinstance(route, Route):
            layers, _ = _unwrapped(route.app)
            if any(layer.is_cors or layer.other for layer in layers):
                yield Stack(place + route.path, route, tuple(layers), ())


def _effective(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """Yield the routes, including those that FastAPI keeps in included routers, with their prefixes."""
    for route in routes:
        included = getattr(route, "effective_route_contexts", None)
        if included is None:
            yield route
        else:
            yield from (context.starlette_route for context in included() if context.starlette_route is not None)
