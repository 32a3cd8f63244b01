# cython: language_level=3, binding=False, boundscheck=False, wraparound=False, freethreading_compatible=True
"""The request path over raw ASGI byte headers, compiled. Each piece below stands beside its twin in Python.

The core answers requests with the header pairs that a `Policy` encoded at start-up. It handles only exact `dict`,
`list`, `tuple`, `bytes` and `str`. Everything else takes the slow path: the middleware's `_fastcors_slow_respond` and
`_fastcors_slow_send`, which follow ordinary Python semantics. The core chooses the path before it changes anything.

References: an object is held by a reference of our own if Python code may run before its last use. Otherwise it is
borrowed, such as an object in a header list or a value in a dict.

Why `freethreading_compatible` is safe to declare: most objects of this module never change after construction. The
exceptions are:

- a Dispatcher's cache, a PolicyCache's policy, and a CompiledPolicy's index of the origins are read and replaced under
  the critical section of their owner, and each reader takes a strong reference;
- AllowedValues fills its pairs under its own critical section, and each entry at most once;
- a Recent is read and written under its own critical section, and gives out strong references;
- a ResponseSender's scope and attributes are read and replaced under its critical section;
- aligned numbers that are at worst read late: the class version in a CompiledPolicy, whether its origins run code of
  others, the hint in AllowedValues that its index is out of date, a ResponseSender's progress, which only grows, and
  the count of changes of classes without a version tag. Versions of dicts, and places in them, are used with the GIL
  alone.

Containers that other code can reach (a scope's header list, a message's header list, the live configuration) are read
under their own critical section, and only strong references leave it. Dictionary look-ups return strong references. A
class's version tag is one aligned number too: if it is read late, a patch takes effect with the next request. With the
GIL all of this compiles to nothing, and a dict's value can be looked at without a reference.

Calls from C that do not begin a Python frame count against the recursion limit, because an app can be one of our own
middlewares, and `send` a ResponseSender.
"""

import inspect

from .coroutines import answer, decide, finish, run_later, settle

cimport cython
from cpython.list cimport PyList_New
from cpython.object cimport PyObject
from cpython.tuple cimport PyTuple_CheckExact
from cpython.unicode cimport PyUnicode_DecodeLatin1
from libc.stdint cimport uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memchr, memcmp, memcpy

include "capi.pxi"
include "names.pxi"
# Bytes as text, in latin-1.
include "text.pxi"
# Header pairs: unpacking them, comparing them with a snapshot, writing them into lists.
include "pairs.pxi"
# Indexes of a policy's live collections.
include "values.pxi"
# Answers to values that are likely to come again.
include "recent.pxi"
# An origin regex that C walks. In Python, `OriginAutomaton` itself does that.
include "automaton.pxi"
# Methods that may be overridden or patched, and the detection of such changes.
include "hooks.pxi"
include "compiled_policy.pxi"
# The middleware's call slot, and the cache of its policy.
include "dispatch.pxi"
# Reasons to refuse a request, and how they are reported.
include "outcomes.pxi"
include "preflight.pxi"
# Amending the headers of a response.
include "response.pxi"
# The `send` that the app gets.
include "sender.pxi"
include "request.pxi"
# `allow_origin_func`.
include "asking.pxi"
