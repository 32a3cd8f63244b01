cdef bytes _ALLOW_HEADERS = b"access-control-allow-headers"
cdef tuple _CONTENT_TYPE = (b"content-type", b"text/plain; charset=utf-8")
cdef tuple _PRIVATE_NETWORK = (b"access-control-allow-private-network", b"true")
cdef object _ANSWER = answer


cdef object answer_preflight(
    Dispatcher middleware, scope, receive, send, bytes origin, bytes method, bytes names, bint private_network
):
    """Answer a preflight without the app (Fetch, "CORS-preflight fetch")."""
    cdef CompiledPolicy compiled = current(middleware, PREFLIGHT_RESPONSE, IS_ALLOWED_ORIGIN), template
    cdef tuple explicit_pair
    cdef int failures
    if not compiled.takes_slow_path and not (
        compiled.preflight_headers_unchanged() and compiled.collections_unchanged()
    ):
        compiled = compiled_anew(middleware)
    if compiled.takes_slow_path or compiled.has_own_collections:
        return middleware._fastcors_slow_respond(scope, receive, send)
    # Starlette copies the headers first and checks the origin next, when an override may change the rest.
    template = compiled
    explicit_pair = compiled.check_origin(middleware, origin)
    compiled = cached(middleware)
    if compiled is None:
        compiled = compiled_anew(middleware)
    if compiled.takes_slow_path or compiled.has_own_collections:
        return middleware._fastcors_slow_respond(scope, receive, send, (text_of(origin), explicit_pair is not None))
    failures = _failures(compiled, explicit_pair, method, names, private_network)
    if failures:
        if failures & ORIGIN_FAILED and compiled.has_origin_function:
            return middleware._fastcors_slow_respond(scope, receive, send, (text_of(origin), explicit_pair is not None))
        report_refusal(middleware, scope, origin, failures)
    return _answer(send, template, compiled, explicit_pair, failures, names, private_network)


cdef int _failures(
    CompiledPolicy compiled, tuple explicit_pair, bytes method, bytes names, bint private_network
) except -1:
    """Return the reasons to refuse, as flags."""
    cdef int failures = 0
    if explicit_pair is None or compiled.explicit_origin and not explicit_pair:
        failures |= ORIGIN_FAILED
    if not compiled.methods.allows(bytes_data(<PyObject *> method), bytes_size(<PyObject *> method)):
        failures |= METHOD_FAILED
    if names is not None:
        if has_control(names) if compiled.all_headers else not compiled.check_header_names(names):
            failures |= NAMES_FAILED
    if private_network and not compiled.private_network:
        failures |= NETWORK_FAILED
    return failures


cdef object _answer(
    send, CompiledPolicy template, CompiledPolicy compiled, tuple explicit_pair, int failures, bytes names,
    bint private_network
):
    cdef PyObject *outcome = tuple_item(<PyObject *> PREFLIGHT_OUTCOMES, failures)
    cdef dict start = (<dict> tuple_item(outcome, 0)).copy()
    cdef tuple content_length = <tuple> tuple_item(outcome, 1)
    cdef tuple names_pair = None, network_pair = None
    if not compiled.explicit_origin or failures & ORIGIN_FAILED or not explicit_pair:
        explicit_pair = None
    if compiled.all_headers and names is not None and not failures & NAMES_FAILED:
        names_pair = (_ALLOW_HEADERS, names)
    if private_network and not failures & NETWORK_FAILED:
        network_pair = _PRIVATE_NETWORK
    start[HEADERS] = _preflight_headers(template, explicit_pair, names_pair, network_pair, content_length)
    return fastcors_run(_ANSWER, send, start, (<dict> tuple_item(outcome, 2)).copy())


cdef list _preflight_headers(
    CompiledPolicy template, tuple explicit_pair, tuple names_pair, tuple network_pair, tuple content_length
):
    cdef Py_ssize_t at = tuple_size(<PyObject *> template.preflight_pairs)
    cdef list headers = PyList_New(
        at + is_appended(explicit_pair, template.preflight_origin_at)
        + is_appended(names_pair, template.preflight_names_at) + is_appended(network_pair, -1) + 2
    )
    fill(headers, 0, template.preflight_pairs)
    at = put(headers, at, explicit_pair, template.preflight_origin_at)
    at = put(headers, at, names_pair, template.preflight_names_at)
    at = put(headers, at, network_pair, -1)
    at = put(headers, at, content_length, -1)
    put(headers, at, _CONTENT_TYPE, -1)
    return headers
