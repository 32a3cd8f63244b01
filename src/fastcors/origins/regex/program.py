"""Turns a pattern into a program: instructions that take one byte, branch, or look around.

The standard library parses the pattern, and `re` itself finds the bytes that an item matches. This module only turns
the items into instructions. Anchors and word boundaries become look-arounds, so they need no instruction of their own.
"""

import functools
import importlib
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeAlias

from .budget import Budget, NoAutomaton
from .parsing import Tree, parsed


class Take(NamedTuple):
    """Take one byte of `octets`, which are in ascending order."""

    octets: bytes
    then: int


class Branch(NamedTuple):
    """Go on at each of `then`."""

    then: tuple[int, ...]


class LookAhead(NamedTuple):
    """Go on if the following text matches from `body` on, or does not if `negated`. The body ends at HELD."""

    negated: bool
    body: int
    then: int


class LookBehind(NamedTuple):
    """Go on if the preceding text ends in a match of look-behind number `behind`, or does not if `negated`."""

    negated: bool
    behind: int
    then: int


Instruction: TypeAlias = Take | Branch | LookAhead | LookBehind

MATCHED = 0
"""The instruction at the end of a match: it takes no byte."""
HELD = 1
"""The instruction at the end of a look-ahead: it takes any byte."""
ENDS: tuple[Instruction, ...] = (Take(b"", MATCHED), Take(bytes(range(256)), HELD))


class Program(NamedTuple):
    """`instructions` by number, and the numbers of the first one of all and of each look-behind, inner ones first."""

    instructions: list[Instruction]
    start: int
    behinds: list[int]


def program_of(patterns: Iterable[re.Pattern[str]], budget: Budget) -> Program:
    """Return the program that matches what any of `patterns` matches. Raises `NoAutomaton` if one is unsupported."""
    assembler = _Assembler(budget)
    starts = [assembler.pattern(pattern) for pattern in patterns]
    start = starts[0] if len(starts) == 1 else assembler.either(starts)
    return Program(assembler.instructions, start, list(assembler.behinds))


_CATEGORIES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}


def _member(operator: str, argument: Any) -> str:
    """Return the source text of one member of a set."""
    if operator == "NEGATE":
        return "^"
    if operator == "LITERAL":
        return f"\\U{argument:08x}"
    if operator == "RANGE":
        return f"\\U{argument[0]:08x}-\\U{argument[1]:08x}"
    if operator == "CATEGORY" and repr(argument) in _CATEGORIES:
        return _CATEGORIES[repr(argument)]
    raise NoAutomaton(f"the unknown construct {operator} in a set")


def _source(operator: str, argument: Any) -> str:
    """Return the source text of an item that matches one character."""
    if operator == "ANY":
        return "."
    if operator == "IN":
        return f"[{''.join(_member(repr(member), of) for member, of in argument)}]"
    return f"[{'^' * (operator == 'NOT_LITERAL')}{_member('LITERAL', argument)}]"


LATIN_1 = bytes(range(256)).decode("latin-1")
_FLAGS_OF_CHARACTERS = re.IGNORECASE | re.ASCII | re.DOTALL


def characters(operator: str, argument: Any, flags: int) -> re.Pattern[str]:
    """Return a pattern that matches the same characters as an item that matches one."""
    return re.compile(_source(operator, argument), flags & _FLAGS_OF_CHARACTERS)


_START = r"(?<![\s\S])"
_ANCHORS = {
    "AT_BEGINNING": _START,
    "AT_BEGINNING_LINE": r"(?<![^\n])",
    "AT_BEGINNING_STRING": _START,
    "AT_END": r"(?![^\n]|\n[\s\S])",
    "AT_END_LINE": r"(?![^\n])",
    "AT_END_STRING": r"(?![\s\S])",
    "AT_BOUNDARY": r"(?:(?<=\w)(?!\w)|(?<!\w)(?=\w))",
    "AT_NON_BOUNDARY": r"(?:(?<=\w)(?=\w)|(?<!\w)(?!\w))",
}
_MULTILINE = {"AT_BEGINNING": "AT_BEGINNING_LINE", "AT_END": "AT_END_LINE"}
_LOOKING_AHEAD = {
    "AT_END": "the end anchor $",
    "AT_END_LINE": "the end anchor $",
    "AT_END_STRING": "the end anchor \\Z",
    "AT_BOUNDARY": "the word boundary \\b",
    "AT_NON_BOUNDARY": "the word boundary \\B",
}


@functools.cache
def _anchor(name: str) -> Tree:
    """Return an anchor as look-arounds."""
    source = _ANCHORS.get(name)
    if source is None:
        raise NoAutomaton(f"the unknown anchor {name}")
    # Up to Python 3.13, \B does not match in an empty text.
    if name == "AT_NON_BOUNDARY" and re.fullmatch(r"\B", "") is None:
        source += r"(?:(?<=[\s\S])|(?=[\s\S]))"
    return parsed(source, 0)


# The number of repeats that means no limit. The parser takes it from the same place.
UNBOUNDED: int = importlib.import_module("_sre").MAXREPEAT
_TYPE_FLAGS = re.ASCII | re.LOCALE | re.UNICODE

_UNSUPPORTED = {
    "GROUPREF": "a back-reference",
    "GROUPREF_EXISTS": "a conditional group",
    "ATOMIC_GROUP": "an atomic group",
    "POSSESSIVE_REPEAT": "a possessive repeat",
}


