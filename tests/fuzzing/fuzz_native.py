"""Coverage-guided fuzzing of the compiled core, with Starlette 1.10.0 as the oracle: `make fuzz-native`.

libFuzzer sees the branches of the extension, which has to be built with `-fsanitize=fuzzer-no-link` and is loaded
below a preloaded libFuzzer; so an input that reaches new code is kept and varied. An input is two bytes that seed
the generator of cases.py, one that counts the choices that follow and take the place of the first drawn ones, those
choices, and the values of the headers that the CORS protocol reads, one a line.
"""

import sys
from random import Random
from typing import Any

import atheris
from support.asgi import Case, Make, Request, observe
from support.cases import case
from support.reference import CORSMiddleware as Reference

import fastcors

# To reflect a control byte is what Starlette does and we do not; that deviation has tests of its own.
WITHOUT_CONTROL = bytes(byte if byte == 9 or 0x20 <= byte != 0x7F else byte | 0x40 for byte in range(256)).replace(
    b"\x7f", b"~"
)
REFLECTED = (b"origin", b"access-control-request-headers")


class Choices(Random):
    """A `Random` whose first bits are those of `data`, and then those that `seed` makes."""

    def __init__(self, seed: int, data: bytes) -> None:
        self.data = data
        self.at = 0
        super().__init__(seed)

    def getrandbits(self, count: int, /) -> int:
        size = (count + 7) // 8
        taken = self.data[self.at : self.at + size]
        self.at += size
        drawn = super().getrandbits(count)
        return int.from_bytes(taken, "little") & ((1 << count) - 1) if taken else drawn


def with_values(headers: Any, values: list[bytes]) -> Any:
    """Put `values` in place of those that plain pairs of a drawn header list have."""
    if not isinstance(headers, Make) or not isinstance(headers.of, tuple):
        return headers
    replaced = []
    for pair in headers.of:
        plain = type(pair) in (tuple, list) and len(pair) == 2 and pair[0] in REFLECTED and type(pair[1]) is bytes
        replaced.append(type(pair)((pair[0], values.pop())) if plain and values else pair)
    return Make(headers.kind, tuple(replaced))


def drawn(data: bytes) -> Case:
    """Return the case that `data` stands for."""
    head, rest = data[:3].ljust(3, b"\0"), data[3:]
    lines = rest[head[2] :].split(b"\n") if rest[head[2] :] else []
    values = [line.translate(WITHOUT_CONTROL) for line in reversed(lines)]
    made = case(Choices(int.from_bytes(head[:2]), rest[: head[2]]))
    steps: list[Any] = []
    for step in made.steps:
        if isinstance(step, Request) and type(step.scope) is dict and "headers" in step.scope:
            scope = {**step.scope, "headers": with_values(step.scope["headers"], values)}
            steps.append(Request(scope, step.sends))
        else:
            steps.append(step)
    return Case(made.config, tuple(steps), made.overrides)


def test_one_input(data: bytes) -> None:
    """Judge one input: libFuzzer reports what raises here, or crashes."""
    made = drawn(data)
    expected, observed = observe(Reference, made), observe(fastcors.CORSMiddleware, made)
    if observed != expected:
        raise AssertionError(f"a divergence: {made!r}\nStarlette {expected}\nfastcors  {observed}")


if __name__ == "__main__":
    if not fastcors.COMPILED:
        sys.exit("the compiled core is what this fuzzes")
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()
