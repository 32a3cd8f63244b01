cdef object ask(CompiledPolicy compiled, Dispatcher middleware, bytes origin, scope):
    """Return what `allow_origin_func` says of an origin: True or False, or an awaitable that will. An exception, which
    is logged, and any other answer refuse the origin.
    """
    if has_control(origin):
        return False
    text = text_of(origin)
    try:
        answer = compiled.origin_function(text, scope)
        if is_answer(answer) or coroutine_exact(<PyObject *> answer) or inspect.isawaitable(answer):
            return answer
        raise TypeError(f"allow_origin_func returned {answer!r}, which is neither True nor False")
    except Exception:
        middleware._fastcors_function_failed(text)
        return False


cdef inline bint is_answer(answer) noexcept:
    return answer is True or answer is False


cdef object ask_and_send(ResponseSender sender, message):
    """Send the start of a response when `allow_origin_func` has decided, which it does once for all starts of it."""
    cdef CompiledPolicy compiled = cached(sender.middleware)
    cdef LateStart late
    with cython.critical_section(sender):
        request = sender.scope
    if compiled is None or request is None:
        return send_slowly(sender, <PyObject *> message)
    answer = _known(sender, compiled, request)
    if answer is None:
        scope = request if dict_exact(<PyObject *> request) else request.scope
        answer = ask(compiled, sender.middleware, sender.origin, scope)
    if is_answer(answer):
        return _send_decided(sender, compiled.origin_function, message, answer)
    late = LateStart.__new__(LateStart)
    late.sender, late.function, late.message = sender, compiled.origin_function, message
    return decide(answer, sender.middleware, text_of(sender.origin), late)


cdef object _known(ResponseSender sender, CompiledPolicy compiled, request):
    """Return what the same function said for the same response."""
    if dict_exact(<PyObject *> request) or request.answer is None:
        return None
    middleware, function, origin, answer = request.answer
    same = middleware is sender.middleware and function is compiled.origin_function and origin == text_of(sender.origin)
    return answer if same else None


cdef object _send_decided(ResponseSender sender, function, message, answer):
    sender.request().answer = sender.middleware, function, text_of(sender.origin), answer
    return send_start(sender, <PyObject *> message, SAID_YES if answer else SAID_NO)


@cython.final
@cython.auto_pickle(False)
cdef class LateStart:
    """The start of a response that waits for the answer of `allow_origin_func`."""
    cdef ResponseSender sender
    cdef object function, message

    def __call__(self, answer):
        return _send_decided(self.sender, self.function, self.message, answer)


@cython.final
@cython.auto_pickle(False)
cdef class LatePreflight:
    """A preflight that waits for the answer of `allow_origin_func`."""
    cdef Dispatcher middleware
    cdef object scope, receive, send
    cdef bytes origin, method, names
    cdef bint private_network

    def __call__(self, answer):
        cdef RequestHeaders asked = RequestHeaders(<PyObject *> self.origin, <PyObject *> self.method, NULL, NULL)
        if self.names is not None:
            asked.names = <PyObject *> self.names
        if self.private_network:
            asked.private_network = <PyObject *> self.origin
        template = current_for_preflight(self.middleware)
        pair = reflecting(ALLOW_ORIGIN, self.origin) if answer else None
        return answer_decided(
            self.middleware, template, pair, <PyObject *> self.scope, <PyObject *> self.receive, <PyObject *> self.send,
            &asked,
        )


cdef object answer_later(
    Dispatcher middleware, PyObject *scope, PyObject *receive, PyObject *send, RequestHeaders *asked, awaitable
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
    return decide(awaitable, middleware, text_of(late.origin), late)
