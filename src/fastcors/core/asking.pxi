cdef object ask(CompiledPolicy compiled, Dispatcher middleware, bytes origin, scope):
    """Return what `allow_origin_func` says of an origin: True or False, or an awaitable that will."""
    # The call is in Python: handling an exception there is safe when no memory is left.
    return False if has_control(origin) else call(compiled.origin_function, text_of(origin), scope, middleware)


cdef inline bint is_answer(answer) noexcept:
    return answer is True or answer is False


cdef object ask_and_send(ResponseSender sender, message):
    """Send the start of a response when `allow_origin_func` has decided, which it does once for all starts of it."""
    cdef CompiledPolicy compiled = cached(sender.middleware)
    cdef LateStart late
    if compiled is None or sender.scope is None:
        return send_slowly(sender, <PyObject *> message)
    late = LateStart.__new__(LateStart)
    late.sender, late.request, late.message = sender, sender.request(), message
    late.function = compiled.origin_function
    answer = late.known()
    if answer is None:
        answer = ask(compiled, sender.middleware, sender.origin, late.request.scope)
    return late.send(answer) if is_answer(answer) else decide(answer, sender.middleware, text_of(sender.origin), late)


@cython.final
@cython.auto_pickle(False)
cdef class LateStart:
    """The start of a response that waits for the answer of `allow_origin_func`."""
    cdef ResponseSender sender
    cdef object request, function, message

    cdef object known(self):
        """Return what the same function said for the same response, or None."""
        if self.request.answer is None:
            return None
        middleware, function, origin, answer = self.request.answer
        same = middleware is self.sender.middleware and function is self.function
        return answer if same and origin == text_of(self.sender.origin) else None

    cdef object send(self, answer):
        cdef ResponseSender sender = self.sender
        self.request.answer = sender.middleware, self.function, text_of(sender.origin), answer
        with cython.critical_section(sender):
            # Another start, and what followed it, may have been sent meanwhile.
            if sender.scope is None:
                sender.scope = self.request
        return send_start(sender, <PyObject *> self.message, SAID_YES if answer else SAID_NO)

    def __call__(self, answer):
        if self.sender is None:
            raise TypeError("a start belongs to a response")
        return self.send(answer)


@cython.final
@cython.auto_pickle(False)
cdef class LatePreflight:
    """A preflight that `allow_origin_func` decides about. Called without an answer it asks, in the request's task."""
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
                answer = ask(compiled, self.middleware, self.origin, self.scope)
                if not is_answer(answer):
                    return decide(answer, self.middleware, text_of(self.origin), self)
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
