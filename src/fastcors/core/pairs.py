"""Header pairs: comparing them with what was encoded, and putting them into lists."""

from operator import is_
from typing import TYPE_CHECKING, Any

from .names import _VARY
from .text import _has_control

if TYPE_CHECKING:
    from ..policy import Pair, Pairs


def _reflecting(header: bytes | None, value: bytes) -> "Pair | tuple[()]":
    """Return the pair that reflects `value`, or () where a control byte forbids it."""
    return () if header is None or _has_control(value) else (header, value)


def _unchanged(headers: dict[str, str], names: list[str], values: list[str]) -> bool:
    """Tell whether `headers` still holds the very same names and values, in the same order."""
    return len(headers) == len(names) and all(map(is_, headers, names)) and all(map(is_, headers.values(), values))


def _place(headers: list["Pair"], pair: "Pair", place: int) -> None:
    """Put `pair` in place of another or at the end."""
    if place < 0:
        headers.append(pair)
    else:
        headers[place] = pair


def _merged(headers: Any, pairs: "Pairs", colliding: bytes) -> list[Any]:
    """Return a new list: our headers set among the app's. The first of a name is replaced, the others go; Vary is
    joined.
    """
    if colliding == _VARY:
        joined = [(_VARY, pair[1] + b", Origin") if pair[0] == _VARY else pair for pair in headers]
        return [*joined, *pairs]
    merged = [*headers]
    for pair in pairs:
        _set(merged, pair)
    values = [value for name, value in merged if name == _VARY]
    _set(merged, (_VARY, b", ".join([*values, b"Origin"])))
    return merged


def _set(headers: list[Any], pair: "Pair") -> None:
    name = pair[0]
    places = [place for place, (other, _) in enumerate(headers) if other == name]
    if not places:
        headers.append(pair)
        return
    headers[places[0]] = pair
    for place in reversed(places[1:]):
        del headers[place]
