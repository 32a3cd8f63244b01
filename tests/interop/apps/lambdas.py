"""Mangum: the shapes in which AWS hands a request to a function, with headers as lists of lists in the scope."""

import asyncio
from collections.abc import Callable
from typing import Any

from interop.apps.policies import CORS, LONG, ORIGIN, OTHER, POLICY

Event = dict[str, Any]


def _http_api(method: str, headers: dict[str, str]) -> Event:
    http = {"method": method, "path": "/item", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": ""}
    return {
        "version": "2.0",
        "rawPath": "/item",
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {"http": http, "stage": "$default"},
        "isBase64Encoded": False,
    }


def _rest_api(method: str, headers: dict[str, str]) -> Event:
    return {
        "resource": "/{proxy+}",
        "path": "/item",
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {"httpMethod": method, "resourcePath": "/{proxy+}", "identity": {"sourceIp": "127.0.0.1"}},
        "body": None,
        "isBase64Encoded": False,
    }


def _load_balancer(method: str, headers: dict[str, str]) -> Event:
    return {
        "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:::targetgroup/interop/1"}},
        "httpMethod": method,
        "path": "/item",
        "queryStringParameters": {},
        "headers": {"host": "api.example.com", "x-forwarded-for": "127.0.0.1", **headers},
        "body": "",
        "isBase64Encoded": False,
    }


SHAPES: dict[str, Callable[[str, dict[str, str]], Event]] = {
    "HTTP API": _http_api,
    "REST API": _rest_api,
    "load balancer": _load_balancer,
}
_ASKS = {"access-control-request-method": "PUT", "access-control-request-headers": "x-token"}
REQUESTS: dict[str, tuple[str, dict[str, str]]] = {
    "actual": ("GET", {"origin": ORIGIN}),
    "without Origin": ("GET", {}),
    "refused": ("GET", {"origin": OTHER}),
    "PUT": ("PUT", {"origin": ORIGIN}),
    "preflight": ("OPTIONS", {"origin": ORIGIN, **_ASKS}),
    "refused preflight": ("OPTIONS", {"origin": OTHER, "access-control-request-method": "DELETE"}),
}


def _fastapi() -> Any:
    import fastapi

    async def item() -> str:
        return LONG

    app = fastapi.FastAPI()
    app.add_api_route("/item", item, methods=["GET", "PUT"])
    return app


def variants() -> dict[str, Any]:
    """Return what a function answers, as AWS takes it, by the shape of the event and where the middleware is."""
    from mangum import Mangum

    # It runs the app on the thread's loop and makes none itself.
    asyncio.set_event_loop(asyncio.new_event_loop())
    inside = _fastapi()
    inside.add_middleware(CORS, **POLICY)
    apps = {"inside": inside, "around": CORS(_fastapi(), **POLICY)}
    return {
        f"{place}, {shape}": {
            name: _answered(Mangum(app, lifespan="off")(make(method, headers), {}))
            for name, (method, headers) in REQUESTS.items()
        }
        for place, app in apps.items()
        for shape, make in SHAPES.items()
    }


def _answered(result: Any) -> Any:
    headers = [(name, value) for name, value in result.get("headers", {}).items()]
    several = [(name, value) for name, values in result.get("multiValueHeaders", {}).items() for value in values]
    return [result["statusCode"], headers + several, result["body"]]
