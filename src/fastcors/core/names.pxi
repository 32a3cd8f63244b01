# The level of a refusal in the log, as `logging` numbers it.
cdef object DEBUG = 10

# The answers of `fastcors_says`.
cdef enum Says:
    NO_TEXT = -1
    OTHER = 0
    EXPECTED = 1

# Where these keys stood in the last scope and in the last message: see `fastcors_at`.
cdef Py_ssize_t TYPE_AT = 0, METHOD_AT = 0, HEADERS_AT = 0, MESSAGE_TYPE_AT = 0, MESSAGE_HEADERS_AT = 0, LEVEL_AT = 0

cdef str TYPE = "type"
cdef str METHOD = "method"
cdef str HEADERS = "headers"
cdef str HTTP = "http"
cdef str OPTIONS = "OPTIONS"
cdef str RESPONSE_START = "http.response.start"
cdef str RESPONSE_BODY = "http.response.body"

cdef bytes ALLOW_ORIGIN = b"access-control-allow-origin"
cdef bytes VARY = b"vary"
cdef bytes VARY_MORE = b", Origin"
cdef tuple NO_PAIRS = ()
cdef tuple UNNAMED = ()  # stands for an allowed origin that no pair reflects
cdef tuple VARY_ORIGIN = (VARY, b"Origin")
