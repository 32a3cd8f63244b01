/* For functions whose usual case takes only a few instructions, so that a call would double them. */
#ifdef _MSC_VER
#define FASTCORS_INLINE static __forceinline
#else
#define FASTCORS_INLINE static inline __attribute__((always_inline))
#endif
/* References to objects that other threads can replace. With the GIL they are borrowed. Where threads run in parallel,
   they are new references. There a section locks its object; with the GIL it costs nothing. */
#ifdef Py_GIL_DISABLED
typedef PyCriticalSection fastcors_section;
#define fastcors_begin(section, object) PyCriticalSection_Begin(section, object)
#define fastcors_end(section) PyCriticalSection_End(section)
#define fastcors_take(object) Py_NewRef(object)
#define fastcors_give_back(object) Py_DECREF(object)
#define fastcors_keep(object) ((void *)(object))
#define fastcors_load(place) ((PyObject *)_Py_atomic_load_ptr_acquire(place))
#define fastcors_store(place, object) _Py_atomic_store_ptr_release(place, object)
#else
typedef char fastcors_section;
#define fastcors_begin(section, object) ((void)(section), (void)(object))
#define fastcors_end(section) ((void)(section))
#define fastcors_take(object) (object)
#define fastcors_give_back(object) ((void)(object))
#define fastcors_keep(object) ((void *)Py_NewRef(object))
#define fastcors_load(place) (*(place))
#define fastcors_store(place, object) ((void)(*(place) = (object)))
#endif
#include "dicts.h"
/* The function that turns another awaitable into a coroutine. Set once, when the module is imported. */
static PyObject *fastcors_finish = NULL;
static PyObject *fastcors_finished(PyObject *awaitable) {
    PyObject *coroutine = PyObject_CallOneArg(fastcors_finish, awaitable);
    Py_DECREF(awaitable);
    return coroutine;
}
/* At the usual recursion limit, Starlette allows about a thousand nested calls. CPython 3.12 and 3.13 would allow ten
   thousand, which is more than the stack of a thread may hold. */
#define FASTCORS_DEEPEST 1000
#ifdef _MSC_VER
static __declspec(thread) int fastcors_depth = 0;
#else
static __thread int fastcors_depth = 0;
#endif
static CYTHON_INLINE int fastcors_enter(void) {
    if (fastcors_depth >= FASTCORS_DEEPEST) {
        PyErr_SetString(PyExc_RecursionError, "maximum recursion depth exceeded in a chain of ASGI apps");
        return -1;
    }
    if (Py_EnterRecursiveCall(" in a chain of ASGI apps")) return -1;
    fastcors_depth++;
    return 0;
}
static CYTHON_INLINE void fastcors_leave(void) {
    fastcors_depth--;
    Py_LeaveRecursiveCall();
}
/* Calls an object that is not a Python function. A Python function or method counts against the recursion limit when
   its frame begins, and CPython counts calls of objects without vectorcall. The other calls are counted here. */