class _Assembler:
    """Lays out a tree from its end to its start: each item gets the number `then` of the instruction after it, and
    returns the number of its own first instruction.
    """

    def __init__(self, budget: Budget) -> None:
        self.instructions = list(ENDS)
        self.behinds: dict[int, int] = {}
        """The number of each look-behind, by its first instruction."""
        self._bodies: dict[tuple[str, int, int], int] = {}
        self._octets: dict[tuple[str, int], bytes] = {}
        self._budget = budget
        self._looking_behind = False
        self._items: dict[str, Callable[[Any, int, int], int]] = {
            "AT": self._at,
            "BRANCH": self._branch,
            "SUBPATTERN": self._group,
            "MAX_REPEAT": self._repeat,
            "MIN_REPEAT": self._repeat,
            "ASSERT": functools.partial(self._look, False),
            "ASSERT_NOT": functools.partial(self._look, True),
            "FAILURE": lambda _argument, _flags, _then: self._emit(Branch(())),
        }
        for operator in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            self._items[operator] = functools.partial(self._take, operator)

    def pattern(self, pattern: re.Pattern[str]) -> int:
        # DEBUG would print the tree again.
        flags = pattern.flags & ~re.DEBUG
        return self.sequence(parsed(str.__str__(pattern.pattern), flags), flags, MATCHED)

    def either(self, starts: Iterable[int]) -> int:
        return self._emit(Branch(tuple(starts)))

    def sequence(self, tree: Tree, flags: int, then: int) -> int:
        # Counted also for an empty tree, because a repeat can make very many copies of it.
        self._budget.spend(4)
        for operator, argument in reversed(tree):
            # Use the repr as the name, because PyPy has no other.
            item = self._items.get(repr(operator))
            if item is None:
                raise NoAutomaton(_UNSUPPORTED.get(repr(operator), f"the unknown construct {operator!r}"))
            then = item(argument, flags, then)
        return then

    def _emit(self, instruction: Instruction) -> int:
        # This takes about as long as moving five threads.
        self._budget.spend(5)
        self.instructions.append(instruction)
        return len(self.instructions) - 1

    def _take(self, operator: str, argument: Any, flags: int, then: int) -> int:
        if operator == "LITERAL" and not flags & re.IGNORECASE:
            return self._emit(Take(bytes((argument,)) if argument < 256 else b"", then))
        if operator == "IN" and flags & re.IGNORECASE:
            # `re` looks at each character of a range.
            ranges = (of for member, of in argument if repr(member) == "RANGE")
            self._budget.spend(sum(last - first for first, last in ranges) // 2)
        return self._emit(Take(self._matched(_source(operator, argument), flags & _FLAGS_OF_CHARACTERS), then))

    def _matched(self, source: str, flags: int) -> bytes:
        """Return which of the 256 characters match. `re` decides, so case folding and categories are its own."""
        # Writing ten characters of the source takes about as long as moving one thread.
        self._budget.spend(len(source) // 10)
        found = self._octets.get((source, flags))
        if found is None:
            self._budget.spend(100 + len(source) // 4)
            characters = re.compile(source, flags).findall(LATIN_1)
            found = self._octets[source, flags] = "".join(characters).encode("latin-1")
        return found

    def _branch(self, argument: Any, flags: int, then: int) -> int:
        _, alternatives = argument
        return self.either(self.sequence(tree, flags, then) for tree in alternatives)

    def _group(self, argument: Any, flags: int, then: int) -> int:
        _, added, removed, tree = argument
        if added & _TYPE_FLAGS:
            flags &= ~_TYPE_FLAGS
        return self.sequence(tree, (flags | added) & ~removed, then)

    def _repeat(self, argument: Any, flags: int, then: int) -> int:
        # Greedy and lazy repeats match the same texts. Only the order in which `re` tries them differs.
        least, most, tree = argument
        if most != UNBOUNDED:
            then = self._copies(most - least, tree, flags, then, end=then)
            return self._copies(least, tree, flags, then)
        loop = self._emit(Branch(()))
        body = self.sequence(tree, flags, loop)
        self.instructions[loop] = Branch((body, then))
        return self._copies(least - 1, tree, flags, body) if least else loop

    def _copies(self, count: int, tree: Tree, flags: int, then: int, end: int | None = None) -> int:
        """Lay out `count` copies. With an `end`, each copy is optional: the match can go on at `end` instead."""
        for _ in range(count):
            start = self.sequence(tree, flags, then)
            if start == then:
                break  # The copies are empty.
            then = start if end is None else self._emit(Branch((start, end)))
        return then

    def _look(self, negated: bool, argument: Any, flags: int, then: int) -> int:
        direction, tree = argument
        if direction > 0:
            if self._looking_behind:
                raise NoAutomaton("a look-ahead inside a look-behind")
            return self._emit(LookAhead(negated, self._body(tree, flags, HELD), then))
        outer, self._looking_behind = self._looking_behind, True
        body = self._body(tree, flags, MATCHED)
        self._looking_behind = outer
        return self._emit(LookBehind(negated, self.behinds.setdefault(body, len(self.behinds)), then))

    def _body(self, tree: Tree, flags: int, end: int) -> int:
        """Return the first instruction of a look-around. Copies that a repeat makes of it share their instructions."""
        text = repr(tree)
        # Writing sixteen characters takes about as long as moving one thread.
        self._budget.spend(len(text) // 16)
        key = text, flags, end
        if key not in self._bodies:
            self._bodies[key] = self.sequence(tree, flags, end)
        return self._bodies[key]

    def _at(self, argument: Any, flags: int, then: int) -> int:
        name = repr(argument)
        if flags & re.MULTILINE:
            name = _MULTILINE.get(name, name)
        if self._looking_behind and name in _LOOKING_AHEAD:
            raise NoAutomaton(f"{_LOOKING_AHEAD[name]} inside a look-behind")
        return self.sequence(_anchor(name), flags, then)
