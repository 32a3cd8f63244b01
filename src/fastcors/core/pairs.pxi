cdef inline tuple reflecting(bytes header, bytes value):
    """Return the pair that reflects `value`, or () if a control byte forbids reflecting it."""
    return UNNAMED if has_control(value) else (header, value)


cdef inline bint unchanged(dict headers, uint64_t *version, tuple snapshot) noexcept:
    """Tell whether `headers` still holds the very same names and values in the same order. `version` is its version at
    the last successful comparison, or 0 if it has no reliable versions.
    """
    return version[0] != 0 and version[0] == fastcors_dict_version(headers) or _holds(headers, snapshot, version)


cdef uint64_t version_of(dict headers) except? 0:
    """Return the version of `headers`, or 0 if there is none."""
    return fastcors_dict_version(headers) if fastcors_version_dict(headers) else 0


cdef bint _holds(dict headers, tuple snapshot, uint64_t *version) noexcept:
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
    same = same and place == size
    if same and version[0] != 0:
        version[0] = fastcors_dict_version(headers)
    return same


cdef inline uint64_t size_bit(PyObject *name) noexcept:
    return <uint64_t> 1 << (bytes_size(name) & 63)


cdef inline bint is_pair(PyObject *pair, PyObject **name, PyObject **value) noexcept:
    """Unpack an exact tuple or list of two whose name is exact bytes. Both references are borrowed."""
    if tuple_exact(pair) and tuple_size(pair) == 2:
        name[0] = tuple_item(pair, 0)
        value[0] = tuple_item(pair, 1)
    elif pair_list_exact(pair) and list_size(pair) == 2:
        name[0] = list_item(pair, 0)
        value[0] = list_item(pair, 1)
    else:
        return False
    return bytes_exact(name[0])


cdef inline bint is_named(PyObject *name, const char *expected, Py_ssize_t size) noexcept:
    return bytes_size(name) == size and memcmp(bytes_data(name), expected, size) == 0


cdef inline bint same_bytes(PyObject *value, PyObject *other) noexcept:
    return is_named(value, bytes_data(other), bytes_size(other))


# Lists are allocated once, at their final size. These functions fill the empty places from `at` on, and run no Python
# code.

cdef inline bint is_appended(PyObject *pair, Py_ssize_t place) noexcept:
    return pair is not <PyObject *> None and place < 0


cdef inline Py_ssize_t fill(
    PyObject *headers, Py_ssize_t at, PyObject *pairs, PyObject *explicit_pair, Py_ssize_t place
) noexcept:
    """Put `pairs` into the next empty places. `explicit_pair`, if any, replaces one of them or follows them. Return the
    next empty place.
    """
    cdef Py_ssize_t i
    if explicit_pair is <PyObject *> None:
        place = -2
    for i in range(tuple_size(pairs)):
        list_set(headers, at + i, Py_NewRef(explicit_pair if i == place else tuple_item(pairs, i)))
    at += tuple_size(pairs)
    return put(headers, at, explicit_pair) if place == -1 else at


cdef inline Py_ssize_t put(PyObject *headers, Py_ssize_t at, PyObject *pair) noexcept:
    """Put `pair` into the next empty place, and return the one after it."""
    list_set(headers, at, Py_NewRef(pair))
    return at + 1


cdef merge(list headers, tuple pairs, tuple explicit_pair):
    """Set our headers among the app's: replace the first of a name, remove the others, and join Vary."""
    cdef list values
    for pair in pairs:
        set_header(headers, pair)
    if explicit_pair is not None:
        set_header(headers, explicit_pair)
    values = [value for name, value in headers if name == VARY]
    values.append(b"Origin")
    set_header(headers, (VARY, b", ".join(values)))


cdef set_header(list headers, tuple pair):
    places = [i for i, (name, _) in enumerate(headers) if name == pair[0]]
    for i in reversed(places[1:]):
        del headers[i]
    if places:
        headers[places[0]] = pair
    else:
        headers.append(pair)
