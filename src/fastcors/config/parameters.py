"""The parameters of the middleware, each with its default."""

import re
from collections.abc import Collection
from dataclasses import KW_ONLY, dataclass, fields

from ..types import AllowOriginFunc


@dataclass(frozen=True)
class Parameters:
    """The configuration of a middleware. It keeps the caller's own collections, so later additions to them count."""

    allow_origins: Collection[str] = ()
    allow_methods: Collection[str] = ("GET",)
    allow_headers: Collection[str] = ()
    allow_credentials: bool = False
    allow_origin_regex: str | re.Pattern[str] | None = None
    allow_private_network: bool = False
    expose_headers: Collection[str] = ()
    max_age: int = 600
    _: KW_ONLY
    allow_origin_patterns: Collection[str] = ()
    allow_origin_func: AllowOriginFunc | None = None
    check_websocket_origin: bool = False
    accept: Collection[str] = ()


DEFAULTS = {field.name: field.default for field in fields(Parameters)}
