cdef enum Outcome:
    AMENDED = 0
    RECOMPILE = 1
    SLOW_PATH = 2
    AMENDED_REFUSED = 3  # without the headers that would let the origin read the response
    ASK = 4  # `allow_origin_func` decides

cdef enum Decision:
    UNDECIDED
    SAID_YES
    SAID_NO

cdef enum Survey:
    DISJOINT = 0  # the app sets none of our headers
    COLLIDING = 1
    UNUSUAL = 2


cdef Outcome amend(ResponseSender sender, PyObject *message, Decision decided) except? SLOW_PATH:
    """Add the CORS headers to the response, or leave it untouched and return the next step."""
    cdef Outcome outcome = _outcome_of(sender, message, decided)
    return outcome if outcome == AMENDED or outcome == ASK else _amend_otherwise(sender, message, decided, outcome)


cdef Outcome _amend_otherwise(
    ResponseSender sender, PyObject *message, Decision decided, Outcome outcome
) except? SLOW_PATH:
    # A separate function keeps the usual case fast.
    if outcome == RECOMPILE:
        compiled_anew(sender.middleware)
        outcome = _outcome_of(sender, message, decided)
    if outcome == AMENDED_REFUSED:
        with cython.critical_section(sender):
            scope = sender.scope
        # An override may have sent the rest of the response already.
        if scope is not None:
            scope = raw_scope(scope)
            report_refusal(sender.middleware, <PyObject *> scope, sender.origin, ORIGIN_FAILED)
        outcome = AMENDED
    # Headers that change with each look-up take the slow path.
    return SLOW_PATH if outcome == RECOMPILE else outcome


cdef Outcome _outcome_of(ResponseSender sender, PyObject *message, Decision decided) except? SLOW_PATH:
    """Add the CORS headers to the response, or leave it untouched and say what has to happen first."""
    cdef CompiledPolicy compiled = current(<PyObject *> sender.middleware, ALLOW_EXPLICIT_ORIGIN, IS_ALLOWED_ORIGIN)
    cdef list headers
    cdef tuple explicit_pair = None
    if compiled.takes_slow_path:
        return SLOW_PATH
    headers = _own_headers(message)
    if headers is None:
        return SLOW_PATH
    if sender.origin is None:
        return _amended(compiled, message, headers, NO_PAIRS, None, AMENDED)
    if not unchanged(compiled.simple_headers, &compiled.simple_version, compiled.simple_snapshot):
        return RECOMPILE
    # A user-defined collection may be consulted only once per request: make sure first that its answer can be used.
    if compiled.runs_own_code and _with_cors(compiled, headers, NO_PAIRS, None) is None:
        return SLOW_PATH
    if compiled.all_origins:
        if compiled.credentials:
            explicit_pair = reflecting(ALLOW_ORIGIN, sender.origin)
            # The origin is allowed, but must not be reflected.
            if explicit_pair is UNNAMED:
                return SLOW_PATH
        return _amended(compiled, message, headers, compiled.actual_pairs, explicit_pair, AMENDED)
    if decided == UNDECIDED:
        explicit_pair = compiled.check_origin(sender.middleware, sender.origin)
        if explicit_pair is None and compiled.origin_function is not None:
            return ASK
    elif decided == SAID_YES:
        explicit_pair = reflecting(ALLOW_ORIGIN, sender.origin)
    return _amended_if_named(compiled, message, headers, explicit_pair)


cdef inline Outcome _amended_if_named(
    CompiledPolicy compiled, PyObject *message, list headers, tuple explicit_pair
) except? SLOW_PATH:
    if explicit_pair is None:
        return _amended(compiled, message, headers, compiled.actual_pairs, None, AMENDED_REFUSED)
    if explicit_pair is UNNAMED:
        # As above.
        if compiled.origin_function is not None:
            return SLOW_PATH
        return _amended(compiled, message, headers, compiled.actual_pairs, None, AMENDED_REFUSED)
    return _amended(compiled, message, headers, compiled.actual_pairs, explicit_pair, AMENDED)


