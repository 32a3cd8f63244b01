# cython: language_level=3, binding=False, boundscheck=False, wraparound=False, freethreading_compatible=True
"""The request path over raw ASGI byte headers, compiled. Its twin in Python is _core_py.py: same names, same order.

It answers from what a `Policy` encoded at start-up and takes only exact `dict`, `list`, `tuple`, `bytes` and
`str` on its own; for everything else it hands the request to the middleware's `_respond_in_full` or
`_send_in_full`, which follow ordinary Python semantics. It decides which way to go before it changes anything.

Why `freethreading_compatible` is safe to declare. An object of this module is either immutable once its
constructor returned (AllowedValues, CompiledPolicy), or belongs to one request (ResponseSender), or is a
Dispatcher, whose one field is read and replaced under its critical section. Containers that others can reach
(a scope's header list, a message's header list, the live configuration) are read under their own critical
section, in which no Python code runs; what leaves it is a strong reference. Dictionary look-ups return strong
references. With the GIL all of this compiles to nothing.
"""

cimport cython
from cpython.dict cimport PyDict_CheckExact
from cpython.list cimport PyList_CheckExact, PyList_New
from cpython.object cimport PyObject
from cpython.tuple cimport PyTuple_CheckExact
from cpython.unicode cimport PyUnicode_CheckExact, PyUnicode_DecodeLatin1
from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcmp, memcpy

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
    /* A pair in a list could be changed by another thread under our eyes, where threads run in parallel. */
    #ifdef Py_GIL_DISABLED
    #define fastcors_pair_list_exact(value) 0
    #else
    #define fastcors_pair_list_exact(value) PyList_CheckExact(value)
    #endif
    /* The number that CPython gives to each state of a dictionary, up to 3.13; no two states share one. */
    #if PY_VERSION_HEX < 0x030E0000 && !defined(Py_GIL_DISABLED)
    static CYTHON_INLINE uint64_t fastcors_dict_version(PyObject *mapping) {
        _Py_COMP_DIAG_PUSH
        _Py_COMP_DIAG_IGNORE_DEPR_DECLS
        return ((PyDictObject *)mapping)->ma_version_tag;
        _Py_COMP_DIAG_POP
    }
    #else
    #define fastcors_dict_version(mapping) ((void)(mapping), (uint64_t)0)
    #endif
    /* Whether a list holds the very same objects as a tuple. */
    static CYTHON_INLINE int fastcors_same_items(PyObject *list, PyObject *tuple) {
        return PyList_GET_SIZE(list) == PyTuple_GET_SIZE(tuple)
            && memcmp(((PyListObject *)list)->ob_item, ((PyTupleObject *)tuple)->ob_item,
                      (size_t)PyTuple_GET_SIZE(tuple) * sizeof(PyObject *)) == 0;
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
    object fastcors_get(dict mapping, str key)
    uint64_t fastcors_dict_version(dict mapping) noexcept
    bint fastcors_same_items(list values, tuple expected) noexcept
    bint fastcors_same_text(object text, str expected) noexcept

cdef extern from "Python.h":
    ctypedef PyObject *(*vectorcallfunc)(PyObject *, PyObject *const *, size_t, PyObject *) except NULL
    ctypedef PyObject *(*ternaryfunc)(PyObject *, PyObject *, PyObject *) except NULL
    ctypedef struct PyTypeObject:
        unsigned int tp_version_tag
        unsigned long tp_flags
        Py_ssize_t tp_vectorcall_offset
        ternaryfunc tp_call
    PyTypeObject *Py_TYPE(object instance) noexcept
    unsigned long Py_TPFLAGS_HAVE_VECTORCALL
    PyObject *PyVectorcall_Call(PyObject *, PyObject *, PyObject *) except NULL
    Py_ssize_t PyVectorcall_NARGS(size_t flagged_count) noexcept
    bint PyCoro_CheckExact(object value)
    bint PyDict_Next(dict mapping, Py_ssize_t *position, PyObject **key, PyObject **value)
    # On pointers, so that looking at a borrowed object takes no reference.
    bint bytes_exact "PyBytes_CheckExact"(PyObject *value) noexcept
    const char *bytes_data "PyBytes_AS_STRING"(PyObject *value) noexcept
    Py_ssize_t bytes_size "PyBytes_GET_SIZE"(PyObject *value) noexcept
    bint tuple_exact "PyTuple_CheckExact"(PyObject *value) noexcept
    Py_ssize_t tuple_size "PyTuple_GET_SIZE"(PyObject *values) noexcept
    PyObject *tuple_item "PyTuple_GET_ITEM"(PyObject *values, Py_ssize_t index) noexcept
    bint pair_list_exact "fastcors_pair_list_exact"(PyObject *value) noexcept
    Py_ssize_t list_size "PyList_GET_SIZE"(PyObject *values) noexcept
    PyObject *list_item "PyList_GET_ITEM"(PyObject *values, Py_ssize_t index) noexcept
    void list_set "PyList_SET_ITEM"(PyObject *values, Py_ssize_t index, PyObject *value) noexcept
    PyObject *Py_NewRef(PyObject *value) noexcept

cdef enum Verdict:
    REFUSED = 0
    ALLOWED = 1
    STALE = 2  # what was compiled is no longer what is configured

cdef enum Outcome:
    AMENDED = 0
    RECOMPILE = 1
    IN_FULL = 2

cdef enum Survey:
    DISJOINT = 0   # the app sets none of our headers
    COLLIDING = 1
    UNUSUAL = 2

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
cdef tuple VARY_ORIGIN = (VARY, b"Origin")
cdef tuple CONTENT_TYPE = (b"content-type", b"text/plain; charset=utf-8")
cdef tuple PRIVATE_NETWORK = (b"access-control-allow-private-network", b"true")

cdef enum:
    # A longer configured value is looked up in the collection itself: the index has to fit a lower-cased
    # request-header name on the stack.
    LONGEST = 255
    # So many values are compared one by one, which takes less than hashing.
    FEW = 8


cdef inline object _text(bytes value):
    return PyUnicode_DecodeLatin1(bytes_data(<PyObject *> value), bytes_size(<PyObject *> value), NULL)


def _latin_1(str text, bint reflected):
    """Return `text` as requests carry it, or None where none can, or where it must not be `reflected`."""
    try:
        value = text.encode("latin-1")
    except UnicodeEncodeError:
        return None
    return None if reflected and _has_control(value) else value


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


def _fill_tables():
    """Ask `str` itself what lower case and white space are in latin-1."""
    for code in range(256):
        _LOWER[code] = ord(chr(code).lower())
        _SPACE[code] = chr(code).isspace()


_fill_tables()


cdef uint64_t _SEED = <uint64_t> (hash("fastcors") & 0xFFFFFFFF)


cdef inline uint64_t _hash(const char *data, Py_ssize_t size) noexcept:
    """Eight bytes a step. Only configured values are ever stored, so requests cannot make a cluster."""
    cdef uint64_t value = _SEED ^ <uint64_t> size
    cdef uint64_t word
    cdef uint32_t half
    while size >= 8:
        memcpy(&word, data, 8)
        value = (value ^ word) * <uint64_t> 0x9E3779B97F4A7C15
        value ^= value >> 32
        data += 8
        size -= 8
    word = 0
    if size & 4:
        memcpy(&half, data, 4)
        word = half
        data += 4
    if size & 2:
        word = word << 16 | <unsigned char> data[0] << 8 | <unsigned char> data[1]
        data += 2
    if size & 1:
        word = word << 8 | <unsigned char> data[0]
    value = (value ^ word) * <uint64_t> 0x9E3779B97F4A7C15
    return value ^ (value >> 32)


cdef struct Value:
    const char *data
    Py_ssize_t size  # -1: outside latin-1, or not to be reflected; no request can match it


@cython.final
@cython.auto_pickle(False)
cdef class AllowedValues:
    """The values of one allow_* collection, indexed by their latin-1 bytes, and still live.

    A list can change in place without a trace, so a hit counts while the list still holds the very same string
    at that place, and a miss while it still holds the very same strings throughout. A tuple or frozenset of
    strings needs neither. Anything else, and a value over 255 bytes, leaves the look-up to the collection.
    With `header`, a hit comes with the pair that reflects it, and what must not be reflected is not indexed.
    """
    cdef object collection
    cdef tuple snapshot     # the strings indexed; None: not indexed
    cdef tuple encoded      # the same in latin-1, or None; keeps `values` alive
    cdef tuple pairs        # (header, value) for each; empty without `header`
    cdef Value *values
    cdef uint32_t *slots    # open addressing: 0 is empty, else the place in `values` plus one
    cdef uint64_t mask
    cdef bint fixed, is_list

    def __cinit__(self, collection, bytes header=None):
        kind = type(collection)
        self.collection = collection
        self.fixed = kind is tuple or kind is frozenset
        self.is_list = kind is list
        if self.fixed or self.is_list or kind is set:
            snapshot = tuple(collection)
            if all(type(value) is str and len(value) <= LONGEST for value in snapshot):
                self._index(snapshot, header)

    cdef int _index(self, tuple snapshot, bytes header) except -1:
        cdef Py_ssize_t i, size = 8
        while size < 2 * len(snapshot):
            size *= 2
        self.encoded = tuple([_latin_1(text, header is not None) for text in snapshot])
        self.pairs = () if header is None else tuple([(header, value) for value in self.encoded])
        self.values = <Value *> calloc(len(snapshot) + 1, sizeof(Value))
        self.slots = <uint32_t *> calloc(size, sizeof(uint32_t))
        if self.values is NULL or self.slots is NULL:
            raise MemoryError()
        self.mask = size - 1
        for i in range(len(snapshot)):
            self._store(i, tuple_item(<PyObject *> self.encoded, i))
        self.snapshot = snapshot
        return 0

    cdef void _store(self, Py_ssize_t place, PyObject *value) noexcept:
        cdef uint64_t slot
        if value is <PyObject *> None:
            self.values[place].size = -1
            return
        self.values[place] = Value(bytes_data(value), bytes_size(value))
        slot = _hash(bytes_data(value), bytes_size(value)) & self.mask
        while self.slots[slot]:
            slot = (slot + 1) & self.mask
        self.slots[slot] = <uint32_t> (place + 1)

    def __dealloc__(self):
        free(self.values)
        free(self.slots)

    cdef inline bint _is_at(self, Py_ssize_t place, const char *data, Py_ssize_t size) noexcept:
        return self.values[place].size == size and memcmp(self.values[place].data, data, size) == 0

    cdef Py_ssize_t _find(self, const char *data, Py_ssize_t size) noexcept:
        cdef Py_ssize_t place
        cdef uint64_t slot
        if tuple_size(<PyObject *> self.snapshot) <= FEW:
            for place in range(tuple_size(<PyObject *> self.snapshot)):
                if self._is_at(place, data, size):
                    return place
            return -1
        if size > LONGEST:
            return -1
        slot = _hash(data, size) & self.mask
        while self.slots[slot]:
            place = self.slots[slot] - 1
            if self._is_at(place, data, size):
                return place
            slot = (slot + 1) & self.mask
        return -1

    cdef Verdict check(self, const char *data, Py_ssize_t size, Py_ssize_t *place) except? STALE:
        """Judge the value at `data`, which the caller keeps alive. `place` becomes that of a hit, or -1."""
        place[0] = -1
        if self.snapshot is None:
            return ALLOWED if PyUnicode_DecodeLatin1(data, size, NULL) in self.collection else REFUSED
        place[0] = self._find(data, size)
        if self.is_list:
            return self._check_list(self.collection, place[0])
        if self.fixed:
            return ALLOWED if place[0] >= 0 else REFUSED
        # A set answers in constant time by itself; a hit saves it the decoding and the hashing.
        text = self.snapshot[place[0]] if place[0] >= 0 else PyUnicode_DecodeLatin1(data, size, NULL)
        return ALLOWED if text in <set> self.collection else REFUSED

    cdef Verdict _check_list(self, list values, Py_ssize_t place) noexcept:
        cdef Verdict verdict
        with cython.critical_section(values):
            if place < 0:
                verdict = REFUSED if fastcors_same_items(values, self.snapshot) else STALE
            elif place >= list_size(<PyObject *> values):
                verdict = STALE
            elif list_item(<PyObject *> values, place) != tuple_item(<PyObject *> self.snapshot, place):
                verdict = STALE
            else:
                verdict = ALLOWED
        return verdict


cdef inline bint _unchanged(dict headers, tuple snapshot, uint64_t version) noexcept:
    """Tell whether `headers` still holds the very same names and values, in the same order. Where the interpreter
    numbers the states of a dictionary, an equal number (0: not known) spares the comparison.
    """
    return version and version == fastcors_dict_version(headers) or _same_headers(headers, snapshot)


cdef bint _same_headers(dict headers, tuple snapshot) noexcept:
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


cdef uint64_t _dict_version(dict headers, tuple snapshot) noexcept:
    """Return the number of the state in which `headers` equals `snapshot`; 0 where there is none."""
    cdef uint64_t version = fastcors_dict_version(headers)
    return version if _same_headers(headers, snapshot) else 0


cdef list _preflight_outcomes():
    """The start message but for its headers, Content-Length and the body message for each set of failures:
    origin 1, method 2, headers 4, private network 8. The messages are copied for each answer, which takes less
    than making them.
    """
    outcomes = []
    names = ("origin", "method", "headers", "private-network")
    for failures in range(16):
        failed = ", ".join([name for bit, name in enumerate(names) if failures >> bit & 1])
        body = b"Disallowed CORS " + failed.encode() if failed else b"OK"
        start = {TYPE: RESPONSE_START, "status": 400 if failed else 200, HEADERS: None}
        outcomes.append((start, (b"content-length", b"%d" % len(body)), {TYPE: RESPONSE_BODY, "body": body}))
    return outcomes


cdef tuple PREFLIGHT_OUTCOMES = tuple(_preflight_outcomes())


@cython.final
@cython.auto_pickle(False)
cdef class CompiledPolicy:
    """A `Policy` as the request path reads it: flags, encoded pairs, indexed collections.

    `policy` None stands for a configuration that is answered in full. `version` is what `class_version` returned
    before the policy was made. `answer` and `finish` are the two native coroutine functions of the request path.
    """
    cdef object app, answer, finish, fullmatch
    cdef uint32_t version
    cdef bint in_full, asks_middleware, all_origins, credentials, explicit_origin, all_headers, private_network
    cdef AllowedValues origins, methods, header_names
    cdef dict simple_headers, preflight_headers
    cdef tuple simple_snapshot, preflight_snapshot
    cdef uint64_t simple_version, preflight_version
    cdef tuple actual_pairs, preflight_pairs
    cdef Py_ssize_t actual_origin_at, preflight_origin_at, preflight_names_at
    cdef uint64_t actual_sizes  # bit n: an answer sets a header whose name has n bytes

    def __init__(self, policy, version, answer, finish):
        self.version = version
        self.answer = answer
        self.finish = finish
        self.in_full = policy is None
        if policy is None:
            return
        self.app = policy.app
        self.asks_middleware = policy.asks_middleware
        self.all_origins = policy.all_origins
        self.credentials = policy.credentials
        self.fullmatch = policy.fullmatch
        self.explicit_origin = policy.explicit_origin
        self.all_headers = policy.all_headers
        self.private_network = policy.private_network
        self.origins = AllowedValues(policy.origins, ALLOW_ORIGIN)
        self.methods = AllowedValues(policy.methods)
        self.header_names = AllowedValues(policy.header_names)
        self.simple_headers = policy.simple_headers
        self.simple_snapshot = policy.simple_snapshot
        self.simple_version = _dict_version(self.simple_headers, self.simple_snapshot)
        self.actual_pairs = policy.actual_pairs
        self.actual_origin_at = policy.actual_origin_at
        self.preflight_headers = policy.preflight_headers
        self.preflight_snapshot = policy.preflight_snapshot
        self.preflight_version = _dict_version(self.preflight_headers, self.preflight_snapshot)
        self.preflight_pairs = policy.preflight_pairs
        self.preflight_origin_at = policy.preflight_origin_at
        self.preflight_names_at = policy.preflight_names_at
        self.actual_sizes = _size_bit(<PyObject *> ALLOW_ORIGIN) | _size_bit(<PyObject *> VARY)
        for name, _ in self.actual_pairs:
            self.actual_sizes |= _size_bit(<PyObject *> name)

    cdef inline bint simple_unchanged(self) noexcept:
        return _unchanged(self.simple_headers, self.simple_snapshot, self.simple_version)

    cdef inline bint preflight_unchanged(self) noexcept:
        return _unchanged(self.preflight_headers, self.preflight_snapshot, self.preflight_version)

    @property
    def answers_in_full(self):
        """True when no request can be answered from encoded pairs."""
        return self.in_full

    cdef Verdict check_origin(self, Dispatcher middleware, bytes origin, Py_ssize_t *place) except? STALE:
        """Fetch, "CORS check", from the server's side: is this origin configured? `place`: as in AllowedValues."""
        cdef Verdict verdict = REFUSED
        cdef bint indexed = self.origins.snapshot is not None
        place[0] = -1
        if self.asks_middleware:
            return ALLOWED if middleware.is_allowed_origin(origin=_text(origin)) else REFUSED
        if self.all_origins:
            return ALLOWED
        # The regex comes first, as in Starlette, where the collection is someone's own code.
        if indexed:
            verdict = self.origins.check(bytes_data(<PyObject *> origin), bytes_size(<PyObject *> origin), place)
        if verdict == REFUSED and self.fullmatch is not None and self.fullmatch(_text(origin)) is not None:
            return ALLOWED
        if not indexed:
            verdict = self.origins.check(bytes_data(<PyObject *> origin), bytes_size(<PyObject *> origin), place)
        return verdict

    cdef inline tuple explicit_pair(self, bytes origin, Py_ssize_t place):
        """Return the pair that reflects `origin`, or None where a control byte forbids it."""
        if place >= 0:
            return <tuple> tuple_item(<PyObject *> self.origins.pairs, place)
        return None if _has_control(origin) else (ALLOW_ORIGIN, origin)

    cdef Verdict check_header_names(self, bytes names) except? STALE:
        """Fetch, "CORS-preflight fetch": every element of Access-Control-Request-Headers must be allowed."""
        cdef const unsigned char *data = <const unsigned char *> bytes_data(<PyObject *> names)
        cdef const unsigned char *end = data + bytes_size(<PyObject *> names)
        cdef const unsigned char *start
        cdef const unsigned char *stop
        cdef Verdict verdict
        while True:
            start = data
            while data < end and data[0] != c",":
                data += 1
            stop = data
            while start < stop and _SPACE[start[0]]:
                start += 1
            while start < stop and _SPACE[(stop - 1)[0]]:
                stop -= 1
            verdict = self._check_header_name(start, stop - start)
            if verdict != ALLOWED or data == end:
                return verdict
            data += 1

    cdef Verdict _check_header_name(self, const unsigned char *name, Py_ssize_t size) except? STALE:
        cdef unsigned char lowered[LONGEST + 1]
        cdef Py_ssize_t i, place
        if self.header_names.snapshot is None:
            text = PyUnicode_DecodeLatin1(<const char *> name, size, NULL).lower()
            return ALLOWED if text in self.header_names.collection else REFUSED
        # Longer than anything indexed: as it is, it is found nowhere.
        if size > LONGEST:
            return self.header_names.check(<const char *> name, size, &place)
        for i in range(size):
            lowered[i] = _LOWER[name[i]]
        return self.header_names.check(<const char *> lowered, size, &place)


cdef inline uint64_t _size_bit(PyObject *name) noexcept:
    # Modulo 64: a collision costs a comparison.
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
        if _named(name, b"origin", 6):
            place = &found.origin
        elif not options or bytes_size(name) < 29:
            continue
        elif _named(name, b"access-control-request-method", 29):
            place = &found.method
        elif _named(name, b"access-control-request-headers", 30):
            place = &found.names
        elif _named(name, b"access-control-request-private-network", 38):
            place = &found.private_network
        else:
            continue
        if place[0] is NULL:
            if not bytes_exact(value):
                return False
            place[0] = value
            if not options:
                return True
    return True


@cython.auto_pickle(False)
cdef class Dispatcher:
    """The call slot of the middleware: `instance(scope, receive, send)` comes here without a Python frame.

    A subclass provides `_compile`, `_respond_in_full`, `_send_in_full` and `is_allowed_origin`.
    """
    cdef CompiledPolicy compiled  # None: to be compiled at the next request

    @property
    def _compiled(self):
        with cython.critical_section(self):
            return self.compiled

    @_compiled.setter
    def _compiled(self, CompiledPolicy compiled):
        with cython.critical_section(self):
            self.compiled = compiled

    def __call__(self, scope, receive, send):
        return self.respond(scope, receive, send)

    cdef CompiledPolicy current(self):
        cdef CompiledPolicy compiled
        with cython.critical_section(self):
            compiled = self.compiled
        if compiled is None or compiled.version == 0 or compiled.version != _version_tag(self):
            compiled = self._compile()
        return compiled

    cdef object respond(self, scope, receive, send):
        cdef CompiledPolicy compiled = self.current()
        cdef RequestHeaders found = RequestHeaders(NULL, NULL, NULL, NULL)
        cdef bytes origin = None, method = None, names = None
        cdef bint plain
        if compiled.in_full or not PyDict_CheckExact(scope):
            return self._respond_in_full(scope, receive, send)
        kind = fastcors_get(scope, TYPE)
        if not fastcors_same_text(kind, HTTP):
            if not PyUnicode_CheckExact(kind):
                return self._respond_in_full(scope, receive, send)
            return _coroutine(compiled, compiled.app(scope, receive, send))
        request_method = fastcors_get(scope, METHOD)
        headers = fastcors_get(scope, HEADERS)
        if not PyUnicode_CheckExact(request_method) or not PyList_CheckExact(headers):
            return self._respond_in_full(scope, receive, send)
        with cython.critical_section(headers):
            plain = _scan(headers, fastcors_same_text(request_method, OPTIONS), &found)
            origin = <bytes> found.origin if found.origin is not NULL else None
            method = <bytes> found.method if found.method is not NULL else None
            names = <bytes> found.names if found.names is not NULL else None
        if not plain:
            return self._respond_in_full(scope, receive, send)
        if origin is not None and method is not None:
            return self.preflight(scope, receive, send, origin, method, names, found.private_network is not NULL)
        return _coroutine(compiled, compiled.app(scope, receive, _bound_send(self, send, origin)))

    cdef object preflight(
        self, scope, receive, send, bytes origin, bytes method, bytes names, bint private_network
    ):
        """Answer a preflight without the app (Fetch, "CORS-preflight fetch")."""
        cdef CompiledPolicy compiled = self.current(), template
        cdef Verdict verdict = STALE
        cdef Py_ssize_t place = -1
        cdef tuple explicit_pair = None
        cdef int failures
        if not compiled.in_full and not compiled.preflight_unchanged():
            compiled = self._compile()
        # Starlette copies the headers first and asks about the origin next; an override may change the rest.
        template = compiled
        for _ in range(3):
            if not compiled.in_full and verdict == STALE:
                verdict = compiled.check_origin(self, origin, &place)
                if verdict == ALLOWED:
                    explicit_pair = compiled.explicit_pair(origin, place)
                compiled = self.current()
            if compiled.in_full:
                break
            failures = _failures(compiled, verdict, explicit_pair, method, names, private_network)
            if failures >= 0:
                return _answer(send, template, compiled, explicit_pair, failures, names, private_network)
            compiled = self._compile()
        return self._respond_in_full(scope, receive, send)


cdef inline uint32_t _version_tag(object instance) noexcept:
    """CPython gives a class a new number after each change to it or to a class it inherits from; 0 is none yet.
    It is how the interpreter validates its own method caches, and here tells that a hook may have been patched.
    """
    return Py_TYPE(instance).tp_version_tag


def class_version(cls):
    """Return a value that differs once a method of `cls` was replaced."""
    cls.send  # a look-up makes the interpreter give the class a number
    return (<PyTypeObject *> cls).tp_version_tag


def use_call_slot(cls):
    """Make calls of instances of `cls` go straight to `Dispatcher.__call__`.

    A class whose `__call__` is written in Python has a call slot that looks it up and runs it, 130 ns of coroutine
    frame each time. This sets the slot alone: `cls.__call__` stays the coroutine function that servers and
    instrumentation look at, and assigning `cls.__call__` sets the slot anew, so that patches are called.
    """
    (<PyTypeObject *> cls).tp_call = (<PyTypeObject *> Dispatcher).tp_call


def respond(Dispatcher middleware, scope, receive, send):
    """Return the coroutine that answers one request; what the call slot does, for those who call `__call__`."""
    return middleware.respond(scope, receive, send)


cdef inline object _coroutine(CompiledPolicy compiled, awaitable):
    """Starlette's `__call__` returns a coroutine, as `asyncio.create_task` demands; an app may return less."""
    return awaitable if PyCoro_CheckExact(awaitable) else compiled.finish(awaitable)


cdef int _failures(
    CompiledPolicy compiled, Verdict origin, tuple explicit_pair, bytes method, bytes names, bint private_network
) except -2:
    """Return the set of failures as in PREFLIGHT_OUTCOMES, or -1: compile anew."""
    cdef int failures = 0
    cdef Py_ssize_t place
    cdef Verdict verdict
    if origin == STALE:
        return -1
    if origin == REFUSED or compiled.explicit_origin and explicit_pair is None:
        failures |= 1
    verdict = compiled.methods.check(bytes_data(<PyObject *> method), bytes_size(<PyObject *> method), &place)
    if verdict == STALE:
        return -1
    if verdict == REFUSED:
        failures |= 2
    if names is not None:
        if compiled.all_headers:
            verdict = REFUSED if _has_control(names) else ALLOWED
        else:
            verdict = compiled.check_header_names(names)
        if verdict == STALE:
            return -1
        if verdict == REFUSED:
            failures |= 4
    if private_network and not compiled.private_network:
        failures |= 8
    return failures


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
    cdef tuple names_pair = None, network_pair = None
    if not compiled.explicit_origin or failures & 1:
        explicit_pair = None
    if compiled.all_headers and names is not None and not failures & 4:
        names_pair = (ALLOW_HEADERS, names)
    if private_network and not failures & 8:
        network_pair = PRIVATE_NETWORK
    content_length = <tuple> tuple_item(outcome, 1)
    start[HEADERS] = _preflight_headers(template, explicit_pair, names_pair, network_pair, content_length)
    return compiled.answer(send, start, (<dict> tuple_item(outcome, 2)).copy())


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


@cython.final
@cython.freelist(64)
@cython.auto_pickle(False)
cdef class ResponseSender:
    """The `send` that the app gets: it amends the start of the response, once, and from then on only forwards.

    Its type is called by vectorcall, set below: no argument tuple, and no bound method beside the object. Starlette
    hands out a coroutine function and asgiref warns of anything less, so it looks like one to `inspect`.
    """
    cdef vectorcallfunc vectorcall
    cdef Dispatcher middleware
    cdef object send
    cdef bytes origin  # None: the request has none
    cdef bint amended
    cdef object __weakref__

    @property
    def __name__(self):
        return "send"

    @property
    def __code__(self):
        return type(self.middleware)._send_in_full.__code__

    @property
    def __defaults__(self):
        return None

    @property
    def __kwdefaults__(self):
        return None

    @property
    def __annotations__(self):
        return {}


cdef inline ResponseSender _bound_send(Dispatcher middleware, send, bytes origin):
    cdef ResponseSender sender = ResponseSender.__new__(ResponseSender)
    sender.vectorcall = <vectorcallfunc> _send
    sender.middleware = middleware
    sender.send = send
    sender.origin = origin
    return sender


cdef object _send(PyObject *called, PyObject *const *args, size_t flagged_count, PyObject *names):
    # The vectorcall of ResponseSender is reached through one of its instances and in no other way.
    cdef ResponseSender sender = <ResponseSender> called
    cdef Py_ssize_t count = PyVectorcall_NARGS(flagged_count)
    if count + (tuple_size(names) if names is not NULL else 0) != 1:
        raise TypeError("send() takes exactly one argument, the message")
    if count == 0 and <object> tuple_item(names, 0) != "message":
        raise TypeError(f"send() got an unexpected keyword argument {<object> tuple_item(names, 0)!r}")
    message = <object> args[0]
    if sender.amended:
        return sender.send(message)
    return _send_first(sender, message)


def _enable_vectorcall():
    """Cython has no way to say that a type is called by vectorcall, so its slots are set here, before any use."""
    cdef ResponseSender sender = ResponseSender.__new__(ResponseSender)
    cdef PyTypeObject *kind = Py_TYPE(sender)
    kind.tp_vectorcall_offset = <char *> &sender.vectorcall - <char *> <PyObject *> sender
    kind.tp_call = PyVectorcall_Call
    kind.tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL


_enable_vectorcall()


cdef object _send_first(ResponseSender sender, message):
    cdef Outcome outcome
    if PyDict_CheckExact(message):
        kind = fastcors_get(message, TYPE)
        if not fastcors_same_text(kind, RESPONSE_START):
            if PyUnicode_CheckExact(kind):
                return sender.send(message)
        else:
            for _ in range(2):
                outcome = _amend(sender.middleware, sender.middleware.current(), message, sender.origin)
                if outcome == AMENDED:
                    sender.amended = True
                    return sender.send(message)
                if outcome == IN_FULL:
                    break
                sender.middleware._compile()
    return sender.middleware._send_in_full(message, sender.send, sender.origin)


cdef Outcome _amend(Dispatcher middleware, CompiledPolicy compiled, dict message, bytes origin) except? IN_FULL:
    """Give the response its CORS headers, or leave it untouched and say what has to happen first."""
    cdef Verdict verdict = REFUSED
    cdef Py_ssize_t place = -1
    cdef tuple explicit_pair = None
    if compiled.in_full:
        return IN_FULL
    headers = fastcors_get(message, HEADERS)
    if headers is None and HEADERS not in message:
        headers = []
    elif PyTuple_CheckExact(headers):
        headers = list(headers)
    elif not PyList_CheckExact(headers):
        return IN_FULL
    if origin is not None:
        if not compiled.simple_unchanged():
            return RECOMPILE
        # An override is asked once, so not before it is known that its answer will be used here.
        if compiled.asks_middleware and _with_cors(compiled, headers, True, None) is None:
            return IN_FULL
        if compiled.all_origins:
            verdict = ALLOWED if compiled.credentials else REFUSED
        else:
            verdict = compiled.check_origin(middleware, origin, &place)
            if verdict == STALE:
                return RECOMPILE
        if verdict == ALLOWED:
            explicit_pair = compiled.explicit_pair(origin, place)
            if explicit_pair is None and compiled.all_origins:
                return IN_FULL
    amended = _with_cors(compiled, headers, origin is not None, explicit_pair)
    if amended is None:
        return IN_FULL
    message[HEADERS] = amended
    return AMENDED


cdef list _with_cors(CompiledPolicy compiled, list headers, bint has_origin, tuple explicit_pair):
    """Return a new list: the app's headers and ours; None where the app's are no plain pairs of bytes."""
    cdef tuple pairs = compiled.actual_pairs if has_origin else NO_PAIRS
    cdef Py_ssize_t at, i, own, vary_at = -1
    cdef Survey survey = DISJOINT
    cdef list amended
    with cython.critical_section(headers):
        own = list_size(<PyObject *> headers)
        at = own + tuple_size(<PyObject *> pairs)
        amended = PyList_New(at + _appended(explicit_pair, compiled.actual_origin_at) + 1)
        for i in range(own):
            list_set(<PyObject *> amended, i, Py_NewRef(list_item(<PyObject *> headers, i)))
            if survey != UNUSUAL:
                survey = _survey(compiled, list_item(<PyObject *> headers, i), i, survey, &vary_at)
    if survey == UNUSUAL:
        return None
    if survey == COLLIDING:
        amended = amended[:own]
        _merge(amended, pairs, explicit_pair)
        return amended
    _fill(amended, own, pairs)
    if explicit_pair is not None and compiled.actual_origin_at >= 0:
        amended[own + compiled.actual_origin_at] = explicit_pair
    else:
        at = _place(amended, at, explicit_pair, -1)
    _place(amended, at, VARY_ORIGIN, -1)
    if vary_at >= 0:
        amended[vary_at] = (VARY, <bytes> amended[vary_at][1] + VARY_MORE)
        amended.pop()
    return amended


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
