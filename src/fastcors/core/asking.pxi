cdef object ask(CompiledPolicy compiled, Dispatcher middleware, bytes origin, text, scope):
    """Return the answer of `allow_origin_func` about an origin: True, False, or an awaitable of either. `text` is the
    origin as a string.
    """
    cdef PyObject *raised = NULL
    cdef PyObject *said
    if has_control(origin):
        return False
    function, exception, answer = compiled.origin_function, None, None
    said = fastcors_ask(<PyObject *> function, <PyObject *> text, <PyObject *> scope, &raised)
    if said is not NULL:
        answer = <object> said
        Py_XDECREF(said)
        if is_answer(answer) or coroutine_exact(<PyObject *> answer):
            return answer
    elif raised is not NULL:
        exception = <object> raised
        Py_XDECREF(raised)
    # In Python, handling an exception is safe even without free memory.
    return settle(answer, exception, text, middleware)


cdef inline bint is_answer(answer) noexcept:
    return answer is True or answer is False


cdef object ask_and_send(ResponseSender sender, message):
    """Send the start of a response after `allow_origin_func` has decided. It decides once for all starts of a response.
    """
    cdef CompiledPolicy compiled = cached(sender.middleware)
    cdef LateStart late
    with cython.critical_section(sender):
        scope = sender.scope
    if compiled is None or scope is None:
        return send_slowly(sender, <PyObject *> message)
    function, text = compiled.origin_function, text_of(sender.origin)
    answer = _known(sender, scope, function, text)
    if answer is None:
        answer = ask(compiled, sender.middleware, sender.origin, text, _asked_scope(scope))
    if is_answer(answer):
        return _send_decided(sender, scope, function, text, message, answer)
    late = LateStart.__new__(LateStart)
    late.sender, late.scope, late.function, late.text, late.message = sender, scope, function, text, message
    return decide(answer, sender.middleware, text, late)


cdef inline object _asked_scope(scope):
    scope = raw_scope(scope)
    return scope if dict_exact(<PyObject *> scope) else scope.scope


cdef object _known(ResponseSender sender, scope, function, text):
    """Return the answer that the same function gave for the same response, or None."""
    if dict_exact(<PyObject *> scope):
        return None
    known = scope[:4] if tuple_exact(<PyObject *> scope) else scope.answer
    if known is None:
        return None
    middleware, asked, origin, answer = known
    return answer if middleware is sender.middleware and asked is function and origin == text else None


cdef object _send_decided(ResponseSender sender, scope, function, text, message, answer):
    with cython.critical_section(sender):
        # Another start, and the messages after it, may have been sent meanwhile.
        current = scope if sender.scope is None else sender.scope
    if tuple_exact(<PyObject *> current) or dict_exact(<PyObject *> current):
        current = sender.middleware, function, text, answer, raw_scope(current)
    else:
        current.answer = sender.middleware, function, text, answer
    with cython.critical_section(sender):
        _previous = sender.scope
        sender.scope = current
    return send_start(sender, <PyObject *> message, SAID_YES if answer else SAID_NO)


@cython.final
@cython.auto_pickle(False)
cdef class LateStart:
    """The start of a response that waits for the answer of `allow_origin_func`."""
    cdef ResponseSender sender
    cdef object scope, function, text, message

    def __call__(self, answer):
        if self.sender is None:
            raise TypeError("a start belongs to a response")
        return _send_decided(self.sender, self.scope, self.function, self.text, self.message, answer)


@cython.final
@cython.auto_pickle(False)
cdef class LatePreflight:
    """A preflight that `allow_origin_func` decides about. Without an answer, it calls the function in the request's
    task.
    """
    cdef Dispatcher middleware
    cdef object scope, receive, send
    cdef bytes origin, method, names
    cdef bint private_network

    def __call__(self, answer=None):
        cdef CompiledPolicy compiled
        cdef tuple explicit_pair = None
        if self.middleware is None:
            raise TypeError("a preflight belongs to a middleware")
        if answer is None:
            compiled = current_for_preflight(self.middleware)
            if compiled.takes_slow_path or compiled.has_own_collections:
                return self.middleware._fastcors_slow_respond(self.scope, self.receive, self.send)
            explicit_pair = compiled.check_origin(self.middleware, self.origin)
            if explicit_pair is None and compiled.origin_function is not None:
                text = text_of(self.origin)
                answer = ask(compiled, self.middleware, self.origin, text, self.scope)
                if not is_answer(answer):
                    return decide(answer, self.middleware, text, self)
        if answer is True:
            explicit_pair = reflecting(ALLOW_ORIGIN, self.origin)
        return self.answer(explicit_pair)

    cdef object answer(self, tuple explicit_pair):
        cdef RequestHeaders asked = RequestHeaders(<PyObject *> self.origin, <PyObject *> self.method, NULL, NULL)
        if self.names is not None:
            asked.names = <PyObject *> self.names
        if self.private_network:
            asked.private_network = <PyObject *> self.origin
        # The function may have changed the configuration.
        template = current_for_preflight(self.middleware)
        return answer_decided(
            self.middleware, template, explicit_pair, <PyObject *> self.scope, <PyObject *> self.receive,
            <PyObject *> self.send, &asked,
        )


cdef object ask_and_answer(
    Dispatcher middleware, PyObject *scope, PyObject *receive, PyObject *send, RequestHeaders *asked
):
    cdef LatePreflight late = LatePreflight.__new__(LatePreflight)
    late.middleware = middleware
    late.scope = <object> scope
    late.receive = <object> receive
    late.send = <object> send
    late.origin = <bytes> asked.origin
    late.method = <bytes> asked.method
    late.names = <bytes> asked.names if asked.names is not NULL else None
    late.private_network = asked.private_network is not NULL
    return run_later(late)
