"""The names, constants and types that all pieces use."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from ..policy import Pair

Scope: TypeAlias = Any
Message: TypeAlias = Any
Receive: TypeAlias = Callable[[], Awaitable[Any]]
Send: TypeAlias = Callable[[Any], Awaitable[None]]
# The MRO of a class, what the class has by the names that matter, the hooks as functions of this package, their code.
ClassState: TypeAlias = tuple[tuple[type, ...], dict[str, Any], tuple[Any, ...], tuple[Any, ...]]

# What names an origin as allowed; (): it is allowed, but has no such pair; None: it is not allowed.
Judged: TypeAlias = "Pair | tuple[()] | None"
# The level of a refusal in the log, as `logging` numbers it.
DEBUG = 10

ALLOW_ORIGIN = b"access-control-allow-origin"
ALLOW_HEADERS = b"access-control-allow-headers"
VARY = b"vary"
VARY_ORIGIN = (VARY, b"Origin")
CONTENT_TYPE = (b"content-type", b"text/plain; charset=utf-8")
PRIVATE_NETWORK = (b"access-control-allow-private-network", b"true")

# What the CORS protocol reads of a preflight: Fetch, "CORS-preflight fetch".
REQUEST_METHOD = b"access-control-request-method"
REQUEST_HEADERS = b"access-control-request-headers"
REQUEST_PRIVATE_NETWORK = b"access-control-request-private-network"