cdef inline Outcome _amended(
    CompiledPolicy compiled, PyObject *message, list headers, tuple pairs, tuple explicit_pair, Outcome outcome
) except? SLOW_PATH:
    cdef list amended = _with_cors(compiled, headers, pairs, explicit_pair)
    if amended is None:
        return SLOW_PATH
    set_item(message, <PyObject *> HEADERS, <PyObject *> amended)
    return outcome


cdef inline list _own_headers(PyObject *message):
    """Return the app's headers, or None if they are neither a list nor a tuple."""
    headers = fastcors_get_at(message, <PyObject *> HEADERS, &MESSAGE_HEADERS_AT)
    return headers if list_exact(<PyObject *> headers) else _listed(headers, <dict> message)


cdef list _listed(headers, dict message):
    if PyTuple_CheckExact(headers):
        return list(headers)
    return [] if headers is None and HEADERS not in message else None


cdef list _with_cors(CompiledPolicy compiled, list headers, tuple pairs, tuple explicit_pair):
    """Return a new list of the app's headers and ours, or None if the app's headers are not plain pairs of bytes."""
    cdef Py_ssize_t own = list_size(<PyObject *> headers), vary_at = -1, at = own + tuple_size(<PyObject *> pairs)
    cdef PyObject *explicit = <PyObject *> explicit_pair
    cdef list amended = PyList_New(at + is_appended(explicit, compiled.actual_origin_at) + 1)
    cdef Survey survey = _copy_headers(compiled, <PyObject *> amended, <PyObject *> headers, own, &vary_at)
    if survey == UNUSUAL:
        return None
    # Fill the list before anything is allocated: up to CPython 3.11 that can run the collector, which visits lists.
    at = fill(<PyObject *> amended, own, <PyObject *> pairs, explicit, compiled.actual_origin_at)
    put(<PyObject *> amended, at, <PyObject *> VARY_ORIGIN)
    if survey == COLLIDING:
        del amended[own:]
        merge(amended, pairs, explicit_pair)
    elif vary_at >= 0:
        amended[vary_at] = _joined(compiled, amended[vary_at][1])
        amended.pop()
    return amended


cdef tuple _joined(CompiledPolicy compiled, bytes value):
    """Return the pair that adds Origin to the app's Vary."""
    cdef uint64_t mixed
    cdef tuple pair = compiled.joined.find(<PyObject *> value, NULL, NULL, &mixed)
    if pair is None:
        pair = (VARY, value + VARY_MORE)
        if compiled.joined.comes_again(mixed):
            compiled.joined.keep(mixed, <PyObject *> value, NULL, NULL, pair)
    return pair


cdef inline Survey _copy_headers(
    CompiledPolicy compiled, PyObject *target, PyObject *headers, Py_ssize_t own, Py_ssize_t *vary_at
) noexcept:
    """Copy the app's `own` headers to the front of `target`, and tell whether one has a name that we set."""
    cdef Survey survey = DISJOINT
    cdef Py_ssize_t i
    cdef Section section
    begin(&section, headers)
    # Up to CPython 3.11, allocating `target` may have run the collector, and so any code.
    if list_size(headers) != own:
        survey = UNUSUAL
    else:
        for i in range(own):
            list_set(target, i, Py_NewRef(list_item(headers, i)))
            if survey != UNUSUAL:
                survey = _survey(compiled, list_item(headers, i), i, survey, vary_at)
    end(&section)
    return survey


cdef inline Survey _survey(
    CompiledPolicy compiled, PyObject *pair, Py_ssize_t at, Survey survey, Py_ssize_t *vary_at
) noexcept:
    """Tell whether one of the app's headers has a name that we set, byte for byte. A single `vary` does not count. Its
    place is noted, because it is by far the most common one, and easy to join.
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
