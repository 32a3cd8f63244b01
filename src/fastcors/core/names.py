"""The names, constants and types that all pieces use."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from ..policy import Pair

_Scope: TypeAlias = Any
_Message: TypeAlias = Any
_Receive: TypeAlias = Callable[[], Awaitable[Any]]
_Send: TypeAlias = Callable[[Any], Awaitable[None]]
# The MRO of a class, what the class has by the names that matter, the hooks as functions of this package, their code.
ClassState: TypeAlias = tuple[tuple[type, ...], dict[str, Any], tuple[Any, ...], tuple[Any, ...]]

# What names an origin as allowed; (): it is allowed, but has no such pair; None: it is not allowed.
_Judged: TypeAlias = "Pair | tuple[()] | None"
_ALLOW_ORIGIN = b"access-control-allow-origin"
_ALLOW_HEADERS = b"access-control-allow-headers"
_VARY = b"vary"
_VARY_ORIGIN = (_VARY, b"Origin")
_CONTENT_TYPE = (b"content-type", b"text/plain; charset=utf-8")
_PRIVATE_NETWORK = (b"access-control-allow-private-network", b"true")

# What the CORS protocol reads of a preflight: Fetch, "CORS-preflight fetch".
_REQUEST_METHOD = b"access-control-request-method"
_REQUEST_HEADERS = b"access-control-request-headers"
_REQUEST_PRIVATE_NETWORK = b"access-control-request-private-network"
_READ = frozenset({b"origin", _REQUEST_METHOD, _REQUEST_HEADERS, _REQUEST_PRIVATE_NETWORK})

# What a preflight can fail at, in the order in which the answer names it.
_ORIGIN_FAILED = 1
_METHOD_FAILED = 2
_NAMES_FAILED = 4
_NETWORK_FAILED = 8

# The level of a refusal in the log, as `logging` numbers it.
_DEBUG = 10

# So much of Access-Control-Request-Headers is judged at once: far more than a browser sends.
_PIECE = 4096
