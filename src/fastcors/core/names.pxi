# The names, constants and small enumerations that all pieces use.

# The level of a refusal in the log, as `logging` numbers it.
cdef object DEBUG = 10

cdef str TYPE = "type"
cdef str METHOD = "method"
cdef str HEADERS = "headers"
cdef str HTTP = "http"
cdef str OPTIONS = "OPTIONS"
cdef str RESPONSE_START = "http.response.start"
cdef str RESPONSE_BODY = "http.response.body"

cdef bytes ALLOW_ORIGIN = b"access-control-allow-origin"
cdef bytes ALLOW_HEADERS = b"access-control-allow-headers"
cdef bytes VARY = b"vary"
cdef bytes VARY_MORE = b", Origin"
cdef tuple NO_PAIRS = ()
cdef tuple UNNAMED = ()  # in place of the pair that would reflect an origin, where there is none
cdef tuple VARY_ORIGIN = (VARY, b"Origin")
cdef tuple CONTENT_TYPE = (b"content-type", b"text/plain; charset=utf-8")
cdef tuple PRIVATE_NETWORK = (b"access-control-allow-private-network", b"true")
