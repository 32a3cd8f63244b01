"""What is fast for most configurations and requests is not very slow for others. `make cliffs` has the times."""

# mypy: allow-subclassing-any
# (The class to inherit from is a parameter: ours on each core, or Starlette's.)

import sys
from types import ModuleType
from typing import Any

import pytest
from support.asgi import OnlyContains
from support.exchange import CONFIG, ORIGIN, OTHER, answers, both, exchange, get, hello, preflight

SIZES = (0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 300)


def origins(count: int) -> list[str]:
    return [f"https://{number}.example" for number in range(count)]


def asked_about(middleware: Any, values: list[str]) -> list[Any]:
    return [exchange(middleware, request(value)) for value in values for request in (get, preflight)]


CHANGES: dict[str, Any] = {
    "appended": lambda values: values.append(OTHER),
    "inserted": lambda values: values.insert(0, OTHER),
    "removed": lambda values: values and values.pop(0),
    "last removed": lambda values: values and values.pop(),
    "reversed": lambda values: values.reverse(),
    "the same again": lambda values: values.extend(values[:]),
    "replaced by equal ones": lambda values: values.__setitem__(slice(None), [(v + " ")[:-1] for v in values]),
    "middle replaced": lambda values: values.__setitem__(slice(len(values) // 2, None), [OTHER]),
    "something odd": lambda values: values.insert(len(values) // 2, None),
    "outside latin-1": lambda values: values.insert(len(values) // 2, "https://\u65e5.example"),
    "cleared": lambda values: values.clear(),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("size", SIZES)
def test_a_list_that_changed(fastcors: ModuleType, size: int, change: str) -> None:
    """The index of before, the search of the list and the new index say the same as Starlette."""

    def scenario(base: Any) -> Any:
        values = origins(size)
        asked = [*values[:2], *values[size // 2 : size // 2 + 2], *values[-2:], OTHER, "https://x.example", ""]
        middleware = base(hello, allow_origins=values)
        seen = asked_about(middleware, asked)
        CHANGES[change](values)
        return [*seen, *asked_about(middleware, asked), *asked_about(middleware, asked)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


@pytest.mark.parametrize("kind", [list, tuple, set, frozenset])
@pytest.mark.parametrize("length", [0, 1, 63, 64, 127, 128, 254, 255, 256, 257, 4095])
def test_values_of_every_length(fastcors: ModuleType, length: int, kind: Any) -> None:
    """Among few, and among so many that they are hashed."""

    def scenario(base: Any) -> Any:
        value = ("https://" + "a" * length)[:length]
        seen = []
        for more in (0, 20):
            middleware = base(hello, allow_origins=kind([*origins(more), value]))
            middleware.allow_headers = kind([*origins(more), value])
            for asked in (value, value + "a", value[:-1], value.upper()):
                seen += [exchange(middleware, get(asked)), exchange(middleware, preflight(names=asked))]
        return seen

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


def flipped(place: int, value: str) -> str:
    """Return `value` with the highest bits flipped in two of its eight-byte words, as chosen collisions had them."""
    octets = bytearray(value.encode("latin-1"))
    octets[8 * place + 7] ^= 0x80
    octets[8 * place + 15] ^= 0x80
    octets[8 * place + 11] ^= 0x80
    return octets.decode("latin-1")


@pytest.mark.parametrize("count", [1, 10, 14])
def test_values_chosen_to_collide(fastcors: ModuleType, count: int) -> None:
    """They are told apart: all that share one hash, where each step of it is a multiplication."""
    chosen = ["https://" + "aaaaaaaa" * 30]
    for place in range(1, 1 + 2 * count, 2):
        chosen += [flipped(place, value) for value in chosen]
    middleware = fastcors.CORSMiddleware(hello)
    middleware.allow_origins = chosen
    for value in (chosen[0], chosen[-1], chosen[len(chosen) // 2]):
        assert (b"access-control-allow-origin", value.encode("latin-1")) in exchange(middleware, get(value))[0][
            "headers"
        ]
    refused = exchange(middleware, get(flipped(0, chosen[-1])))[0]["headers"]
    assert b"access-control-allow-origin" not in dict(refused)


def test_equal_values_many_times(fastcors: ModuleType) -> None:
    """One slot is enough for all of them: 100,000 would take minutes otherwise."""
    values = [ORIGIN] * 100_000 + [(ORIGIN + " ")[:-1] for _ in range(1000)]
    middleware = fastcors.CORSMiddleware(hello)
    middleware.allow_origins = values
    assert answers(middleware) == answers(fastcors.CORSMiddleware(hello, allow_origins=[ORIGIN]))


def test_what_a_change_in_place_compiles(fastcors: ModuleType) -> None:
    """A list of origins that changes is searched, and at most indexed; nothing else is made anew."""

    class Counting(fastcors.CORSMiddleware):  # type: ignore[name-defined]  # a module at run time
        def _fastcors_compile(self, stale: bool) -> Any:
            compiled.append(stale)
            return super()._fastcors_compile(stale)

    compiled: list[bool] = []
    values = origins(100)
    middleware = Counting(hello, allow_origins=values)
    exchange(middleware, get())
    compiled.clear()
    for number in range(100, 500):
        values.append(f"https://{number}.example")
        assert any(values[-1].encode() in pair for pair in exchange(middleware, get(values[-1]))[0]["headers"])
        assert not any(OTHER.encode() in pair for pair in exchange(middleware, preflight(OTHER))[0]["headers"])
        values.pop(0)
    assert compiled == []


def exhausted(base: Any) -> Any:
    """Return a class that changed so often that CPython, from 3.13 on, gives it no version tag any more."""
    used: Any = type("Exhausted", (type("Parent", (base,), {}),), {"counter": 0})
    for number in range(2500):
        used.counter = number
        used.counter  # noqa: B018  # the look-up makes CPython give it one
    return used


@pytest.mark.parametrize("hook", ["is_allowed_origin", "send"])
def test_a_class_that_changed_a_thousand_times(fastcors: ModuleType, hook: str) -> None:
    """Patched, unpatched, patched in a parent, given another base and another class: all of it is seen."""

    def scenario(base: Any) -> Any:
        used = exhausted(base)
        middleware, other = used(hello, **CONFIG), used(hello, allow_origins=["*"])
        seen = [answers(middleware), answers(other)]

        def refuse(self: Any, origin: str) -> bool:
            return False

        async def send(self: Any, message: Any, send: Any, request_headers: Any) -> None:
            await send({**message, "patched": True})

        patch = refuse if hook == "is_allowed_origin" else send
        for cls in (used, used.__mro__[1]):
            setattr(cls, hook, patch)
            seen += [answers(middleware), answers(other)]
            delattr(cls, hook)
            seen += [answers(middleware), answers(other)]
        used.__bases__ = (type("Patched", (base,), {hook: patch}),)
        seen += [answers(middleware), answers(other)]
        other.__class__ = exhausted(base)
        return [*seen, answers(middleware), answers(other)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


@pytest.mark.skipif(sys.version_info < (3, 13), reason="a class that changes gets another version tag each time there")
def test_a_class_that_changes_at_each_request(fastcors: ModuleType) -> None:
    """Only a change of what a policy is made from is looked at."""

    class Counting(fastcors.CORSMiddleware):  # type: ignore[name-defined]  # a module at run time
        def _fastcors_compile(self, stale: bool) -> Any:
            compiled.append(stale)
            return super()._fastcors_compile(stale)

    compiled: list[bool] = []
    used = exhausted(Counting)
    middleware = used(hello, **CONFIG)
    answers(middleware)
    compiled.clear()
    for number in range(50):
        used.counter = number
        answers(middleware)
    assert compiled == []
    used.is_allowed_origin = lambda self, origin: False
    assert answers(middleware) != answers(fastcors.CORSMiddleware(hello, **CONFIG))


def test_own_collections_are_still_asked_each_time(fastcors: ModuleType) -> None:
    class Counting(OnlyContains):
        def __contains__(self, value: object) -> bool:
            looked_for.append(value)
            return super().__contains__(value)

    looked_for: list[object] = []
    middleware = fastcors.CORSMiddleware(hello, Counting((ORIGIN,)))
    looked_for.clear()
    for _ in range(3):
        exchange(middleware, get())
        exchange(middleware, preflight(OTHER))
    assert looked_for == [ORIGIN, OTHER] * 3


@pytest.mark.parametrize("regex", [None, r"https://elsewhere\..*"])
def test_a_list_that_got_shorter(fastcors: ModuleType, regex: str | None) -> None:
    """The place where an origin was found is no longer there."""

    def scenario(base: Any) -> Any:
        values = [OTHER, ORIGIN]
        middleware = base(hello, allow_origins=values, allow_origin_regex=regex)
        seen = asked_about(middleware, [ORIGIN, OTHER])
        values.pop()
        return [*seen, *asked_about(middleware, [ORIGIN, OTHER])]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
