"""The policies that the browser's table is about, by the name of their path."""

from typing import Any


def policies(page: str) -> dict[str, dict[str, Any]]:
    """Return the keywords of each middleware; `page` is the origin that is meant to be allowed."""
    listed: dict[str, Any] = {
        "allow_origins": [page],
        "allow_methods": ["GET", "PUT"],
        "allow_headers": ["X-Token"],
        "expose_headers": ["X-Total-Count"],
    }
    everything: dict[str, Any] = {
        "allow_origins": ["*"],
        "allow_methods": ["*"],
        "allow_headers": ["*"],
        "expose_headers": ["*"],
    }
    return {
        "listed": listed,
        "credentials": {**listed, "allow_credentials": True},
        "any": {"allow_origins": ["*"]},
        "everything": everything,
        "everything-credentials": {**everything, "allow_credentials": True},
        "regex": {"allow_origin_regex": r"http://[a-z]+\.site\.localhost:\d+", "allow_methods": ["PUT"]},
        "elsewhere": {**listed, "allow_origins": ["https://elsewhere.example"], "allow_credentials": True},
        "null": {**listed, "allow_origins": ["null"]},
        "custom": {"allow_origins": [page], "allow_methods": ["BREW", "patch"]},
        "uncached": {**listed, "max_age": 0},
        "network": {"allow_origins": ["*"], "allow_methods": ["PUT"], "allow_private_network": True},
    }
