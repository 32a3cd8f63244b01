"""Writes the results down: one JSON file with all figures, RESULTS.md made of it, the plots, the README's table.

`make bench` and `make load` each keep the other's part of the file, with the stamp it came with.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import footprint
import goals
from overhead import geometric_mean, ratio
from subjects import BARE, COMPILED, FASTCORS, FLOOR, LITESTAR, PYTHON, REMARKS, STARLETTE, SUBJECTS

HERE = Path(__file__).parent
README = HERE.parent / "README.md"
START, END = "<!-- figures: written by `make bench` -->\n", "<!-- end of figures -->"
SHOWN_IN_README = ("no Origin", "allowed", "any origin", "1,000 origins", "preflight allowed")


def read(directory: Path) -> dict[str, Any]:
    """Return the results in `directory`, or none."""
    path = directory / "results.json"
    results: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return results


def write(part: str, figures: dict[str, Any], directory: Path) -> list[Path]:
    """Put `figures` in the place of the results' `part` and return what was written."""
    directory.mkdir(parents=True, exist_ok=True)
    results = read(directory) | {part: figures}
    results = json.loads(json.dumps(results))
    written = [directory / "results.json", directory / "RESULTS.md"]
    written[0].write_text(json.dumps(results, indent=1) + "\n")
    written[1].write_text("\n".join(markdown(results)) + "\n")
    if part == "bench":
        import plots  # the one part that needs matplotlib

        for plot, key in ((plots.overhead, "overhead"), (plots.growth, "growth")):
            plot(results["bench"][key], directory / f"{key}.svg")
            written.append(directory / f"{key}.svg")
    return written


def table(head: Iterable[str], rows: Iterable[Iterable[str]], right: bool = True) -> list[str]:
    """Return a Markdown table whose first column is text and whose others are numbers, if `right`."""
    names = list(head)
    rule = ["---"] + ["---:" if right else "---"] * (len(names) - 1)
    return [f"| {' | '.join(cells)} |" for cells in (names, rule, *rows)] + [""]


def _stamp(stamp: dict[str, Any]) -> list[str]:
    versions = ", ".join(f"{name} {version}" for name, version in stamp["versions"].items())
    return [
        f"`{stamp['command']}`, {stamp['date']}, commit {stamp['commit']}. {stamp['cpu']}, {stamp['cores']} cores, "
        f"load average {stamp['busy']:.1f} at the start; "
        f"{stamp['system']}. {versions}.",
        "",
    ]


def markdown(results: dict[str, Any]) -> Iterator[str]:
    """Yield RESULTS.md, line by line."""
    yield from (
        "# Results",
        "",
        "Written by `make bench`, `make load`, `make hostile` and `make cliffs`; [results.json](results.json) has all "
        "figures.",
        "",
    )
    yield from ("## Goals", "")
    yield from table(("figure", "must", "goal", "measured", "verdict", "of"), goals.rows(results), right=False)
    if "bench" in results:
        yield from _bench(results["bench"])
    if "load" in results:
        yield from _load(results["load"])
    if "hostile" in results:
        yield from _hostile(results["hostile"])
    if "cliffs" in results:
        yield from _cliffs(results["cliffs"])


def _bench(bench: dict[str, Any]) -> Iterator[str]:
    yield from ("## Overhead", "", *_stamp(bench["stamp"]), "![overhead per scenario](overhead.svg)", "")
    yield from _overhead(bench)
    yield from ("## Growth", "", "![growth](growth.svg)", "", "Overhead in nanoseconds.", "")
    for curve in bench["growth"]:
        rows = ((name, *(f"{value:,.0f}" for value in values)) for name, values in curve["overhead"].items())
        yield from table((curve["name"], *(f"{size:,}" for size in curve["sizes"])), rows)
    yield from ("## Counts", "", "Per request, beyond the bare app, from callgrind.", "")
    yield from _counts(bench["counts"])
    yield from ("## Footprint", "", "```", *footprint.lines(bench["footprint"]), "```", "")


def _overhead(bench: dict[str, Any]) -> Iterator[str]:
    rounds = bench["rounds"]
    yield (
        "Nanoseconds per request beyond the bare app, no event loop: medians of "
        f"{rounds['processes']} processes, each of {rounds['count']} rounds, in each of which every subject runs once "
        f"for {rounds['batch_ns'] / 1e6:g} ms, in an order that rotates. For a preflight the whole answer, two calls "
        "of the server's `send` in it, without the loop that measures. Each answer was compared with Starlette's "
        "before the clock ran."
    )
    names = [subject.name for subject in SUBJECTS if subject.name != BARE]
    head = ["scenario", "bare app, whole", *names, "compiled to Starlette", "Python to Starlette", "compiled to floor"]
    yield from ("", *table(head, [_overhead_row(result, names) for result in bench["overhead"]]))
    for name in FASTCORS:
        means = [geometric_mean(bench["overhead"], name, adversarial) for adversarial in (False, True)]
        if None not in means:
            yield f"- {name} to Starlette, geometric mean: {means[0]:.1f}x; {means[1]:.1f}x with the 64 KiB scenarios."
    yield from (f"- {name}: {remark}." for name, remark in REMARKS.items())
    yield from (f"- Left out, {why}." for why in _left_out(bench["overhead"]))
    yield ""