static PyObject *fastcors_call_other(PyObject *callable, PyObject **args, size_t count) {
    PyObject *result = NULL;
    vectorcallfunc call = PyVectorcall_Function(callable);
    if (!call) return PyObject_Vectorcall(callable, args, count | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    if (Py_IS_TYPE(callable, &PyMethod_Type) && PyFunction_Check(PyMethod_GET_FUNCTION(callable)))
        return call(callable, args, count | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    if (fastcors_enter() == 0) {
        result = call(callable, args, count | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
        fastcors_leave();
    }
    return result;
}
/* Calls an object to which the caller holds a reference. */
FASTCORS_INLINE PyObject *fastcors_called(PyObject *callable, PyObject **args, size_t count) {
    if (!PyFunction_Check(callable)) return fastcors_call_other(callable, args, count);
    return ((PyFunctionObject *)callable)->vectorcall(callable, args, count | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
}
/* The same, but returns a coroutine. Starlette's methods return one, as create_task() demands, but an app or a server's
   send() may return another awaitable. */
static CYTHON_INLINE PyObject *fastcors_call(PyObject *callable, PyObject **args, size_t count) {
    PyObject *result = fastcors_called(callable, args, count);
    return !result || PyCoro_CheckExact(result) ? result : fastcors_finished(result);
}
/* Calls through the type's own slot, for calls that its vectorcall does not handle itself. */
static CYTHON_INLINE PyObject *fastcors_call_slot(PyObject *callable, PyObject *args, PyObject *keywords) {
    PyObject *result;
    if (fastcors_enter() != 0) return NULL;
    result = Py_TYPE(callable)->tp_call(callable, args, keywords);
    fastcors_leave();
    return result;
}
static CYTHON_INLINE PyObject *fastcors_send(PyObject *send, PyObject *message) {
    PyObject *args[2] = {NULL, message};
    return fastcors_call(send, args + 1, 1);
}
/* What allow_origin_func says, a new reference. NULL: it raised, and `raised` gets a reference to the exception, which
   is no longer set. */
static PyObject *fastcors_ask(PyObject *function, PyObject *origin, PyObject *scope, PyObject **raised) {
    PyObject *args[3] = {NULL, origin, scope};
    PyObject *said = fastcors_called(function, args + 1, 2);
    if (said) return said;
#if PY_VERSION_HEX >= 0x030C0000
    *raised = PyErr_GetRaisedException();
#else
    PyObject *type, *traceback;
    PyErr_Fetch(&type, raised, &traceback);
    PyErr_NormalizeException(&type, raised, &traceback);
    if (traceback) PyException_SetTraceback(*raised, traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
#endif
    return NULL;
}
static CYTHON_INLINE PyObject *fastcors_run(PyObject *app, PyObject *scope, PyObject *receive, PyObject *send) {
    PyObject *args[4] = {NULL, scope, receive, send};
    return fastcors_call(app, args + 1, 3);
}
/* Where threads run in parallel, another thread could change a pair that is a list while we read it. */
#ifdef Py_GIL_DISABLED
#define fastcors_pair_list_exact(value) 0
#else
#define fastcors_pair_list_exact(value) PyList_CheckExact(value)
#endif
/* Whether a request can contain the text. It has to be latin-1, which CPython stores as the same bytes. */
static CYTHON_INLINE int fastcors_is_latin_1(PyObject *text) {
    return PyUnicode_KIND(text) == PyUnicode_1BYTE_KIND;
}
/* Whether an index can hold the value. It has to be an exact string, because a subclass may define equality. */
static CYTHON_INLINE int fastcors_is_indexable(PyObject *value, Py_ssize_t longest) {
    return PyUnicode_CheckExact(value) && PyUnicode_IS_READY(value) && PyUnicode_GET_LENGTH(value) <= longest;
}
static CYTHON_INLINE int fastcors_is_text(PyObject *text, const char *data, Py_ssize_t size) {
    return PyUnicode_GET_LENGTH(text) == size && fastcors_is_latin_1(text)
        && memcmp(PyUnicode_1BYTE_DATA(text), data, (size_t)size) == 0;
}
/* Hashes as str and bytes do, so that the cached hash of a stored string equals that of the bytes looked up. */
static CYTHON_INLINE Py_hash_t fastcors_hash(const char *data, Py_ssize_t size) {
#if PY_VERSION_HEX >= 0x030E0000
    return Py_HashBuffer(data, size);
#else
    Py_hash_t hash;
    if (size == 0) return 0;
    hash = PyHash_GetFuncDef()->hash(data, size);
    return hash == -1 ? -2 : hash;
#endif
}
/* The first place in a list of the text with these bytes; -1: it is not there; -2: an object that is not an exact
   string comes before it, and may be equal to it. */
static Py_ssize_t fastcors_search(PyObject *list, const char *data, Py_ssize_t size) {
    Py_ssize_t i;
    for (i = 0; i < PyList_GET_SIZE(list); i++) {
        PyObject *text = PyList_GET_ITEM(list, i);
        if (!PyUnicode_CheckExact(text) || !PyUnicode_IS_READY(text)) return -2;
        if (fastcors_is_text(text, data, size)) return i;
    }
    return -1;
}
/* The golden ratio in 64 bits: multiplying by it spreads differences over the upper bits. */
#define FASTCORS_ODD ((uint64_t)0x9E3779B97F4A7C15ULL)
/* Whether a list holds the very same objects as a tuple. */
static CYTHON_INLINE int fastcors_same_items(PyObject *list, PyObject *tuple) {
    Py_ssize_t size = PyTuple_GET_SIZE(tuple);
    return PyList_GET_SIZE(list) == size
        && (size == 0 || memcmp(((PyListObject *)list)->ob_item, ((PyTupleObject *)tuple)->ob_item,
                                (size_t)size * sizeof(PyObject *)) == 0);
}
/* Exact and compact strings are equal if length, kind and memory are equal. 1: equal, 0: another text, -1: not an
   exact string. */
static int fastcors_equals(PyObject *text, PyObject *expected) {
    if (!PyUnicode_CheckExact(text)) return -1;
    return PyUnicode_GET_LENGTH(text) == PyUnicode_GET_LENGTH(expected)
        && PyUnicode_KIND(text) == PyUnicode_1BYTE_KIND
        && memcmp(PyUnicode_1BYTE_DATA(text), PyUnicode_1BYTE_DATA(expected),
                  (size_t)PyUnicode_GET_LENGTH(expected)) == 0;
}
FASTCORS_INLINE int fastcors_is(PyObject *text, PyObject *expected) {
    return text == expected ? 1 : fastcors_equals(text, expected);
}
static int fastcors_looked_up_says(PyObject *mapping, PyObject *key, Py_ssize_t *noted, PyObject *expected) {
    PyObject *value = fastcors_look_up(mapping, key, noted);
    int says;
    if (!value) return -2;
    says = fastcors_is(value, expected);
    Py_DECREF(value);
    return says;
}
/* The same of the text under a key; -2: an exception. */
FASTCORS_INLINE int fastcors_says(PyObject *mapping, PyObject *key, Py_ssize_t *noted, PyObject *expected) {
    PyObject *value = fastcors_at(mapping, key, *noted);
    return value ? fastcors_is(value, expected) : fastcors_looked_up_says(mapping, key, noted, expected);
}
