"""When a middleware is compiled anew, and from what: its attributes, and what its class holds.

A policy is kept in the middleware's `PolicyCache`. It counts until an attribute is assigned, or the class has another
hook than when the policy was made.
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

# An override of one of these is called for every request, with what Starlette would call it with.
_HOOKS_OF_SLOW_PATH = ("preflight_response", "simple_response", "send", "allow_explicit_origin")
# In the order in which the cores know them.
HOOKS = ("is_allowed_origin", *_HOOKS_OF_SLOW_PATH)
# Parameters that Starlette does not have. An instance has the attribute only where the parameter was given.
_OWN_PARAMETERS = ("on_refusal", "allow_origin_patterns", "allow_origin_func", "check_websocket_origin")
_COMPILED_FROM = frozenset({*ATTRIBUTES, *HOOKS, *_OWN_PARAMETERS, "__dict__"})
# What decides, in a class, how the attributes of its instances are read and written.
_ATTRIBUTE_ACCESS = ("__getattribute__", "__setattr__", "__delattr__", "__dict__")
# What a policy depends on in a class.
_OF_CLASS = frozenset({*HOOKS, "on_refusal", *ATTRIBUTES, *_ATTRIBUTE_ACCESS})

# Compiling reads several attributes and stores one result, so it must not meet another thread's assignment halfway.
# Shared by all instances, because an instance that holds a lock can be neither copied nor pickled; taken at start-up
# and on assignments only.
LOCK = threading.RLock()


def _renew_lock() -> None:  # pragma: no cover  # in a child process
    global LOCK
    LOCK = threading.RLock()


# A child process has one thread. Had another held the lock in the parent, nobody would ever release it in the child.
if hasattr(os, "register_at_fork"):  # pragma: no branch
    os.register_at_fork(after_in_child=_renew_lock)


@contextlib.contextmanager
def assigning(middleware: core.Dispatcher, name: str) -> Iterator[None]:
    """Have no request answered from what was compiled before the attribute `name` is assigned, or deleted, in here.

    The policy is forgotten before the assignment, so that this holds if an exception such as KeyboardInterrupt comes
    right after it; and afterwards, because a signal handler or a finalizer can have a request answered during it. The
    caller holds `LOCK`.
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
    # Once the dict is another, somebody else may hold it and write to it: nothing can be compiled from it. That may be
    # the middleware whose dict it is.
    if name == "__dict__":
        for other in gc.get_referrers(vars(middleware)):
            if issubclass(type(other), core.Dispatcher):
                object.__setattr__(other, "_fastcors_cache", core.PolicyCache(True))
    cache = core.PolicyCache(middleware._fastcors_cache.shared or name == "__dict__")
    object.__setattr__(middleware, "_fastcors_cache", cache)


# Of `type` itself, which a metaclass cannot override.
_mro_of = vars(type)["__mro__"].__get__
_namespace_of = vars(type)["__dict__"].__get__


class OwnClass:
    """Our middleware class as it was when it was made, whatever is patched later, to compare others with."""

    def __init__(self, cls: type) -> None:
        self.hooks: tuple[Any, ...] = tuple(getattr(cls, hook) for hook in HOOKS)
        _, self._stored, _, self._codes = self.state_of(cls)

    def compile(self, middleware: Any, stale: bool) -> core.CompiledPolicy:
        """Return what the core answers from, made anew where it is `stale` or a hook of the class was replaced."""
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
            # Into the cache of before: if an attribute was assigned meanwhile, that is no longer the instance's.
            cache.policy = compiled
            return compiled

    def state_of(self, cls: type) -> ClassState:
        """Return what a policy depends on in `cls`: its MRO, what it has by the names in `_OF_CLASS`, and our own hooks
        with their code, which instrumentation may exchange.

        As the classes hold it, not as a look-up makes it: a bound class method is a new object each time.
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
        """Return what the core can answer from; None: each request takes the slow path."""
        if not self._is_plain(middleware, state[1]):
            return None
        if any(self.overrides(middleware, state, hook) for hook in _HOOKS_OF_SLOW_PATH):
            return None
        return policy_of(middleware, has_origin_hook=self.overrides(middleware, state, "is_allowed_origin"))

    def overrides(self, middleware: Any, state: ClassState, hook: str) -> bool:
        """Tell whether `hook` names another function than ours, or our function runs other code."""
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
