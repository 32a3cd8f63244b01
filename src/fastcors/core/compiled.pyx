# cython: language_level=3, binding=False, boundscheck=False, wraparound=False, freethreading_compatible=True
"""The request path over raw ASGI byte headers, compiled. Its twin in Python is request.py: same names, same order.

It answers from what a `Policy` encoded at start-up and takes only exact `dict`, `list`, `tuple`, `bytes` and
`str` on its own; for everything else it hands the request to the middleware's `_fastcors_slow_respond` or
`_fastcors_slow_send`, which follow ordinary Python semantics. It decides which way to go before it changes
anything.

Why `freethreading_compatible` is safe to declare. Most objects of this module never change once they are made. The
exceptions:

- a Dispatcher's cache, a PolicyCache's policy, and a CompiledPolicy's index of the origins are read and replaced under
  the critical section of their owner, and each reader takes a strong reference;
- AllowedValues fills its pairs under its own critical section, and each entry at most once;
- a ResponseSender's scope and attributes are read and replaced under its critical section;
- four aligned numbers are at worst read late: the class version in a CompiledPolicy, the hint in AllowedValues that its
  index is out of date, a ResponseSender's progress, which only grows, and the count of changes of classes without a
  version tag.

Containers that others can reach (a scope's header list, a message's header list, the live configuration) are read
under their own critical section, and what leaves it is a strong reference. Dictionary look-ups return strong
references. A class's version tag is one aligned number too: when it is read late, a patch counts from the next request
on. With the GIL all of this compiles to nothing.

Calls out of C that do not begin a Python frame are counted against the recursion limit: an app can be a middleware of
ours, and `send` a ResponseSender.
"""

import inspect

from .coroutines import answer, finish

cimport cython
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.dict cimport PyDict_CheckExact
from cpython.list cimport PyList_CheckExact, PyList_New
from cpython.object cimport PyObject
from cpython.tuple cimport PyTuple_CheckExact
from cpython.unicode cimport PyUnicode_CheckExact, PyUnicode_DecodeLatin1
from libc.stdint cimport uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memchr, memcmp, memcpy

include "capi.pxi"
include "names.pxi"
include "text.pxi"
include "pairs.pxi"
include "values.pxi"
include "automaton.pxi"
include "hooks.pxi"
include "compiled_policy.pxi"
include "dispatch.pxi"
include "outcomes.pxi"
include "preflight.pxi"
include "response.pxi"
include "sender.pxi"
include "request.pxi"
