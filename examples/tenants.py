"""An API for many tenants, each on a host of its own and with the origins that it listed in PostgreSQL.

An origin added there is allowed within seconds, and one removed refused, without a restart:

    TENANTS_DATABASE=postgresql://localhost/tenants uvicorn --app-dir examples tenants:app
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from async_lru import alru_cache
from fastapi import FastAPI, Request

from fastcors import add_cors

TABLE = "CREATE TABLE IF NOT EXISTS tenant_origin (host text, origin text, PRIMARY KEY (host, origin))"
ORIGINS = "SELECT origin FROM tenant_origin WHERE host = $1"
# How long what the table said counts.
SECONDS = float(os.environ.get("TENANTS_SECONDS", "10"))


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    # For origins alone: the answer to a request waits for it, and may hold a connection of the app's own meanwhile.
    async with asyncpg.create_pool(os.environ["TENANTS_DATABASE"], min_size=1, max_size=2, timeout=5) as pool:
        await pool.execute(TABLE)

        # By host and not by origin, so that whoever makes up origins asks the database nothing new.
        @alru_cache(maxsize=10_000, ttl=SECONDS)
        async def origins_of(host: str) -> frozenset[str]:
            return frozenset(row["origin"] for row in await pool.fetch(ORIGINS, host, timeout=5))

        app.state.origins_of = origins_of
        yield


def host_of(scope: Any) -> str:
    """Return the host that the request was sent to, without its port."""
    host: str = Request(scope).headers.get("host", "")
    return host.partition(":")[0].lower()


async def listed(origin: str, scope: Any) -> bool:
    """Tell whether the tenant that the request is for has listed `origin`."""
    return origin in await scope["app"].state.origins_of(host_of(scope))


app = add_cors(FastAPI(lifespan=lifespan), allow_origin_func=listed, allow_methods=["GET", "PUT"])


@app.api_route("/hello", methods=["GET", "PUT"])
async def hello(request: Request) -> str:
    return f"hello from {host_of(request.scope)}"
