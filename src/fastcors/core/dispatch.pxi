@cython.final
@cython.no_gc_clear
@cython.auto_pickle(False)
cdef class PolicyCache:
    """The policy compiled since the last assignment to an attribute, or None: see its twin."""
    cdef CompiledPolicy compiled
    cdef readonly bint shared

    def __cinit__(self, bint shared=False):
        self.shared = shared

    @property
    def policy(self):
        with cython.critical_section(self):
            return self.compiled

    @policy.setter
    def policy(self, CompiledPolicy policy):
        # The old value is freed after the field holds the new one, because a finalizer may run any code and read the
        # field. The same holds wherever the old value may be the last reference to an object that is not ours.
        cdef CompiledPolicy _previous
        with cython.critical_section(self):
            _previous = self.compiled
            self.compiled = policy


@cython.auto_pickle(False)
cdef class Dispatcher:
    """The call slot of the middleware: `instance(scope, receive, send)` comes here without a Python frame."""
    cdef vectorcallfunc vectorcall
    cdef PolicyCache cache

    def __cinit__(self):
        self.vectorcall = <vectorcallfunc> _dispatch
        self.cache = PolicyCache()

    @property
    def _fastcors_cache(self):
        with cython.critical_section(self):
            return self.cache

    @_fastcors_cache.setter
    def _fastcors_cache(self, PolicyCache cache not None):
        cdef PolicyCache _previous
        with cython.critical_section(self):
            _previous = self.cache
            self.cache = cache

    def __call__(self, scope, receive, send):
        return _respond(self, <PyObject *> scope, <PyObject *> receive, <PyObject *> send)


cdef object _dispatch(Dispatcher middleware, PyObject *const *args, size_t flagged_count, PyObject *names):
    # Only an instance of a subclass leads here: see `use_call_slot`.
    cdef Py_ssize_t i, count = PyVectorcall_NARGS(flagged_count)
    if count == 3 and names is NULL and Py_TYPE(<PyObject *> middleware).tp_call is _CALL:
        return _respond_kept(middleware, <object> args[0], <object> args[1], <object> args[2])
    return _call_slot(middleware, args, count, names)


cdef inline object _respond_kept(Dispatcher middleware, scope, receive, send):
    # This holds its own references, because a partial that calls a middleware may get other arguments meanwhile.
    cdef Dispatcher kept = middleware
    return _respond(kept, <PyObject *> scope, <PyObject *> receive, <PyObject *> send)


cdef object _call_slot(Dispatcher middleware, PyObject *const *args, Py_ssize_t count, PyObject *names):
    # As above: a collection, or the hash of a name, may run any code.
    cdef Dispatcher kept = middleware
    cdef Py_ssize_t i, named = 0 if names is NULL else tuple_size(names)
    cdef object kept_names = None if names is NULL else <object> names
    for i in range(count + named):
        Py_NewRef(args[i])
    try:
        positional = tuple([<object> args[i] for i in range(count)])
        keywords = {kept_names[i]: <object> args[count + i] for i in range(named)}
    finally:
        for i in range(count + named):
            Py_XDECREF(args[i])
    return fastcors_call_slot(kept, positional, keywords)


cdef ternaryfunc _CALL = (<PyTypeObject *> Dispatcher).tp_call


def use_call_slot(cls):
    """Make calls of instances of `cls`, a subclass of Dispatcher, go straight to `Dispatcher.__call__`.

    A class whose `__call__` is written in Python has a call slot that looks it up and runs it, a coroutine frame each
    time. This sets the slot alone: `cls.__call__` stays the coroutine function that servers and instrumentation look
    at, and assigning `cls.__call__` sets the slot anew, so that patches are called. A vectorcall needs no argument
    tuple either, which saves a tenth of an actual request. `_dispatch` makes sure that a new slot is used.
    """
    cdef PyTypeObject *kind
    cdef Dispatcher instance = Dispatcher.__new__(Dispatcher)
    check_class(cls)
    kind = <PyTypeObject *> cls
    kind.tp_vectorcall_offset = <char *> &instance.vectorcall - <char *> <PyObject *> instance
    kind.tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL
    kind.tp_call = _CALL


cdef extern from *:
    # Turns a taken policy into a reference to keep, instead of giving it back.
    CompiledPolicy _keep "fastcors_keep"(PyObject *taken)


cdef inline PyObject *_take_cached(PyObject *middleware) noexcept:
    """Take the cached policy, or None."""
    cdef PyObject *cache
    cdef PyObject *compiled = <PyObject *> None
    cdef Section section
    begin(&section, middleware)
    cache = take(<PyObject *> (<Dispatcher> middleware).cache)
    end(&section)
    # The collector may have cleared a middleware that can still be reached.
    if cache is not <PyObject *> None:
        begin(&section, cache)
        compiled = take(<PyObject *> (<PolicyCache> cache).compiled)
        end(&section)
    give_back(cache)
    return compiled


cdef CompiledPolicy cached(Dispatcher middleware):
    return _keep(_take_cached(<PyObject *> middleware))


cdef inline CompiledPolicy current(PyObject *middleware, Hook first, Hook second):
    """Return the policy of the current configuration. The caller does the work of the two hooks."""
    cdef PyObject *compiled = _take_cached(middleware)
    if (
        compiled is not <PyObject *> None
        and (<CompiledPolicy> compiled).version == version_tag(middleware)
        and (<CompiledPolicy> compiled).version != 0
        and (<CompiledPolicy> compiled).has_code(first) and (<CompiledPolicy> compiled).has_code(second)
    ):
        return _keep(compiled)
    return checked(<Dispatcher> middleware, _keep(compiled))


cdef CompiledPolicy checked(Dispatcher middleware, CompiledPolicy compiled):
    """Return the current policy when the class's version tag does not prove that `compiled` is."""
    if compiled is None:
        return compiled_anew(middleware)
    if (
        version_tag(<PyObject *> middleware) == 0
        and compiled.version == UNTAGGED | fastcors_class_changes
        and tuple_item(<PyObject *> compiled.class_state, 0) == Py_TYPE(<PyObject *> middleware).tp_mro
        and has_codes(compiled)
    ):
        return compiled
    return middleware._fastcors_compile(False) or compiled_anew(middleware)


cdef CompiledPolicy compiled_anew(Dispatcher middleware):
    cdef CompiledPolicy compiled = middleware._fastcors_compile(True)
    if compiled is None:
        raise TypeError("_fastcors_compile() returned None")
    return compiled
