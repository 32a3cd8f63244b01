"""`make load`: real servers under wrk, the server on one core and wrk on another.

The apps have no CORS, send the CORS headers themselves, or use Starlette's middleware or fastcors'. Their rounds
alternate. `--servers` and `--apps` run only a part. Results go to benchmarks/RESULTS.md, next to those of `make bench`.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import report
from exchanges import ORIGIN, actual
from floor import BUILD
from results import HERE
from servers import COMMANDS, Server, serving
from stamp import stamp

VARIANTS = ("none", "by the app", "Starlette", "fastcors")
APPS = ("ASGI", "FastAPI")
CONNECTIONS = 32
MISSING = "load: wrk is missing. Install it: apt-get install wrk (Debian, Ubuntu), brew install wrk (macOS)."

_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


def _milliseconds(output: str, percentile: str) -> float:
    found = re.search(rf"^ *{percentile}% +([\d.]+)(us|ms|s|m)$", output, re.MULTILINE)
    assert found is not None, output
    return float(found[1]) * _UNITS[found[2]]


def _wrk(server: Server, core: int, seconds: int) -> dict[str, float]:
    """Put load on `server` for `seconds`, and return the figures of wrk and the kernel."""
    headers = [f"{name.decode()}: {value.decode()}" for name, value in actual(ORIGIN)["headers"]]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
    command += [part for header in headers if not header.startswith("host:") for part in ("-H", header)]
    before = server.cpu_seconds()
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{server.port}/"],
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds + 30,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    used = server.cpu_seconds() - before
    total = re.search(r"(\d+) requests in", done.stdout)
    rate = re.search(r"Requests/sec: +([\d.]+)", done.stdout)
    assert total is not None, done.stdout
    assert rate is not None, done.stdout
    failed = re.search(r"Non-2xx.*|Socket errors.*", done.stdout)
    if failed or not int(total[1]):
        raise SystemExit(f"load: not every request was answered: {failed[0] if failed else done.stdout}")
    return {
        "requests/s": float(rate[1]),
        "p50 ms": _milliseconds(done.stdout, "50"),
        "p99 ms": _milliseconds(done.stdout, "99"),
        "CPU s per 100,000": used / int(total[1]) * 100_000,
    }


def measure(server: str, framework: str, rounds: int, seconds: int) -> dict[str, Any]:
    """Return the medians for each variant, and its share of the requests per second and per CPU second without CORS."""
    first, *_, last = sorted(os.sched_getaffinity(0)) * 2
    measured: dict[str, list[dict[str, float]]] = {variant: [] for variant in VARIANTS}
    names = list(VARIANTS)
    for _ in range(rounds):
        for name in names:
            # A new process each time, because its memory layout can change a figure by a per cent or two.
            with serving(server, f"{framework}/{name}", first) as running:
                if rounds > 1:
                    _wrk(running, last, 1)  # to warm it
                measured[name].append(_wrk(running, last, seconds))
        names.append(names.pop(0))
    kept = {name: _kept(runs, measured["none"], "requests/s") for name, runs in measured.items()}
    kept_cpu = {name: _kept(measured["none"], runs, "CPU s per 100,000") for name, runs in measured.items()}
    variants = {
        name: {key: statistics.median(run[key] for run in runs) for key in runs[0]} for name, runs in measured.items()
    }
    return {"server": server, "framework": framework, "variants": variants, "kept": kept, "kept by CPU": kept_cpu}


def _kept(runs: list[dict[str, float]], others: list[dict[str, float]], figure: str) -> float:
    """Return the ratio of two figures. Runs of the same round are compared, because a slow minute affects both."""
    return statistics.median(run[figure] / other[figure] for run, other in zip(runs, others, strict=True))


def _print(row: dict[str, Any]) -> None:
    for name, figures in row["variants"].items():
        kept, by_cpu = (100 * row[share][name] for share in ("kept", "kept by CPU"))
        print(
            f"{row['server']:10} {row['framework']:8} {name:10} {figures['requests/s']:8,.0f} requests/s  "
            f"kept {kept:5.1f} %, by CPU {by_cpu:5.1f} %  {figures['CPU s per 100,000']:.2f} CPU s per 100,000  "
            f"p50 {figures['p50 ms']:.2f} ms  p99 {figures['p99 ms']:.2f} ms",
            flush=True,
        )


def main() -> int | str:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="uvicorn and bare ASGI for a second each: does it run?")
    parser.add_argument("--servers", nargs="+", choices=COMMANDS, default=list(COMMANDS))
    parser.add_argument("--apps", nargs="+", choices=APPS, default=list(APPS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="that each run of wrk takes")
    parser.add_argument("--out", type=Path, help="the directory to write to")
    arguments = parser.parse_args()
    if not hasattr(os, "sched_setaffinity"):
        return "load: it assigns cores and reads CPU time as Linux does; this system does not."
    if shutil.which("wrk") is None:
        return MISSING
    if arguments.quick:
        arguments.servers, arguments.apps, arguments.rounds, arguments.seconds = ["uvicorn"], ["ASGI"], 1, 1
    stamped = stamp("python benchmarks/load.py")
    rows = []
    for server in arguments.servers:
        for framework in arguments.apps:
            rows.append(measure(server, framework, arguments.rounds, arguments.seconds))
            _print(rows[-1])
    how = (
        f"wrk, 1 thread and {CONNECTIONS} connections on a core of its own, a server process on another, new for each "
        f"run; medians of {arguments.rounds} rounds of {arguments.seconds} s; an allowed origin, 12 request headers."
    )
    directory = arguments.out or (BUILD / "quick" if arguments.quick else HERE)
    figures = {"stamp": stamped, "how": how, "rows": rows}
    print("wrote", *report.write("load", figures, directory))
    return 0


if __name__ == "__main__":
    sys.exit(main())