def _overhead_row(result: dict[str, Any], names: list[str]) -> list[str]:
    overhead = result["overhead"]
    cells = [f"{overhead[name]:,.0f}" if name in overhead else "" for name in names]
    bare = result["whole"].get(BARE)
    ratios = (ratio(result, COMPILED), ratio(result, PYTHON), ratio(result, FLOOR, COMPILED))
    times = ["" if value is None else f"{value:,.1f}x" for value in ratios]
    return [result["name"], "" if bare is None else f"{bare:,.0f}", *cells, *times]


def _left_out(overhead: list[dict[str, Any]]) -> Iterator[str]:
    reasons: dict[tuple[str, str], list[str]] = {}
    for result in overhead:
        for name, reason in result["left out"].items():
            reasons.setdefault((name, reason), []).append(result["name"])
    for (name, reason), scenarios in reasons.items():
        yield f"{name}: {reason} ({', '.join(scenarios)})"


def _counts(counts: dict[str, Any] | None) -> Iterator[str]:
    if counts is None:
        yield from ("Not counted: valgrind is missing.", "")
        return
    names = (FLOOR, STARLETTE, *FASTCORS)
    for what, by_scenario in counts.items():
        rows = (
            (scenario, *(f"{values[name]:,.0f}" if name in values else "" for name in names))
            for scenario, values in by_scenario.items()
        )
        yield from table((what, *names), rows)


def _load(load: dict[str, Any]) -> Iterator[str]:
    yield from ("## Under load", "", *_stamp(load["stamp"]))
    yield (
        f'{load["how"]} "kept" is the share of the requests per second without CORS; by CPU, of the requests per CPU '
        "second, which other processes on the machine disturb less."
    )
    yield ""
    head = ("server, app", "CORS", "requests/s", "kept", "kept by CPU", "p50 ms", "p99 ms", "CPU s per 100,000")
    yield from table(head, (cells for row in load["rows"] for cells in _load_rows(row)))


def _load_rows(row: dict[str, Any]) -> Iterator[list[str]]:
    for variant, figures in row["variants"].items():
        yield [
            f"{row['server']}, {row['framework']}",
            variant,
            f"{figures['requests/s']:,.0f}",
            *(f"{100 * row[share][variant]:.1f} %" for share in ("kept", "kept by CPU")),
            *(f"{figures[name]:.2f}" for name in ("p50 ms", "p99 ms", "CPU s per 100,000")),
        ]


def _hostile(hostile: dict[str, Any]) -> Iterator[str]:
    yield from ("## Hostile requests", "", *_stamp(hostile["stamp"]))
    yield "Microseconds for a whole request, in two sizes, bytes of the value or headers: 16, 10 or 8 times is linear."
    yield ""
    head = ("request", "size", STARLETTE, *FASTCORS, "compiled to Starlette", "compiled, larger to smaller")
    yield from table(head, (cells for case in hostile["cases"] for cells in _hostile_rows(case)))


def _hostile_rows(case: dict[str, Any]) -> Iterator[list[str]]:
    times = case["microseconds"]
    smaller, larger = times[COMPILED]
    for place, size in enumerate(case["sizes"]):
        cells = [f"{times[name][place]:,.1f}" if name in times else "not asked" for name in (STARLETTE, *FASTCORS)]
        to_starlette = f"{times[STARLETTE][place] / times[COMPILED][place]:,.1f}x" if STARLETTE in times else ""
        name = case["name"].replace("|", "\\|").replace("*", "\\*")
        yield [name, f"{size:,}", *cells, to_starlette, f"{larger / smaller:.1f}" if place else ""]


def _cliffs(cliffs: dict[str, Any]) -> Iterator[str]:
    yield from ("## After a change", "", *_stamp(cliffs["stamp"]))
    yield "Microseconds for a whole request right after each change; in brackets, how many times Starlette's."
    yield ""
    rows = []
    for case in cliffs["cases"]:
        times = case["microseconds"]
        ours = (f"{times[name]:,.1f} ({times[name] / times[STARLETTE]:.1f}x)" for name in FASTCORS)
        rows.append([case["name"], f"{case['origins']:,}", f"{times[STARLETTE]:,.1f}", *ours])
    yield from table(("what was changed", "origins", STARLETTE, *FASTCORS), rows)


def readme_figures(results: dict[str, Any]) -> list[str]:
    """Return the README's table: microseconds of overhead in the scenarios that most services meet."""
    names = (STARLETTE, LITESTAR, PYTHON, COMPILED)
    known = {result["name"]: result for result in results["bench"]["overhead"]}
    rows = []
    for name in SHOWN_IN_README:
        overhead, times = known[name]["overhead"], ratio(known[name], COMPILED)
        cells = (f"{overhead[subject] / 1000:.2f}" if subject in overhead else "" for subject in names)
        rows.append((name, *cells, "" if times is None else f"{times:.0f}x"))
    return table(("microseconds beyond the bare app", *names, "compiled to Starlette"), rows)


def update_readme(results: dict[str, Any], path: Path = README) -> bool:
    """Put the table between the README's two marks, if it has them, and tell whether it has."""
    before, start, rest = path.read_text().partition(START)
    _, end, after = rest.partition(END)
    if start and end:
        path.write_text("\n".join([before + start, *readme_figures(results)]) + end + after)
    return bool(end)
