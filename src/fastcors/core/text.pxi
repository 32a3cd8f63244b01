cdef inline object decoded(const char *data, Py_ssize_t size):
    return PyUnicode_DecodeLatin1(data, size, NULL)


cdef inline object text_of(bytes value):
    return decoded(bytes_data(<PyObject *> value), bytes_size(<PyObject *> value))


cdef bint has_control(bytes value) noexcept:
    """RFC 9110, section 5.5: a field value has no control byte except tab. The loop has no early exit, so it
    vectorises.
    """
    cdef const unsigned char *data = <const unsigned char *> bytes_data(<PyObject *> value)
    cdef Py_ssize_t i
    cdef unsigned char found = 0
    for i in range(bytes_size(<PyObject *> value)):
        found |= (data[i] < 0x20) & (data[i] != 0x09) | (data[i] == 0x7F)
    return found


cdef unsigned char _LOWER[256]
cdef unsigned char _SPACE[256]


cdef int _fill_tables() except -1:
    """Take the definitions of lower case and white space in latin-1 from `str` itself."""
    for code in range(256):
        _LOWER[code] = ord(chr(code).lower())
        _SPACE[code] = chr(code).isspace()
    return 0


_fill_tables()


cdef enum:
    WORD = 8

cdef uint64_t _EACH = <uint64_t> 0x0101010101010101
cdef uint64_t _HIGH = _EACH * 0x80


cdef inline uint64_t word_at(const unsigned char *data) noexcept:
    cdef uint64_t word
    memcpy(&word, data, WORD)
    return word


cdef inline const unsigned char *after_space(const unsigned char *start, const unsigned char *stop) noexcept:
    """Return where leading white space ends. This skips a word at a time, because long runs are a likely attack."""
    while stop - start >= WORD and (word_at(start) == _EACH * c" " or word_at(start) == _EACH * c"\t"):
        start += WORD
    while start < stop and _SPACE[start[0]]:
        start += 1
    return start


cdef inline const unsigned char *before_space(const unsigned char *start, const unsigned char *stop) noexcept:
    """Return where trailing white space begins."""
    while stop - start >= WORD and (word_at(stop - WORD) == _EACH * c" " or word_at(stop - WORD) == _EACH * c"\t"):
        stop -= WORD
    while start < stop and _SPACE[(stop - 1)[0]]:
        stop -= 1
    return stop


cdef inline void lower(unsigned char *lowered, const unsigned char *text, Py_ssize_t size) noexcept:
    """Write `text` in lower case. ASCII goes a word at a time; the last word overlaps the one before."""
    cdef Py_ssize_t i = 0
    cdef uint64_t word
    while size >= WORD and i < size:
        i = min(i, size - WORD)
        word = word_at(text + i)
        if word & _HIGH:
            break
        # The two sums differ in a byte's highest bit exactly when the byte is between A and Z.
        word |= ((word + _EACH * (0x80 - c"A")) ^ (word + _EACH * (0x7F - c"Z"))) >> 2 & _EACH * 0x20
        memcpy(lowered + i, &word, WORD)
        i += WORD
    while i < size:
        lowered[i] = _LOWER[text[i]]
        i += 1
