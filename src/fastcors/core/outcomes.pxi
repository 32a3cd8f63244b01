# The reasons to refuse a preflight, in the order in which the answer names them.
cdef enum Failure:
    ORIGIN_FAILED = 1
    METHOD_FAILED = 2
    NAMES_FAILED = 4
    NETWORK_FAILED = 8


cdef list _preflight_outcomes():
    """Return the start message without its headers, Content-Length, the body message and the reasons for each set of
    failures. Copying the messages for each answer is faster than making them.
    """
    outcomes = []
    names = ("origin", "method", "headers", "private-network")
    for failures in range(16):
        reasons = tuple([name for bit, name in enumerate(names) if failures >> bit & 1])
        body = b"Disallowed CORS " + ", ".join(reasons).encode() if reasons else b"OK"
        start = {TYPE: RESPONSE_START, "status": 400 if reasons else 200, HEADERS: None}
        outcomes.append((start, (b"content-length", b"%d" % len(body)), {TYPE: RESPONSE_BODY, "body": body}, reasons))
    return outcomes


cdef tuple PREFLIGHT_OUTCOMES = tuple(_preflight_outcomes())


cdef int report_refusal(Dispatcher middleware, PyObject *scope, bytes origin, int failures) except -1:
    """Report a refused request if anyone may listen."""
    cdef CompiledPolicy compiled = cached(middleware)
    if compiled is None or compiled.reports():
        middleware._fastcors_refused(<object> scope, text_of(origin), PREFLIGHT_OUTCOMES[failures][3])
    return 0
