"""The live collections of a policy, indexed."""

import contextlib
from operator import is_
from typing import TYPE_CHECKING, Any, TypeAlias

from .names import Judged
from .pairs import reflecting
from .text import text_of

if TYPE_CHECKING:
    from ..types import Pair

# Lists, places in them, and the exact string objects that have to be there.
Proof: TypeAlias = tuple[tuple[Any, int, str], ...]

# A longer value is not looked up by its hash, because hashing takes time for each byte.
LONGEST = 255
_KEPT = 64


class AllowedValues:
    """The values of one allow_* collection, and still live.

    A tuple or frozenset of strings is indexed. A list can change in place without a trace, so it is searched, as
    Starlette does for each request. The place of a hit is kept, and counts while the list still holds the very same
    string there. Anything else decides itself. With `header`, a hit comes with the pair that reflects it.
    """

    __slots__ = ("_header", "_is_fixed", "_keeps_places", "collection", "found")

    def __init__(self, collection: Any, header: bytes | None = None) -> None:
        self.collection = collection
        self._header = header
        # An object that is only equal to a string may compare differently the next time.
        plain = type(collection) in (list, tuple, frozenset) and all(type(value) is str for value in collection)
        self._keeps_places = plain and type(collection) is list
        self._is_fixed = plain and type(collection) is not list
        # The place of a value, the value itself and its pair, by its bytes.
        self.found: dict[bytes, tuple[int, str, Pair | tuple[()]]] = {}
        if self._is_fixed:
            for value in collection:
                # No request can match a value outside latin-1.
                with contextlib.suppress(UnicodeEncodeError):
                    encoded = value.encode("latin-1")
                    self.found[encoded] = -1, value, reflecting(header, encoded)

    def pair_for(self, value: bytes, search: bool = True) -> Judged:
        """Return the pair for an allowed `value`, or (); None if it is not allowed, or only a search can tell."""
        found = self.found.get(value) if len(value) <= LONGEST or self._is_fixed else None
        if found is not None:
            place, text, pair = found
            try:
                holds = place < 0 or self.collection[place] is text
            except IndexError:  # the list got shorter
                holds = False
            if holds:
                return pair
        return None if self._is_fixed or not search else self._search(value)

    def _search(self, value: bytes) -> Judged:
        text = text_of(value)
        if text not in self.collection:
            return None
        pair = reflecting(self._header, value)
        if self._keeps_places and len(value) <= LONGEST:
            self._keep(value, text, pair)
        return pair

    def _keep(self, value: bytes, text: str, pair: "Pair | tuple[()]") -> None:
        values = self.collection
        # An object that was added to the list later may compare differently the next time, or raise.
        with contextlib.suppress(Exception):
            place = values.index(text)
            # The list may change at any time, so another value may be there by now.
            kept = values[place]
            if type(kept) is str and kept == text:
                if len(self.found) > 2 * len(values) + 8:
                    self.found.clear()
                self.found[value] = place, kept, pair

    def proof_of(self, value: bytes) -> Proof | None:
        """Return the conditions under which an allowed `value` stays allowed, or None if that has to be looked up."""
        found = self.found.get(value)
        if found is None:
            return None
        return () if self._is_fixed else ((self.collection, *found[:2]),)


class AllowedNames:
    """The allowed request-header names, still live: a list can change in place without a trace."""

    __slots__ = ("_is_list", "_snapshot", "collection", "indexed", "longest", "texts")

    def __init__(self, collection: Any) -> None:
        kind = type(collection)
        self.collection = collection
        self._is_list = kind is list
        self._snapshot: list[Any] = list(collection) if kind in (list, tuple, frozenset) else [None]
        self.indexed = all(type(value) is str for value in self._snapshot)
        if self.indexed:
            # No request can name a value with white space around it.
            self.texts = frozenset(value for value in self._snapshot if value == value.strip())
            self.longest = max(map(len, self._snapshot), default=0)

    def unchanged(self) -> bool:
        """Tell whether the collection still holds the very same strings. Equal objects may behave differently."""
        if not self._is_list:
            return True
        return len(self.collection) == len(self._snapshot) and all(map(is_, self.collection, self._snapshot))

    def proof_of(self, names: bytes) -> Proof | None:
        """Return the conditions under which allowed `names` stay allowed, or None if that has to be looked up."""
        if not self.indexed:
            return None
        if not self._is_list:
            return ()
        places = {text: place for place, text in enumerate(self._snapshot)}
        asked = dict.fromkeys(map(str.strip, text_of(names).lower().split(",")))
        return tuple((self.collection, places[name], self._snapshot[places[name]]) for name in asked)


class KnownPreflights:
    """Methods and header names that were allowed for preflights, with the conditions under which they stay allowed.

    A browser repeats the same few, so the first ones are kept and never replaced.
    """

    __slots__ = ("_proofs",)

    def __init__(self) -> None:
        self._proofs: dict[tuple[bytes, bytes | None], Proof] = {}

    def holds(self, method: bytes, names: bytes | None) -> bool:
        """Tell whether both are known to be allowed."""
        if len(method) > LONGEST or (names is not None and len(names) > LONGEST):
            return False
        proof = self._proofs.get((method, names))
        if proof is None:
            return False
        try:
            for values, place, text in proof:
                if values[place] is not text:
                    return False
        except IndexError:  # the list got shorter
            return False
        return True

    def keep(self, method: bytes, names: bytes | None, of_method: Proof | None, of_names: Proof | None) -> None:
        """Keep allowed values, if places in lists can prove the next time that they are still allowed."""
        if len(self._proofs) < _KEPT and of_method is not None and of_names is not None:
            self._proofs[method, names] = (*of_method, *of_names)
