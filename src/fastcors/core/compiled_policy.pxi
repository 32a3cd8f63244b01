@cython.final
@cython.no_gc_clear
@cython.auto_pickle(False)
cdef class CompiledPolicy:
    """A `Policy` as the request path reads it: flags, encoded pairs, indexed collections.

    Its twin describes the arguments. Hooks are numbered as in `Hook`.
    """
    cdef object app, connect, fullmatch, origin_function
    cdef dict levels
    cdef Automaton automaton
    cdef readonly tuple class_state
    # Borrowed: `class_state` keeps them alive.
    cdef PyObject *functions[HOOK_COUNT]
    cdef PyObject *codes[HOOK_COUNT]
    cdef public uint64_t version
    cdef readonly bint takes_slow_path
    cdef bint has_origin_hook, has_own_collections
    cdef bint runs_own_code  # an override or a collection that is not indexed decides about the origin
    cdef bint all_origins, credentials, explicit_origin, all_headers, private_network
    cdef AllowedValues origins, methods, header_names
    cdef bint names_lower  # all indexed names are in lower case, as Starlette leaves them
    cdef dict simple_headers, preflight_headers
    cdef tuple simple_snapshot, preflight_snapshot
    cdef uint64_t simple_version, preflight_version
    cdef tuple actual_pairs, preflight_pairs
    cdef Py_ssize_t actual_origin_at, preflight_origin_at, preflight_names_at
    cdef Recent matched, joined, answered  # origins that the regex allows, Vary of apps, whole preflights
    cdef bint answers_alike  # what a preflight gets depends on its values and on lists that can be compared
    cdef uint64_t actual_sizes  # bit n: we set a header whose name has n bytes, modulo 64

    def __cinit__(
        self, policy, version, tuple class_state not None, CompiledPolicy previous=None, dict levels=None, connect=None
    ):
        self._take_hooks(class_state)
        self.version = version
        self.class_state = class_state
        self.levels = levels
        self.takes_slow_path = policy is None
        if policy is None:
            return
        self.app = policy.app
        self.connect = policy.app if connect is None else connect
        self._take_flags(policy)
        self._take_pairs(policy)
        origins = () if policy.all_origins or policy.has_origin_hook else policy.origins
        # An outdated index still works, because the list itself is searched then.
        if previous is not None and previous.origins is not None and previous.live_origins().collection is origins:
            self._index_origins(previous.live_origins())
        else:
            self._index_origins(AllowedValues(origins, ALLOW_ORIGIN))
        self.methods = _indexed(previous.methods if previous is not None else None, policy.methods)
        self.header_names = _indexed(previous.header_names if previous is not None else None, policy.header_names)
        self.names_lower = _all_lower(self.header_names.snapshot)
        self.has_own_collections = policy.has_own_collections
        self.answers_alike = self.methods.is_comparable() and self.header_names.is_comparable()
        self.matched, self.joined, self.answered = Recent(), Recent(), Recent()

    cdef _take_hooks(self, tuple class_state):
        cdef int hook
        cdef tuple functions, codes
        mro, _, functions, codes = class_state
        if type(mro) is not tuple or not are_functions(functions, codes):
            raise TypeError("class_state is an MRO, a dict, functions and their code")
        for hook in range(HOOK_COUNT):
            self.functions[hook] = tuple_item(<PyObject *> functions, hook)
            self.codes[hook] = tuple_item(<PyObject *> codes, hook)

    cdef _take_flags(self, policy):
        self.has_origin_hook = policy.has_origin_hook
        self.origin_function = policy.origin_function
        self.all_origins = policy.all_origins
        self.credentials = policy.credentials
        self.fullmatch = policy.fullmatch
        self.automaton = None if policy.automaton is None else Automaton(policy.automaton)
        self.explicit_origin = policy.explicit_origin
        self.all_headers = policy.all_headers
        self.private_network = policy.private_network

    cdef _take_pairs(self, policy):
        self.simple_headers = _given(policy.simple_headers)
        self.simple_snapshot = _flat(policy.simple_snapshot)
        # 1 is an outdated version, so that a change since the snapshot was taken is noticed.
        self.simple_version = 1 if version_of(self.simple_headers) else 0
        self.actual_pairs = _checked_pairs(policy.actual_pairs)
        self.actual_origin_at = _checked_place(policy.actual_origin_at, self.actual_pairs)
        self.preflight_headers = _given(policy.preflight_headers)
        self.preflight_snapshot = _flat(policy.preflight_snapshot)
        self.preflight_version = 1 if version_of(self.preflight_headers) else 0
        self.preflight_pairs = _checked_pairs(policy.preflight_pairs)
        self.preflight_origin_at = _checked_place(policy.preflight_origin_at, self.preflight_pairs)
        self.preflight_names_at = _checked_place(policy.preflight_names_at, self.preflight_pairs)
        self.actual_sizes = size_bit(<PyObject *> ALLOW_ORIGIN) | size_bit(<PyObject *> VARY)
        for name, _ in self.actual_pairs:
            self.actual_sizes |= size_bit(<PyObject *> name)

    cdef inline bint has_code(self, Hook hook) noexcept:
        """Tell whether a hook's function still has its code, which some instrumentation replaces in place."""
        return function_code(self.functions[<int> hook]) == self.codes[<int> hook]

    cdef bint reports(self) except -1:
        """Tell whether anyone may listen to refusals. The middleware then checks again."""
        if self.levels is None:
            return True
        return fastcors_get_at(<PyObject *> self.levels, <PyObject *> DEBUG, &LEVEL_AT) is not False

    cdef bint preflight_headers_unchanged(self) noexcept:
        return unchanged(self.preflight_headers, &self.preflight_version, self.preflight_snapshot)

    cdef bint collections_unchanged(self) noexcept:
        return self.methods.unchanged() and self.header_names.unchanged()

    cdef inline AllowedValues live_origins(self):
        cdef AllowedValues origins
        cdef Section section
        begin(&section, <PyObject *> self)
        origins = self.origins
        end(&section)
        return origins

    cdef inline tuple check_origin(self, Dispatcher middleware, bytes origin):
        """Fetch, "CORS check", from the server's side: is this origin allowed? Return the pair that reflects it, () if
        it is allowed but must not or need not be reflected, None if it is not allowed.
        """
        cdef AllowedValues origins
        cdef Py_ssize_t place
        cdef Verdict verdict
        if self.has_origin_hook:
            return reflecting(ALLOW_ORIGIN, origin) if middleware.is_allowed_origin(origin=text_of(origin)) else None
        if self.all_origins:
            return reflecting(ALLOW_ORIGIN, origin) if self.credentials or self.explicit_origin else UNNAMED
        origins = self.live_origins()
        verdict = origins.judge(bytes_data(<PyObject *> origin), bytes_size(<PyObject *> origin), &place)
        if verdict == ALLOWED and place >= 0:
            return origins.pair_at(place)
        return self._check_unlisted(origins, origin, verdict, place)

    cdef tuple _check_unlisted(self, AllowedValues origins, bytes origin, Verdict verdict, Py_ssize_t place):
        cdef tuple pair = None
        if origins.outdated:
            self._index_origins(AllowedValues(origins.collection, origins.header))
        if verdict == ALLOWED:
            return reflecting(ALLOW_ORIGIN, origin)
        # As in Starlette, the regex comes before a collection that runs other people's code.
        if self.automaton is not None or self.fullmatch is not None:
            pair = self._match(origin)
        if pair is None and verdict == UNKNOWN:
            if origins.look_up(bytes_data(<PyObject *> origin), bytes_size(<PyObject *> origin), place):
                pair = reflecting(ALLOW_ORIGIN, origin)
        return pair

    cdef tuple _match(self, bytes origin):
        """Return the pair that reflects an origin that the regex allows, or None."""
        cdef uint64_t mixed
        cdef tuple pair = self.matched.find(<PyObject *> origin, NULL, NULL, &mixed)
        if pair is not None:
            return pair
        if not self.automaton.accepts(origin) if self.fullmatch is None else self.fullmatch(text_of(origin)) is None:
            return None
        pair = reflecting(ALLOW_ORIGIN, origin)
        if self.matched.comes_again(mixed):
            self.matched.keep(mixed, <PyObject *> origin, NULL, NULL, pair)
        return pair

    cdef int _index_origins(self, AllowedValues origins) except -1:
        cdef AllowedValues _previous
        with cython.critical_section(self):
            _previous = self.origins
            self.origins = origins
            self.runs_own_code = self.has_origin_hook or origins.snapshot is None
        return 0

    cdef bint check_header_names(self, bytes names) except -1:
        """Fetch, "CORS-preflight fetch": every element of Access-Control-Request-Headers must be allowed."""
        cdef const unsigned char *start = <const unsigned char *> bytes_data(<PyObject *> names)
        cdef const unsigned char *end = start + bytes_size(<PyObject *> names)
        cdef const unsigned char *comma
        cdef const unsigned char *stop
        cdef AllowedValues allowed = self.header_names
        # Checking the list once is enough for all names, because no Python code runs in between.
        cdef bint indexed = allowed.snapshot is not None and (allowed.is_list or allowed.fixed) and allowed.unchanged()
        cdef bint in_lower_case = indexed and self.names_lower
        while True:
            comma = <const unsigned char *> memchr(start, c",", end - start)
            stop = end if comma is NULL else comma
            start = after_space(start, stop)
            stop = before_space(start, stop)
            # Browsers send all names in lower case: Fetch, "CORS-unsafe request-header names". Other clients may not.
            if not in_lower_case or self.header_names.find(<const char *> start, stop - start) < 0:
                in_lower_case = False
                if not self._allows_name(indexed, start, stop - start):
                    return False
            if comma is NULL:
                return True
            start = comma + 1

    cdef bint _allows_name(self, bint indexed, const unsigned char *name, Py_ssize_t size) except -1:
        cdef unsigned char lowered[LONGEST]
        if not indexed:
            return decoded(<const char *> name, size).lower() in self.header_names.collection
        if size > LONGEST:
            return False
        lower(lowered, name, size)
        return self.header_names.find(<const char *> lowered, size) >= 0


cdef bint _all_lower(tuple names) except -1:
    if names is not None:
        for name in names:
            if name != name.lower():
                return False
    return True


cdef AllowedValues _indexed(AllowedValues previous, collection):
    """Return an index of `collection`: the previous one if it is still valid."""
    if previous is not None and previous.collection is collection and previous.unchanged():
        return previous
    return AllowedValues(collection)


# The request path relies on these checks, whoever made the policy.

cdef dict _given(dict headers):
    if headers is None:
        raise TypeError("headers have to be a dict")
    return headers


cdef tuple _flat(tuple snapshot):
    if snapshot is None or len(snapshot) % 2:
        raise TypeError("a snapshot has a value for each name")
    return snapshot


cdef tuple _checked_pairs(tuple pairs):
    if pairs is None:
        raise TypeError("pairs have to be a tuple")
    for pair in pairs:
        if type(pair) is not tuple or len(pair) != 2 or type(pair[0]) is not bytes or type(pair[1]) is not bytes:
            raise TypeError(f"{pair!r} is no pair of bytes")
    return pairs


cdef Py_ssize_t _checked_place(Py_ssize_t place, tuple pairs) except -2:
    if not -1 <= place < len(pairs):
        raise ValueError(f"there is no pair at {place}")
    return place
