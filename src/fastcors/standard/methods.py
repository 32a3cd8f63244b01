"""HTTP methods: which of them the Fetch standard, section 2.2.1, treats in a special way."""

ALL_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY")
"""What `*` stands for in `allow_methods`, as in Starlette."""

SAFELISTED_METHODS = ("GET", "HEAD", "POST")
"""Fetch, "CORS-safelisted method": a page may use them without a preflight."""

# Fetch, "normalize a method": a browser sends them in upper case, whatever case a script uses.
_NORMALIZED = frozenset({*SAFELISTED_METHODS, "DELETE", "OPTIONS", "PUT"})

# Fetch, "forbidden method".
_FORBIDDEN = frozenset({"CONNECT", "TRACE", "TRACK"})


def normalized(method: str) -> str:
    """Fetch, "normalize a method": `put` is sent as `PUT`, but `patch` as it is."""
    return method.upper() if method.upper() in _NORMALIZED else method


def is_forbidden_method(method: str) -> bool:
    """Fetch, "forbidden method": no browser lets a script send it."""
    return method.upper() in _FORBIDDEN
