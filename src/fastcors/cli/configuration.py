"""Makes a CORS middleware as the app would make it, and reads its configuration."""

import contextlib
import inspect
from collections.abc import Iterator
from typing import Any, NamedTuple

from starlette.middleware.cors import CORSMiddleware as StarletteCORSMiddleware

from ..browser.ask import parameters_of, stand_in
from ..config.attributes import ACCEPT
from ..config.parameters import DEFAULTS
from ..config.raised import add_problems
from ..config.value import CORSConfig
from ..middleware import CORSMiddleware
from ..problems import ConfigProblem, CORSConfigError
from ..standard.headers import SAFELISTED_NAMES
from .loading import described, recorded_warnings
from .stack import Layer


class Examined(NamedTuple):
    """A CORS middleware as the app would make it."""

    middleware: StarletteCORSMiddleware | None
    config: CORSConfig | None
    raised: str
    """The exception, in words, if the middleware cannot be made; otherwise empty."""
    warned: tuple[ConfigProblem, ...]
    """The problems that configuration warnings reported while it was made."""
    notes: tuple[str, ...] = ()
    """The problems that the exception reports, in words."""


def examined(layer: Layer) -> Examined:
    """Return the CORS middleware of `layer`. One that the app has not made yet is made around a stand-in."""
    if layer.made is not None:
        return Examined(layer.made, _of_attributes(layer.made), "", ())
    # An iterator can be read only once, but both the configuration and the middleware need its values.
    args, kwargs = map(_kept, layer.args), {name: _kept(value) for name, value in layer.kwargs.items()}
    layer = layer._replace(args=tuple(args), kwargs=kwargs)
    config, middleware, raised = _of_arguments(layer), None, ""
    notes: tuple[str, ...] = ()
    with recorded_warnings() as warned:
        try:
            middleware = layer.cls(stand_in, *layer.args, **layer.kwargs)
        except CORSConfigError as error:
            raised, notes = "CORSConfigError, because of strict=True", tuple(map(str, error.problems))
        except Exception as error:
            # Starlette's own class adds no notes.
            add_problems(error, config)
            raised, notes = described(error), tuple(map(str, getattr(error, "__notes__", ())))
    if config is None and middleware is not None:
        config = _of_attributes(middleware)
    return Examined(middleware, config, raised, tuple(warned), notes)


def _kept(value: Any) -> Any:
    return list(value) if isinstance(value, Iterator) else value


def _of_arguments(layer: Layer) -> CORSConfig | None:
    """Return the parameters as the app gives them, or None if the class has its own constructor."""
    if layer.cls.__init__ not in (CORSMiddleware.__init__, StarletteCORSMiddleware.__init__):
        return None
    try:
        given = inspect.signature(layer.cls.__init__).bind(None, stand_in, *layer.args, **layer.kwargs).arguments
    except TypeError:
        return None
    config = given.get("config")
    if isinstance(config, CORSConfig):
        return config
    return CORSConfig(**{name: value for name, value in given.items() if name in DEFAULTS})


def _of_attributes(middleware: Any) -> CORSConfig | None:
    """Return the parameters that the attributes of `middleware` show, or None if the attributes are incomplete."""
    found = {name: getattr(middleware, name) for name in DEFAULTS if hasattr(middleware, name)}
    with contextlib.suppress(AttributeError, TypeError):
        found |= parameters_of(middleware)
        if isinstance(middleware.allow_methods, str):
            # Starlette keeps the string and iterates over its characters.
            found["allow_methods"] = middleware.allow_methods
        # The middleware itself adds the safelisted names.
        found["allow_headers"] = tuple(name for name in found["allow_headers"] if name not in SAFELISTED_NAMES)
        exposed = middleware.simple_headers.get("Access-Control-Expose-Headers", "")
        age = middleware.preflight_headers.get("Access-Control-Max-Age", "600")
        found["accept"] = getattr(middleware, ACCEPT, ())
        found["expose_headers"] = tuple(exposed.split(", ")) if exposed else ()
        found["max_age"] = int(age) if age.removeprefix("-").isdecimal() else age
        return CORSConfig(**found)
    return None
