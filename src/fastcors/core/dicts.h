/* Looks up keys in dicts, and notices changes of dicts. Included by capi.h. */
/* Returns a new reference, to None if the key is missing. */
static CYTHON_INLINE PyObject *fastcors_get(PyObject *mapping, PyObject *key) {
    PyObject *value;
#if PY_VERSION_HEX >= 0x030D0000
    if (PyDict_GetItemRef(mapping, key, &value) < 0) return NULL;
    if (value) return value;
#else
    value = PyDict_GetItemWithError(mapping, key);
    if (value) return Py_NewRef(value);
    if (PyErr_Occurred()) return NULL;
#endif
    return Py_NewRef(Py_None);
}
/* The value of a key, borrowed, if the key is at the same place as in the last dict: a server makes all scopes alike,
   and an app all messages. NULL: it is elsewhere, or another thread could remove the value. */
FASTCORS_INLINE PyObject *fastcors_at(CYTHON_UNUSED PyObject *mapping, CYTHON_UNUSED PyObject *key,
                                           CYTHON_UNUSED Py_ssize_t place) {
#ifndef Py_GIL_DISABLED
    PyObject *name, *value;
    if (PyDict_Next(mapping, &place, &name, &value) && name == key) return value;
#endif
    return NULL;
}
/* Notes the place of a key among the first ones, but not at each miss, because dicts of two kinds may take turns. */
#define FASTCORS_PLACES 32
static void fastcors_note_place(CYTHON_UNUSED PyObject *mapping, CYTHON_UNUSED PyObject *key,
                                CYTHON_UNUSED Py_ssize_t *noted) {
#ifndef Py_GIL_DISABLED
    static unsigned int misses = 0;
    Py_ssize_t position = 0, place = 0;
    PyObject *name, *value;
    if (misses++ % 16 != 0) return;
    while (position < FASTCORS_PLACES && PyDict_Next(mapping, &position, &name, &value)) {
        if (name == key) { *noted = place; return; }
        place = position;
    }
#endif
}
static PyObject *fastcors_look_up(PyObject *mapping, PyObject *key, Py_ssize_t *noted) {
    fastcors_note_place(mapping, key, noted);
    return fastcors_get(mapping, key);
}
/* Returns a new reference, to None if the key is missing. */
FASTCORS_INLINE PyObject *fastcors_get_at(PyObject *mapping, PyObject *key, Py_ssize_t *noted) {
    PyObject *value = fastcors_at(mapping, key, *noted);
    return value ? Py_NewRef(value) : fastcors_look_up(mapping, key, noted);
}
/* From CPython 3.12 on, a watcher of dicts counts changes. It is called before a dict changes. A change of a class only
   counts if it concerns one of the watched names. */
static uint64_t fastcors_class_changes = 1;
#if PY_VERSION_HEX >= 0x030C0000
static uint64_t fastcors_dict_changes = 2;
#ifdef Py_GIL_DISABLED
#define fastcors_count(changes) ((void)_Py_atomic_add_uint64(&(changes), 1))
#else
#define fastcors_count(changes) ((void)(changes)++)
#endif
static int fastcors_watcher = -1;
static PyObject *fastcors_watched_names = NULL;
static int fastcors_on_change(PyDict_WatchEvent event, CYTHON_UNUSED PyObject *dict, PyObject *name,
                              CYTHON_UNUSED PyObject *value) {
    if (event == PyDict_EVENT_DEALLOCATED) return 0;
    fastcors_count(fastcors_dict_changes);
    /* Looking up an exact string in a set of exact strings runs no Python code. */
    if (!name || !PyUnicode_CheckExact(name) || !fastcors_watched_names
        || PySet_Contains(fastcors_watched_names, name) != 0)
        fastcors_count(fastcors_class_changes);
    return 0;
}
/* Returns 1 if the dict is watched, 0 if it cannot be, -1 with an exception. */
static int fastcors_watch(PyObject *dict) {
    if (fastcors_watcher < 0) fastcors_watcher = PyDict_AddWatcher(fastcors_on_change);
    if (fastcors_watcher < 0) { PyErr_Clear(); return 0; }
    return PyDict_Watch(fastcors_watcher, dict) < 0 ? -1 : 1;
}
/* Watches a class that gets no more version tags from CPython. From 3.13 on, these are classes that changed a thousand
   times; in 3.12, all classes that change after 65,535 tags were used. */
static int fastcors_watch_class(PyTypeObject *type, PyObject *names) {
    Py_ssize_t i;
    if (!fastcors_watched_names) fastcors_watched_names = Py_NewRef(names);
    for (i = 0; i < PyTuple_GET_SIZE(type->tp_mro); i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(type->tp_mro, i);
        PyObject *dict;
        int watched;
        if (!PyType_HasFeature(base, Py_TPFLAGS_HEAPTYPE)) continue;
        dict = PyType_GetDict(base);
        watched = dict ? fastcors_watch(dict) : -1;
        Py_XDECREF(dict);
        if (watched <= 0) return watched;
    }
    return 1;
}
#else
static int fastcors_watch_class(CYTHON_UNUSED PyTypeObject *type, CYTHON_UNUSED PyObject *names) { return 0; }
#endif
/* A number that differs after each change of the dict; 0: there is none. Up to CPython 3.12, a dict has such a number
   itself (PEP 509). Compared with looking at all items, this saves a tenth of an actual request. */
static CYTHON_INLINE uint64_t fastcors_dict_version(CYTHON_UNUSED PyObject *mapping) {
#if PY_VERSION_HEX < 0x030D0000
    uint64_t version;
    _Py_COMP_DIAG_PUSH
    _Py_COMP_DIAG_IGNORE_DEPR_DECLS
    version = ((PyDictObject *)mapping)->ma_version_tag;
    _Py_COMP_DIAG_POP
    return version;
#elif defined(Py_GIL_DISABLED)
    return 0;
#else
    return fastcors_dict_changes;
#endif
}
/* Starts counting the dict's changes, if that is needed. Returns 0 if they cannot be counted, -1 with an exception. */
static CYTHON_INLINE int fastcors_version_dict(CYTHON_UNUSED PyObject *mapping) {
#if PY_VERSION_HEX < 0x030D0000
    return 1;
#elif defined(Py_GIL_DISABLED)
    return 0;
#else
    /* 3.13.0 changes the attributes of an instance without calling the watchers of their dict (gh-125608). */
    return Py_Version >= 0x030D0000 && Py_Version < 0x030D0100 ? 0 : fastcors_watch(mapping);
#endif
}
