cdef bytes _ALLOW_HEADERS = b"access-control-allow-headers"
cdef tuple _CONTENT_TYPE = (b"content-type", b"text/plain; charset=utf-8")
cdef tuple _PRIVATE_NETWORK = (b"access-control-allow-private-network", b"true")
cdef object _ANSWER = answer


cdef object answer_preflight(
    Dispatcher middleware, PyObject *scope, PyObject *receive, PyObject *send, RequestHeaders *asked
):
    """Answer a preflight without the app (Fetch, "CORS-preflight fetch")."""
    cdef CompiledPolicy compiled = current_for_preflight(middleware)
    cdef tuple explicit_pair
    if compiled.takes_slow_path or compiled.has_own_collections:
        return take_slow_path(middleware, scope, receive, send)
    explicit_pair = compiled.check_origin(middleware, <bytes> asked.origin)
    if explicit_pair is None and compiled.origin_function is not None:
        return ask_and_answer(middleware, scope, receive, send, asked)
    # Starlette copies the headers first and checks the origin next, when an override may change the rest.
    return answer_decided(middleware, compiled, explicit_pair, scope, receive, send, asked)


cdef inline CompiledPolicy current_for_preflight(Dispatcher middleware):
    cdef CompiledPolicy compiled = current(<PyObject *> middleware, PREFLIGHT_RESPONSE, IS_ALLOWED_ORIGIN)
    if compiled.takes_slow_path or compiled.preflight_headers_unchanged():
        return compiled
    return compiled_anew(middleware)


cdef object answer_decided(
    Dispatcher middleware, CompiledPolicy template, tuple explicit_pair, PyObject *scope, PyObject *receive,
    PyObject *send, RequestHeaders *asked,
):
    """Answer a preflight after the verdict on its origin. `template` has the headers."""
    cdef CompiledPolicy compiled = cached(middleware)
    cdef int failures
    if compiled is None or not (compiled.takes_slow_path or compiled.collections_unchanged()):
        compiled = compiled_anew(middleware)
    if (
        compiled.takes_slow_path or template.takes_slow_path or compiled.has_own_collections
        or compiled.origin_function is not None and compiled.explicit_origin and explicit_pair is UNNAMED
    ):
        judged = text_of(<bytes> asked.origin), explicit_pair is not None
        return middleware._fastcors_slow_respond(<object> scope, <object> receive, <object> send, judged, True)
    if compiled is template and compiled.answers_alike and explicit_pair is not None and asked.private_network is NULL:
        return _answer_alike(middleware, compiled, explicit_pair, scope, send, asked)
    failures = _failures(compiled, explicit_pair, asked)
    if failures:
        report_refusal(middleware, scope, <bytes> asked.origin, failures)
    return _answer(send, failures, _preflight_headers(template, compiled, explicit_pair, failures, asked))


cdef object _answer_alike(
    Dispatcher middleware, CompiledPolicy compiled, tuple explicit_pair, PyObject *scope, PyObject *send,
    RequestHeaders *asked,
):
    """Answer a preflight from its values alone, because no list changed and its origin is allowed."""
    cdef uint64_t mixed
    cdef list headers
    cdef int failures
    cdef tuple pairs = compiled.answered.find(asked.origin, asked.method, asked.names, &mixed)
    if pairs is not None:
        headers = PyList_New(tuple_size(<PyObject *> pairs))
        fill(<PyObject *> headers, 0, <PyObject *> pairs, <PyObject *> None, -1)
        return _answer(send, 0, headers)
    failures = _failures(compiled, explicit_pair, asked)
    if failures:
        report_refusal(middleware, scope, <bytes> asked.origin, failures)
    headers = _preflight_headers(compiled, compiled, explicit_pair, failures, asked)
    if not failures and compiled.answered.comes_again(mixed):
        compiled.answered.keep(mixed, asked.origin, asked.method, asked.names, tuple(headers))
    return _answer(send, failures, headers)


cdef int _failures(CompiledPolicy compiled, tuple explicit_pair, RequestHeaders *asked) except -1:
    """Return the reasons to refuse, as flags."""
    cdef int failures = 0
    cdef bytes names
    if explicit_pair is None or compiled.explicit_origin and not explicit_pair:
        failures |= ORIGIN_FAILED
    if not compiled.methods.allows(bytes_data(asked.method), bytes_size(asked.method)):
        failures |= METHOD_FAILED
    if asked.names is not NULL:
        names = <bytes> asked.names
        if has_control(names) if compiled.all_headers else not compiled.check_header_names(names):
            failures |= NAMES_FAILED
    if asked.private_network is not NULL and not compiled.private_network:
        failures |= NETWORK_FAILED
    return failures


cdef list _preflight_headers(
    CompiledPolicy template, CompiledPolicy compiled, tuple explicit_pair, int failures, RequestHeaders *asked
):
    cdef bint explicit = compiled.explicit_origin and not failures & ORIGIN_FAILED
    cdef bint mirrors = compiled.all_headers and asked.names is not NULL and not failures & NAMES_FAILED
    cdef bint network = asked.private_network is not NULL and not failures & NETWORK_FAILED
    cdef Py_ssize_t at = tuple_size(<PyObject *> template.preflight_pairs)
    cdef Py_ssize_t size = at + (explicit and template.preflight_origin_at < 0)
    cdef tuple names_pair = (_ALLOW_HEADERS, <bytes> asked.names) if mirrors else None
    cdef list headers = PyList_New(size + (mirrors and template.preflight_names_at < 0) + network + 2)
    at = fill(
        <PyObject *> headers, 0, <PyObject *> template.preflight_pairs,
        <PyObject *> explicit_pair if explicit else <PyObject *> None, template.preflight_origin_at,
    )
    if mirrors and template.preflight_names_at >= 0:
        headers[template.preflight_names_at] = names_pair
    elif mirrors:
        at = put(<PyObject *> headers, at, <PyObject *> names_pair)
    if network:
        at = put(<PyObject *> headers, at, <PyObject *> _PRIVATE_NETWORK)
    at = put(<PyObject *> headers, at, tuple_item(tuple_item(<PyObject *> PREFLIGHT_OUTCOMES, failures), 1))
    put(<PyObject *> headers, at, <PyObject *> _CONTENT_TYPE)
    return headers


cdef object _answer(PyObject *send, int failures, list headers):
    cdef PyObject *outcome = tuple_item(<PyObject *> PREFLIGHT_OUTCOMES, failures)
    cdef dict start = (<dict> tuple_item(outcome, 0)).copy()
    cdef dict body = (<dict> tuple_item(outcome, 2)).copy()
    set_item(<PyObject *> start, <PyObject *> HEADERS, <PyObject *> headers)
    return fastcors_run(<PyObject *> _ANSWER, send, <PyObject *> start, <PyObject *> body)
