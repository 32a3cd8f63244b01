"""Steps of a `Case` that change a running middleware in unusual ways: objects that compare equal to a hook replace it,
an attribute is assigned while the policy is compiled, a middleware is put around itself, a process forks.
"""

import dataclasses
import functools
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class EqualObject:
    """A wrapper that compares and hashes like the wrapped object. A look-up returns this very object, not a method."""

    def __init__(self, wrapped: Any, call: Callable[..., Any]) -> None:
        self.__wrapped__ = wrapped
        self.call = call

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.call(*args, **kwargs)

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash(self.__wrapped__)


class EqualDescriptor(EqualObject):
    """The same as a method: each look-up makes a new object."""

    def __get__(self, instance: Any, owner: Any) -> Any:
        return functools.partial(self.call, *([] if instance is None else [instance]))


@dataclasses.dataclass(frozen=True)
class Patch:
    """Replaces a hook of the class in one of the `WAYS`, or restores it with "undo"."""

    hook: str
    way: str


WAYS = ("object", "descriptor", "function")


def patch(cls: Any, middleware: Any, step: Patch, called: list[Any]) -> None:
    """Replace a hook of `cls` by one that records its calls, and denies origins that end with .com."""
    original = inspect.getattr_static(cls, step.hook)
    if step.way == "undo":
        setattr(cls, step.hook, getattr(original, "restored", original))
        return
    base = cls.__mro__[1]
    static = isinstance(inspect.getattr_static(base, step.hook), staticmethod)

    def hook(*args: Any, **kwargs: Any) -> Any:
        called.append(("patched", step.hook, kwargs.get("origin")))
        if kwargs.get("origin", "").endswith(".com"):
            return False
        return getattr(base, step.hook)(*([] if static else [middleware]), *args, **kwargs)

    def method(_: Any, *args: Any, **kwargs: Any) -> Any:
        return hook(*args, **kwargs)

    made: Any = method
    if step.way != "function":
        made = EqualObject(original, hook) if step.way == "object" else EqualDescriptor(original, method)
    made.restored = getattr(original, "restored", original)
    setattr(cls, step.hook, made)


@contextmanager
def interrupted(do: Callable[[], None], line: int) -> Iterator[None]:
    """Do something when the line with this number is executed in fastcors, as a signal handler may."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        # Skip lines of the compiled core. Only a build with line tracing has them, and no other code runs between them.
        file = frame.f_code.co_filename
        if event == "line" and "fastcors" in file and file.endswith(".py"):
            count += 1
            if count == line:
                sys.settrace(None)
                do()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


def assign_meanwhile(middleware: Any, assign: Callable[[], object], line: int, request: Callable[[], object]) -> None:
    """Call `assign` at the given line of the code that serves `request`, or after it if it has no such line."""
    done: list[object] = []
    # Sent so that a policy is compiled.
    middleware.allow_credentials = getattr(middleware, "allow_credentials", False)
    with interrupted(lambda: done.append(assign()), line):
        request()
    if not done:
        assign()


def in_a_child(work: Callable[[], str]) -> str:
    """Return the result of `work` in a forked process."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(write, work().encode("utf-8", "replace")[:60_000])
        finally:
            os._exit(0)
    os.close(write)
    with open(read, "rb") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return told.decode()
