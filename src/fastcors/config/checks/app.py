"""What is wrong with putting a CORS middleware around an app: that the app has one already."""

from collections.abc import Iterator
from typing import Any, cast

from starlette.middleware.cors import CORSMiddleware as StarletteCORSMiddleware

from ...problems import ConfigProblem, problem

_MOST_APPS = 100


def app_problems(app: object) -> Iterator[ConfigProblem]:
    """Yield what is wrong with putting a CORS middleware around `app`: that there is one already.

    Looks at `app`, the `app` inside it, and so on, without running code of theirs; not at what is mounted or routed.
    """
    inner = app
    for _ in range(_MOST_APPS):
        attributes = _attributes(inner)
        added: Any = attributes.get("user_middleware")
        classes = [_attributes(each).get("cls") for each in added] if type(added) in (list, tuple) else []
        if any(map(_is_cors_middleware, (type(inner), *classes))):
            yield problem(
                "two-cors-middlewares",
                "app",
                type(app),
                "it has a CORS middleware already. Of two, the outer one alone answers preflights, and both write into "
                "the same headers of other responses.",
                "Keep one, with what both allow.",
            )
            return
        if "app" not in attributes:
            return
        inner = attributes["app"]


def _attributes(value: object) -> dict[str, Any]:
    """Return the attributes of an object's own, without asking its class for them; none where that cannot be."""
    try:
        attributes = object.__getattribute__(value, "__dict__")
    except Exception:
        return {}
    return attributes if type(attributes) is dict else {}


def _is_cors_middleware(cls: object) -> bool:
    return issubclass(type(cls), type) and issubclass(cast(type, cls), StarletteCORSMiddleware)
