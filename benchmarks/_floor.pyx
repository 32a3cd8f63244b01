# cython: language_level=3, binding=False, boundscheck=False, wraparound=False
"""What any compiled middleware costs at least: the same architecture as fastcors' core, and nothing of CORS in it.

`Floor` gives the app a `send` of its own, which only forwards, and returns what the app returns, by the shortest way
there is; `Wrapper` does the same in the usual way. `Nothing` stands
for no app and no middleware at all: what is measured with it is the cost of measuring.
"""

cimport cython
from cpython.object cimport PyObject

cdef extern from "Python.h":
    ctypedef PyObject *(*vectorcallfunc)(PyObject *, PyObject *const *, size_t, PyObject *) except NULL
    ctypedef struct PyTypeObject:
        unsigned long tp_flags
        Py_ssize_t tp_vectorcall_offset
    PyTypeObject *Py_TYPE(object instance) noexcept
    unsigned long Py_TPFLAGS_HAVE_VECTORCALL


@cython.final
@cython.freelist(64)
@cython.auto_pickle(False)
cdef class ForwardingSend:
    cdef vectorcallfunc vectorcall
    cdef object send


cdef object _forward(PyObject *called, PyObject *const *args, size_t flagged_count, PyObject *names):
    return (<ForwardingSend> called).send(<object> args[0])


def _enable_vectorcall():
    cdef ForwardingSend sender = ForwardingSend.__new__(ForwardingSend)
    cdef PyTypeObject *kind = Py_TYPE(sender)
    kind.tp_vectorcall_offset = <char *> &sender.vectorcall - <char *> <PyObject *> sender
    kind.tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL


_enable_vectorcall()


@cython.auto_pickle(False)
cdef class Floor:
    cdef object app

    def __init__(self, app):
        self.app = app

    def __call__(self, scope, receive, send):
        cdef ForwardingSend sender = ForwardingSend.__new__(ForwardingSend)
        sender.vectorcall = <vectorcallfunc> _forward
        sender.send = send
        return self.app(scope, receive, sender)


@cython.final
@cython.freelist(64)
@cython.auto_pickle(False)
cdef class Forwarder:
    cdef object send

    def forward(self, message):
        return self.send(message)


@cython.auto_pickle(False)
cdef class Wrapper:
    """The same as one writes it, without a trick: `send` is a bound method of an extension type."""
    cdef object app

    def __init__(self, app):
        self.app = app

    def __call__(self, scope, receive, send):
        cdef Forwarder forwarder = Forwarder.__new__(Forwarder)
        forwarder.send = send
        return self.app(scope, receive, forwarder.forward)


@cython.final
@cython.auto_pickle(False)
cdef class Nothing:
    def __call__(self, scope, receive, send):
        return self

    def __await__(self):
        return iter(())
