"""The instrumentation, how each is switched on, and what it has to tell of the exchanges in test_instrumentation.py."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import telemetry
from .collector import Collector

BEFORE, AFTER, AROUND = "added before it", "added after it", "around the app"
PLACES = (BEFORE, AFTER, AROUND)
# Where Starlette has no like.
OF_ADD_CORS = ("add_cors before it", "add_cors after it")


@dataclass(frozen=True)
class Tool:
    """A package, the command before the server's, what kinds of data are read, its variables, and how to read it.

    `tells` are parts of what it tells, each in the places of the middleware where it does.
    """

    name: str
    read: Callable[[Collector], telemetry.Told] | None
    tells: dict[str, tuple[str, ...]]
    command: str = ""
    kinds: str = "spans"
    tls: bool = False
    variables: dict[str, str] = field(default_factory=dict)

    def environment(self, collector: Collector, certificate: Path) -> dict[str, str]:
        """Return what points it at `collector`."""
        filled = {"port": collector.port, "certificate": certificate}
        return {name: value.format(**filled) for name, value in self.variables.items()}


_OPENTELEMETRY: dict[str, Any] = {"read": telemetry.opentelemetry}
# An instrumentation that the CORS middleware is outside of is not asked about a preflight.
_INSIDE_OF_IT = (BEFORE,)

SENTRY = Tool(
    "sentry-sdk",
    telemetry.sentry,
    {
        "['transaction', '/item/{number}', 'ok']": PLACES,
        "['error', '/broken', 'ZeroDivisionError']": PLACES,
        "'middleware.starlette', 'CORSMiddleware', ": (BEFORE, AFTER),
        "'middleware.starlette', 'ExceptionMiddleware', 'CORSMiddleware']": (BEFORE, AFTER),
    },
    kinds="transactions, spans, errors",
)
DATADOG = Tool(
    "ddtrace",
    telemetry.datadog,
    {
        "'GET /item/{number}', None, 0, {'http.status_code': '200'}": PLACES,
        "'GET /broken', None, 1, {'http.status_code': '500'": PLACES,
    },
    command="ddtrace-run",
    variables={
        "DD_TRACE_AGENT_URL": "http://127.0.0.1:{port}",
        "DD_TRACE_API_VERSION": "v0.4",
        # What would go to the vendor and not to the agent.
        "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false",
        "DD_REMOTE_CONFIGURATION_ENABLED": "false",
    },
)
NEW_RELIC = Tool(
    "newrelic",
    telemetry.newrelic,
    {
        "['transaction', 'WebTransaction/Function/interop.apps.instrumented:item', '200']": PLACES,
        "['Errors/WebTransaction/Function/interop.apps.instrumented:broken', '', 1]": PLACES,
        "['Function/starlette.middleware.cors:CORSMiddleware', '', 6]": (BEFORE, AFTER),
        "['transaction', 'WebTransaction/Function/starlette.middleware.cors:CORSMiddleware', '400']": (BEFORE, AFTER),
    },
    command="newrelic-admin run-program",
    kinds="transactions, metrics, errors",
    tls=True,
    variables={
        "NEW_RELIC_HOST": "127.0.0.1",
        "NEW_RELIC_PORT": "{port}",
        "NEW_RELIC_CA_BUNDLE_PATH": "{certificate}",
        "NEW_RELIC_LICENSE_KEY": "0" * 40,
        "NEW_RELIC_APP_NAME": "interop",
        # It connects before the first request, and sends what it has before it ends.
        "NEW_RELIC_STARTUP_TIMEOUT": "30",
        "NEW_RELIC_SHUTDOWN_TIMEOUT": "30",
        # It would ask the addresses at which clouds tell a machine where it is.
        **{f"NEW_RELIC_UTILIZATION_DETECT_{cloud}": "false" for cloud in ("AWS", "AZURE", "GCP", "PCF")},
    },
)

TOOLS = (
    SENTRY,
    Tool(
        "opentelemetry-instrumentation-fastapi",
        **_OPENTELEMETRY,
        tells={
            "['GET /item/{number}', None, 0, [": PLACES,
            "['GET /broken', None, 2, [": PLACES,
            "['OPTIONS /item/{number}', None, 0, [": (BEFORE, AFTER),
        },
    ),
    Tool(
        "opentelemetry-instrumentation-asgi",
        **_OPENTELEMETRY,
        tells={
            "['GET /item/1', None, 0, [": PLACES,
            "['GET /broken', None, 2, [": PLACES,
            "['OPTIONS /item/1', None, 0, [": _INSIDE_OF_IT,
        },
    ),
    Tool(
        "starlette",
        **_OPENTELEMETRY,
        tells={"['GET /item/{number}', None, 0, [": PLACES, "('http.request.method', 'OPTIONS')": _INSIDE_OF_IT},
    ),
    Tool(
        "fastapi",
        **_OPENTELEMETRY,
        tells={"['GET /item/{number}', None, 0, [": PLACES, "('http.request.method', 'OPTIONS')": (BEFORE, AFTER)},
    ),
    DATADOG,
    Tool(
        "elastic-apm",
        telemetry.elastic,
        {
            "['transaction', 'GET /item/{number}', 'HTTP 2xx', 'success']": PLACES,
            "['error', 'interop.apps.instrumented.broken', 'ZeroDivisionError']": PLACES,
            "['transaction', 'OPTIONS ": _INSIDE_OF_IT,
        },
        kinds="transactions, errors",
    ),
    NEW_RELIC,
    Tool(
        "prometheus-fastapi-instrumentator",
        None,
        {
            'http_requests_total{handler="/item/{number}",method="GET",status="2xx"} 3.0': PLACES,
            'method="OPTIONS",status="4xx"} 1.0': _INSIDE_OF_IT,
        },
        kinds="counters",
    ),
)
