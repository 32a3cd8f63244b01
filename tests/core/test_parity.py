"""Every observable of every case equals Starlette 1.10.0's, on both cores."""

import os
from types import ModuleType
from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st
from support.asgi import observe
from support.cases import case
from support.reference import CORSMiddleware as Reference

EXAMPLES = int(os.environ.get("FASTCORS_EXAMPLES", "3000"))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(random=st.randoms(use_true_random=False))
def test_same_as_starlette(fastcors: ModuleType, random: object) -> None:
    drawn = case(random)  # type: ignore[arg-type]  # Hypothesis types its Random as object
    assert observe(fastcors.CORSMiddleware, drawn) == observe(Reference, drawn), drawn


def with_the_rest(base: Any) -> Any:
    """Return a subclass of `base` that asks a function which allows nobody, and looks at the origin of WebSockets."""

    def nobody(origin: str, scope: Any) -> bool:
        assert "\n" not in origin
        return False

    class WithTheRest(base):  # type: ignore[misc]  # a class of either core
        def __init__(self, app: Any, **parameters: Any) -> None:
            own = {"allow_origin_func": nobody, "allow_origin_patterns": ["https://*.nobody.example"]}
            super().__init__(app, **parameters, **own)

    return WithTheRest


@settings(max_examples=max(1, EXAMPLES // 3), deadline=None, suppress_health_check=list(HealthCheck))
@given(random=st.randoms(use_true_random=False))
def test_same_beside_what_allows_nobody_else(fastcors: ModuleType, random: object) -> None:
    drawn = case(random)  # type: ignore[arg-type]  # Hypothesis types its Random as object
    ours, theirs = observe(with_the_rest(fastcors.CORSMiddleware), drawn), observe(Reference, drawn)
    assert comparable(ours) == comparable(theirs), drawn


def comparable(observed: list[Any]) -> list[Any]:
    """Leave out how often hooks are called, and which of several errors comes first: what can have to be waited for is
    asked once, and before `preflight_response`, which cannot wait.
    """
    return [
        ("error", each[1] is not None) if each[0] == "error" else each for each in observed if each[0] != "hooks called"
    ]
