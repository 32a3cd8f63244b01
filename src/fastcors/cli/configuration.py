"""The configuration of a CORS middleware that was found in an app: made as the app would make it, and looked at."""

import inspect
from collections.abc import Iterator
from typing import Any, NamedTuple

from starlette.middleware.cors import CORSMiddleware as StarletteCORSMiddleware

from ..browser.ask import parameters_of
from ..config.parameters import DEFAULTS
from ..config.value import CORSConfig
from ..middleware import CORSMiddleware
from ..problems import CORSConfigError
from ..standard.headers import SAFELISTED_HEADERS
from .loading import described, recorded_warnings
from .stack import Layer, nothing

_SAFELISTED = frozenset(name.lower() for name in SAFELISTED_HEADERS)


class Examined(NamedTuple):
    """A CORS middleware as the app would make it."""

    middleware: StarletteCORSMiddleware | None
    config: CORSConfig | None
    raised: str
    """What came of making it, where that fails."""
    warned: tuple[str, ...]
    """What was warned of while it was made."""


def examined(layer: Layer) -> Examined:
    """Make the CORS middleware that `layer` is or will be, around an app that does nothing."""
    if layer.made is not None:
        return Examined(layer.made, _of_attributes(layer.made), "", ())
    # What can be gone through only once is looked at here, and then the middleware is made of it.
    args, kwargs = map(_kept, layer.args), {name: _kept(value) for name, value in layer.kwargs.items()}
    layer = layer._replace(args=tuple(args), kwargs=kwargs)
    config, middleware, raised = _of_arguments(layer), None, ""
    with recorded_warnings() as warned:
        try:
            middleware = layer.cls(nothing, *layer.args, **layer.kwargs)
        except CORSConfigError:
            raised = "CORSConfigError, because of strict=True"
        except Exception as error:
            raised = described(error)
    if config is None and middleware is not None:
        config = _of_attributes(middleware)
    return Examined(middleware, config, raised, tuple(warned))


def _kept(value: Any) -> Any:
    return list(value) if isinstance(value, Iterator) else value


def _of_arguments(layer: Layer) -> CORSConfig | None:
    """Return the parameters as they are written; None where the class has a constructor of its own."""
    if layer.cls.__init__ not in (CORSMiddleware.__init__, StarletteCORSMiddleware.__init__):
        return None
    try:
        given = inspect.signature(layer.cls.__init__).bind(None, nothing, *layer.args, **layer.kwargs).arguments
    except TypeError:
        return None
    config = given.get("config")
    if isinstance(config, CORSConfig):
        return config
    return CORSConfig(**{name: value for name, value in given.items() if name in DEFAULTS})


def _of_attributes(middleware: Any) -> CORSConfig | None:
    """Return the parameters that a middleware was made with, as far as its attributes tell; None where they do not."""
    try:
        return _told_by(middleware)
    except (AttributeError, TypeError):
        return None


def _told_by(middleware: Any) -> CORSConfig:
    found = {name: getattr(middleware, name) for name in DEFAULTS if hasattr(middleware, name)}
    found |= parameters_of(middleware)
    if isinstance(middleware.allow_methods, str):
        # Starlette's keeps it, and goes through its characters.
        found["allow_methods"] = middleware.allow_methods
    # The safelisted ones are always there.
    found["allow_headers"] = tuple(name for name in found["allow_headers"] if name not in _SAFELISTED)
    exposed = middleware.simple_headers.get("Access-Control-Expose-Headers", "")
    age = middleware.preflight_headers.get("Access-Control-Max-Age", "600")
    found["expose_headers"] = tuple(exposed.split(", ")) if exposed else ()
    found["max_age"] = int(age) if age.removeprefix("-").isdecimal() else age
    return CORSConfig(**found)
