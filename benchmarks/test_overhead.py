"""The scenarios under pytest-benchmark: `pytest benchmarks --benchmark-only`; a group is one scenario.

A row is the time of one request in nanoseconds, without an event loop. Overhead is a row minus its group's bare app;
`make bench` computes it from interleaved rounds. A preflight has no bare app, so its row is the overhead.
"""

import pytest
from clock import stepper
from pytest_benchmark.fixture import BenchmarkFixture
from scenarios import BY_NAME
from subjects import SUBJECTS, LeftOut, check

SUBJECT = {subject.name: subject for subject in SUBJECTS}


class Units:
    """Shows nanoseconds in every group, so that groups can be compared."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_benchmark_scale_unit(self, config: pytest.Config, unit: str) -> tuple[str, float] | None:
        chosen = config.getoption("benchmark_time_unit", None)
        return ("n", 1e9) if unit == "seconds" and chosen in (None, "auto") else None


# Registered here, because pytest would confuse a conftest.py in this directory with that of tests/.
@pytest.fixture(autouse=True, scope="module")
def units(request: pytest.FixtureRequest) -> None:
    request.config.pluginmanager.register(Units())


# Rounds take half a millisecond, so that reading the clock does not count for a request.
@pytest.mark.benchmark(min_time=0.0005)
# By name, as pytest-benchmark groups and filters by what parameters look like.
@pytest.mark.parametrize("subject", SUBJECT)
@pytest.mark.parametrize("scenario", BY_NAME)
def test_scenario(benchmark: BenchmarkFixture, scenario: str, subject: str) -> None:
    asked = BY_NAME[scenario]
    try:
        step = stepper(SUBJECT[subject].enter(asked), SUBJECT[subject].scopes(asked))
    except LeftOut as reason:
        pytest.skip(f"{subject} {reason}")
    assert check(asked) == []
    for _ in asked.scopes * 10:
        step()
    benchmark.group, benchmark.name = scenario, subject
    benchmark(step)
