"""What the apps of other frameworks have in common."""

from typing import Any

from interop.subjects import cors_middleware

ORIGIN = "https://app.example.com"
OTHER = "https://other.example.org"
POLICY: dict[str, Any] = {
    "allow_origins": [ORIGIN],
    "allow_methods": ["GET", "PUT"],
    "allow_headers": ["X-Token"],
    "allow_credentials": True,
    "expose_headers": ["X-Total-Count"],
}
PUBLIC: dict[str, Any] = {"allow_origins": ["*"]}
LONG = "hello " * 200
CORS = cors_middleware()
