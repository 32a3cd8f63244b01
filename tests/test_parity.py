"""Every observable of every case equals Starlette 1.10.0's, on both cores."""

import os
from types import ModuleType

from asgi import observe
from cases import case
from hypothesis import HealthCheck, given, settings, strategies as st
from reference import CORSMiddleware as Reference

EXAMPLES = int(os.environ.get("FASTCORS_EXAMPLES", "3000"))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(random=st.randoms(use_true_random=False))
def test_same_as_starlette(fastcors: ModuleType, random: object) -> None:
    drawn = case(random)  # type: ignore[arg-type]  # Hypothesis types its Random as object
    assert observe(fastcors.CORSMiddleware, drawn) == observe(Reference, drawn), drawn
