"""Explains why a request is allowed or refused: each step in which a browser checks the middleware's answers.

The middleware itself answers, so an explanation always agrees with the answer to a real request.
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
    """Explain whether a browser lets a page make a request to another origin and read the response.

    The configured middleware answers the request, without running the app behind it.

    - `configuration`: a middleware, fastcors' or Starlette's; a `CORSConfig`; or a mapping of the middleware's
      parameters.
    - `origin`: the page's origin. The URL of the page will do.
    - `method`: the method, as in `fetch`: `put` is sent as `PUT`, `patch` stays as it is.
    - `request_headers`: the headers that the page's script sets: names, `"Name: value"` strings, pairs, or a mapping. A
      name alone stands for its usual value; Content-Type is JSON then.
    - `credentials`: the request carries cookies: `credentials: "include"` in `fetch`.
    - `private_network`: the page is public and the server is on a private network, so the browser asks the server for
      permission.
    - `parameters`: the parameters of `CORSMiddleware` by name, instead of `configuration`.

    Raises `TypeError` for an invalid configuration and `ValueError` for a request that no browser can send.
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
    """Return `configuration` if it is a middleware, or else a new middleware with this configuration."""
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
        # The caller wants a decision. A configuration warning, which may be an error, would prevent it.
        warnings.simplefilter("ignore", CORSConfigWarning)
        return CORSMiddleware(stand_in, **parameters)
