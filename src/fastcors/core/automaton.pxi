@cython.final
@cython.auto_pickle(False)
cdef class Automaton:
    """An `OriginAutomaton` as it is walked in C."""
    cdef bytes classes, accepting, transitions
    cdef Py_ssize_t class_count, start

    def __cinit__(self, automaton):
        self.classes = automaton.classes
        self.class_count = automaton.class_count
        self.start = automaton.start
        self.accepting = automaton.accepting
        self.transitions = automaton.transitions
        if not self._is_closed():
            raise ValueError("the tables of the automaton do not fit together")

    cdef bint _is_closed(self):
        """Tell whether no walk can leave the tables."""
        cdef const uint16_t *transitions = <const uint16_t *> <const void *> bytes_data(<PyObject *> self.transitions)
        cdef Py_ssize_t i, states = len(self.accepting), cells
        if len(self.classes) != 256 or not max(self.classes) < self.class_count <= 256:
            return False
        cells = states * self.class_count
        if states < 2 or not 0 <= self.start < states or len(self.transitions) != 2 * cells:
            return False
        for i in range(cells):
            if transitions[i] >= states:
                return False
        return True

    cdef bint accepts(self, bytes value) noexcept:
        cdef const unsigned char *classes = <const unsigned char *> bytes_data(<PyObject *> self.classes)
        cdef const uint16_t *transitions = <const uint16_t *> <const void *> bytes_data(<PyObject *> self.transitions)
        cdef const unsigned char *data = <const unsigned char *> bytes_data(<PyObject *> value)
        cdef const unsigned char *end = data + bytes_size(<PyObject *> value)
        cdef Py_ssize_t state = self.start, following
        cdef const uint16_t *row = transitions + state * self.class_count
        while data < end:
            following = row[classes[data[0]]]
            # A state that leads to itself, as in a repeat, keeps its row. So the look-up of a byte need not wait for
            # the one before.
            if following != state:
                # No byte leads out of the first two states.
                if following <= 1:
                    return following
                state = following
                row = transitions + state * self.class_count
            data += 1
        return bytes_data(<PyObject *> self.accepting)[state]
