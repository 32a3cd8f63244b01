"""What each instrumentation tells of a run, read from what it sent, without what differs from run to run."""

import json
import re
from collections import Counter
from typing import Any

import msgpack
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from .collector import Collector

Told = list[Any]
# What wraps `send` in Starlette's middleware and in the Python core: partials, which hold the middleware.
_SEND = (
    r"functools\.partial\("
    r"<(bound method CORSMiddleware\.send of|function send_message at .+\.CORSMiddleware object at)"
)


def named(text: str) -> str:
    """Return a name as the reference has it, a class by the module that it is in, without ports."""
    text = re.sub(r"fastcors\.middleware\b", "starlette.middleware.cors", text)
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1", text)
    # A callable without a __qualname__ is called by its repr, and an address is in that.
    return "send" if re.match(_SEND, text) else text


def _sorted(rows: Told) -> Told:
    return sorted(rows, key=repr)


def sentry(collector: Collector) -> Told:
    rows = []
    for envelope in collector.bodies("/api/1/envelope/"):
        lines = [json.loads(line) for line in envelope.splitlines() if line]
        for item in lines[2::2]:
            if item.get("type") == "transaction":
                rows.append(["transaction", named(item["transaction"]), item["contexts"]["trace"]["status"]])
                rows += _sentry_spans(item)
            elif "exception" in item:
                rows.append(["error", named(item["transaction"]), item["exception"]["values"][-1]["type"]])
    return _sorted(rows)


def _sentry_spans(transaction: Any) -> Told:
    """Return what each span is, then what it is in."""
    names = {span["span_id"]: named(span["description"]) for span in transaction["spans"]}
    return [
        [
            "span",
            named(transaction["transaction"]),
            span["op"],
            names[span["span_id"]],
            names.get(span["parent_span_id"]),
        ]
        for span in transaction["spans"]
    ]


def opentelemetry(collector: Collector) -> Told:
    spans = []
    for body in collector.bodies("/v1/traces"):
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            spans += [span for scope in resource.scope_spans for span in scope.spans]
    names = {span.span_id: named(span.name) for span in spans}
    rows = []
    for span in spans:
        attributes = {own.key: own.value.string_value or own.value.int_value for own in span.attributes}
        kept = {
            key: named(str(value))
            for key, value in attributes.items()
            if not re.search(r"port|host|peer|url$|server_name", key)
        }
        parent = names.get(span.parent_span_id) if span.parent_span_id else None
        rows.append([names[span.span_id], parent, span.status.code, sorted(kept.items())])
    return _sorted(rows)


def datadog(collector: Collector) -> Told:
    rows = []
    for body in collector.bodies("/v0.4/traces"):
        for trace in msgpack.unpackb(body):
            names = {span["span_id"]: span["resource"] for span in trace}
            for span in trace:
                meta = {key: span["meta"][key] for key in ("http.status_code", "error.type") if key in span["meta"]}
                rows.append(
                    [
                        span["name"],
                        named(span["resource"]),
                        names.get(span.get("parent_id")),
                        span.get("error", 0),
                        meta,
                    ]
                )
    return _sorted(rows)


def elastic(collector: Collector) -> Told:
    rows = []
    for body in collector.bodies("/intake/v2/events"):
        for line in body.splitlines():
            ((kind, event),) = json.loads(line).items()
            if kind == "transaction":
                rows.append([kind, named(event["name"]), event["result"], event["outcome"]])
            elif kind == "error":
                rows.append([kind, named(event["culprit"]), event["exception"]["type"]])
            elif kind == "span":
                rows.append([kind, named(event["name"]), event["type"]])
    return _sorted(rows)


def newrelic(collector: Collector) -> Told:
    """Return the metrics of transactions and of what runs in them with their counts, then the transactions."""
    counts: Counter[Any] = Counter()
    rows = []
    for request in collector.received:
        method = request.query.get("method", [""])[0]
        if method == "metric_data":
            for metric, values in json.loads(request.body)[3]:
                if re.match(r"WebTransaction/|Function/|Errors/WebTransaction/", metric["name"]):
                    counts[named(metric["name"]), named(metric["scope"])] += values[0]
        elif method == "analytic_event_data":
            for intrinsics, _, agent in json.loads(request.body)[2]:
                rows.append(["transaction", named(intrinsics["name"]), agent.get("response.status")])
    return [*_sorted([[*key, count] for key, count in counts.items()]), *_sorted(rows)]


def prometheus(metrics: str) -> Told:
    """Return the counters of what was scraped."""
    return sorted(line for line in metrics.splitlines() if re.match(r"http_requests_total\{|\S+_seconds_count\{", line))
