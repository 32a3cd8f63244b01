"""Compiles a middleware's policy from its attributes and its class, and notices when that has to happen again.

A policy is kept in the middleware's `PolicyCache`. It is valid until an attribute is assigned or a hook of the class
changes.
"""

import contextlib
import gc
import os
import threading
from collections.abc import Iterator
from operator import is_
from types import GetSetDescriptorType
from typing import Any

from . import core
from .core.policy import ATTRIBUTES, ClassState, Policy, policy_of
from .refusals import levels
from .slow_path import own_parameter

# An override of one of these is called for every request, with the arguments that Starlette would pass.
_HOOKS_OF_SLOW_PATH = ("preflight_response", "simple_response", "send", "allow_explicit_origin")
# In the order in which the cores know them.
HOOKS = ("is_allowed_origin", *_HOOKS_OF_SLOW_PATH)
# Parameters that Starlette does not have. An instance has the attribute only where the parameter was given.
_OWN_PARAMETERS = ("on_refusal", "allow_origin_patterns", "allow_origin_func", "check_websocket_origin")
_COMPILED_FROM = frozenset({*ATTRIBUTES, *HOOKS, *_OWN_PARAMETERS, "__dict__"})
# The names in a class that decide how attributes of its instances are read and written.
_ATTRIBUTE_ACCESS = ("__getattribute__", "__setattr__", "__delattr__", "__dict__")
# The names in a class that a policy depends on.
_OF_CLASS = frozenset({*HOOKS, "on_refusal", *ATTRIBUTES, *_ATTRIBUTE_ACCESS})

# Compiling reads several attributes and stores one result, so it must not meet another thread's assignment halfway. All
# instances share the lock, because an instance that holds a lock can be neither copied nor pickled. It is only taken at
# start-up and on assignments.
LOCK = threading.RLock()


def _renew_lock() -> None:  # pragma: no cover  # in a child process
    global LOCK
    LOCK = threading.RLock()


# A child process has one thread. If another thread held the lock in the parent, nobody would release it in the child.
if hasattr(os, "register_at_fork"):  # pragma: no branch
    os.register_at_fork(after_in_child=_renew_lock)


@contextlib.contextmanager
def assigning(middleware: core.Dispatcher, name: str) -> Iterator[None]:
    """Let the caller assign or delete the attribute `name`, without any request being answered from an outdated policy.

    The policy is dropped before the assignment, in case an exception such as KeyboardInterrupt follows the assignment.
    It is dropped again afterwards, because a signal handler or a finalizer can answer a request during the assignment.
    The caller holds `LOCK`.
    """
    if name not in _COMPILED_FROM:
        yield
        return
    _forget(middleware, name)
    try:
        yield
    finally:
        _forget(middleware, name)


def _forget(middleware: core.Dispatcher, name: str) -> None:
    # Others may hold the new dict and write to it, so no policy can be compiled from it. One of them may be another
    # middleware, whose dict it also is.
    if name == "__dict__":
        for other in gc.get_referrers(vars(middleware)):
            if issubclass(type(other), core.Dispatcher):
                object.__setattr__(other, "_fastcors_cache", core.PolicyCache(True))
    cache = core.PolicyCache(middleware._fastcors_cache.shared or name == "__dict__")
    object.__setattr__(middleware, "_fastcors_cache", cache)


# Taken from `type` itself, so that no metaclass can override them.
_mro_of = vars(type)["__mro__"].__get__
_namespace_of = vars(type)["__dict__"].__get__


class OwnClass:
    """Our middleware class as it was when it was defined. Other classes, and later patches, are compared with it."""

    def __init__(self, cls: type) -> None:
        self.hooks: tuple[Any, ...] = tuple(getattr(cls, hook) for hook in HOOKS)
        _, self._stored, _, self._codes = self.state_of(cls)

    def compile(self, middleware: Any, stale: bool) -> core.CompiledPolicy:
        """Return the compiled policy. It is compiled again if it is `stale` or a hook of the class was replaced."""
        with LOCK:
            cache = middleware._fastcors_cache
            version = core.class_version(type(middleware), _OF_CLASS)
            state = self.state_of(type(middleware))
            previous = cache.policy
            if not stale and previous is not None and _same_state(previous.class_state, state):
                previous.version = version
                return previous  # type: ignore[no-any-return]
            policy = self.policy_of(middleware, state)
            connect = None
            if policy is None or own_parameter(middleware, "check_websocket_origin"):
                connect = middleware._fastcors_connect
            watched = levels() if vars(middleware).get("on_refusal", state[1]["on_refusal"]) is None else None
            compiled = core.CompiledPolicy(policy, version, state, previous, watched, connect)
            # Store it in the cache from before. If an attribute was assigned meanwhile, the instance has another cache
            # by now.
            cache.policy = compiled
            return compiled

    def state_of(self, cls: type) -> ClassState:
        """Return what a policy depends on in `cls`: its MRO, what it has by the names in `_OF_CLASS`, and our own hooks
        with their code, which instrumentation may exchange.

        The values are those in the classes' namespaces. A look-up would make a new object of each class method.
        """
        codes = tuple(function.__code__ for function in self.hooks)
        mro: tuple[type, ...] = _mro_of(cls)
        stored: dict[str, Any] = {}
        for base in reversed(mro):
            if base is object:  # nobody changes it
                continue
            # A copy, because a class can change at any time.
            namespace = _namespace_of(base).copy()
            for name in _OF_CLASS.intersection(namespace):
                stored[name] = namespace[name]
        return mro, stored, self.hooks, codes

    def policy_of(self, middleware: Any, state: ClassState) -> Policy | None:
        """Return the policy that the core answers from, or None if each request has to take the slow path."""
        if not self._is_plain(middleware, state[1]):
            return None
        if any(self.overrides(middleware, state, hook) for hook in _HOOKS_OF_SLOW_PATH):
            return None
        return policy_of(middleware, has_origin_hook=self.overrides(middleware, state, "is_allowed_origin"))

    def overrides(self, middleware: Any, state: ClassState, hook: str) -> bool:
        """Tell whether `hook` is another function than ours, or our function has other code."""
        _, stored, _, codes = state
        place = HOOKS.index(hook)
        return (
            hook in vars(middleware) or stored[hook] is not self._stored[hook] or codes[place] is not self._codes[place]
        )

    def _is_plain(self, middleware: Any, stored: dict[str, Any]) -> bool:
        """Tell whether every attribute is what was last assigned to it, through our own `__setattr__`."""
        return (
            not middleware._fastcors_cache.shared
            and stored.keys().isdisjoint(ATTRIBUTES)
            and "__getattribute__" not in stored
            and stored["__setattr__"] is self._stored["__setattr__"]
            and stored["__delattr__"] is self._stored["__delattr__"]
            and type(stored["__dict__"]) is GetSetDescriptorType
        )


def _same_state(state: ClassState, other: ClassState) -> bool:
    """Compare by identity: a wrapper that replaced a hook may compare equal to it, as wrapt's do."""
    (mro, stored, _, codes), (other_mro, other_stored, _, other_codes) = state, other
    return (
        mro is other_mro
        and all(map(is_, codes, other_codes))
        and len(stored) == len(other_stored)
        and all(other_stored.get(name, other) is hook for name, hook in stored.items())
    )
