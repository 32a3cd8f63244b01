# cython: language_level=3, binding=False, boundscheck=False, wraparound=False, freethreading_compatible=True
"""The request path over raw ASGI byte headers, compiled. Its twin in Python is request.py: same names, same order.

It answers from what a `Policy` encoded at start-up and takes only exact `dict`, `list`, `tuple`, `bytes` and
`str` on its own; for everything else it hands the request to the middleware's `_fastcors_respond_in_full` or
`_fastcors_send_in_full`, which follow ordinary Python semantics. It decides which way to go before it changes
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

cdef extern from *:
    """
    /* A new reference; None where the key is missing. */
    static CYTHON_INLINE PyObject *fastcors_get(PyObject *mapping, PyObject *key) {
        PyObject *value;
    #if PY_VERSION_HEX >= 0x030D0000
        if (PyDict_GetItemRef(mapping, key, &value) < 0) return NULL;
        if (value) return value;
    #else
        value = PyDict_GetItemWithError(mapping, key);
        if (value) return Py_NewRef(value);
        if (PyErr_Occurred()) return NULL;
    #endif
        return Py_NewRef(Py_None);
    }
    /* The same, quicker where the key comes first, as `type` does in what servers and apps make. */
    static CYTHON_INLINE PyObject *fastcors_get_first(PyObject *mapping, PyObject *key) {
    #ifndef Py_GIL_DISABLED
        Py_ssize_t position = 0;
        PyObject *name, *value;
        if (PyDict_Next(mapping, &position, &name, &value) && name == key) return Py_NewRef(value);
    #endif
        return fastcors_get(mapping, key);
    }
    /* What makes a coroutine of another awaitable: set once, when the module is imported. */
    static PyObject *fastcors_finish = NULL;
    static PyObject *fastcors_finished(PyObject *awaitable) {
        PyObject *coroutine = PyObject_CallOneArg(fastcors_finish, awaitable);
        Py_DECREF(awaitable);
        return coroutine;
    }
    /* A thousand calls within each other are as many as Starlette's take at the usual recursion limit. CPython 3.12 and
       3.13 would count ten thousand, which is more than the stack of a thread may hold. */
    #define FASTCORS_DEEPEST 1000
    #ifdef _MSC_VER
    static __declspec(thread) int fastcors_depth = 0;
    #else
    static __thread int fastcors_depth = 0;
    #endif
    static CYTHON_INLINE int fastcors_enter(void) {
        if (fastcors_depth >= FASTCORS_DEEPEST) {
            PyErr_SetString(PyExc_RecursionError, "maximum recursion depth exceeded in a chain of ASGI apps");
            return -1;
        }
        if (Py_EnterRecursiveCall(" in a chain of ASGI apps")) return -1;
        fastcors_depth++;
        return 0;
    }
    static CYTHON_INLINE void fastcors_leave(void) {
        fastcors_depth--;
        Py_LeaveRecursiveCall();
    }
    /* Calls what is not a Python function. A function counts against the recursion limit when its frame begins, and so
       does a method that is one; CPython counts the call of what has no vectorcall; the rest is counted here. */
    static PyObject *fastcors_call_other(PyObject *callable, PyObject **args, size_t count) {
        PyObject *result = NULL;
        vectorcallfunc call = PyVectorcall_Function(callable);
        if (!call) return PyObject_Vectorcall(callable, args, count | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
        if (Py_IS_TYPE(callable, &PyMethod_Type) && PyFunction_Check(PyMethod_GET_FUNCTION(callable)))
            return call(callable, args, count | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
        if (fastcors_enter() == 0) {
            result = call(callable, args, count | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
            fastcors_leave();
        }
        return result;
    }
    /* Calls what the caller holds a reference to, and returns a coroutine: Starlette's methods do, as create_task()
       demands; an app, or a server's send(), may return another awaitable. */
    static CYTHON_INLINE PyObject *fastcors_call(PyObject *callable, PyObject **args, size_t count) {
        PyObject *result;
        if (PyFunction_Check(callable))
            result = ((PyFunctionObject *)callable)->vectorcall(
                callable, args, count | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
        else
            result = fastcors_call_other(callable, args, count);
        return !result || PyCoro_CheckExact(result) ? result : fastcors_finished(result);
    }
    /* A call through a type's own slot, as its vectorcall makes it for what it does not take itself. */
    static CYTHON_INLINE PyObject *fastcors_call_slot(PyObject *callable, PyObject *args, PyObject *keywords) {
        PyObject *result;
        if (fastcors_enter() != 0) return NULL;
        result = Py_TYPE(callable)->tp_call(callable, args, keywords);
        fastcors_leave();
        return result;
    }
    static CYTHON_INLINE PyObject *fastcors_send(PyObject *send, PyObject *message) {
        PyObject *args[2] = {NULL, message};
        return fastcors_call(send, args + 1, 1);
    }
    static CYTHON_INLINE PyObject *fastcors_run(PyObject *app, PyObject *scope, PyObject *receive, PyObject *send) {
        PyObject *args[4] = {NULL, scope, receive, send};
        return fastcors_call(app, args + 1, 3);
    }
    /* A pair in a list could be changed by another thread under our eyes, where threads run in parallel. */
    #ifdef Py_GIL_DISABLED
    #define fastcors_pair_list_exact(value) 0
    #else
    #define fastcors_pair_list_exact(value) PyList_CheckExact(value)
    #endif
    /* The number that CPython up to 3.12 gives a dict anew at each change (PEP 509); 0: there is none. In 3.13 it
       misses changes by way of an instance. Beside a look at all items it saves a tenth of an actual request. */
    static CYTHON_INLINE uint64_t fastcors_dict_version(PyObject *mapping) {
    #if PY_VERSION_HEX < 0x030D0000
        uint64_t version;
        _Py_COMP_DIAG_PUSH
        _Py_COMP_DIAG_IGNORE_DEPR_DECLS
        version = ((PyDictObject *)mapping)->ma_version_tag;
        _Py_COMP_DIAG_POP
        return version;
    #else
        return 0;
    #endif
    }
    /* Classes that CPython gives no version tags any more: from 3.13 on, those that changed a thousand times; in 3.12,
       all that change once 65,535 tags were given. A watcher of their dicts counts changes of the names that matter. */
    static uint64_t fastcors_class_changes = 0;
    #if PY_VERSION_HEX >= 0x030C0000
    static int fastcors_watcher = -1;
    static PyObject *fastcors_watched_names = NULL;
    static int fastcors_on_class_change(PyDict_WatchEvent event, PyObject *CYTHON_UNUSED dict, PyObject *name,
                                        PyObject *CYTHON_UNUSED value) {
        if (event == PyDict_EVENT_DEALLOCATED) return 0;
        /* A set of exact strings, asked about an exact string, runs no Python code. */
        if (!name || !PyUnicode_CheckExact(name) || PySet_Contains(fastcors_watched_names, name) != 0)
            fastcors_class_changes++;
        return 0;
    }
    /* 1: watched. 0: cannot be watched. -1: an exception. */
    static int fastcors_watch_class(PyTypeObject *type, PyObject *names) {
        Py_ssize_t i;
        if (fastcors_watcher < 0) {
            Py_XSETREF(fastcors_watched_names, Py_NewRef(names));
            fastcors_watcher = PyDict_AddWatcher(fastcors_on_class_change);
            if (fastcors_watcher < 0) { PyErr_Clear(); return 0; }
        }
        for (i = 0; i < PyTuple_GET_SIZE(type->tp_mro); i++) {
            PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(type->tp_mro, i);
            PyObject *dict;
            int failed;
            if (!PyType_HasFeature(base, Py_TPFLAGS_HEAPTYPE)) continue;
            dict = PyType_GetDict(base);
            failed = !dict || PyDict_Watch(fastcors_watcher, dict) < 0;
            Py_XDECREF(dict);
            if (failed) return -1;
        }
        return 1;
    }
    #else
    static int fastcors_watch_class(PyTypeObject *CYTHON_UNUSED type, PyObject *CYTHON_UNUSED names) { return 0; }
    #endif
    /* Text that a request can carry: latin-1, of which CPython keeps the very bytes. */
    static CYTHON_INLINE int fastcors_is_latin_1(PyObject *text) {
        return PyUnicode_KIND(text) == PyUnicode_1BYTE_KIND;
    }
    /* What stands in an index: text, of which nothing is a subclass that decides itself what equals it. */
    static CYTHON_INLINE int fastcors_is_indexable(PyObject *value, Py_ssize_t longest) {
        return PyUnicode_CheckExact(value) && PyUnicode_IS_READY(value) && PyUnicode_GET_LENGTH(value) <= longest;
    }
    static CYTHON_INLINE int fastcors_is_text(PyObject *text, const char *data, Py_ssize_t size) {
        return PyUnicode_GET_LENGTH(text) == size && fastcors_is_latin_1(text)
            && memcmp(PyUnicode_1BYTE_DATA(text), data, (size_t)size) == 0;
    }
    /* As str and bytes hash, so that a stored string's own hash, which it keeps, is that of the bytes looked up. */
    static CYTHON_INLINE Py_hash_t fastcors_hash(const char *data, Py_ssize_t size) {
    #if PY_VERSION_HEX >= 0x030E0000
        return Py_HashBuffer(data, size);
    #else
        Py_hash_t hash;
        if (size == 0) return 0;
        hash = PyHash_GetFuncDef()->hash(data, size);
        return hash == -1 ? -2 : hash;
    #endif
    }
    /* The place in a list of the text with these bytes, the first; -1: it is not there; -2: the list holds something
       else than text before it, which has a say in what equals it. */
    static Py_ssize_t fastcors_search(PyObject *list, const char *data, Py_ssize_t size) {
        Py_ssize_t i;
        for (i = 0; i < PyList_GET_SIZE(list); i++) {
            PyObject *text = PyList_GET_ITEM(list, i);
            if (!PyUnicode_CheckExact(text) || !PyUnicode_IS_READY(text)) return -2;
            if (fastcors_is_text(text, data, size)) return i;
        }
        return -1;
    }
    /* Whether a list holds the very same objects as a tuple. */
    static CYTHON_INLINE int fastcors_same_items(PyObject *list, PyObject *tuple) {
        Py_ssize_t size = PyTuple_GET_SIZE(tuple);
        return PyList_GET_SIZE(list) == size
            && (size == 0 || memcmp(((PyListObject *)list)->ob_item, ((PyTupleObject *)tuple)->ob_item,
                                    (size_t)size * sizeof(PyObject *)) == 0);
    }
    /* Both exact and compact, so that equal means same length, same kind and same memory. */
    static CYTHON_INLINE int fastcors_same_text(PyObject *text, PyObject *expected) {
        if (text == expected) return 1;
        return PyUnicode_CheckExact(text)
            && PyUnicode_GET_LENGTH(text) == PyUnicode_GET_LENGTH(expected)
            && PyUnicode_KIND(text) == PyUnicode_1BYTE_KIND
            && memcmp(PyUnicode_1BYTE_DATA(text), PyUnicode_1BYTE_DATA(expected),
                      (size_t)PyUnicode_GET_LENGTH(expected)) == 0;
    }
    """
    object fastcors_get(dict mapping, object key)
    object fastcors_get_first(dict mapping, object key)
    object fastcors_send(object send, object message)
    object fastcors_run(object called, object first, object second, object third)
    object fastcors_call_slot(object called, tuple args, dict keywords)
    PyObject *fastcors_finish
    uint64_t fastcors_class_changes
    int fastcors_watch_class(PyTypeObject *kind, frozenset names) except -1
    bint fastcors_is_indexable(PyObject *value, Py_ssize_t longest) noexcept
    bint fastcors_is_latin_1(PyObject *text) noexcept
    bint fastcors_is_text(PyObject *text, const char *data, Py_ssize_t size) noexcept
    Py_hash_t fastcors_hash(const char *data, Py_ssize_t size) noexcept
    Py_ssize_t fastcors_search(list values, const char *data, Py_ssize_t size) noexcept
    uint64_t fastcors_dict_version(dict mapping) noexcept
    bint fastcors_same_items(list values, tuple expected) noexcept
    bint fastcors_same_text(object text, str expected) noexcept

cdef extern from "Python.h":
    ctypedef object (*vectorcallfunc)(PyObject *, PyObject *const *, size_t, PyObject *)
    ctypedef object (*ternaryfunc)(PyObject *, PyObject *, PyObject *)
    ctypedef struct PyTypeObject:
        unsigned int tp_version_tag
        unsigned long tp_flags
        PyObject *tp_mro
        Py_ssize_t tp_vectorcall_offset
        ternaryfunc tp_call
    PyTypeObject *Py_TYPE(object instance) noexcept
    bint PyType_IsSubtype(PyTypeObject *kind, PyTypeObject *base) noexcept
    Py_hash_t PyObject_Hash(PyObject *value) except? -1
    bint is_function "PyFunction_Check"(PyObject *value) noexcept
    PyObject *function_code "PyFunction_GET_CODE"(PyObject *function) noexcept
    Py_ssize_t references "Py_REFCNT"(PyObject *value) noexcept
    Py_ssize_t text_size "PyUnicode_GET_LENGTH"(PyObject *text) noexcept
    const char *text_data "(const char *)PyUnicode_1BYTE_DATA"(PyObject *text) noexcept
    unsigned long Py_TPFLAGS_HAVE_VECTORCALL
    object PyVectorcall_Call(PyObject *, PyObject *, PyObject *)
    Py_ssize_t PyVectorcall_NARGS(size_t flagged_count) noexcept
    bint PyDict_Next(dict mapping, Py_ssize_t *position, PyObject **key, PyObject **value)
    # On pointers, so that looking at a borrowed object takes no reference.
    bint bytes_exact "PyBytes_CheckExact"(PyObject *value) noexcept
    char *bytes_data "PyBytes_AS_STRING"(PyObject *value) noexcept
    Py_ssize_t bytes_size "PyBytes_GET_SIZE"(PyObject *value) noexcept
    bint tuple_exact "PyTuple_CheckExact"(PyObject *value) noexcept
    Py_ssize_t tuple_size "PyTuple_GET_SIZE"(PyObject *values) noexcept
    PyObject *tuple_item "PyTuple_GET_ITEM"(PyObject *values, Py_ssize_t index) noexcept
    bint pair_list_exact "fastcors_pair_list_exact"(PyObject *value) noexcept
    Py_ssize_t list_size "PyList_GET_SIZE"(PyObject *values) noexcept
    PyObject *list_item "PyList_GET_ITEM"(PyObject *values, Py_ssize_t index) noexcept
    void list_set "PyList_SET_ITEM"(PyObject *values, Py_ssize_t index, PyObject *value) noexcept
    PyObject *Py_NewRef(PyObject *value) noexcept
    void Py_XDECREF(PyObject *value) noexcept

cdef enum Verdict:
    REFUSED
    ALLOWED
    UNKNOWN  # the collection has to be asked, and may run anyone's code

cdef enum Outcome:
    AMENDED = 0
    RECOMPILE = 1
    IN_FULL = 2
    AMENDED_REFUSED = 3  # without what would let the origin read the response

cdef enum Survey:
    DISJOINT = 0   # the app sets none of our headers
    COLLIDING = 1
    UNUSUAL = 2

cdef enum Hook:
    IS_ALLOWED_ORIGIN
    PREFLIGHT_RESPONSE
    SIMPLE_RESPONSE
    SEND
    ALLOW_EXPLICIT_ORIGIN

cdef enum:
    HOOKS = 5

# What a preflight can fail at, in the order in which the answer names it.
cdef enum Failure:
    ORIGIN_FAILED = 1
    METHOD_FAILED = 2
    NAMES_FAILED = 4
    NETWORK_FAILED = 8

# The level of a refusal in the log, as `logging` numbers it.
cdef object DEBUG = 10

cdef str TYPE = "type"
cdef str METHOD = "method"
cdef str HEADERS = "headers"
cdef str HTTP = "http"
cdef str OPTIONS = "OPTIONS"
cdef str RESPONSE_START = "http.response.start"
cdef str RESPONSE_BODY = "http.response.body"

cdef bytes ALLOW_ORIGIN = b"access-control-allow-origin"
cdef bytes ALLOW_HEADERS = b"access-control-allow-headers"
cdef bytes VARY = b"vary"
cdef bytes VARY_MORE = b", Origin"
cdef tuple NO_PAIRS = ()
cdef tuple UNNAMED = ()  # in place of the pair that would reflect an origin, where there is none
cdef tuple VARY_ORIGIN = (VARY, b"Origin")
cdef tuple CONTENT_TYPE = (b"content-type", b"text/plain; charset=utf-8")
cdef tuple PRIVATE_NETWORK = (b"access-control-allow-private-network", b"true")

cdef enum:
    # A longer configured value is looked up in the collection itself: the index has to fit a lower-cased
    # request-header name on the stack.
    LONGEST = 255
    # So many values are compared one by one, which takes less than hashing.
    FEW = 8
    # A list of so many is indexed anew whenever the index was no help.
    SHORT = 64
    # A longer one is not indexed anew by a request, which would wait for the memory that takes.
    LONG = 32768


cdef inline object _text(const char *data, Py_ssize_t size):
    return PyUnicode_DecodeLatin1(data, size, NULL)


cdef inline object _text_of(bytes value):
    return _text(bytes_data(<PyObject *> value), bytes_size(<PyObject *> value))


cdef bint _has_control(bytes value) noexcept:
    """RFC 9110, section 5.5: no control byte but tab in a field value. No early exit, so that it vectorises."""
    cdef const unsigned char *data = <const unsigned char *> bytes_data(<PyObject *> value)
    cdef Py_ssize_t i
    cdef unsigned char found = 0
    for i in range(bytes_size(<PyObject *> value)):
        found |= (data[i] < 0x20) & (data[i] != 0x09) | (data[i] == 0x7F)
    return found


cdef unsigned char _LOWER[256]
cdef unsigned char _SPACE[256]


cdef int _fill_tables() except -1:
    """Ask `str` itself what lower case and white space are in latin-1."""
    for code in range(256):
        _LOWER[code] = ord(chr(code).lower())
        _SPACE[code] = chr(code).isspace()
    return 0


_fill_tables()


cdef enum:
    WORD = 8

cdef uint64_t _EACH = <uint64_t> 0x0101010101010101
cdef uint64_t _HIGH = _EACH * 0x80


cdef inline uint64_t _word(const unsigned char *data) noexcept:
    cdef uint64_t word
    memcpy(&word, data, WORD)
    return word


cdef inline const unsigned char *_after_space(const unsigned char *start, const unsigned char *stop) noexcept:
    """Return where the first byte that is no white space stands. Long runs are somebody's attack: a word at a time."""
    while stop - start >= WORD and (_word(start) == _EACH * c" " or _word(start) == _EACH * c"\t"):
        start += WORD
    while start < stop and _SPACE[start[0]]:
        start += 1
    return start


cdef inline const unsigned char *_before_space(const unsigned char *start, const unsigned char *stop) noexcept:
    """Return where the white space at the end begins."""
    while stop - start >= WORD and (_word(stop - WORD) == _EACH * c" " or _word(stop - WORD) == _EACH * c"\t"):
        stop -= WORD
    while start < stop and _SPACE[(stop - 1)[0]]:
        stop -= 1
    return stop


cdef inline void _lower(unsigned char *lowered, const unsigned char *text, Py_ssize_t size) noexcept:
    """Write `text` in lower case: a word at a time as long as it is ASCII, the last one over the one before."""
    cdef Py_ssize_t i = 0
    cdef uint64_t word
    while size >= WORD and i < size:
        i = min(i, size - WORD)
        word = _word(text + i)
        if word & _HIGH:
            break
        # In each byte, the sums differ in the highest bit where it is in A to Z.
        word |= ((word + _EACH * (0x80 - c"A")) ^ (word + _EACH * (0x7F - c"Z"))) >> 2 & _EACH * 0x20
        memcpy(lowered + i, &word, WORD)
        i += WORD
    while i < size:
        lowered[i] = _LOWER[text[i]]
        i += 1


cdef struct Value:
    const char *data
    Py_ssize_t size  # -1: outside latin-1, no request can match it


@cython.final
@cython.no_gc_clear
@cython.auto_pickle(False)
cdef class AllowedValues:
    """The values of one allow_* collection, indexed by their latin-1 bytes, and still live.

    A list can change in place without a trace. A hit in the index counts while the list still holds the very same
    string at that place, and a miss while it still holds the very same strings throughout; otherwise the list itself is
    searched, as Starlette does for each request. A tuple or frozenset of strings needs neither. A set is asked itself,
    in constant time; there a hit spares the decoding. Anything else, and a collection with a value over 255 bytes, is
    asked itself too.
    With `header`, a hit comes with the pair that reflects it, made when it is first needed.

    The hash is Python's own, with its secret key, and a collision is resolved as `dict` does it, by all 64 bits: no
    choice of values makes a search long.
    """
    cdef object collection
    cdef bytes header
    cdef tuple snapshot     # the strings indexed; None: not indexed
    cdef Value few[FEW]     # where these are, up to so many
    cdef PyObject **pairs   # (header, value) by place, NULL: not made yet, (): must not be reflected; no `header`: NULL
    cdef uint32_t *slots    # open addressing: 0 is empty, else the place in the snapshot plus one
    cdef uint64_t mask
    cdef bint fixed, is_list
    cdef bint outdated      # a search went through most of the list: a new index is worth its time

    def __cinit__(self, collection, bytes header=None):
        kind = type(collection)
        self.collection = collection
        self.header = header
        self.fixed = kind is tuple or kind is frozenset
        self.is_list = kind is list
        if self.fixed or self.is_list or kind is set:
            self._index(tuple(collection))

    cdef int _index(self, tuple snapshot) except -1:
        cdef Py_ssize_t i, size = 8, count = len(snapshot)
        while size < 2 * count:
            size *= 2
        self.slots = <uint32_t *> calloc(size, sizeof(uint32_t))
        if self.header is not None:
            self.pairs = <PyObject **> calloc(count + 1, sizeof(PyObject *))
        if self.slots is NULL or (self.header is not None and self.pairs is NULL):
            raise MemoryError()
        self.mask = size - 1
        for i in range(count):
            if not fastcors_is_indexable(tuple_item(<PyObject *> snapshot, i), LONGEST):
                return 0
            # Outside latin-1 no request can match it.
            if fastcors_is_latin_1(tuple_item(<PyObject *> snapshot, i)):
                self._store(snapshot, i, tuple_item(<PyObject *> snapshot, i))
            elif i < FEW:
                self.few[i].size = -1
        self.snapshot = snapshot
        return 0

    cdef int _store(self, tuple snapshot, Py_ssize_t place, PyObject *text) except -1:
        if place < FEW:
            self.few[place] = Value(text_data(text), text_size(text))
        cdef uint64_t remaining = <uint64_t> PyObject_Hash(text)
        cdef uint64_t slot = remaining & self.mask
        while self.slots[slot]:
            # The first of several equal values stands for all of them, or these would make a chain.
            if fastcors_is_text(
                tuple_item(<PyObject *> snapshot, self.slots[slot] - 1), text_data(text), text_size(text)
            ):
                return 0
            remaining >>= 5
            slot = (slot * 5 + remaining + 1) & self.mask
        self.slots[slot] = <uint32_t> (place + 1)
        return 0

    def __dealloc__(self):
        cdef Py_ssize_t i
        if self.pairs is not NULL and self.snapshot is not None:
            for i in range(tuple_size(<PyObject *> self.snapshot)):
                Py_XDECREF(self.pairs[i])
        free(self.pairs)
        free(self.slots)

    cdef inline bint unchanged(self) noexcept:
        """Tell whether no index was made, or it is still a good one."""
        return self.snapshot is None or not self.is_list or self._is_snapshot(<list> self.collection)

    cdef inline Py_ssize_t find(self, const char *data, Py_ssize_t size) noexcept:
        """Return the place of the value at `data` in the index, which there has to be, or -1."""
        cdef Py_ssize_t place
        if tuple_size(<PyObject *> self.snapshot) > FEW:
            return self._find_by_hash(data, size)
        for place in range(tuple_size(<PyObject *> self.snapshot)):
            if self.few[place].size == size and memcmp(self.few[place].data, data, size) == 0:
                return place
        return -1

    cdef Py_ssize_t _find_by_hash(self, const char *data, Py_ssize_t size) noexcept:
        cdef uint64_t slot, remaining
        if size > LONGEST:
            return -1
        remaining = <uint64_t> fastcors_hash(data, size)
        slot = remaining & self.mask
        while self.slots[slot]:
            if fastcors_is_text(tuple_item(<PyObject *> self.snapshot, self.slots[slot] - 1), data, size):
                return self.slots[slot] - 1
            remaining >>= 5
            slot = (slot * 5 + remaining + 1) & self.mask
        return -1

    cdef inline bint check(self, const char *data, Py_ssize_t size) except -1:
        """Tell whether the value at `data`, which the caller keeps alive, is allowed."""
        cdef Py_ssize_t place
        cdef Verdict verdict = self.judge(data, size, &place)
        return self.ask(data, size, place) if verdict == UNKNOWN else verdict == ALLOWED

    cdef inline Verdict judge(self, const char *data, Py_ssize_t size, Py_ssize_t *place) noexcept:
        """Judge the value at `data` without running anyone's code. `place` becomes that of a hit, or -1."""
        place[0] = -1
        if self.snapshot is None:
            return UNKNOWN
        place[0] = self.find(data, size)
        if self.is_list:
            return self._judge_in_list(<list> self.collection, data, size, place)
        if self.fixed:
            return ALLOWED if place[0] >= 0 else REFUSED
        return UNKNOWN

    cdef bint ask(self, const char *data, Py_ssize_t size, Py_ssize_t place) except -1:
        """Ask the collection itself about the value at `data`, which is at `place` in the index, or nowhere."""
        text = self.snapshot[place] if place >= 0 else _text(data, size)
        return text in self.collection

    cdef inline bint _is_snapshot(self, list values) noexcept:
        cdef bint same
        with cython.critical_section(values):
            same = fastcors_same_items(values, self.snapshot)
        return same

    cdef inline Verdict _judge_in_list(
        self, list values, const char *data, Py_ssize_t size, Py_ssize_t *place
    ) noexcept:
        cdef bint same
        if place[0] < 0:
            return REFUSED if self._is_snapshot(values) else self._search(values, data, size)
        with cython.critical_section(values):
            same = (
                place[0] < list_size(<PyObject *> values)
                and list_item(<PyObject *> values, place[0]) == tuple_item(<PyObject *> self.snapshot, place[0])
            )
        if same:
            return ALLOWED
        place[0] = -1
        return self._search(values, data, size)

    cdef Verdict _search(self, list values, const char *data, Py_ssize_t size) noexcept:
        """Judge the value at `data` by the list as it is now. A new index is asked for only by a search that took long
        enough to pay for it, so that no request takes much longer than it would with Starlette.
        """
        cdef Py_ssize_t found, count
        with cython.critical_section(values):
            count = list_size(<PyObject *> values)
            found = fastcors_search(values, data, size)
        if found == -2:
            return UNKNOWN
        if count <= LONG and (found < 0 or count <= SHORT or found >= count - count // 3):
            self.outdated = True
        return ALLOWED if found >= 0 else REFUSED

    cdef inline tuple pair_at(self, Py_ssize_t place):
        """Return the pair that reflects the value at `place`, or () where a control byte forbids it."""
        cdef tuple pair
        with cython.critical_section(self):
            if self.pairs[place] is NULL:
                self._make_pair(place)
            pair = <tuple> self.pairs[place]
        return pair

    cdef int _make_pair(self, Py_ssize_t place) except -1:
        cdef bytes value = (<str> tuple_item(<PyObject *> self.snapshot, place)).encode("latin-1")
        cdef tuple pair = UNNAMED if _has_control(value) else (self.header, value)
        # Up to 3.11 an allocation can run the collector, and that anything: look again.
        if self.pairs[place] is NULL:
            self.pairs[place] = Py_NewRef(<PyObject *> pair)
        return 0


cdef AllowedValues _allowed(AllowedValues previous, collection):
    """Return an index of `collection`: the previous one where it still is one."""
    if previous is not None and previous.collection is collection and previous.unchanged():
        return previous
    return AllowedValues(collection)


@cython.final
@cython.auto_pickle(False)
cdef class Automaton:
    """An `OriginAutomaton` as it is walked in C."""
    cdef bytes classes, accepting, transitions
    cdef Py_ssize_t class_count, start

    def __cinit__(self, automaton):
        self.classes = automaton.classes
        self.class_count = automaton.class_count
        self.start = automaton.start
        self.accepting = automaton.accepting
        self.transitions = automaton.transitions
        if not self._is_closed():
            raise ValueError("the tables of the automaton do not fit together")

    cdef bint _is_closed(self):
        """Tell whether no walk can leave the tables."""
        cdef const uint16_t *transitions = <const uint16_t *> <const void *> bytes_data(<PyObject *> self.transitions)
        cdef Py_ssize_t i, states = len(self.accepting), cells
        if len(self.classes) != 256 or not max(self.classes) < self.class_count <= 256:
            return False
        cells = states * self.class_count
        if states < 2 or not 0 <= self.start < states or len(self.transitions) != 2 * cells:
            return False
        for i in range(cells):
            if transitions[i] >= states:
                return False
        return True

    cdef bint accepts(self, bytes value) noexcept:
        cdef const unsigned char *classes = <const unsigned char *> bytes_data(<PyObject *> self.classes)
        cdef const uint16_t *transitions = <const uint16_t *> <const void *> bytes_data(<PyObject *> self.transitions)
        cdef const unsigned char *data = <const unsigned char *> bytes_data(<PyObject *> value)
        cdef const unsigned char *end = data + bytes_size(<PyObject *> value)
        cdef Py_ssize_t state = self.start, following
        cdef const uint16_t *row = transitions + state * self.class_count
        while data < end:
            following = row[classes[data[0]]]
            # A state that leads to itself, as in a repeat, keeps its row, so that one byte need not wait for another.
            if following != state:
                # No byte leads out of the first two.
                if following <= 1:
                    return following
                state = following
                row = transitions + state * self.class_count
            data += 1
        return bytes_data(<PyObject *> self.accepting)[state]


cdef inline bint _unchanged(dict headers, uint64_t version, tuple snapshot) noexcept:
    """Tell whether `headers` still holds the very same names and values, in the same order."""
    return version and version == fastcors_dict_version(headers) or _holds(headers, snapshot)


cdef uint64_t _version_of(dict headers, tuple snapshot) noexcept:
    """Return the version at which `headers` holds `snapshot`; 0 where none is known."""
    return fastcors_dict_version(headers) if _holds(headers, snapshot) else 0


cdef bint _holds(dict headers, tuple snapshot) noexcept:
    cdef Py_ssize_t position = 0, place = 0, size = tuple_size(<PyObject *> snapshot)
    cdef PyObject *name
    cdef PyObject *value
    cdef bint same = True
    with cython.critical_section(headers):
        while PyDict_Next(headers, &position, &name, &value):
            if (
                place >= size
                or name != tuple_item(<PyObject *> snapshot, place)
                or value != tuple_item(<PyObject *> snapshot, place + 1)
            ):
                same = False
                break
            place += 2
    return same and place == size


cdef list _preflight_outcomes():
    """The start message but for its headers, Content-Length, the body message and the reasons for each set of
    failures. The messages are copied for each answer, which takes less than making them.
    """
    outcomes = []
    names = ("origin", "method", "headers", "private-network")
    for failures in range(16):
        reasons = tuple([name for bit, name in enumerate(names) if failures >> bit & 1])
        body = b"Disallowed CORS " + ", ".join(reasons).encode() if reasons else b"OK"
        start = {TYPE: RESPONSE_START, "status": 400 if reasons else 200, HEADERS: None}
        outcomes.append((start, (b"content-length", b"%d" % len(body)), {TYPE: RESPONSE_BODY, "body": body}, reasons))
    return outcomes


cdef tuple PREFLIGHT_OUTCOMES = tuple(_preflight_outcomes())


@cython.final
@cython.no_gc_clear
@cython.auto_pickle(False)
cdef class CompiledPolicy:
    """A `Policy` as the request path reads it: flags, encoded pairs, indexed collections.

    `policy` None stands for a configuration that is answered in full. `version` is what `class_version` returned
    before `class_state` was read: the class's MRO, what it has by the names that matter, the hooks as functions of
    this package, in the order of `Hook`, and their code then. Indexes are taken over from `previous` where they still
    hold. `levels`: which levels of the log are on, as far as known; None: every refusal is to be reported. `connect`
    stands in for the app where a connection is no HTTP request.
    """
    cdef object app, connect, fullmatch
    cdef dict levels
    cdef Automaton automaton
    cdef readonly tuple class_state
    # Kept alive by `class_state`.
    cdef PyObject *functions[HOOKS]
    cdef PyObject *codes[HOOKS]
    cdef public uint64_t version
    cdef bint in_full, asks_middleware, asks_function, asks_collections, all_origins, credentials, explicit_origin
    cdef bint all_headers, private_network
    cdef AllowedValues origins, methods, header_names
    cdef bint names_lower  # as indexed, and as Starlette leaves them
    cdef dict simple_headers, preflight_headers
    cdef tuple simple_snapshot, preflight_snapshot
    cdef uint64_t simple_version, preflight_version
    cdef tuple actual_pairs, preflight_pairs
    cdef Py_ssize_t actual_origin_at, preflight_origin_at, preflight_names_at
    cdef uint64_t actual_sizes  # bit n: an answer sets a header whose name has n bytes, modulo 64

    def __cinit__(
        self,
        policy,
        version,
        tuple class_state not None,
        CompiledPolicy previous=None,
        dict levels=None,
        connect=None,
    ):
        self._take_hooks(class_state)
        self.version = version
        self.class_state = class_state
        self.levels = levels
        self.in_full = policy is None
        if policy is None:
            return
        self.app = policy.app
        self.connect = policy.app if connect is None else connect
        self._take_flags(policy)
        self._take_pairs(policy)
        origins = () if policy.all_origins or policy.asks_middleware else policy.origins
        # Judged by the list itself where that changed, so that an index of before is as good as none.
        if previous is not None and previous.origins is not None and previous.live_origins().collection is origins:
            self.origins = previous.live_origins()
        else:
            self.origins = AllowedValues(origins, ALLOW_ORIGIN)
        self.methods = _allowed(previous.methods if previous is not None else None, policy.methods)
        self.header_names = _allowed(previous.header_names if previous is not None else None, policy.header_names)
        self.names_lower = _all_lower(self.header_names.snapshot)
        self.asks_collections = policy.asks_collections

    cdef _take_hooks(self, tuple class_state):
        cdef int hook
        cdef tuple functions, codes
        mro, _, functions, codes = class_state
        if type(mro) is not tuple or not _are_functions(functions, codes):
            raise TypeError("class_state is an MRO, a dict, functions and their code")
        for hook in range(HOOKS):
            self.functions[hook] = tuple_item(<PyObject *> functions, hook)
            self.codes[hook] = tuple_item(<PyObject *> codes, hook)

    cdef _take_flags(self, policy):
        self.asks_middleware = policy.asks_middleware
        self.asks_function = policy.asks_function
        self.all_origins = policy.all_origins
        self.credentials = policy.credentials
        self.fullmatch = policy.fullmatch
        self.automaton = None if policy.automaton is None else Automaton(policy.automaton)
        self.explicit_origin = policy.explicit_origin
        self.all_headers = policy.all_headers
        self.private_network = policy.private_network

    cdef _take_pairs(self, policy):
        self.simple_headers = _given(policy.simple_headers)
        self.simple_snapshot = _flat(policy.simple_snapshot)
        self.simple_version = _version_of(self.simple_headers, self.simple_snapshot)
        self.actual_pairs = _checked_pairs(policy.actual_pairs)
        self.actual_origin_at = _checked_place(policy.actual_origin_at, self.actual_pairs)
        self.preflight_headers = _given(policy.preflight_headers)
        self.preflight_snapshot = _flat(policy.preflight_snapshot)
        self.preflight_version = _version_of(self.preflight_headers, self.preflight_snapshot)
        self.preflight_pairs = _checked_pairs(policy.preflight_pairs)
        self.preflight_origin_at = _checked_place(policy.preflight_origin_at, self.preflight_pairs)
        self.preflight_names_at = _checked_place(policy.preflight_names_at, self.preflight_pairs)
        self.actual_sizes = _size_bit(<PyObject *> ALLOW_ORIGIN) | _size_bit(<PyObject *> VARY)
        for name, _ in self.actual_pairs:
            self.actual_sizes |= _size_bit(<PyObject *> name)

    cdef inline bint has_code(self, Hook hook) noexcept:
        """Tell whether the function of a hook still runs the code that it had. Some instrumentation exchanges the code
        and leaves the function in its place.
        """
        return function_code(self.functions[<int> hook]) == self.codes[<int> hook]

    @property
    def answers_in_full(self):
        """True when no request can be answered from encoded pairs."""
        return self.in_full

    cdef bint reports(self) except -1:
        """Tell whether a refusal may concern somebody, which the middleware then looks at again."""
        return self.levels is None or fastcors_get_first(self.levels, DEBUG) is not False

    cdef bint preflight_unchanged(self) noexcept:
        return (
            _unchanged(self.preflight_headers, self.preflight_version, self.preflight_snapshot)
            and self.methods.unchanged()
            and self.header_names.unchanged()
        )

    cdef inline AllowedValues live_origins(self):
        cdef AllowedValues origins
        with cython.critical_section(self):
            origins = self.origins
        return origins

    cdef inline tuple check_origin(self, Dispatcher middleware, bytes origin):
        """Fetch, "CORS check", from the server's side: is this origin configured? Return the pair that reflects it, ()
        where it is allowed but has no such pair, None where it is not allowed.
        """
        if self.asks_middleware:
            return _reflecting(origin) if middleware.is_allowed_origin(origin=_text_of(origin)) else None
        if self.all_origins:
            return _reflecting(origin) if self.credentials or self.explicit_origin else UNNAMED
        return self._check_listed(self.live_origins(), origin)

    cdef tuple _check_listed(self, AllowedValues origins, bytes origin):
        cdef const char *data = bytes_data(<PyObject *> origin)
        cdef Py_ssize_t size = bytes_size(<PyObject *> origin), place
        cdef Verdict verdict = origins.judge(data, size, &place)
        cdef bint allowed = verdict == ALLOWED
        if origins.outdated:
            self._index_origins(origins)
        if allowed and place >= 0:
            return origins.pair_at(place)
        # The regex comes first, as in Starlette, where the collection is someone's own code.
        if not allowed and self.automaton is not None:
            allowed = self.automaton.accepts(origin)
        if not allowed and self.fullmatch is not None:
            allowed = self.fullmatch(_text_of(origin)) is not None
        if not allowed and verdict == UNKNOWN:
            allowed = origins.ask(data, size, place)
        return _reflecting(origin) if allowed else None

    cdef int _index_origins(self, AllowedValues outdated) except -1:
        cdef AllowedValues origins = AllowedValues(outdated.collection, outdated.header), _previous
        with cython.critical_section(self):
            _previous = self.origins
            self.origins = origins
        return 0

    cdef bint check_header_names(self, bytes names) except -1:
        """Fetch, "CORS-preflight fetch": every element of Access-Control-Request-Headers must be allowed."""
        cdef const unsigned char *start = <const unsigned char *> bytes_data(<PyObject *> names)
        cdef const unsigned char *end = start + bytes_size(<PyObject *> names)
        cdef const unsigned char *comma
        cdef const unsigned char *stop
        cdef AllowedValues allowed = self.header_names
        # One look at a list is enough for all of the names, since no Python code runs between them.
        cdef bint indexed = allowed.snapshot is not None and (allowed.is_list or allowed.fixed) and allowed.unchanged()
        cdef bint in_lower_case = indexed and self.names_lower
        while True:
            comma = <const unsigned char *> memchr(start, c",", end - start)
            stop = end if comma is NULL else comma
            start = _after_space(start, stop)
            stop = _before_space(start, stop)
            # Browsers send names in lower case: Fetch, "CORS-unsafe request-header names". Others do not, all along.
            if not in_lower_case or self.header_names.find(<const char *> start, stop - start) < 0:
                in_lower_case = False
                if not self._allows_name(indexed, start, stop - start):
                    return False
            if comma is NULL:
                return True
            start = comma + 1

    cdef bint _allows_name(self, bint indexed, const unsigned char *name, Py_ssize_t size) except -1:
        cdef unsigned char lowered[LONGEST]
        if not indexed:
            return _text(<const char *> name, size).lower() in self.header_names.collection
        if size > LONGEST:
            return False
        _lower(lowered, name, size)
        return self.header_names.find(<const char *> lowered, size) >= 0


cdef inline tuple _reflecting(bytes origin):
    """Return the pair that reflects `origin`, or () where a control byte forbids it."""
    return UNNAMED if _has_control(origin) else (ALLOW_ORIGIN, origin)


cdef bint _all_lower(tuple names) except -1:
    if names is not None:
        for name in names:
            if name != name.lower():
                return False
    return True


# What the request path takes for granted in a policy, whoever made it.

cdef bint _are_functions(tuple functions, tuple codes) except -1:
    if functions is None or codes is None or len(functions) != HOOKS or len(codes) != HOOKS:
        return False
    for function in functions:
        if not is_function(<PyObject *> function):
            return False
    return True


cdef dict _given(dict headers):
    if headers is None:
        raise TypeError("headers have to be a dict")
    return headers


cdef tuple _flat(tuple snapshot):
    if snapshot is None or len(snapshot) % 2:
        raise TypeError("a snapshot has a value for each name")
    return snapshot


cdef tuple _checked_pairs(tuple pairs):
    if pairs is None:
        raise TypeError("pairs have to be a tuple")
    for pair in pairs:
        if type(pair) is not tuple or len(pair) != 2 or type(pair[0]) is not bytes or type(pair[1]) is not bytes:
            raise TypeError(f"{pair!r} is no pair of bytes")
    return pairs


cdef Py_ssize_t _checked_place(Py_ssize_t place, tuple pairs) except -2:
    if not -1 <= place < len(pairs):
        raise ValueError(f"there is no pair at {place}")
    return place


cdef inline uint64_t _size_bit(PyObject *name) noexcept:
    return <uint64_t> 1 << (bytes_size(name) & 63)


cdef inline bint _is_pair(PyObject *pair, PyObject **name, PyObject **value) noexcept:
    """Take an exact tuple or list of two apart, whose name is exact bytes. Both are borrowed."""
    if tuple_exact(pair) and tuple_size(pair) == 2:
        name[0] = tuple_item(pair, 0)
        value[0] = tuple_item(pair, 1)
    elif pair_list_exact(pair) and list_size(pair) == 2:
        name[0] = list_item(pair, 0)
        value[0] = list_item(pair, 1)
    else:
        return False
    return bytes_exact(name[0])


cdef inline bint _named(PyObject *name, const char *expected, Py_ssize_t size) noexcept:
    return bytes_size(name) == size and memcmp(bytes_data(name), expected, size) == 0


cdef inline bint _same_bytes(PyObject *value, PyObject *other) noexcept:
    return _named(value, bytes_data(other), bytes_size(other))


cdef struct RequestHeaders:
    # Borrowed from the header list; NULL: absent.
    PyObject *origin
    PyObject *method
    PyObject *names
    PyObject *private_network


cdef bint _scan(list headers, bint options, RequestHeaders *found) noexcept:
    """Find what the CORS protocol reads, in one pass; the first of several headers wins. Only a request with the
    method OPTIONS can be a preflight; any other is known once its Origin is. False: something else than plain
    pairs of bytes was met on the way.
    """
    cdef Py_ssize_t i
    cdef PyObject *name
    cdef PyObject *value
    cdef PyObject **place
    for i in range(list_size(<PyObject *> headers)):
        if not _is_pair(list_item(<PyObject *> headers, i), &name, &value):
            return False
        place = _place_of(name, options, found)
        if place is not NULL and place[0] is NULL:
            if not bytes_exact(value):
                return False
            place[0] = value
            if not options:
                return True
    return True


cdef inline PyObject **_place_of(PyObject *name, bint options, RequestHeaders *found) noexcept:
    if _named(name, b"origin", 6):
        return &found.origin
    if not options or bytes_size(name) < 29:
        return NULL
    if _named(name, b"access-control-request-method", 29):
        return &found.method
    if _named(name, b"access-control-request-headers", 30):
        return &found.names
    if _named(name, b"access-control-request-private-network", 38):
        return &found.private_network
    return NULL


@cython.final
@cython.no_gc_clear
@cython.auto_pickle(False)
cdef class PolicyCache:
    """The policy compiled since an attribute was last assigned, or None.

    An assignment puts a new, empty cache in place of this one. What is still being compiled from the attributes before
    it then ends up in a cache that no request looks at, whoever interrupted the compilation to assign. `shared`: the
    instance was given another `__dict__`, which others can write to.
    """
    cdef CompiledPolicy compiled
    cdef readonly bint shared

    def __cinit__(self, bint shared=False):
        self.shared = shared

    @property
    def policy(self):
        with cython.critical_section(self):
            return self.compiled

    @policy.setter
    def policy(self, CompiledPolicy policy):
        # Freed once the field holds the new one, because a finalizer may run anything, and look at the field. It is the
        # same wherever the old value of a field can hold the last reference to an object of someone else's.
        cdef CompiledPolicy _previous
        with cython.critical_section(self):
            _previous = self.compiled
            self.compiled = policy


@cython.auto_pickle(False)
cdef class Dispatcher:
    """The call slot of the middleware: `instance(scope, receive, send)` comes here without a Python frame.

    A subclass provides `_fastcors_compile`, `_fastcors_respond_in_full`, `_fastcors_send_in_full`,
    `_fastcors_request`, `_fastcors_refused` and `is_allowed_origin`.
    """
    cdef vectorcallfunc vectorcall
    cdef PolicyCache cache

    def __cinit__(self):
        self.vectorcall = <vectorcallfunc> _dispatch
        self.cache = PolicyCache()

    @property
    def _fastcors_cache(self):
        with cython.critical_section(self):
            return self.cache

    @_fastcors_cache.setter
    def _fastcors_cache(self, PolicyCache cache not None):
        cdef PolicyCache _previous
        with cython.critical_section(self):
            _previous = self.cache
            self.cache = cache

    def __call__(self, scope, receive, send):
        return _respond(self, scope, receive, send)


cdef object _dispatch(PyObject *called, PyObject *const *args, size_t flagged_count, PyObject *names):
    # The vectorcall of Dispatcher is reached through an instance of a subclass and in no other way.
    cdef Dispatcher middleware = <Dispatcher> called
    cdef Py_ssize_t i, count = PyVectorcall_NARGS(flagged_count)
    if count == 3 and names is NULL and Py_TYPE(middleware).tp_call is _CALL:
        return _respond(middleware, <object> args[0], <object> args[1], <object> args[2])
    positional = tuple([<object> args[i] for i in range(count)])
    keywords = {}
    if names is not NULL:
        for i in range(tuple_size(names)):
            keywords[<object> tuple_item(names, i)] = <object> args[count + i]
    return fastcors_call_slot(middleware, positional, keywords)


cdef ternaryfunc _CALL = (<PyTypeObject *> Dispatcher).tp_call

# Marks the version of a class without a tag, which a watcher counts.
cdef uint64_t UNTAGGED = <uint64_t> 1 << 63


def class_version(cls, frozenset names not None):
    """Return a number that differs once `cls`, or a class that it inherits from, has something else by one of `names`.
    0: it is not known, so that the class has to be looked at each time.
    """
    cdef uint64_t tag
    _check_class(cls)
    for name in names:
        if type(name) is not str:
            raise TypeError(f"{name!r} is no name of an attribute")
    # A look-up makes the interpreter give the class a number. This one finds the method of `type` and runs nothing.
    type.__getattribute__(cls, "mro")
    tag = (<PyTypeObject *> cls).tp_version_tag
    if tag == 0 and fastcors_watch_class(<PyTypeObject *> cls, names):
        return UNTAGGED | fastcors_class_changes
    return tag


cdef _check_class(cls):
    """Let only a class of middlewares be looked at as a type in C."""
    if (
        not isinstance(cls, type)
        or not PyType_IsSubtype(<PyTypeObject *> cls, <PyTypeObject *> Dispatcher)
        or <PyTypeObject *> cls is <PyTypeObject *> Dispatcher
    ):
        raise TypeError(f"{cls!r} is not a subclass of Dispatcher")


cdef inline uint32_t _version_tag(object instance) noexcept:
    """CPython gives a class a new number after each change to it or to a class it inherits from; 0: it has none yet, or
    gets none any more. The interpreter validates its own method caches by it; here it tells that a hook may have been
    patched.
    """
    return Py_TYPE(instance).tp_version_tag


def use_call_slot(cls):
    """Make calls of instances of `cls`, a subclass of Dispatcher, go straight to `Dispatcher.__call__`.

    A class whose `__call__` is written in Python has a call slot that looks it up and runs it, a coroutine frame
    each time. This sets the slot alone: `cls.__call__` stays the coroutine function that servers and
    instrumentation look at, and assigning `cls.__call__` sets the slot anew, so that patches are called. By
    vectorcall there is no argument tuple either, which is a tenth of an actual request; `_dispatch` sees to it that
    a slot set anew is used.
    """
    cdef PyTypeObject *kind
    cdef Dispatcher instance = Dispatcher.__new__(Dispatcher)
    _check_class(cls)
    kind = <PyTypeObject *> cls
    kind.tp_vectorcall_offset = <char *> &instance.vectorcall - <char *> <PyObject *> instance
    kind.tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL
    kind.tp_call = _CALL


cdef inline CompiledPolicy _cached(Dispatcher middleware):
    cdef PolicyCache cache
    cdef CompiledPolicy compiled
    with cython.critical_section(middleware):
        cache = middleware.cache
    # The collector may have cleared a middleware that somebody still gets hold of.
    if cache is None:
        return None
    with cython.critical_section(cache):
        compiled = cache.compiled
    return compiled


cdef inline CompiledPolicy _current(Dispatcher middleware, Hook first, Hook second):
    """Return what is compiled from the configuration as it is now, for what stands in for these two hooks."""
    cdef CompiledPolicy compiled = _cached(middleware)
    if (
        compiled is not None
        and compiled.version == _version_tag(middleware)
        and compiled.version != 0
        and compiled.has_code(first)
        and compiled.has_code(second)
    ):
        return compiled
    return _checked(middleware, compiled)


cdef CompiledPolicy _checked(Dispatcher middleware, CompiledPolicy compiled):
    """Return what is current, where the class's version tag does not tell that `compiled` is."""
    if compiled is None:
        return _compiled_anew(middleware)
    if (
        _version_tag(middleware) == 0
        and compiled.version == UNTAGGED | fastcors_class_changes
        and tuple_item(<PyObject *> compiled.class_state, 0) == Py_TYPE(middleware).tp_mro
        and _has_codes(compiled)
    ):
        return compiled
    return middleware._fastcors_compile(False) or _compiled_anew(middleware)


cdef bint _has_codes(CompiledPolicy compiled) noexcept:
    return (
        compiled.has_code(IS_ALLOWED_ORIGIN)
        and compiled.has_code(PREFLIGHT_RESPONSE)
        and compiled.has_code(SIMPLE_RESPONSE)
        and compiled.has_code(SEND)
        and compiled.has_code(ALLOW_EXPLICIT_ORIGIN)
    )


cdef CompiledPolicy _compiled_anew(Dispatcher middleware):
    cdef CompiledPolicy compiled = middleware._fastcors_compile(True)
    if compiled is None:
        raise TypeError("_fastcors_compile() returned None")
    return compiled


def respond(Dispatcher middleware not None, scope, receive, send):
    """Return what answers one connection when it is awaited: a coroutine."""
    return _respond(middleware, scope, receive, send)


cdef object _respond(Dispatcher middleware, scope, receive, send):
    cdef CompiledPolicy compiled = _current(middleware, SIMPLE_RESPONSE, SEND)
    cdef RequestHeaders found = RequestHeaders(NULL, NULL, NULL, NULL)
    cdef bytes origin, method, names
    cdef bint plain
    if compiled.in_full and not _has_codes(compiled):
        compiled = _checked(middleware, compiled)
    if compiled.in_full or not PyDict_CheckExact(scope):
        return middleware._fastcors_respond_in_full(scope, receive, send)
    kind = fastcors_get_first(scope, TYPE)
    if not fastcors_same_text(kind, HTTP):
        if not PyUnicode_CheckExact(kind):
            return middleware._fastcors_respond_in_full(scope, receive, send)
        return fastcors_run(compiled.connect, scope, receive, send)
    request_method = fastcors_get(scope, METHOD)
    headers = fastcors_get(scope, HEADERS)
    if not PyUnicode_CheckExact(request_method) or not PyList_CheckExact(headers):
        return middleware._fastcors_respond_in_full(scope, receive, send)
    with cython.critical_section(headers):
        plain = _scan(headers, fastcors_same_text(request_method, OPTIONS), &found)
        origin = <bytes> found.origin if found.origin is not NULL else None
        method = <bytes> found.method if found.method is not NULL else None
        names = <bytes> found.names if found.names is not NULL else None
    if not plain:
        return middleware._fastcors_respond_in_full(scope, receive, send)
    if origin is not None and method is not None:
        return _preflight(
            middleware, scope, receive, send, origin, method, names, found.private_network is not NULL
        )
    sender = _bound_send(middleware, send, origin, scope)
    return fastcors_run(compiled.app, scope, receive, sender)


cdef object _preflight(
    Dispatcher middleware, scope, receive, send, bytes origin, bytes method, bytes names, bint private_network
):
    """Answer a preflight without the app (Fetch, "CORS-preflight fetch")."""
    cdef CompiledPolicy compiled = _current(middleware, PREFLIGHT_RESPONSE, IS_ALLOWED_ORIGIN), template
    cdef tuple explicit_pair
    cdef int failures
    if not compiled.in_full and not compiled.preflight_unchanged():
        compiled = _compiled_anew(middleware)
    if compiled.in_full or compiled.asks_collections:
        return middleware._fastcors_respond_in_full(scope, receive, send)
    # Starlette copies the headers first and asks about the origin next; an override may change the rest.
    template = compiled
    explicit_pair = compiled.check_origin(middleware, origin)
    compiled = _cached(middleware)
    if compiled is None:
        compiled = _compiled_anew(middleware)
    if compiled.in_full or compiled.asks_collections:
        return _preflight_in_full(middleware, scope, receive, send, origin, explicit_pair)
    failures = _failures(compiled, explicit_pair, method, names, private_network)
    if failures:
        if failures & ORIGIN_FAILED and compiled.asks_function:
            return _preflight_in_full(middleware, scope, receive, send, origin, explicit_pair)
        _refused(middleware, scope, origin, failures)
    return _answer(send, template, compiled, explicit_pair, failures, names, private_network)


cdef object _preflight_in_full(Dispatcher middleware, scope, receive, send, bytes origin, tuple explicit_pair):
    """Hand a preflight over to the shell together with what is known of its origin already."""
    judged = _text_of(origin), explicit_pair is not None
    return middleware._fastcors_respond_in_full(scope, receive, send, judged)


cdef int _failures(
    CompiledPolicy compiled, tuple explicit_pair, bytes method, bytes names, bint private_network
) except -1:
    """Return the set of failures."""
    cdef int failures = 0
    if explicit_pair is None or compiled.explicit_origin and not explicit_pair:
        failures |= ORIGIN_FAILED
    if not compiled.methods.check(bytes_data(<PyObject *> method), bytes_size(<PyObject *> method)):
        failures |= METHOD_FAILED
    if names is not None:
        if _has_control(names) if compiled.all_headers else not compiled.check_header_names(names):
            failures |= NAMES_FAILED
    if private_network and not compiled.private_network:
        failures |= NETWORK_FAILED
    return failures


cdef int _refused(Dispatcher middleware, scope, bytes origin, int failures) except -1:
    """Report a refused request, where it may concern somebody."""
    cdef CompiledPolicy compiled = _cached(middleware)
    if compiled is None or compiled.reports():
        middleware._fastcors_refused(scope, _text_of(origin), PREFLIGHT_OUTCOMES[failures][3])
    return 0


cdef object _answer(
    send,
    CompiledPolicy template,
    CompiledPolicy compiled,
    tuple explicit_pair,
    int failures,
    bytes names,
    bint private_network,
):
    cdef PyObject *outcome = tuple_item(<PyObject *> PREFLIGHT_OUTCOMES, failures)
    cdef dict start = (<dict> tuple_item(outcome, 0)).copy()
    cdef tuple content_length = <tuple> tuple_item(outcome, 1)
    cdef tuple names_pair = None, network_pair = None
    if not compiled.explicit_origin or failures & ORIGIN_FAILED or not explicit_pair:
        explicit_pair = None
    if compiled.all_headers and names is not None and not failures & NAMES_FAILED:
        names_pair = (ALLOW_HEADERS, names)
    if private_network and not failures & NETWORK_FAILED:
        network_pair = PRIVATE_NETWORK
    start[HEADERS] = _preflight_headers(template, explicit_pair, names_pair, network_pair, content_length)
    return fastcors_run(ANSWER, send, start, (<dict> tuple_item(outcome, 2)).copy())


cdef list _preflight_headers(
    CompiledPolicy template, tuple explicit_pair, tuple names_pair, tuple network_pair, tuple content_length
):
    cdef Py_ssize_t at = tuple_size(<PyObject *> template.preflight_pairs)
    cdef list headers = PyList_New(
        at
        + _appended(explicit_pair, template.preflight_origin_at)
        + _appended(names_pair, template.preflight_names_at)
        + _appended(network_pair, -1)
        + 2
    )
    _fill(headers, 0, template.preflight_pairs)
    at = _place(headers, at, explicit_pair, template.preflight_origin_at)
    at = _place(headers, at, names_pair, template.preflight_names_at)
    at = _place(headers, at, network_pair, -1)
    at = _place(headers, at, content_length, -1)
    _place(headers, at, CONTENT_TYPE, -1)
    return headers


# A list is allocated once, at its final size; these fill its empty places, from `at` on, and run no Python code.

cdef inline bint _appended(tuple pair, Py_ssize_t place) noexcept:
    return pair is not None and place < 0


cdef inline void _fill(list headers, Py_ssize_t at, tuple pairs) noexcept:
    cdef Py_ssize_t i
    for i in range(tuple_size(<PyObject *> pairs)):
        list_set(<PyObject *> headers, at + i, Py_NewRef(tuple_item(<PyObject *> pairs, i)))


cdef inline Py_ssize_t _place(list headers, Py_ssize_t at, tuple pair, Py_ssize_t place) noexcept:
    """Put `pair`, if there is one, in place of another or at the next empty place; return the next empty one."""
    if pair is None:
        return at
    if place >= 0:
        headers[place] = pair
        return at
    list_set(<PyObject *> headers, at, Py_NewRef(<PyObject *> pair))
    return at + 1


# What the app's `send` has by these names. It looks to `inspect` like the coroutine function that Starlette hands out,
# because asgiref warns of anything less. What the app assigns comes first.
cdef object ANSWER = answer
cdef dict SEND_ATTRIBUTES = {
    "__name__": "send",
    "__qualname__": "send",
    "__code__": None,  # set below
    "__defaults__": None,
    "__kwdefaults__": None,
    "__annotations__": {},
    "__signature__": inspect.Signature([inspect.Parameter("message", inspect.Parameter.POSITIONAL_OR_KEYWORD)]),
}
SEND_ATTRIBUTES["__code__"] = finish.__code__
fastcors_finish = Py_NewRef(<PyObject *> finish)

# How far a response is.
cdef enum Progress:
    BEGINNING = 0
    STARTED = 1    # a start was amended
    FOLLOWED = 2   # something followed it, and from then on all is forwarded unread


@cython.final
@cython.freelist(64)
@cython.trashcan(True)
@cython.auto_pickle(False)
cdef class ResponseSender:
    """The `send` that the app gets: it amends the start of the response and forwards the rest, unread once a body
    followed the start. Until then another start may come, an error's in place of one that the server refused.

    Its type is called by vectorcall, set below: no argument tuple, and no bound method beside the object. Attributes
    can be set on it, as on the partial that Starlette hands out; their dict is made when the first one is.
    """
    cdef vectorcallfunc vectorcall
    cdef Dispatcher middleware
    cdef object send
    cdef object scope  # for a report, so only where there is an origin, and only until something followed the start
    cdef bytes origin  # None: the request has none
    cdef dict attributes
    cdef Progress progress
    cdef object __weakref__

    def __getattr__(self, name):
        cdef dict attributes = self.own_attributes()
        if attributes is not None and name in attributes:
            return attributes[name]
        if name in SEND_ATTRIBUTES:
            return SEND_ATTRIBUTES[name]
        raise AttributeError(f"'send' has no attribute {name!r}")

    def __setattr__(self, name, value):
        if name == "__dict__":
            if not isinstance(value, dict):
                raise TypeError("__dict__ must be set to a dictionary")
            self.replace_attributes(value if type(value) is dict else dict(value))
        else:
            self.__dict__[name] = value

    def __delattr__(self, name):
        cdef dict attributes = self.own_attributes()
        if attributes is None or name not in attributes:
            raise AttributeError(name)
        del attributes[name]

    @property
    def __dict__(self):
        cdef dict attributes = {}
        with cython.critical_section(self):
            if self.attributes is None:
                self.attributes = attributes
            attributes = self.attributes
        return attributes

    cdef dict own_attributes(self):
        cdef dict attributes
        with cython.critical_section(self):
            attributes = self.attributes
        return attributes

    cdef int replace_attributes(self, dict attributes) except -1:
        cdef dict _previous
        with cython.critical_section(self):
            _previous = self.attributes
            self.attributes = attributes
        return 0

    cdef object request(self):
        """Return what keeps the answer of `allow_origin_func` for the rest of the response."""
        with cython.critical_section(self):
            scope = self.scope
        request = self.middleware._fastcors_request(scope)
        with cython.critical_section(self):
            scope = self.scope
            self.scope = request
        return request

    def __copy__(self):
        cdef ResponseSender other
        # What belongs to no request: see `_send`.
        if self.middleware is None:
            return ResponseSender.__new__(ResponseSender)
        other = _bound_send(self.middleware, self.send, self.origin, self.request())
        other.progress = self.progress
        # As a copy of a partial shares its dict.
        other.attributes = self.own_attributes()
        return other

    def __call__(self, message):
        return _send(self, message)


cdef inline ResponseSender _bound_send(Dispatcher middleware, send, bytes origin, scope):
    cdef ResponseSender sender = ResponseSender.__new__(ResponseSender)
    sender.vectorcall = <vectorcallfunc> _send_vectorcall
    sender.middleware = middleware
    sender.send = send
    if origin is not None:
        sender.origin = origin
        sender.scope = scope
    return sender


cdef object _send_vectorcall(PyObject *called, PyObject *const *args, size_t flagged_count, PyObject *names):
    # The vectorcall of ResponseSender is reached through one of its instances and in no other way. It is held here: a
    # partial that calls it can be given another function meanwhile.
    cdef ResponseSender sender = <ResponseSender> called
    if PyVectorcall_NARGS(flagged_count) == 1 and (names is NULL or tuple_size(names) == 0):
        return _send(sender, <object> args[0])
    return _send_named(sender, args, PyVectorcall_NARGS(flagged_count), names)


cdef object _send_named(ResponseSender sender, PyObject *const *args, Py_ssize_t count, PyObject *names):
    if count != 0 or names is NULL or tuple_size(names) != 1:
        raise TypeError("send() takes exactly one argument, the message")
    if <object> tuple_item(names, 0) != "message":
        raise TypeError(f"send() got an unexpected keyword argument {<object> tuple_item(names, 0)!r}")
    return _send(sender, <object> args[0])


cdef int _enable_vectorcall() except -1:
    """Cython has no way to say that a type is called by vectorcall, so its slots are set here, before any use."""
    cdef ResponseSender sender = ResponseSender.__new__(ResponseSender)
    cdef PyTypeObject *kind = Py_TYPE(sender)
    kind.tp_vectorcall_offset = <char *> &sender.vectorcall - <char *> <PyObject *> sender
    kind.tp_call = PyVectorcall_Call
    kind.tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL
    return 0


_enable_vectorcall()


cdef object _send(ResponseSender sender, message):
    if sender.progress == FOLLOWED:
        return fastcors_send(sender.send, message)
    if sender.middleware is None:
        raise TypeError("send() belongs to a request")
    if PyDict_CheckExact(message):
        kind = fastcors_get_first(message, TYPE)
        if not fastcors_same_text(kind, RESPONSE_START):
            if PyUnicode_CheckExact(kind):
                if sender.progress == STARTED:
                    sender.progress = FOLLOWED
                    # An app may keep its `send` in the scope: the scope is then freed without the collector.
                    with cython.critical_section(sender):
                        _scope = sender.scope
                        sender.scope = None
                return fastcors_send(sender.send, message)
        elif _amended(sender, message):
            if sender.progress == BEGINNING:
                sender.progress = STARTED
            return fastcors_send(sender.send, message)
    return sender.middleware._fastcors_send_in_full(message, sender.send, sender.origin, sender.request())


cdef bint _amended(ResponseSender sender, dict message) except -1:
    """Give the response its CORS headers, or leave it untouched and return False: it is to be done in full."""
    cdef Outcome outcome = _amend(sender.middleware, message, sender.origin)
    return outcome == AMENDED or _amended_otherwise(sender, message, outcome)


cdef bint _amended_otherwise(ResponseSender sender, dict message, Outcome outcome) except -1:
    # Out of the way of what is usual.
    if outcome == RECOMPILE:
        _compiled_anew(sender.middleware)
        outcome = _amend(sender.middleware, message, sender.origin)
    if outcome == AMENDED_REFUSED:
        with cython.critical_section(sender):
            scope = sender.scope
        # An override may have sent the rest of the response already.
        if scope is not None:
            _refused(sender.middleware, scope, sender.origin, ORIGIN_FAILED)
    return outcome == AMENDED or outcome == AMENDED_REFUSED


cdef Outcome _amend(Dispatcher middleware, dict message, bytes origin) except? IN_FULL:
    """Give the response its CORS headers, or leave it untouched and say what has to happen first."""
    cdef CompiledPolicy compiled = _current(middleware, ALLOW_EXPLICIT_ORIGIN, IS_ALLOWED_ORIGIN)
    cdef list headers = None if compiled.in_full else _own_headers(message)
    cdef tuple explicit_pair = None
    cdef bint refused = False
    if headers is None:
        return IN_FULL
    if origin is not None:
        if not _unchanged(compiled.simple_headers, compiled.simple_version, compiled.simple_snapshot):
            return RECOMPILE
        # A user-defined collection may be consulted only once per request: make sure first that its answer can be used.
        if (
            (compiled.asks_middleware or compiled.live_origins().snapshot is None)
            and _with_cors(compiled, headers, True, None) is None
        ):
            return IN_FULL
        explicit_pair = _explicit_origin(middleware, compiled, origin)
        if explicit_pair is None and not compiled.all_origins:
            if compiled.asks_function:
                return IN_FULL
            refused = True
        elif explicit_pair is not None and not explicit_pair:
            # What is allowed and cannot be reflected is not named.
            if compiled.all_origins or compiled.asks_function:
                return IN_FULL
            explicit_pair, refused = None, True
    amended = _with_cors(compiled, headers, origin is not None, explicit_pair)
    if amended is None:
        return IN_FULL
    message[HEADERS] = amended
    return AMENDED_REFUSED if refused else AMENDED


cdef list _own_headers(dict message):
    """Return the headers that the app sends, or None where they are no list or tuple."""
    headers = fastcors_get(message, HEADERS)
    if PyList_CheckExact(headers):
        return headers
    if PyTuple_CheckExact(headers):
        return list(headers)
    return [] if headers is None and HEADERS not in message else None


cdef inline tuple _explicit_origin(Dispatcher middleware, CompiledPolicy compiled, bytes origin):
    """Return what names the origin of a response as allowed, as `check_origin` does; None where nothing does."""
    if compiled.all_origins:
        return _reflecting(origin) if compiled.credentials else None
    return compiled.check_origin(middleware, origin)


cdef list _with_cors(CompiledPolicy compiled, list headers, bint has_origin, tuple explicit_pair):
    """Return a new list: the app's headers and ours; None where the app's are no plain pairs of bytes."""
    cdef tuple pairs = compiled.actual_pairs if has_origin else NO_PAIRS
    cdef Py_ssize_t own = list_size(<PyObject *> headers), vary_at = -1
    cdef Py_ssize_t at = own + tuple_size(<PyObject *> pairs)
    cdef list amended = PyList_New(at + _appended(explicit_pair, compiled.actual_origin_at) + 1)
    cdef Survey survey = _copy_headers(compiled, amended, headers, own, &vary_at)
    if survey == UNUSUAL:
        return None
    # To the end, before anything is allocated: up to 3.11 that can run the collector, which looks at each list.
    _fill(amended, own, pairs)
    if explicit_pair is not None and compiled.actual_origin_at >= 0:
        amended[own + compiled.actual_origin_at] = explicit_pair
    else:
        at = _place(amended, at, explicit_pair, -1)
    _place(amended, at, VARY_ORIGIN, -1)
    if survey == COLLIDING:
        del amended[own:]
        _merge(amended, pairs, explicit_pair)
    elif vary_at >= 0:
        amended[vary_at] = (VARY, _joined(<bytes> amended[vary_at][1], VARY_MORE))
        amended.pop()
    return amended


cdef bytes _joined(bytes first, bytes second):
    cdef Py_ssize_t size = bytes_size(<PyObject *> first)
    cdef bytes joined = PyBytes_FromStringAndSize(NULL, size + bytes_size(<PyObject *> second))
    memcpy(bytes_data(<PyObject *> joined), bytes_data(<PyObject *> first), size)
    memcpy(bytes_data(<PyObject *> joined) + size, bytes_data(<PyObject *> second), bytes_size(<PyObject *> second))
    return joined


cdef Survey _copy_headers(
    CompiledPolicy compiled, list target, list headers, Py_ssize_t own, Py_ssize_t *vary_at
) noexcept:
    """Copy the app's `own` headers to the front of `target` and see whether they have a name that we set."""
    cdef Survey survey = DISJOINT
    cdef Py_ssize_t i
    with cython.critical_section(headers):
        # Up to 3.11, allocating `target` may have collected garbage, and with it run anything.
        if list_size(<PyObject *> headers) != own:
            survey = UNUSUAL
        else:
            for i in range(own):
                list_set(<PyObject *> target, i, Py_NewRef(list_item(<PyObject *> headers, i)))
                if survey != UNUSUAL:
                    survey = _survey(compiled, list_item(<PyObject *> headers, i), i, survey, vary_at)
    return survey


cdef inline Survey _survey(
    CompiledPolicy compiled, PyObject *pair, Py_ssize_t at, Survey survey, Py_ssize_t *vary_at
) noexcept:
    """See whether a header of the app's has a name that we set. Names match byte for byte. One `vary` alone is no
    collision, but noted: it is much the most usual one, and simple to join.
    """
    cdef PyObject *name
    cdef PyObject *value
    if not _is_pair(pair, &name, &value):
        return UNUSUAL
    if not compiled.actual_sizes & _size_bit(name) or not _is_ours(compiled, name):
        return survey
    if not bytes_exact(value):
        return UNUSUAL
    if vary_at[0] < 0 and _same_bytes(name, <PyObject *> VARY):
        vary_at[0] = at
        return survey
    return COLLIDING


cdef bint _is_ours(CompiledPolicy compiled, PyObject *name) noexcept:
    cdef PyObject *pair
    cdef Py_ssize_t i
    for i in range(tuple_size(<PyObject *> compiled.actual_pairs)):
        pair = tuple_item(<PyObject *> compiled.actual_pairs, i)
        if _same_bytes(tuple_item(pair, 0), name):
            return True
    return _same_bytes(<PyObject *> VARY, name) or _same_bytes(<PyObject *> ALLOW_ORIGIN, name)


cdef _merge(list headers, tuple pairs, tuple explicit_pair):
    """Set our headers among the app's: the first of a name is replaced, the others go; Vary is joined."""
    cdef list values
    for pair in pairs:
        _set(headers, pair)
    if explicit_pair is not None:
        _set(headers, explicit_pair)
    values = [value for name, value in headers if name == VARY]
    values.append(b"Origin")
    _set(headers, (VARY, b", ".join(values)))


cdef _set(list headers, tuple pair):
    places = [i for i, (name, _) in enumerate(headers) if name == pair[0]]
    for i in reversed(places[1:]):
        del headers[i]
    if places:
        headers[places[0]] = pair
    else:
        headers.append(pair)
