cdef extern from "capi.h":
    # capi.h says which of these return new references and which borrowed ones.
    ctypedef struct Section "fastcors_section":
        pass
    void begin "fastcors_begin"(Section *section, PyObject *locked) noexcept
    void end "fastcors_end"(Section *section) noexcept
    PyObject *take "fastcors_take"(PyObject *value) noexcept
    void give_back "fastcors_give_back"(PyObject *value) noexcept
    PyObject *load "fastcors_load"(PyObject **place) noexcept
    void store "fastcors_store"(PyObject **place, PyObject *value) noexcept
    object fastcors_get_at(PyObject *mapping, PyObject *key, Py_ssize_t *noted)
    int fastcors_says(PyObject *mapping, PyObject *key, Py_ssize_t *noted, PyObject *expected) except -2
    PyObject *fastcors_ask(PyObject *function, PyObject *origin, PyObject *scope, PyObject **raised) noexcept
    object fastcors_send(PyObject *send, PyObject *message)
    object fastcors_run(PyObject *called, PyObject *first, PyObject *second, PyObject *third)
    object fastcors_call_slot(object called, tuple args, dict keywords)
    PyObject *fastcors_finish
    uint64_t fastcors_class_changes
    int fastcors_watch_class(PyTypeObject *kind, frozenset names) except -1
    bint fastcors_is_indexable(PyObject *value, Py_ssize_t longest) noexcept
    bint fastcors_is_latin_1(PyObject *text) noexcept
    bint fastcors_is_text(PyObject *text, const char *data, Py_ssize_t size) noexcept
    Py_hash_t fastcors_hash(const char *data, Py_ssize_t size) noexcept
    uint64_t FASTCORS_ODD
    Py_ssize_t fastcors_search(list values, const char *data, Py_ssize_t size) noexcept
    uint64_t fastcors_dict_version(dict mapping) noexcept
    bint fastcors_version_dict(dict mapping) except -1
    bint fastcors_same_items(list values, tuple expected) noexcept

cdef extern from "Python.h":
    ctypedef object (*vectorcallfunc)(PyObject *, PyObject *const *, size_t, PyObject *)
    ctypedef object (*ternaryfunc)(PyObject *, PyObject *, PyObject *)
    ctypedef struct PyTypeObject:
        unsigned int tp_version_tag
        unsigned long tp_flags
        PyObject *tp_mro
        Py_ssize_t tp_vectorcall_offset
        ternaryfunc tp_call
    PyTypeObject *Py_TYPE(PyObject *instance) noexcept
    bint PyType_IsSubtype(PyTypeObject *kind, PyTypeObject *base) noexcept
    Py_hash_t PyObject_Hash(PyObject *value) except? -1
    bint is_function "PyFunction_Check"(PyObject *value) noexcept
    PyObject *function_code "PyFunction_GET_CODE"(PyObject *function) noexcept
    Py_ssize_t references "Py_REFCNT"(PyObject *value) noexcept
    Py_ssize_t text_size "PyUnicode_GET_LENGTH"(PyObject *text) noexcept
    const char *text_data "(const char *)PyUnicode_1BYTE_DATA"(PyObject *text) noexcept
    unsigned long Py_TPFLAGS_HAVE_VECTORCALL
    object PyVectorcall_Call(PyObject *, PyObject *, PyObject *)
    Py_ssize_t PyVectorcall_NARGS(size_t flagged_count) noexcept
    int set_item "PyDict_SetItem"(PyObject *mapping, PyObject *key, PyObject *value) except -1
    bint PyDict_Next(dict mapping, Py_ssize_t *position, PyObject **key, PyObject **value)
    # These take pointers, so that inspecting a borrowed object takes no reference.
    bint coroutine_exact "PyCoro_CheckExact"(PyObject *value) noexcept
    bint dict_exact "PyDict_CheckExact"(PyObject *value) noexcept
    bint list_exact "PyList_CheckExact"(PyObject *value) noexcept
    bint bytes_exact "PyBytes_CheckExact"(PyObject *value) noexcept
    char *bytes_data "PyBytes_AS_STRING"(PyObject *value) noexcept
    Py_ssize_t bytes_size "PyBytes_GET_SIZE"(PyObject *value) noexcept
    bint tuple_exact "PyTuple_CheckExact"(PyObject *value) noexcept
    Py_ssize_t tuple_size "PyTuple_GET_SIZE"(PyObject *values) noexcept
    PyObject *tuple_item "PyTuple_GET_ITEM"(PyObject *values, Py_ssize_t index) noexcept
    bint pair_list_exact "fastcors_pair_list_exact"(PyObject *value) noexcept
    Py_ssize_t list_size "PyList_GET_SIZE"(PyObject *values) noexcept
    PyObject *list_item "PyList_GET_ITEM"(PyObject *values, Py_ssize_t index) noexcept
    void list_set "PyList_SET_ITEM"(PyObject *values, Py_ssize_t index, PyObject *value) noexcept
    PyObject *Py_NewRef(PyObject *value) noexcept
    void Py_XDECREF(PyObject *value) noexcept
