# Attributes of the app's `send`, unless the app assigns its own. They make it look to `inspect` like the coroutine
# function that Starlette hands out, because asgiref warns about anything else.
cdef dict _ATTRIBUTES = {
    "__name__": "send",
    "__qualname__": "send",
    "__code__": finish.__code__,
    "__defaults__": None,
    "__kwdefaults__": None,
    "__annotations__": {},
    "__signature__": inspect.Signature([inspect.Parameter("message", inspect.Parameter.POSITIONAL_OR_KEYWORD)]),
}
fastcors_finish = Py_NewRef(<PyObject *> finish)


# How far a response has come.
cdef enum Progress:
    BEGINNING = 0
    STARTED = 1    # a start was amended
    FOLLOWED = 2   # something followed it; later messages are forwarded unread


@cython.final
@cython.freelist(64)
@cython.trashcan(True)
@cython.auto_pickle(False)
cdef class ResponseSender:
    """The `send` that the app gets: it amends the start of the response and forwards the rest.

    After the first body it stops reading messages. Until then another start may come, for an error after the server
    refused the first one. It is called by vectorcall, which is set below, so it needs neither an argument tuple nor a
    bound method. Attributes can be set on it, as on the partial that Starlette hands out. The first one creates their
    dict.
    """
    cdef vectorcallfunc vectorcall
    cdef Dispatcher middleware
    cdef object send
    cdef object scope  # see `raw_scope`: only with an origin, and only until something followed the start
    cdef bytes origin  # None: the request has none
    cdef dict attributes
    cdef Progress progress
    cdef object __weakref__

    def __getattr__(self, name):
        cdef dict attributes = self.own_attributes()
        if attributes is not None and name in attributes:
            return attributes[name]
        if name in _ATTRIBUTES:
            return _ATTRIBUTES[name]
        raise AttributeError(f"'send' has no attribute {name!r}")

    def __setattr__(self, name, value):
        if name == "__dict__":
            if not isinstance(value, dict):
                raise TypeError("__dict__ must be set to a dictionary")
            self.replace_attributes(value if type(value) is dict else dict(value))
        else:
            self.__dict__[name] = value

    def __delattr__(self, name):
        cdef dict attributes = self.own_attributes()
        if attributes is None or name not in attributes:
            raise AttributeError(name)
        del attributes[name]

    @property
    def __dict__(self):
        cdef dict attributes = {}
        with cython.critical_section(self):
            if self.attributes is None:
                self.attributes = attributes
            attributes = self.attributes
        return attributes

    cdef dict own_attributes(self):
        cdef dict attributes
        with cython.critical_section(self):
            attributes = self.attributes
        return attributes

    cdef int replace_attributes(self, dict attributes) except -1:
        cdef dict _previous
        with cython.critical_section(self):
            _previous = self.attributes
            self.attributes = attributes
        return 0

    cdef object request(self):
        """Return the object that keeps the answer of `allow_origin_func` for the rest of the response."""
        with cython.critical_section(self):
            scope = self.scope
        request = self.middleware._fastcors_request(raw_scope(scope))
        if tuple_exact(<PyObject *> scope):
            request.answer = scope[:4]
        with cython.critical_section(self):
            scope = self.scope
            self.scope = request
        return request

    def __copy__(self):
        cdef ResponseSender other
        # An instance without a request: see `send_message`.
        if self.middleware is None:
            return ResponseSender.__new__(ResponseSender)
        request = self.request()
        other = bound_send(self.middleware, <PyObject *> self.send, self.origin, <PyObject *> request)
        other.progress = self.progress
        # A copy of a partial shares its dict in the same way.
        other.attributes = self.own_attributes()
        return other

    def __call__(self, message):
        return send_message(self, <PyObject *> message)


cdef inline object raw_scope(scope):
    """Return the scope of the request, or the object that keeps it, from what a ResponseSender has. Once
    `allow_origin_func` was asked, that is a tuple: the middleware, the function, the origin, the answer, and the scope.
    """
    return scope[4] if tuple_exact(<PyObject *> scope) else scope


