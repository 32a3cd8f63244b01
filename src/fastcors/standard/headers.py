"""Header names and values, as the Fetch standard, section 2.2.2, and RFC 9110 define them."""

import re

# Fetch, "HTTP responses", under "CORS protocol".
ALLOW_ORIGIN = "Access-Control-Allow-Origin"
ALLOW_CREDENTIALS = "Access-Control-Allow-Credentials"
ALLOW_METHODS = "Access-Control-Allow-Methods"
ALLOW_HEADERS = "Access-Control-Allow-Headers"
EXPOSE_HEADERS = "Access-Control-Expose-Headers"
MAX_AGE = "Access-Control-Max-Age"
# Private Network Access, which is not part of Fetch.
ALLOW_PRIVATE_NETWORK = "Access-Control-Allow-Private-Network"

_CORS = (ALLOW_ORIGIN, ALLOW_CREDENTIALS, ALLOW_METHODS, ALLOW_HEADERS, EXPOSE_HEADERS, MAX_AGE, ALLOW_PRIVATE_NETWORK)
CORS_RESPONSE_NAMES = frozenset(map(str.lower, _CORS))

# Fetch, "HTTP requests", under "CORS protocol": a preflight carries them.
REQUEST_METHOD = "Access-Control-Request-Method"
REQUEST_HEADERS = "Access-Control-Request-Headers"
REQUEST_PRIVATE_NETWORK = "Access-Control-Request-Private-Network"

PREFLIGHT_VARY = f"Origin, {REQUEST_METHOD}, {REQUEST_HEADERS}, {REQUEST_PRIVATE_NETWORK}"
"""The request headers that the answer to a preflight depends on (RFC 9110, section 12.5.5)."""

SAFELISTED_HEADERS = frozenset({"Accept", "Accept-Language", "Content-Language", "Content-Type"})
"""Fetch, "CORS-safelisted request-header": allowed whatever the configuration says."""

SAFELISTED_NAMES = frozenset(map(str.lower, SAFELISTED_HEADERS))

# Fetch, "CORS-safelisted response-header name".
SAFELISTED_RESPONSE_NAMES = frozenset(
    ["cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma"]
)

TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
"""RFC 9110, section 5.6.2, as a regular expression."""

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_LINE_BREAK = re.compile(r"[\r\n\0]")


def is_token(text: str) -> bool:
    """Tell whether `text` is a token, as methods and header names are (RFC 9110, section 5.6.2)."""
    return re.fullmatch(TOKEN, text) is not None


def has_control(text: str) -> bool:
    """Tell whether `text` has a control character other than tab.

    No field value may have one (RFC 9110, section 5.5), so such a text must not become part of a header.
    """
    return _CONTROL.search(text) is not None


def holds_line_break(text: str) -> bool:
    """Tell whether `text` has CR, LF or NUL, which would make a malformed header (RFC 9110, section 5.5)."""
    return _LINE_BREAK.search(text) is not None
