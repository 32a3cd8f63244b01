"""HTTP methods: those that the Fetch standard, section 2.2.1, treats specially."""

ALL_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY")
"""What `*` stands for in `allow_methods`, as in Starlette."""

SAFELISTED_METHODS = ("GET", "HEAD", "POST")
"""Fetch, "CORS-safelisted method": a page may use them without a preflight."""

# Fetch, "normalize a method": browsers send these in upper case, whatever case a script uses.
_NORMALIZED = frozenset({*SAFELISTED_METHODS, "DELETE", "OPTIONS", "PUT"})


def normalized(method: str) -> str:
    """Return `method` as a browser sends it (Fetch, "normalize a method"): `put` as `PUT`, but `patch` unchanged."""
    return method.upper() if method.upper() in _NORMALIZED else method
