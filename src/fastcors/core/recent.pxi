cdef enum:
    _SETS = 64
    _WAYS = 2
    _PARTS = 3
    _SEEN = 512
    # Answers to longer values are not kept.
    _LONGEST_KEPT = 255


cdef struct Entry:
    PyObject *parts[_PARTS]
    PyObject *answer


cdef struct Entries:
    Entry sets[_SETS][_WAYS]
    uint64_t seen[_SEEN]


@cython.final
@cython.no_gc
@cython.auto_pickle(False)
cdef class Recent:
    """Recent answers, stored under the one to three values of a request that they depend on.

    It keeps at most 128 answers to values of at most 255 bytes, and finds one only by exactly the same bytes. An answer
    is kept when its values come for the second time. So requests that are all different cost next to nothing. Each set
    keeps the newest two answers. Answers depend on nothing but these values and the policy that the object belongs to.
    """
    cdef Entries *entries

    def __dealloc__(self):
        cdef Py_ssize_t i, way
        if self.entries is not NULL:
            for i in range(_SETS):
                for way in range(_WAYS):
                    _drop(&self.entries.sets[i][way])
        free(self.entries)

    cdef inline tuple find(self, PyObject *first, PyObject *second, PyObject *third, uint64_t *mixed):
        """Return the answer kept for these values, or None. The second and third may be NULL. `mixed` is for `keep`."""
        cdef Entry *entry
        cdef Py_ssize_t way
        cdef tuple answer = None
        cdef Section section
        mixed[0] = _mix(first, 0)
        if second is not NULL:
            mixed[0] = _mix(second, mixed[0])
        if third is not NULL:
            mixed[0] = _mix(third, mixed[0])
        begin(&section, <PyObject *> self)
        if self.entries is not NULL:
            entry = self.entries.sets[mixed[0] >> 58]
            for way in range(_WAYS):
                if (
                    _is_part(entry[way].parts[0], first)
                    and _is_part(entry[way].parts[1], second) and _is_part(entry[way].parts[2], third)
                ):
                    answer = <tuple> entry[way].answer
                    break
        end(&section)
        return answer

    cdef bint comes_again(self, uint64_t mixed) except -1:
        """Tell whether the values that `find` did not find came before. Then the answer has to be kept."""
        cdef bint seen = False
        with cython.critical_section(self):
            if self.entries is NULL:
                self.entries = <Entries *> calloc(1, sizeof(Entries))
                if self.entries is NULL:
                    raise MemoryError()
            seen = self.entries.seen[mixed >> 55] == mixed
            self.entries.seen[mixed >> 55] = mixed
        return seen

    cdef int keep(self, uint64_t mixed, PyObject *first, PyObject *second, PyObject *third, tuple answer) except -1:
        cdef Entry dropped
        cdef Entry *entry
        if not (_is_kept(first) and _is_kept(second) and _is_kept(third)):
            return 0
        with cython.critical_section(self):
            entry = self.entries.sets[mixed >> 58]
            dropped = entry[1]
            entry[1] = entry[0]
            entry[0].parts[0] = _referred(first)
            entry[0].parts[1] = _referred(second)
            entry[0].parts[2] = _referred(third)
            entry[0].answer = Py_NewRef(<PyObject *> answer)
        _drop(&dropped)
        return 0


cdef int _drop(Entry *entry) noexcept:
    cdef Py_ssize_t part
    for part in range(_PARTS):
        Py_XDECREF(entry.parts[part])
    Py_XDECREF(entry.answer)
    return 0


cdef inline PyObject *_referred(PyObject *value) noexcept:
    return NULL if value is NULL else Py_NewRef(value)


cdef inline bint _is_kept(PyObject *value) noexcept:
    return value is NULL or bytes_size(value) <= _LONGEST_KEPT


cdef inline bint _is_part(PyObject *part, PyObject *value) noexcept:
    return part == value or part is not NULL and value is not NULL and same_bytes(part, value)


cdef inline uint64_t _mix(PyObject *value, uint64_t mixed) noexcept:
    """Mix the bytes of `value` into the upper bits. An attacker gains nothing from values that fall into one set: see
    above.
    """
    cdef const unsigned char *data = <const unsigned char *> bytes_data(value)
    cdef Py_ssize_t i = 0, size = bytes_size(value)
    if size > _LONGEST_KEPT:
        return mixed
    while i < size - WORD:
        mixed = (mixed ^ word_at(data + i)) * FASTCORS_ODD
        mixed ^= mixed >> 32
        i += WORD
    # The last word overlaps the one before it.
    if size >= WORD:
        mixed ^= word_at(data + size - WORD)
    else:
        while i < size:
            mixed = mixed << 8 ^ data[i]
            i += 1
    return (mixed ^ <uint64_t> size) * FASTCORS_ODD
