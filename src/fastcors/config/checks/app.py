"""Finds a CORS middleware that is already inside the app."""

from collections.abc import Iterator
from typing import Any, cast

from starlette.middleware.cors import CORSMiddleware as StarletteCORSMiddleware

from ...problems import ConfigProblem, problem

_MOST_APPS = 100


def app_problems(app: object) -> Iterator[ConfigProblem]:
    """Yield a problem if `app` has a CORS middleware already.

    This follows the attribute `app` from object to object without running their code. It does not look into mounted
    apps and routes.
    """
    inner = app
    for _ in range(_MOST_APPS):
        attributes = _attributes(inner)
        added: Any = attributes.get("user_middleware")
        classes = [_attributes(each).get("cls") for each in added] if type(added) in (list, tuple) else []
        if any(map(_is_cors_middleware, (type(inner), *classes))):
            reason = (
                "it already has a CORS middleware. Only the outer one answers preflights, and both set the same "
                "headers on other responses."
            )
            yield problem(
                "two-cors-middlewares", "app", type(app), reason, "Keep one, with everything that both allow."
            )
            return
        if "app" not in attributes:
            return
        inner = attributes["app"]


def _attributes(value: object) -> dict[str, Any]:
    """Return the attributes in an object's `__dict__`, if it has one, without running code of its class."""
    try:
        attributes = object.__getattribute__(value, "__dict__")
    except Exception:
        return {}
    return attributes if type(attributes) is dict else {}


def _is_cors_middleware(cls: object) -> bool:
    return issubclass(type(cls), type) and issubclass(cast(type, cls), StarletteCORSMiddleware)