cdef inline ResponseSender bound_send(Dispatcher middleware, PyObject *send, bytes origin, PyObject *scope):
    cdef ResponseSender sender = ResponseSender.__new__(ResponseSender)
    sender.vectorcall = <vectorcallfunc> _send_vectorcall
    sender.middleware = middleware
    sender.send = <object> send
    if origin is not None:
        sender.origin = origin
        sender.scope = <object> scope
    return sender


cdef object _send_vectorcall(ResponseSender sender, PyObject *const *args, size_t flagged_count, PyObject *names):
    # Only an instance leads here: see `_enable_vectorcall`.
    if PyVectorcall_NARGS(flagged_count) == 1 and (names is NULL or tuple_size(names) == 0):
        return send_message(sender, args[0])
    return _send_named(sender, args, PyVectorcall_NARGS(flagged_count), names)


cdef object _send_named(ResponseSender sender, PyObject *const *args, Py_ssize_t count, PyObject *names):
    if count != 0 or names is NULL or tuple_size(names) != 1:
        raise TypeError("send() takes exactly one argument, the message")
    # Comparing names may run code that drops the caller's references: see `send_message`.
    cdef ResponseSender kept = sender
    message, name = <object> args[0], <object> tuple_item(names, 0)
    if name != "message":
        raise TypeError(f"send() got an unexpected keyword argument {name!r}")
    return send_message(kept, <PyObject *> message)


cdef int _enable_vectorcall() except -1:
    """Set the slots for vectorcall, before any use: Cython has no way to declare them."""
    cdef ResponseSender sender = ResponseSender.__new__(ResponseSender)
    cdef PyTypeObject *kind = Py_TYPE(<PyObject *> sender)
    kind.tp_vectorcall_offset = <char *> &sender.vectorcall - <char *> <PyObject *> sender
    kind.tp_call = PyVectorcall_Call
    kind.tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL
    return 0


_enable_vectorcall()


cdef object send_message(ResponseSender sender, PyObject *message):
    cdef int says = NO_TEXT
    cdef Section section
    if sender.progress == FOLLOWED:
        return _forward(sender, message)
    # Code that runs from here on may drop the caller's references: a partial can get another function during its call.
    cdef ResponseSender _kept = sender
    _kept_message = <object> message
    if sender.middleware is None:
        raise TypeError("send() belongs to a request")
    if dict_exact(message):
        says = fastcors_says(message, <PyObject *> TYPE, &MESSAGE_TYPE_AT, <PyObject *> RESPONSE_START)
    if says == OTHER:
        if sender.progress == STARTED:
            sender.progress = FOLLOWED
            # An app may keep its `send` in the scope. This breaks the cycle without the collector.
            begin(&section, <PyObject *> sender)
            _scope = sender.scope
            sender.scope = None
            end(&section)
        return _forward(sender, message)
    if says == EXPECTED:
        return send_start(sender, message, UNDECIDED)
    return send_slowly(sender, message)


cdef object send_start(ResponseSender sender, PyObject *message, Decision decided):
    """Send the start of a response. `decided` is the answer of `allow_origin_func` about the origin."""
    cdef Outcome outcome = amend(sender, message, decided)
    if outcome == AMENDED:
        if sender.progress == BEGINNING:
            sender.progress = STARTED
        return _forward(sender, message)
    if outcome == ASK:
        return ask_and_send(sender, <object> message)
    return send_slowly(sender, message)


cdef object send_slowly(ResponseSender sender, PyObject *message):
    return sender.middleware._fastcors_slow_send(<object> message, sender.send, sender.origin, sender.request())


cdef inline object _forward(ResponseSender sender, PyObject *message):
    # The reference keeps it alive: the caller may drop the ResponseSender meanwhile.
    send = sender.send
    return fastcors_send(<PyObject *> send, message)
