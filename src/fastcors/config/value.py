"""The configuration as an immutable value, which can be checked before an app is served."""

from collections import deque
from collections.abc import Iterator, KeysView, Mapping, ValuesView
from dataclasses import dataclass
from typing import Any

from ..problems import COLLECTIONS, ConfigProblem
from .parameters import DEFAULTS, Parameters


@dataclass(frozen=True)
class CORSConfig(Parameters):
    """The parameters of `CORSMiddleware` as an immutable value, to check before an app is served.

    Pass it as `CORSMiddleware(app, config=...)` or `add_cors(app, config=...)`. `dataclasses.replace` makes a changed
    copy. Creating it never raises for a wrong value: `problems` reports those. Lists become tuples, sets become
    frozensets, and iterators are consumed into tuples. Collections of your own classes are kept as they are. The names
    and defaults are those of `CORSMiddleware`:

    - `allow_origins`: origins that may read the responses, each exactly as browsers send it, such as
      `"https://app.example.com"`. `"*"` allows every origin.
    - `allow_methods`: methods that a preflight may ask for, in upper case. `"*"` allows DELETE, GET, HEAD, OPTIONS,
      PATCH, POST, PUT and QUERY.
    - `allow_headers`: request headers that a preflight may ask for, in any case. `"*"` allows every header. Accept,
      Accept-Language, Content-Language and Content-Type are always allowed.
    - `allow_credentials`: let browsers send cookies and HTTP authentication, and let pages read the responses.
    - `allow_origin_regex`: a regular expression, as a string or compiled. It allows an origin if it matches the whole
      of it. Matching takes linear time, unless a warning at start-up says otherwise.
    - `allow_private_network`: let public pages send requests to a server on a private network.
    - `expose_headers`: response headers that scripts may read, in addition to the few that they may always read.
    - `max_age`: the number of seconds for which browsers may cache the answer to a preflight.
    - `allow_origin_patterns`: origins with a wildcard: `"https://*.example.com"` allows all subdomains,
      `"http://localhost:*"` allows any port or none.
    - `allow_origin_func`: a function, `async` or not, that decides about origins that nothing else allows. It gets the
      origin and the scope of the request, and returns True or False. If it raises, the exception is logged and the
      origin is refused.
    - `check_websocket_origin`: refuse WebSocket connections from origins that are neither allowed nor the host's own.
    - `accept`: codes of configuration problems, such as `"origin-insecure"`. These problems are neither emitted as
      warnings nor raised by `strict`.
    """

    def __post_init__(self) -> None:
        for name in (*COLLECTIONS, "accept"):
            object.__setattr__(self, name, _frozen(getattr(self, name)))

    def problems(self) -> tuple[ConfigProblem, ...]:
        """Return the problems of these parameters, and notes about them, in the order of the parameters.

        There are at most ten problems of one code; the last of them tells how many more values share it. Nothing is
        raised: values for which the middleware would raise an exception are reported here as ordinary problems.
        Those whose code is in `accept` are marked as `accepted`.
        """
        # Imported late: making a configuration does not need the checks.
        from .checks.parameters import problems_of

        return problems_of(self)


def parameters_given(config: CORSConfig | None, given: Mapping[str, Any]) -> Parameters:
    """Return the configuration of a middleware: `config`, or the parameters among the arguments `given`.

    Raises `TypeError` if both are given, or `config` is not a `CORSConfig`.
    """
    parameters = {name: given[name] for name in DEFAULTS}
    parameters["accept"] = _frozen(parameters["accept"])
    if config is None:
        return Parameters(**parameters)
    if not isinstance(config, CORSConfig):
        raise TypeError(f"config= takes a CORSConfig, and this is of type {type(config).__name__}.")
    changed = [name for name, value in parameters.items() if not _is_default(value, DEFAULTS[name])]
    if changed:
        raise TypeError(
            f"config= holds all parameters, so {', '.join(changed)} cannot be given beside it. "
            f"Put {'them' if len(changed) > 1 else 'it'} into the CORSConfig; "
            f"dataclasses.replace(config, {changed[0]}=...) makes one that differs."
        )
    return config


def _is_default(value: Any, default: Any) -> bool:
    if isinstance(default, tuple) and isinstance(value, (list, set, frozenset, deque, dict)):
        return tuple(value) == default
    return value is default or bool(value == default)


def _frozen(value: Any) -> Any:
    """Return an immutable copy of `value` if its class is a built-in one, and otherwise `value` itself."""
    if type(value) in (list, deque, dict) or issubclass(type(value), (Iterator, KeysView, ValuesView)):
        try:
            return tuple(value)
        except Exception:  # raised by the user's iterator, which is reported if it is not a collection
            return value
    return frozenset(value) if type(value) is set else value
