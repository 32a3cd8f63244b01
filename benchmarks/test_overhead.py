"""The scenarios under pytest-benchmark: `pytest benchmarks --benchmark-group-by=group`; a group is one scenario.

A row is the time of 100 requests, without an event loop; overhead is a row minus its group's bare app, which `make
bench` computes from interleaved rounds. A preflight has no bare app: its answer is the whole time.
"""

import pytest
from clock import Runner
from pytest_benchmark.fixture import BenchmarkFixture
from scenarios import SCENARIOS, Scenario
from subjects import SUBJECTS, LeftOut, Subject, check

REQUESTS = 100


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_scenario(benchmark: BenchmarkFixture, scenario: Scenario, subject: Subject) -> None:
    try:
        runner = Runner(subject.enter(scenario), subject.scopes(scenario))
    except LeftOut as reason:
        pytest.skip(f"{subject.name} {reason}")
    assert check(scenario) == []
    benchmark.group = scenario.name
    benchmark.extra_info["requests"] = REQUESTS
    benchmark(runner.batch, REQUESTS)
