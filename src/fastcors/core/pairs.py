"""Header pairs: comparing them with a snapshot, and writing them into lists."""

from typing import TYPE_CHECKING, Any

from .names import VARY
from .text import has_control

if TYPE_CHECKING:
    from ..types import Pair, Pairs


def reflecting(header: bytes | None, value: bytes) -> "Pair | tuple[()]":
    """Return the pair that reflects `value`, or () if a control byte forbids reflecting it."""
    return () if header is None or has_control(value) else (header, value)


def unchanged(headers: dict[str, str], items: list[tuple[str, str]]) -> bool:
    """Tell whether `headers` still holds the very same names and values in the same order."""
    if len(headers) != len(items):
        return False
    place = 0
    try:
        for name, value in headers.items():
            known_name, known_value = items[place]
            if name is not known_name or value is not known_value:
                return False
            place += 1
    except (IndexError, RuntimeError):  # pragma: no cover  # another thread changes them
        return False
    return True


def put(headers: list["Pair"], pair: "Pair", place: int) -> None:
    """Put `pair` in place of another or at the end."""
    if place < 0:
        headers.append(pair)
    else:
        headers[place] = pair


def merge(headers: list[Any], pairs: "Pairs") -> None:
    """Set our headers among the app's: replace the first of a name, remove the others, and join Vary."""
    for pair in pairs:
        set_header(headers, pair)
    values = [value for name, value in headers if name == VARY]
    set_header(headers, (VARY, b", ".join([*values, b"Origin"])))


def set_header(headers: list[Any], pair: "Pair") -> None:
    name = pair[0]
    places = [place for place, (other, _) in enumerate(headers) if other == name]
    if not places:
        headers.append(pair)
        return
    headers[places[0]] = pair
    for place in reversed(places[1:]):
        del headers[place]
