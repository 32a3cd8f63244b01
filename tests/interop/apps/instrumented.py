"""A FastAPI app with one instrumentation switched on, as its documentation says, and the middleware somewhere in it.

Added before the instrumentation, after it, around the app, or by `add_cors`: `INTEROP_TOOL` and `INTEROP_PLACE` say
what and where.

ddtrace and newrelic are switched on by the commands that run this.
"""

import importlib
import os
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from interop.subjects import cors_middleware

ORIGIN = "https://app.example.com"
CONFIG: dict[str, Any] = {
    "allow_origins": [ORIGIN],
    "allow_methods": ["GET", "PUT"],
    "allow_credentials": True,
    "expose_headers": ["X-Total-Count"],
}
COLLECTOR = os.environ["INTEROP_COLLECTOR"]
TOOL = os.environ["INTEROP_TOOL"]


def _exporting() -> Any:
    """Return a tracer provider that sends its spans to the collector at the end of each."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(f"{COLLECTOR}/v1/traces")))
    return provider


def _sentry() -> None:
    import sentry_sdk
    from sentry_sdk.integrations.fastapi import FastApiIntegration
    from sentry_sdk.integrations.starlette import StarletteIntegration

    settings: Any = {"middleware_spans": True, "http_methods_to_capture": ("GET", "OPTIONS")}
    sentry_sdk.init(
        COLLECTOR.replace("://", "://key@") + "/1",
        traces_sample_rate=1.0,
        integrations=[StarletteIntegration(**settings), FastApiIntegration(**settings)],
        auto_session_tracking=False,
    )


def _opentelemetry_fastapi(app: FastAPI) -> None:
    from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor

    FastAPIInstrumentor.instrument_app(app, tracer_provider=_exporting())


def _opentelemetry_asgi(app: FastAPI) -> None:
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware

    app.add_middleware(OpenTelemetryMiddleware, tracer_provider=_exporting())


def _opentelemetry_starlette(app: FastAPI) -> None:
    from starlette.middleware.opentelemetry import OpenTelemetryMiddleware

    app.add_middleware(OpenTelemetryMiddleware, tracer_provider=_exporting())


def _elastic(app: FastAPI) -> None:
    from elasticapm.contrib.starlette import ElasticAPM, make_apm_client

    settings = {"SERVICE_NAME": "interop", "SERVER_URL": COLLECTOR, "CENTRAL_CONFIG": False, "CLOUD_PROVIDER": "none"}
    app.add_middleware(ElasticAPM, client=make_apm_client(settings))


def _prometheus(app: FastAPI) -> None:
    from prometheus_fastapi_instrumentator import Instrumentator

    Instrumentator().instrument(app).expose(app)


ON_THE_APP: dict[str, Callable[[FastAPI], None]] = {
    "opentelemetry-instrumentation-fastapi": _opentelemetry_fastapi,
    "opentelemetry-instrumentation-asgi": _opentelemetry_asgi,
    "starlette": _opentelemetry_starlette,
    "elastic-apm": _elastic,
    "prometheus-fastapi-instrumentator": _prometheus,
}


def instrument(app: FastAPI) -> None:
    if TOOL in ON_THE_APP:
        ON_THE_APP[TOOL](app)


def build(place: str) -> Any:
    """Return the app with all that is around it."""
    if TOOL == "sentry-sdk":
        _sentry()
    telemetry: Any = {"tracer_provider": _exporting()} if TOOL == "fastapi" else {"tracing": False, "metrics": False}
    inner = FastAPI(telemetry=telemetry)
    inner.add_api_route("/item/{number}", item)
    inner.add_api_route("/broken", broken)
    if place.endswith("before it"):
        add(inner, place)
    instrument(inner)
    if place.endswith("after it"):
        add(inner, place)
    return cors_middleware()(inner, **CONFIG) if place == "around the app" else inner


def add(inner: FastAPI, place: str) -> None:
    if place.startswith("add_cors"):
        importlib.import_module(cors_middleware().__module__.partition(".")[0]).add_cors(inner, **CONFIG)
    else:
        inner.add_middleware(cors_middleware(), **CONFIG)


async def item(number: int) -> int:
    return number


async def broken() -> None:
    raise ZeroDivisionError("on purpose")


app = build(os.environ["INTEROP_PLACE"])
