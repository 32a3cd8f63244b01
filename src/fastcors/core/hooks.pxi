cdef enum Hook:
    IS_ALLOWED_ORIGIN
    PREFLIGHT_RESPONSE
    SIMPLE_RESPONSE
    SEND
    ALLOW_EXPLICIT_ORIGIN

cdef enum:
    HOOK_COUNT = 5

# Marks the version of a class that has no tag, so that a watcher counts its changes.
cdef uint64_t UNTAGGED = <uint64_t> 1 << 63


def class_version(cls, frozenset names not None):
    """Return a number that changes when `cls`, or a class that it inherits from, gets another value for one of `names`.
    0 means that changes cannot be noticed, so the class has to be inspected each time.
    """
    cdef uint64_t tag
    check_class(cls)
    for name in names:
        if type(name) is not str:
            raise TypeError(f"{name!r} is no name of an attribute")
    # A look-up makes the interpreter give the class a tag. This one finds the method of `type` and runs no other code.
    type.__getattribute__(cls, "mro")
    tag = (<PyTypeObject *> cls).tp_version_tag
    if tag == 0 and fastcors_watch_class(<PyTypeObject *> cls, names):
        return UNTAGGED | fastcors_class_changes
    return tag


cdef check_class(cls):
    """Make sure that C may treat `cls` as a class of middlewares."""
    if (
        not isinstance(cls, type) or not PyType_IsSubtype(<PyTypeObject *> cls, <PyTypeObject *> Dispatcher)
        or <PyTypeObject *> cls is <PyTypeObject *> Dispatcher
    ):
        raise TypeError(f"{cls!r} is not a subclass of Dispatcher")


cdef inline uint32_t version_tag(PyObject *instance) noexcept:
    """Return the number that CPython replaces after each change to a class or to one that it inherits from. 0 means
    that the class has none yet, or gets none any more. The interpreter validates its method caches with it; we validate
    what we know about hooks.
    """
    return Py_TYPE(instance).tp_version_tag


cdef bint are_functions(tuple functions, tuple codes) except -1:
    if functions is None or codes is None or len(functions) != HOOK_COUNT or len(codes) != HOOK_COUNT:
        return False
    for function in functions:
        if not is_function(<PyObject *> function):
            return False
    return True


cdef bint has_codes(CompiledPolicy compiled) noexcept:
    return (
        compiled.has_code(IS_ALLOWED_ORIGIN) and compiled.has_code(PREFLIGHT_RESPONSE)
        and compiled.has_code(SIMPLE_RESPONSE) and compiled.has_code(SEND) and compiled.has_code(ALLOW_EXPLICIT_ORIGIN)
    )
