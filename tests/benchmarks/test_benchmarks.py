"""The benchmarks run to their end and measure what they say: no figure is judged here, so no slow machine fails.

Their commands run as a visitor runs them, in their quick modes, and write into a directory of the test's own.
"""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias
from xml.etree import ElementTree

import pytest
import starlette
from conftest import CORES

if tuple(map(int, starlette.__version__.split(".")[:2])) < (1, 10):
    pytest.skip("the benchmarks compare with Starlette 1.10 or newer", allow_module_level=True)

import builds
import clock
import compare
import goals
import growth
import noticed
import pitch
import readme
import report
import results
import subjects
from scenarios import BY_NAME, SCENARIOS, Scenario

Commands: TypeAlias = dict[str, tuple[Path, subprocess.CompletedProcess[str]]]

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
GROWN = [(axis.name, axis.scenario(size)) for axis in growth.AXES for size in axis.sizes[:3]]


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one of the commands, without the tracing that measures the suite's own coverage."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    arguments = [sys.executable, *map(str, command)]
    return subprocess.run(arguments, env=inherited | environment, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Commands:
    """Where `bench.py --quick` and `load.py --quick` were to write, and what became of them; both run at once."""
    for module in ("matplotlib", "Cython"):
        pytest.importorskip(module)
    directories = {name: tmp_path_factory.mktemp(name) for name in ("bench", "load")}
    with ThreadPoolExecutor() as pool:
        running = {
            name: pool.submit(run, BENCHMARKS / f"{name}.py", "--quick", "--out", directory)
            for name, directory in directories.items()
        }
        return {name: (directories[name], future.result()) for name, future in running.items()}


@pytest.fixture
def quick(commands: Commands) -> tuple[Path, str]:
    """Where `bench.py --quick` wrote its results, and what it printed."""
    directory, done = commands["bench"]
    assert done.returncode == 0, done.stderr
    return directory, done.stdout


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_each_scenario_is_answered_as_by_starlette(scenario: Scenario) -> None:
    assert subjects.check(scenario) == []


@pytest.mark.parametrize(("axis", "scenario"), GROWN)
def test_each_curve_is_answered_as_by_starlette(axis: str, scenario: Scenario) -> None:
    assert subjects.check(scenario) == []


@pytest.mark.parametrize("core", CORES)
def test_a_subject_is_the_core_that_it_is_named_for(core: str) -> None:
    assert (core == "compiled") == subjects.fastcors_on(core).COMPILED


def allows(subject: subjects.Subject, scenario: Scenario) -> list[bool]:
    app = subject.enter(scenario)
    starts = [subjects.messages(app, scope)[0] for scope in subject.scopes(scenario)]
    return [any(name == b"access-control-allow-origin" for name, _ in start.get("headers", [])) for start in starts]


@pytest.mark.parametrize("name", [subjects.ASGI_CORS, subjects.LITESTAR])
def test_the_others_allow_whom_starlette_allows(name: str) -> None:
    # One that is not installed would be left out of every scenario, and nothing would be compared.
    pytest.importorskip({subjects.ASGI_CORS: "asgi_cors", subjects.LITESTAR: "litestar"}[name])
    by_name = {subject.name: subject for subject in subjects.SUBJECTS}
    compared = []
    for scenario in SCENARIOS:
        with suppress(subjects.LeftOut):
            if not scenario.adversarial:
                compared.append((scenario.name, allows(by_name[name], scenario)))
    expected = [(known, allows(by_name[subjects.STARLETTE], BY_NAME[known])) for known, _ in compared]
    assert compared == expected
    assert len(compared) > 1


def test_a_wrong_answer_is_noticed_before_it_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = SCENARIOS[1]
    monkeypatch.setattr(subjects, "_starlette", lambda scenario: scenario.app)
    assert subjects.check(scenario) == [f"fastcors {'compiled' if core == 'compiled' else 'Python'}" for core in CORES]


def test_a_wrong_answer_to_one_of_many_requests_is_noticed() -> None:
    scenario = BY_NAME["64 origins in turn"]
    *others, _ = scenario.config["allow_origins"]
    wrong = replace(scenario, own={"allow_origins": others})
    assert subjects.check(wrong) == [f"fastcors {'compiled' if core == 'compiled' else 'Python'}" for core in CORES]


@pytest.mark.parametrize("loops", [1, 50, 64, 65])
def test_a_batch_holds_whole_turns(loops: int) -> None:
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["path"])

    runner = clock.Runner(app, [{"path": path} for path in "abc"])
    whole = runner.whole_turns(loops)
    runner.batch(whole)
    assert loops <= whole < loops + 3
    assert seen == [*"abc"] * (whole // 3)


def test_the_quick_run_prints_every_goal_and_writes_every_part(quick: tuple[Path, str]) -> None:
    directory, printed = quick
    text = (directory / "RESULTS.md").read_text()
    for goal in goals.GOALS:
        assert goal.figure in printed
        assert goal.figure in text
    for part in ("## Overhead", "## Growth", "## Counts", "## Footprint", "CPython ", " cores, ", "commit ", "--quick"):
        assert part in text


def test_the_quick_run_writes_raw_numbers_and_plots(quick: tuple[Path, str]) -> None:
    directory, printed = quick
    bench = results.front(results.read(directory))
    assert [curve["name"] for curve in bench["growth"]] == [axis.name for axis in growth.AXES]
    assert {"memory", "import", "extension"} <= set(bench["footprint"])
    assert all("Starlette" in scenario["overhead"] for scenario in bench["overhead"])
    for plot in ("overhead.svg", "growth.svg"):
        assert ElementTree.parse(directory / plot).getroot().tag.endswith("svg")
        assert str(directory / plot) in printed


def test_the_readme_gets_its_table_between_its_marks(quick: tuple[Path, str], tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text(f"before\n{readme.START}old\n{readme.END}\nafter\n")
    assert readme.update(results.read(quick[0]), page)
    written = page.read_text()
    assert written.startswith("before\n")
    assert written.endswith(f"{readme.END}\nafter\n")
    assert "old" not in written
    assert "| preflight allowed |" in written
    assert f"CPython {results.interpreter()}" in written


def test_the_readme_gets_its_requests_per_second(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text(f"before\n{readme.REQUESTS_START}old\n{readme.REQUESTS_END}\nafter\n")
    variants = {"none": 1300.0, "Starlette": 1000.0, "fastcors": 1200.0}
    row = {"server": "uvicorn", "framework": "FastAPI", "variants": {n: {"requests/s": v} for n, v in variants.items()}}
    measured = {"load": {"stamp": {"versions": {"CPython": "3.14.1 (optimised build)"}}, "rows": [row]}}
    assert readme.update(measured, page)
    written = page.read_text()
    for part in ("**1,200 requests per second**", "1,000", "20% more", "1,300", "CPython 3.14.1)"):
        assert part in written
    assert "old" not in written


def test_the_readme_gets_the_time_per_request() -> None:
    committed = results.read(results.HERE)
    (sentence, _) = readme.requests(committed)
    allowed = pitch.overhead(committed, "allowed")
    assert allowed is not None
    assert f"**{allowed[subjects.COMPILED] / 1000:.2f} µs** per request" in sentence


def test_the_performance_page_gets_its_cores_between_its_marks(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{noticed.START}old\n{noticed.END}\nafter\n")
    rates = {"none": 8.0, "Starlette": 10.0, "fastcors": 8.5}
    same = dict.fromkeys(rates, 9.0)
    rows = [
        {"server": server, "framework": "FastAPI", "variants": {n: {noticed.COST: v} for n, v in costs.items()}}
        for server, costs in (("uvicorn", rates), ("other", same))
    ]
    measured = {"load": {"stamp": {"versions": {"CPython": "3.14.1 (optimised build)"}}, "rows": rows}}
    assert noticed.update(measured, page)
    written = page.read_text()
    assert written.startswith(f"before\n{noticed.START}")
    assert written.endswith(f"{noticed.END}\nafter\n")
    assert "old" not in written
    assert "100,000 / 1.50 = **about 66,700 requests per second**" in written
    assert "| 10,000 | 0.8000 | 1.00 | 0.8500 | 0.1500 |" in written
    assert "| uvicorn, FastAPI | 100.0 | 85.0 | 66,700 |" in written
    assert "| other, FastAPI | 90.0 | 90.0 | no difference |" in written
    assert not noticed.cores({})


def test_the_picture_shows_what_was_measured(tmp_path: Path) -> None:
    committed = results.read(results.HERE)
    assert pitch.write(committed, tmp_path / "pitch.svg")
    assert ElementTree.parse(tmp_path / "pitch.svg").getroot().tag.endswith("svg")
    assert not pitch.write({}, tmp_path / "nothing.svg")
    assert not (tmp_path / "nothing.svg").exists()


def test_the_newest_python_comes_first_and_the_others_stand_beside_it(quick: tuple[Path, str]) -> None:
    (figures,) = results.read(quick[0])["bench"].values()
    older = figures | {"stamp": figures["stamp"] | {"date": "2001"}, "counts": None}
    measured = {"bench": {"3.9": older, "3.11": figures, "3.10t": older, "3.10": older}}
    assert results.pythons(measured) == ["3.11", "3.10", "3.10t", "3.9"]
    text = "\n".join(report.markdown(measured))
    assert "| scenario | fastcors compiled, 3.11 | fastcors compiled, 3.10 |" in text
    assert "## Overhead, CPython 3.11" in text
    later = results.adopt({"bench": {"3.11": older}}, {"bench": {"3.11": figures, "3.10": older}})
    assert later == {"bench": {"3.11": figures, "3.10": older}}
    assert results.adopt(later, {"bench": {"3.11": older}}) == later


def test_the_committed_results_are_written_from_the_figures() -> None:
    committed = results.read(results.HERE)
    assert "\n".join(report.markdown(committed)) + "\n" == (results.HERE / "RESULTS.md").read_text()
    text = readme.README.read_text()
    assert "\n".join(readme.figures(committed)) in text
    assert "\n".join(readme.requests(committed)) in text
    assert "\n".join(noticed.cores(committed)) in noticed.PAGE.read_text()
    assert pitch.PICTURE.read_text() == pitch.svg(committed)


def test_builds_of_the_same_source_lie_differently(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("Cython")
    if sys.platform == "win32":
        pytest.skip("no padding there")
    monkeypatch.setattr(builds, "BUILD", tmp_path)
    monkeypatch.setenv("CFLAGS", "-O0")
    environment = builds.make(1)
    assert environment["LDFLAGS"].endswith("padding.o")
    show = "import fastcors; print(fastcors.COMPILED, fastcors.__file__)"
    done = run("-c", show, **environment)
    assert done.stdout.startswith(f"True {tmp_path}"), done.stderr


def test_the_scenarios_run_under_pytest_benchmark(tmp_path: Path) -> None:
    pytest.importorskip("pytest_benchmark")
    pytest.importorskip("Cython")
    once = ("--benchmark-max-time=0.01", "--benchmark-min-rounds=1", f"--benchmark-json={tmp_path / 'raw.json'}")
    done = run("-m", "pytest", BENCHMARKS, "-q", "-k", "websocket", *once)
    assert done.returncode == 0, done.stdout
    assert "benchmark 'websocket'" in done.stdout
    assert "(time in ns)" in done.stdout
    rows = json.loads((tmp_path / "raw.json").read_text())["benchmarks"]
    assert {row["group"] for row in rows} == {"websocket"}
    assert {subjects.STARLETTE, *subjects.FASTCORS} & {row["name"] for row in rows}
    # Of one request, not of many: the slowest takes a few microseconds.
    assert all(row["stats"]["min"] < 1e-4 for row in rows)


@pytest.mark.skipif(sys.platform != "linux", reason="cores are assigned and CPU time is read as Linux does it")
@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_the_quick_load_run_ends_and_is_written(commands: Commands) -> None:
    for module in ("uvicorn", "uvloop", "httptools", "fastapi"):
        pytest.importorskip(module)
    directory, done = commands["load"]
    assert done.returncode == 0, done.stderr
    (row,) = json.loads((directory / "results.json").read_text())["load"]["rows"]
    assert set(row["variants"]) == {"none", "by the app", "Starlette", "fastcors"}
    assert "## Under load" in (directory / "RESULTS.md").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="it says something else there")
def test_without_wrk_the_load_run_says_how_to_install_it(tmp_path: Path) -> None:
    done = run(BENCHMARKS / "load.py", "--quick", "--out", tmp_path, PATH=str(tmp_path))
    assert done.returncode != 0
    assert "apt-get install wrk" in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [(100.0, 100.4, False), (100.0, 101.0, True), (0.0, 0.0, False), (0.0, 1.0, True), (2.0, 1.0, True)],
)
def test_a_comparison_shows_what_changed(before: float, after: float, shown: bool) -> None:
    lines = compare._lines("counts", {"allowed": {"core": before}}, {"allowed": {"core": after}}, compare.CHANGED)
    assert ("unchanged" not in lines[1]) == shown


def test_cliffs(tmp_path: Path) -> None:
    done = run(BENCHMARKS / "cliffs.py", "--quick", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    cases = json.loads((tmp_path / "results.json").read_text())["cliffs"]["cases"]
    assert len(cases) == len({(case["name"], case["origins"]) for case in cases}) > 25
    assert all(len(case["microseconds"]) == 3 and min(case["microseconds"].values()) > 0 for case in cases)
    assert "## After a change" in (tmp_path / "RESULTS.md").read_text()
