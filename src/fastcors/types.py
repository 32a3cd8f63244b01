"""The types that several modules share: the callbacks that users pass, and headers as the core has them."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.types import Scope

OnRefusal: TypeAlias = Callable[[str, tuple[str, ...], Scope], object]
"""`on_refusal`: called with the origin, the reasons and the scope of a request that was refused."""

AllowOriginFunc: TypeAlias = Callable[[str, Scope], bool | Awaitable[bool]]
"""`allow_origin_func`: called with an origin and the scope of the request; returns, or resolves to, True or False."""

Pair: TypeAlias = tuple[bytes, bytes]
"""A header as ASGI has it: its name in lower case, and its value."""

Pairs: TypeAlias = tuple[Pair, ...]
