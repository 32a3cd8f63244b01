cdef struct RequestHeaders:
    # Borrowed from the header list, or NULL if absent.
    PyObject *origin
    PyObject *method
    PyObject *names
    PyObject *private_network


cdef inline bint _find_origin(PyObject *headers, RequestHeaders *found) noexcept:
    """Find the first Origin. False: a header before it is no plain pair of bytes."""
    cdef Py_ssize_t i
    cdef PyObject *name
    for i in range(list_size(headers)):
        if not is_pair(list_item(headers, i), &name, &found.origin):
            return False
        if is_named(name, b"origin", 6):
            return bytes_exact(found.origin)
    found.origin = NULL
    return True


cdef bint _find_all(PyObject *headers, RequestHeaders *found) noexcept:
    """Find the headers of the CORS protocol in one pass. The first of several with one name wins."""
    cdef Py_ssize_t i
    cdef PyObject *name
    cdef PyObject *value
    cdef PyObject **place
    for i in range(list_size(headers)):
        if not is_pair(list_item(headers, i), &name, &value):
            return False
        place = _place_of(name, found)
        if place is not NULL and place[0] is NULL:
            if not bytes_exact(value):
                return False
            place[0] = value
    return True


cdef inline PyObject **_place_of(PyObject *name, RequestHeaders *found) noexcept:
    if is_named(name, b"origin", 6):
        return &found.origin
    if bytes_size(name) < 29:
        return NULL
    if is_named(name, b"access-control-request-method", 29):
        return &found.method
    if is_named(name, b"access-control-request-headers", 30):
        return &found.names
    if is_named(name, b"access-control-request-private-network", 38):
        return &found.private_network
    return NULL


cdef object take_slow_path(Dispatcher middleware, PyObject *scope, PyObject *receive, PyObject *send):
    return middleware._fastcors_slow_respond(<object> scope, <object> receive, <object> send)


def respond(Dispatcher middleware not None, scope, receive, send):
    """Return a coroutine that answers one connection."""
    return _respond(middleware, <PyObject *> scope, <PyObject *> receive, <PyObject *> send)


cdef object _respond(Dispatcher middleware, PyObject *scope, PyObject *receive, PyObject *send):
    cdef CompiledPolicy compiled = current(<PyObject *> middleware, SIMPLE_RESPONSE, SEND)
    cdef RequestHeaders found
    cdef bytes origin = None
    cdef Section section
    cdef bint plain
    cdef int says
    if compiled.takes_slow_path:
        if not has_codes(compiled):
            compiled = checked(middleware, compiled)
        if compiled.takes_slow_path:
            return take_slow_path(middleware, scope, receive, send)
    if not dict_exact(scope):
        return take_slow_path(middleware, scope, receive, send)
    says = fastcors_says(scope, <PyObject *> TYPE, &TYPE_AT, <PyObject *> HTTP)
    if says != EXPECTED:
        if says == NO_TEXT:
            return take_slow_path(middleware, scope, receive, send)
        return fastcors_run(<PyObject *> compiled.connect, scope, receive, send)
    says = fastcors_says(scope, <PyObject *> METHOD, &METHOD_AT, <PyObject *> OPTIONS)
    headers = fastcors_get_at(scope, <PyObject *> HEADERS, &HEADERS_AT)
    if says == NO_TEXT or not list_exact(<PyObject *> headers):
        return take_slow_path(middleware, scope, receive, send)
    # Only OPTIONS requests can be preflights; for others the Origin is enough.
    if says == EXPECTED:
        return _respond_to_options(middleware, compiled, scope, receive, send, <PyObject *> headers)
    begin(&section, <PyObject *> headers)
    plain = _find_origin(<PyObject *> headers, &found)
    if plain and found.origin is not NULL:
        origin = <bytes> found.origin
    end(&section)
    if not plain:
        return take_slow_path(middleware, scope, receive, send)
    bound = bound_send(middleware, send, origin, scope)
    return fastcors_run(<PyObject *> compiled.app, scope, receive, <PyObject *> bound)


cdef object _respond_to_options(
    Dispatcher middleware, CompiledPolicy compiled, PyObject *scope, PyObject *receive, PyObject *send,
    PyObject *headers,
):
    cdef RequestHeaders found = RequestHeaders(NULL, NULL, NULL, NULL)
    cdef bytes origin
    cdef Section section
    cdef bint plain
    begin(&section, headers)
    plain = _find_all(headers, &found)
    # References that keep them alive to the end of this function. They are bytes, so nothing is checked here.
    kept_origin = <object> found.origin if found.origin is not NULL else None
    _kept_method = <object> found.method if found.method is not NULL else None
    _kept_names = <object> found.names if found.names is not NULL else None
    end(&section)
    if not plain:
        return take_slow_path(middleware, scope, receive, send)
    if found.origin is not NULL and found.method is not NULL:
        return answer_preflight(middleware, scope, receive, send, &found)
    origin = <bytes?> kept_origin if kept_origin is not None else None
    bound = bound_send(middleware, send, origin, scope)
    return fastcors_run(<PyObject *> compiled.app, scope, receive, <PyObject *> bound)
