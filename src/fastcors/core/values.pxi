cdef enum:
    # Longer configured values are looked up in the collection itself: a lower-cased name has to fit on the stack.
    LONGEST = 255
    # Up to this many values are compared one by one, which is faster than hashing.
    _FEW = 8
    # A list of up to this many values is indexed again whenever its index did not help.
    _SHORT = 64
    # No request indexes a longer list again, because allocating the memory would delay it.
    _LONG = 32768

cdef enum Verdict:
    REFUSED
    ALLOWED
    UNKNOWN  # only the collection can tell, which may run a user's code


cdef struct Value:
    const char *data
    Py_ssize_t size  # -1: outside latin-1, so no request can match it


@cython.final
@cython.no_gc_clear
@cython.auto_pickle(False)
cdef class AllowedValues:
    """The values of one allow_* collection, indexed by their latin-1 bytes, and still live.

    A list can change in place without a trace. A hit in the index counts if the list still holds the very same string
    at that place. A miss counts if the list still holds the very same strings in all places. Otherwise the list itself
    is searched, as Starlette does for each request. A tuple or frozenset of strings needs no such check. Sets, other
    collections and any with a value over 255 bytes decide themselves; for a set, a hit in the index saves the decoding.
    With `header`, a hit comes with the pair that reflects it, which is made when it is first needed.

    The hash is Python's own, with its secret key, and collisions are resolved by all 64 bits, as `dict` does it, so no
    choice of values makes a search long.
    """
    cdef object collection
    cdef bytes header
    cdef tuple snapshot     # the indexed strings, or None if there is no index
    cdef Value few[_FEW]    # the first of them
    cdef PyObject **pairs   # (header, value) by place; NULL: not made yet; (): must not be reflected
    cdef uint32_t *slots    # open addressing: 0 is empty, otherwise the place in the snapshot plus one
    cdef uint64_t mask
    cdef bint fixed, is_list
    cdef bint outdated      # a search took so long that a new index is worth its cost

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
            # No request can match a value outside latin-1.
            if fastcors_is_latin_1(tuple_item(<PyObject *> snapshot, i)):
                self._store(snapshot, i, tuple_item(<PyObject *> snapshot, i))
            elif i < _FEW:
                self.few[i].size = -1
        self.snapshot = snapshot
        return 0

    cdef int _store(self, tuple snapshot, Py_ssize_t place, PyObject *text) except -1:
        if place < _FEW:
            self.few[place] = Value(text_data(text), text_size(text))
        cdef uint64_t remaining = <uint64_t> PyObject_Hash(text)
        cdef uint64_t slot = remaining & self.mask
        while self.slots[slot]:
            # The first of several equal values stands for all of them: duplicates would form a long chain.
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

    cdef bint is_comparable(self):
        """Tell whether `unchanged` is enough to know what is allowed."""
        return self.snapshot is not None and (self.is_list or self.fixed)

    cdef inline bint unchanged(self) noexcept:
        """Tell whether the index, if there is one, is still valid."""
        return self.snapshot is None or not self.is_list or self._is_snapshot(<list> self.collection)

    cdef inline Py_ssize_t find(self, const char *data, Py_ssize_t size) noexcept:
        """Return the place of the value at `data` in the index, which must exist, or -1."""
        cdef Py_ssize_t place
        if tuple_size(<PyObject *> self.snapshot) > _FEW:
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

    cdef inline bint allows(self, const char *data, Py_ssize_t size) except -1:
        """Tell whether the value at `data`, which the caller keeps alive, is allowed."""
        cdef Py_ssize_t place
        cdef Verdict verdict = self.judge(data, size, &place)
        return self.look_up(data, size, place) if verdict == UNKNOWN else verdict == ALLOWED

    cdef inline Verdict judge(self, const char *data, Py_ssize_t size, Py_ssize_t *place) noexcept:
        """Judge the value at `data` without running a user's code. `place` becomes the place of a hit, or -1."""
        place[0] = -1
        if self.snapshot is None:
            return UNKNOWN
        place[0] = self.find(data, size)
        if self.is_list:
            return self._in_list(<list> self.collection, data, size, place)
        if self.fixed:
            return ALLOWED if place[0] >= 0 else REFUSED
        return UNKNOWN

    cdef bint look_up(self, const char *data, Py_ssize_t size, Py_ssize_t place) except -1:
        """Look for the value at `data` in the collection itself. It is at `place` in the index; -1 means that it is not
        there.
        """
        text = self.snapshot[place] if place >= 0 else decoded(data, size)
        return text in self.collection

    cdef inline bint _is_snapshot(self, list values) noexcept:
        cdef bint same
        cdef Section section
        begin(&section, <PyObject *> values)
        same = fastcors_same_items(values, self.snapshot)
        end(&section)
        return same

    cdef inline Verdict _in_list(self, list values, const char *data, Py_ssize_t size, Py_ssize_t *place) noexcept:
        cdef bint same
        cdef Section section
        if place[0] < 0:
            return REFUSED if self._is_snapshot(values) else self._search(values, data, size)
        begin(&section, <PyObject *> values)
        same = (
            place[0] < list_size(<PyObject *> values)
            and list_item(<PyObject *> values, place[0]) == tuple_item(<PyObject *> self.snapshot, place[0])
        )
        end(&section)
        if same:
            return ALLOWED
        place[0] = -1
        return self._search(values, data, size)

    cdef Verdict _search(self, list values, const char *data, Py_ssize_t size) noexcept:
        """Judge the value at `data` by the list as it is now. Only a search that took long enough to pay for a new
        index requests one, so that no request takes much longer than it would with Starlette.
        """
        cdef Py_ssize_t found, count
        with cython.critical_section(values):
            count = list_size(<PyObject *> values)
            found = fastcors_search(values, data, size)
        if found == -2:
            return UNKNOWN
        if count <= _LONG and (found < 0 or count <= _SHORT or found >= count - count // 3):
            self.outdated = True
        return ALLOWED if found >= 0 else REFUSED

    cdef inline tuple pair_at(self, Py_ssize_t place):
        """Return the pair that reflects the value at `place`, or () if a control byte forbids reflecting it."""
        # A pair stays once it is made.
        cdef PyObject *pair = load(&self.pairs[place])
        return <tuple> pair if pair is not NULL else self._make_pair(place)

    cdef tuple _make_pair(self, Py_ssize_t place):
        cdef bytes value = (<str> tuple_item(<PyObject *> self.snapshot, place)).encode("latin-1")
        cdef tuple pair = reflecting(self.header, value)
        with cython.critical_section(self):
            # Another thread, or any code that an allocation ran, up to CPython 3.11, may have made it.
            if self.pairs[place] is NULL:
                store(&self.pairs[place], Py_NewRef(<PyObject *> pair))
        return pair
