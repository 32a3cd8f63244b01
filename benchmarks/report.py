"""Writes the results: a JSON file with all figures, and from it RESULTS.md, the plots and the README's figures.

Each command keeps the parts of other commands, with their stamps. `python benchmarks/report.py elsewhere/results.json`
adds results from another system with another Python, and writes everything again.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import elsewhere
import footprint
import goals
import noticed
import pitch
import readme
import results
from overhead import geometric_mean, ratio
from results import HERE, Results
from subjects import BARE, COMPILED, FASTCORS, FLOOR, PYTHON, REMARKS, STARLETTE, SUBJECTS
from tables import table


def write(part: str, figures: dict[str, Any], directory: Path) -> list[Path]:
    """Replace the `part` of the results by `figures`, and return the new results."""
    return save(results.put(results.read(directory), part, figures), directory, plotted=part == "bench")


def save(measured: Results, directory: Path, plotted: bool = True) -> list[Path]:
    """Write the results and the plots of the newest Python's figures. Return the results."""
    directory.mkdir(parents=True, exist_ok=True)
    written = [directory / "results.json", directory / "RESULTS.md"]
    written[0].write_text(json.dumps(measured, indent=1) + "\n")
    written[1].write_text("\n".join(markdown(measured)) + "\n")
    if plotted:
        import plots  # the one part that needs matplotlib

        for plot, key in ((plots.overhead, "overhead"), (plots.growth, "growth")):
            plot(results.front(measured)[key], directory / f"{key}.svg")
            written.append(directory / f"{key}.svg")
    if directory == HERE:
        pages = ((readme.update, readme.README), (pitch.write, pitch.PICTURE), (noticed.update, noticed.PAGE))
        written += [path for update, path in pages if update(measured)]
    return written


def _stamp(stamp: dict[str, Any]) -> list[str]:
    versions = ", ".join(f"{name} {version}" for name, version in stamp["versions"].items())
    return [
        f"`{stamp['command']}`, {stamp['date']}, commit {stamp['commit']}. {stamp['cpu']}, {stamp['cores']} cores, "
        f"load average {stamp['busy']:.1f} at the start; "
        f"{stamp['system']}. {versions}.",
        "",
    ]


def markdown(measured: Results) -> Iterator[str]:
    """Yield RESULTS.md, line by line."""
    yield from (
        "# Results",
        "",
        "Written by `make bench`, `make load`, `make hostile` and `make cliffs`; [results.json](results.json) has all "
        "figures.",
        "",
    )
    names = results.pythons(measured)
    yield from ("## Goals" + (f", CPython {names[0]}" if names else ""), "")
    yield from table(("figure", "must", "goal", "measured", "verdict", "of"), goals.rows(measured), right=False)
    if names:
        yield from _bench(measured, names)
    yield from elsewhere.lines()
    for part, lines in (("load", _load), ("hostile", _hostile), ("cliffs", _cliffs)):
        if part in measured:
            yield from lines(measured[part])


def _bench(measured: Results, names: list[str]) -> Iterator[str]:
    newest = results.front(measured)
    yield from (f"## Overhead, CPython {names[0]}", "", *_stamp(newest["stamp"]), "![overhead](overhead.svg)", "")
    yield from _overhead(newest)
    if names[1:]:
        yield from _beside(measured, names)
    yield from (f"## Growth, CPython {names[0]}", "", "![growth](growth.svg)", "", "Overhead in nanoseconds.", "")
    for curve in newest["growth"]:
        rows = ((name, *(f"{value:,.0f}" for value in values)) for name, values in curve["overhead"].items())
        yield from table((curve["name"], *(f"{size:,}" for size in curve["sizes"])), rows)
    # The newest Python may be on a machine without valgrind.
    counted = next((name for name in names if measured["bench"][name]["counts"]), names[0])
    yield from (f"## Counts, CPython {counted}", "", "Per request, beyond the bare app, from callgrind.", "")
    yield from _counts(measured["bench"][counted]["counts"])
    yield from (f"## Footprint, CPython {names[0]}", "", "```", *footprint.lines(newest["footprint"]), "```", "")


def _beside(measured: Results, names: list[str]) -> Iterator[str]:
    """Yield how many times smaller our overhead is than Starlette's, for every measured Python."""
    yield from ("## On each Python", "", "How many times smaller our overhead is than Starlette's.", "")
    known = {name: {result["name"]: result for result in measured["bench"][name]["overhead"]} for name in names}
    rows = []
    for scenario in known[names[0]]:
        ratios = (ratio(known[name].get(scenario), core) for core in FASTCORS for name in names)
        rows.append((scenario, *("" if value is None else f"{value:,.1f}x" for value in ratios)))
    means = (geometric_mean(measured["bench"][name]["overhead"], core) for core in FASTCORS for name in names)
    rows.append(("geometric mean", *("" if mean is None else f"{mean:.1f}x" for mean in means)))
    yield from table(("scenario", *(f"{core}, {name}" for core in FASTCORS for name in names)), rows)
    for name in names[1:]:
        yield from (f"{name}:", "", *_stamp(measured["bench"][name]["stamp"]))


def _overhead(bench: dict[str, Any]) -> Iterator[str]:
    rounds = bench["rounds"]
    yield (
        f"Nanoseconds per request beyond the bare app, without an event loop: medians of {_runs(rounds)}. Each process "
        f"runs {rounds['count']} rounds. In a round every subject runs once for {rounds['batch_ns'] / 1e6:g} ms, and "
        "the order rotates. A preflight counts as a whole, with two calls of the server's `send` and without the loop "
        "that measures. Each answer was compared with Starlette's before the clock ran."
    )
    names = [subject.name for subject in SUBJECTS if subject.name != BARE]
    head = ["scenario", "bare app, whole", *names, "compiled to Starlette", "Python to Starlette", "compiled to floor"]
    yield from ("", *table(head, [_overhead_row(result, names) for result in bench["overhead"]]))
    for name in FASTCORS:
        means = [geometric_mean(bench["overhead"], name, adversarial) for adversarial in (False, True)]
        if None not in means:
            yield (
                f"- {name} to Starlette, geometric mean: {means[0]:.1f}x; {means[1]:.1f}x with the 64 KiB scenarios. "
                f"Origin functions are in neither.{_of_each_build(bench, name)}"
            )
    yield from (f"- {name}: {remark}." for name, remark in REMARKS.items())
    yield from (f"- Left out, {why}." for why in _left_out(bench["overhead"]))
    yield ""


def _runs(rounds: dict[str, Any]) -> str:
    processes, builds = rounds["processes"], rounds.get("builds", 0)
    if builds > 1:
        return f"{processes * builds} processes, which share {builds} builds that lie in memory differently"
    return "one process" if processes == 1 else f"{processes} processes"


def _of_each_build(bench: dict[str, Any], name: str) -> str:
    means = bench.get("builds", {}).get(name, [])
    return f" Each build: {', '.join(f'{mean:.1f}x' for mean in means)}." if len(means) > 1 else ""


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
        yield from ("Not counted: valgrind is missing or did not run.", "")
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


def main() -> None:
    measured = results.read(HERE)
    for path in map(Path, sys.argv[1:]):
        measured = results.adopt(measured, json.loads(path.read_text()))
    print("wrote", *save(measured, HERE))


if __name__ == "__main__":
    main()
