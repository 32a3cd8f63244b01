cdef enum Outcome:
    AMENDED = 0
    RECOMPILE = 1
    SLOW_PATH = 2
    AMENDED_REFUSED = 3  # without the headers that would let the origin read the response

cdef enum Survey:
    DISJOINT = 0  # the app sets none of our headers
    COLLIDING = 1
    UNUSUAL = 2


cdef bint amend(ResponseSender sender, dict message) except -1:
    """Add the CORS headers to the response, or leave it untouched and return False for the slow path."""
    cdef Outcome outcome = _outcome_of(sender.middleware, message, sender.origin)
    return outcome == AMENDED or _amend_otherwise(sender, message, outcome)


cdef bint _amend_otherwise(ResponseSender sender, dict message, Outcome outcome) except -1:
    # A function of its own, out of the way of the usual case.
    if outcome == RECOMPILE:
        compiled_anew(sender.middleware)
        outcome = _outcome_of(sender.middleware, message, sender.origin)
    if outcome == AMENDED_REFUSED:
        with cython.critical_section(sender):
            scope = sender.scope
        # An override may have sent the rest of the response already.
        if scope is not None:
            report_refusal(sender.middleware, scope, sender.origin, ORIGIN_FAILED)
    return outcome == AMENDED or outcome == AMENDED_REFUSED


cdef Outcome _outcome_of(Dispatcher middleware, dict message, bytes origin) except? SLOW_PATH:
    """Add the CORS headers to the response, or leave it untouched and say what has to happen first."""
    cdef CompiledPolicy compiled = current(middleware, ALLOW_EXPLICIT_ORIGIN, IS_ALLOWED_ORIGIN)
    cdef list headers = None if compiled.takes_slow_path else _own_headers(message)
    cdef tuple explicit_pair = None
    cdef bint refused = False
    if headers is None:
        return SLOW_PATH
    if origin is not None:
        if not unchanged(compiled.simple_headers, compiled.simple_version, compiled.simple_snapshot):
            return RECOMPILE
        # A user-defined collection may be consulted only once per request: make sure first that its answer can be used.
        if _runs_own_code(compiled) and _with_cors(compiled, headers, True, None) is None:
            return SLOW_PATH
        explicit_pair = _explicit_origin(middleware, compiled, origin)
        if explicit_pair is None and not compiled.all_origins:
            if compiled.has_origin_function:
                return SLOW_PATH
            refused = True
        elif explicit_pair is not None and not explicit_pair:
            # The origin is allowed, but must not be reflected.
            if compiled.all_origins or compiled.has_origin_function:
                return SLOW_PATH
            explicit_pair, refused = None, True
    amended = _with_cors(compiled, headers, origin is not None, explicit_pair)
    if amended is None:
        return SLOW_PATH
    message[HEADERS] = amended
    return AMENDED_REFUSED if refused else AMENDED


cdef inline bint _runs_own_code(CompiledPolicy compiled):
    """Tell whether an override or a collection that is not indexed decides about the origin."""
    return compiled.has_origin_hook or compiled.live_origins().snapshot is None


cdef list _own_headers(dict message):
    """Return the app's headers, or None if they are neither a list nor a tuple."""
    headers = fastcors_get(message, HEADERS)
    if PyList_CheckExact(headers):
        return headers
    if PyTuple_CheckExact(headers):
        return list(headers)
    return [] if headers is None and HEADERS not in message else None


cdef inline tuple _explicit_origin(Dispatcher middleware, CompiledPolicy compiled, bytes origin):
    """Return the pair that reflects the origin in a response, as `check_origin` does, or None if there is none."""
    if compiled.all_origins:
        return reflecting(ALLOW_ORIGIN, origin) if compiled.credentials else None
    return compiled.check_origin(middleware, origin)


cdef list _with_cors(CompiledPolicy compiled, list headers, bint has_origin, tuple explicit_pair):
    """Return a new list of the app's headers and ours, or None if the app's are no plain pairs of bytes."""
    cdef tuple pairs = compiled.actual_pairs if has_origin else NO_PAIRS
    cdef Py_ssize_t own = list_size(<PyObject *> headers), vary_at = -1
    cdef Py_ssize_t at = own + tuple_size(<PyObject *> pairs)
    cdef list amended = PyList_New(at + is_appended(explicit_pair, compiled.actual_origin_at) + 1)
    cdef Survey survey = _copy_headers(compiled, amended, headers, own, &vary_at)
    if survey == UNUSUAL:
        return None
    # Fill the list before anything is allocated: up to CPython 3.11 that can run the collector, which visits lists.
    fill(amended, own, pairs)
    if explicit_pair is not None and compiled.actual_origin_at >= 0:
        amended[own + compiled.actual_origin_at] = explicit_pair
    else:
        at = put(amended, at, explicit_pair, -1)
    put(amended, at, VARY_ORIGIN, -1)
    if survey == COLLIDING:
        del amended[own:]
        merge(amended, pairs, explicit_pair)
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
    """Copy the app's `own` headers to the front of `target`, and tell whether one has a name that we set."""
    cdef Survey survey = DISJOINT
    cdef Py_ssize_t i
    with cython.critical_section(headers):
        # Up to CPython 3.11, allocating `target` may have run the collector, and so any code.
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
    """Tell whether one of the app's headers has a name that we set, byte for byte. A single `vary` does not collide:
    its place is noted, because it is by far the most usual one, and easy to join.
    """
    cdef PyObject *name
    cdef PyObject *value
    if not is_pair(pair, &name, &value):
        return UNUSUAL
    if not compiled.actual_sizes & size_bit(name) or not _is_ours(compiled, name):
        return survey
    if not bytes_exact(value):
        return UNUSUAL
    if vary_at[0] < 0 and same_bytes(name, <PyObject *> VARY):
        vary_at[0] = at
        return survey
    return COLLIDING


cdef bint _is_ours(CompiledPolicy compiled, PyObject *name) noexcept:
    cdef PyObject *pair
    cdef Py_ssize_t i
    for i in range(tuple_size(<PyObject *> compiled.actual_pairs)):
        pair = tuple_item(<PyObject *> compiled.actual_pairs, i)
        if same_bytes(tuple_item(pair, 0), name):
            return True
    return same_bytes(<PyObject *> VARY, name) or same_bytes(<PyObject *> ALLOW_ORIGIN, name)
