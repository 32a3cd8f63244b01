"""`make cliffs`: measures requests right after a change, and requests for which a shortcut of ours does not apply.

The figures are microseconds of one whole request, the median of many, and the ratio to Starlette's. The first request
after a change in place looks at the changed object, so each measured request follows one change.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import report
from exchanges import actual, preflight, replying
from results import HERE
from stamp import stamp
from starlette.middleware.cors import CORSMiddleware as StarletteCORSMiddleware
from subjects import COMPILED, PYTHON, STARLETTE, fastcors_on

SIZES = (1, 1000, 10_000, 100_000)
STRANGER = "https://other.example"


def _origins(count: int) -> list[str]:
    return [f"https://tenant-{number}.example.com" for number in range(count)]


def _colliding(count: int) -> list[str]:
    """Return `count` origins, a power of two, that collide in a hash whose steps are multiplications. The highest bit
    of an eight-byte word is flipped, and in the next word the two bits that make up for it.
    """
    made = ["https://" + "aaaaaaaa" * 30]
    for place in range(8, 240, 16):
        for value in made[:] if len(made) < count else []:
            octets = bytearray(value.encode("latin-1"))
            for at in (place + 7, place + 11, place + 15):
                octets[at] ^= 0x80
            made.append(octets.decode("latin-1"))
    return made


@dataclass
class Subject:
    """One middleware of a class of its own, before its requests."""

    base: Any
    size: int

    def __post_init__(self) -> None:
        self.cls: Any = type("Subject", (self.base,), {})
        self.middleware = self.cls(replying())
        self.middleware.allow_origins = self.values = _origins(self.size)
        self.number = 0

    def next(self) -> str:
        self.number += 1
        return f"https://new-{self.number}.example"


def _nothing(subject: Subject) -> str:
    return STRANGER


def _append(subject: Subject) -> str:
    subject.values.append(subject.next())
    return STRANGER


def _replace_first(subject: Subject) -> str:
    subject.values[0] = subject.next()
    return STRANGER


def _rotate(subject: Subject) -> str:
    subject.values.append(subject.values.pop(0))
    return subject.values[-1]


def _append_and_use(subject: Subject) -> str:
    subject.values.append(subject.next())
    return subject.values[-1]


def _set_header(subject: Subject) -> str:
    subject.middleware.simple_headers["X-Number"] = subject.next()
    return subject.values[0]


def _patch(subject: Subject) -> str:
    own = subject.base.is_allowed_origin
    subject.next()
    subject.cls.is_allowed_origin = lambda self, origin: own(self, origin)
    return subject.values[0]


def _exhaust(subject: Subject) -> str:
    """From CPython 3.13 on, a class that changed a thousand times gets no more version tags."""
    while subject.number < 2500:
        subject.next()
        subject.cls.counter = subject.number
        subject.cls.counter  # noqa: B018  # the look-up makes CPython give it one
    return subject.values[0]


def _collide(subject: Subject) -> str:
    subject.number += 1
    if subject.number == 1:
        subject.middleware.allow_origins = subject.values = _colliding(16_384)
    subject.values.append(subject.next())
    return STRANGER


def _repeat(subject: Subject) -> str:
    subject.number += 1
    if subject.number == 1:
        subject.middleware.allow_origins = subject.values = [subject.values[0]] * 16_384
    subject.values.append(subject.next())
    return STRANGER


CHANGES: dict[str, tuple[Callable[[Subject], str], tuple[int, ...]]] = {
    "nothing, refused": (_nothing, SIZES),
    "an origin appended, refused": (_append, SIZES),
    "the first origin replaced, refused": (_replace_first, SIZES),
    "the first origin moved to the end, from it": (_rotate, SIZES),
    "an origin appended, from it": (_append_and_use, SIZES),
    "a header changed": (_set_header, SIZES),
    "a hook patched": (_patch, SIZES),
    "a class without a version tag": (_exhaust, (1,)),
    "16,384 colliding origins and another": (_collide, (1,)),
    "16,384 equal origins and another": (_repeat, (1,)),
}


async def _send(message: Any) -> None:
    """The server's."""


def _request(subject: Subject, change: Callable[[Subject], str], preflights: bool) -> int:
    """Return the nanoseconds of one request after `change`."""
    origin = change(subject).encode("latin-1")
    scope = preflight(origin, b"content-type") if preflights else actual(origin)
    start = time.perf_counter_ns()
    try:
        subject.middleware(scope, None, _send).send(None)
    except StopIteration:
        return time.perf_counter_ns() - start
    raise AssertionError("something waited for an event loop")


def measure(name: str, size: int, count: int, preflights: bool) -> dict[str, float]:
    """Return the microseconds by subject."""
    change, _ = CHANGES[name]
    bases = {STARLETTE: StarletteCORSMiddleware}
    bases |= {core: fastcors_on(word).CORSMiddleware for core, word in ((COMPILED, "compiled"), (PYTHON, "python"))}
    figures = {}
    for subject_name, base in bases.items():
        subject = Subject(base, size)
        figures[subject_name] = statistics.median(_request(subject, change, preflights) for _ in range(count)) / 1000
    return figures


def results(quick: bool) -> Iterator[dict[str, Any]]:
    for name, (_, sizes) in CHANGES.items():
        for size in sizes[:2] if quick else sizes:
            count = 3 if quick else 300 if size <= 1000 else 40
            for preflights in (False, True):
                figures = measure(name, size, count, preflights)
                yield {"name": name + ", preflight" * preflights, "origins": size, "microseconds": figures}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few requests, small sizes")
    parser.add_argument("--out", type=Path, default=HERE, help="the directory to write to")
    arguments = parser.parse_args()
    stamped, cases = stamp("python benchmarks/cliffs.py"), []
    for case in results(arguments.quick):
        cases.append(case)
        figures = ", ".join(f"{name} {value:,.1f}" for name, value in case["microseconds"].items())
        print(f"{case['name']:56}{case['origins']:>9,}: {figures}", flush=True)
    print("wrote", *report.write("cliffs", {"stamp": stamped, "cases": cases}, arguments.out))


if __name__ == "__main__":
    main()
