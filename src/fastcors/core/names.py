"""Constants and types that several pieces use."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from ..types import Pair

Scope: TypeAlias = Any
Message: TypeAlias = Any
Receive: TypeAlias = Callable[[], Awaitable[Any]]
Send: TypeAlias = Callable[[Any], Awaitable[None]]

# The pair that reflects an allowed value; (): allowed, but must not or need not be reflected; None: not allowed.
Judged: TypeAlias = "Pair | tuple[()] | None"
# The level of a refusal in the log, as `logging` numbers it.
DEBUG = 10

ALLOW_ORIGIN = b"access-control-allow-origin"
VARY = b"vary"
VARY_ORIGIN = (VARY, b"Origin")

# The headers of a preflight: Fetch, "CORS-preflight fetch".
REQUEST_METHOD = b"access-control-request-method"
REQUEST_HEADERS = b"access-control-request-headers"
REQUEST_PRIVATE_NETWORK = b"access-control-request-private-network"
