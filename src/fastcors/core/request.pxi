cdef struct RequestHeaders:
    # Borrowed from the header list, or NULL if absent.
    PyObject *origin
    PyObject *method
    PyObject *names
    PyObject *private_network


cdef bint _scan(list headers, bint options, RequestHeaders *found) noexcept:
    """Find the headers of the CORS protocol in one pass. The first of several with one name wins. Only OPTIONS requests
    can be preflights; for others the Origin is enough. False: a header is no plain pair of bytes.
    """
    cdef Py_ssize_t i
    cdef PyObject *name
    cdef PyObject *value
    cdef PyObject **place
    for i in range(list_size(<PyObject *> headers)):
        if not is_pair(list_item(<PyObject *> headers, i), &name, &value):
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
    if is_named(name, b"origin", 6):
        return &found.origin
    if not options or bytes_size(name) < 29:
        return NULL
    if is_named(name, b"access-control-request-method", 29):
        return &found.method
    if is_named(name, b"access-control-request-headers", 30):
        return &found.names
    if is_named(name, b"access-control-request-private-network", 38):
        return &found.private_network
    return NULL


def respond(Dispatcher middleware not None, scope, receive, send):
    """Return a coroutine that answers one connection."""
    return _respond(middleware, scope, receive, send)


cdef object _respond(Dispatcher middleware, scope, receive, send):
    cdef CompiledPolicy compiled = current(middleware, SIMPLE_RESPONSE, SEND)
    cdef RequestHeaders found = RequestHeaders(NULL, NULL, NULL, NULL)
    cdef bytes origin, method, names
    cdef bint plain
    if compiled.takes_slow_path and not has_codes(compiled):
        compiled = checked(middleware, compiled)
    if compiled.takes_slow_path or not PyDict_CheckExact(scope):
        return middleware._fastcors_slow_respond(scope, receive, send)
    kind = fastcors_get_first(scope, TYPE)
    if not fastcors_same_text(kind, HTTP):
        if not PyUnicode_CheckExact(kind):
            return middleware._fastcors_slow_respond(scope, receive, send)
        return fastcors_run(compiled.connect, scope, receive, send)
    request_method = fastcors_get(scope, METHOD)
    headers = fastcors_get(scope, HEADERS)
    if not PyUnicode_CheckExact(request_method) or not PyList_CheckExact(headers):
        return middleware._fastcors_slow_respond(scope, receive, send)
    with cython.critical_section(headers):
        plain = _scan(headers, fastcors_same_text(request_method, OPTIONS), &found)
        origin = <bytes> found.origin if found.origin is not NULL else None
        method = <bytes> found.method if found.method is not NULL else None
        names = <bytes> found.names if found.names is not NULL else None
    if not plain:
        return middleware._fastcors_slow_respond(scope, receive, send)
    if origin is not None and method is not None:
        return answer_preflight(
            middleware, scope, receive, send, origin, method, names, found.private_network is not NULL
        )
    return fastcors_run(compiled.app, scope, receive, bound_send(middleware, send, origin, scope))
