"""Why a request is allowed or refused: each step that a browser takes with the answers of a middleware.

The middleware answers by itself, so an explanation cannot say anything else than a request would meet.
"""

import dataclasses
import warnings
from collections.abc import Mapping
from typing import Any

from .browser.ask import is_middleware, stand_in
from .browser.changes import Change
from .browser.decision import Decision, RequestHeaders, decide
from .browser.steps import Answer, Request, Step
from .middleware import CORSMiddleware
from .problems import CORSConfigWarning

__all__ = ("Answer", "Change", "Decision", "Request", "Step", "explain")


def explain(
    configuration: Any = None,
    *,
    origin: str,
    method: str = "GET",
    request_headers: RequestHeaders = (),
    credentials: bool = False,
    private_network: bool = False,
    **parameters: Any,
) -> Decision:
    """Explain what becomes of a request from a page of `origin`.

    `configuration` is a middleware, Starlette's own too, a `CORSConfig`, or a mapping of the middleware's parameters;
    in place of it, they can be given by name. An `origin` with a path, as it stands in the address bar, is taken for
    the page's. `request_headers` are the headers that the page's script sets: names, `"Name: value"`, pairs, or a
    mapping. `credentials`: with cookies, `credentials: "include"`. `private_network`: from a public page to a private
    network, where the browser asks the server about that. The app behind the middleware is not run.

    Raises `TypeError` for what is no configuration and `ValueError` for what no browser can send.
    """
    return decide(
        _middleware_of(configuration, parameters),
        origin=origin,
        method=method,
        request_headers=request_headers,
        credentials=credentials,
        private_network=private_network,
    )


def _middleware_of(configuration: Any, parameters: Mapping[str, Any]) -> Any:
    """Return the middleware that was given, or one of this configuration. Raises `TypeError` for none of these."""
    if is_middleware(configuration) and not parameters:
        return configuration
    if dataclasses.is_dataclass(configuration) and not isinstance(configuration, type) and not parameters:
        parameters = {field.name: getattr(configuration, field.name) for field in dataclasses.fields(configuration)}
    elif isinstance(configuration, Mapping) and not parameters:
        parameters = configuration
    elif configuration is not None:
        raise TypeError(
            f"explain() takes a middleware, a CORSConfig, a mapping of parameters, or the parameters themselves by "
            f"name; not {type(configuration).__name__}{' and parameters' if parameters else ''}."
        )
    with warnings.catch_warnings():
        # The question is what a request meets, and to whoever asks an error of this would be no answer.
        warnings.simplefilter("ignore", CORSConfigWarning)
        return CORSMiddleware(stand_in, **parameters)
