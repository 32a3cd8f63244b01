"""Turns a configuration into the attributes of a middleware: Starlette's own, and those of the added parameters."""

import re
from collections.abc import Collection, Iterable
from typing import Any

from ..standard.headers import (
    ALLOW_CREDENTIALS,
    ALLOW_HEADERS,
    ALLOW_METHODS,
    ALLOW_ORIGIN,
    EXPOSE_HEADERS,
    MAX_AGE,
    PREFLIGHT_VARY,
    SAFELISTED_HEADERS,
    holds_line_break,
)
from ..standard.methods import ALL_METHODS
from ..types import OnRefusal
from .members import is_inspected, one_or_many
from .parameters import DEFAULTS, Parameters

ACCEPT = "_fastcors_accept"
"""The attribute with the accepted codes. It is not named `accept`, because a subclass may use that name itself."""


def public_attributes(config: Parameters) -> dict[str, Any]:
    """Return Starlette's public attributes, by name, for a configuration.

    Raises `ValueError` for CR, LF or NUL in a value, `re.error` for a pattern that does not compile, and `TypeError`
    for a value that its parameter cannot take.
    """
    origins, methods = one_or_many(config.allow_origins), one_or_many(config.allow_methods)
    header_names, credentials = one_or_many(config.allow_headers), config.allow_credentials
    if "*" in methods:
        methods = ALL_METHODS
    regex = None if config.allow_origin_regex is None else re.compile(config.allow_origin_regex)
    all_origins, all_headers = "*" in origins, "*" in header_names
    if is_inspected(origins):
        _without_line_breaks("allow_origins", origins)
    simple_headers = _simple_headers(all_origins, credentials, one_or_many(config.expose_headers))
    listed = _listed("allow_methods", methods)
    names = sorted(SAFELISTED_HEADERS.union(_without_line_breaks("allow_headers", header_names)))
    return {
        "allow_origins": origins,
        "allow_methods": methods,
        "allow_headers": [name.lower() for name in names],
        "allow_all_origins": all_origins,
        "allow_all_headers": all_headers,
        "allow_credentials": credentials,
        "preflight_explicit_allow_origin": not all_origins or credentials,
        "allow_origin_regex": regex,
        "allow_private_network": config.allow_private_network,
        "simple_headers": simple_headers,
        "preflight_headers": _preflight_headers(config, all_origins, listed, None if all_headers else names),
    }


def own_attributes(config: Parameters, on_refusal: OnRefusal | None) -> dict[str, Any]:
    """Return by name the attributes that Starlette's class does not have, if their parameters were given."""
    given = {
        "on_refusal": on_refusal,
        "allow_origin_patterns": one_or_many(config.allow_origin_patterns),
        "allow_origin_func": config.allow_origin_func,
        "check_websocket_origin": config.check_websocket_origin,
    }
    attributes = {name: value for name, value in given.items() if value is not DEFAULTS.get(name)}
    if config.accept is not DEFAULTS["accept"]:
        # Imported late: most configurations never need it.
        from .checks.accept import accepted_codes

        attributes[ACCEPT] = accepted_codes(config.accept)
    return attributes


def _simple_headers(all_origins: bool, credentials: bool, expose_headers: Collection[str]) -> dict[str, str]:
    """Return the headers of every response to a request with an Origin, in Starlette's order."""
    headers: dict[str, str] = {}
    if all_origins:
        headers[ALLOW_ORIGIN] = "*"
    if credentials:
        headers[ALLOW_CREDENTIALS] = "true"
    if expose_headers:
        headers[EXPOSE_HEADERS] = _listed("expose_headers", expose_headers)
    return headers


def _preflight_headers(config: Parameters, all_origins: bool, methods: str, names: list[str] | None) -> dict[str, str]:
    """Return the headers of every preflight response, in Starlette's order. Without `names`, each response repeats the
    names that the preflight requests.
    """
    headers = {"Vary": PREFLIGHT_VARY}
    if all_origins and not config.allow_credentials:
        headers[ALLOW_ORIGIN] = "*"
    headers[ALLOW_METHODS] = methods
    headers[MAX_AGE] = _listed("max_age", (str(config.max_age),))
    if names is not None:
        headers[ALLOW_HEADERS] = ", ".join(names)
    if config.allow_credentials:
        headers[ALLOW_CREDENTIALS] = "true"
    return headers


def _listed(parameter: str, values: Iterable[str]) -> str:
    return ", ".join(_without_line_breaks(parameter, values))


def _without_line_breaks(parameter: str, values: Iterable[str]) -> list[str]:
    checked = list(values)
    for value in checked:
        if isinstance(value, str) and holds_line_break(value):
            from .checks.collections import line_break

            raise ValueError(str(line_break(parameter, value)))
    return checked
