"""An app with a configuration that raises: `INTEROP_WRONG` says which, `INTEROP_PLACE` how it is given."""

import os
from typing import Any

from fastapi import FastAPI
from starlette.middleware import Middleware

from interop.subjects import cors_middleware

CONFIGS: dict[str, dict[str, Any]] = {
    "allow_origins": {"allow_origins": ["https://app.example.com/"], "strict": True},
    "allow_headers": {"allow_headers": ["X-Token\r\nX-Other"]},
    "allow_origin_regex": {"allow_origin_regex": "https://("},
}


def made(place: str, config: dict[str, Any]) -> Any:
    if place == "add_middleware":
        app = FastAPI()
        app.add_middleware(cors_middleware(), **config)
        return app
    if place == "middleware=[...]":
        return FastAPI(middleware=[Middleware(cors_middleware(), **config)])
    if place == "add_cors":
        from fastcors import add_cors

        return add_cors(FastAPI(), **config)
    return cors_middleware()(FastAPI(), **config)


if "INTEROP_WRONG" in os.environ:
    app = made(os.environ["INTEROP_PLACE"], CONFIGS[os.environ["INTEROP_WRONG"]])
