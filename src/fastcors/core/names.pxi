# The names, constants and small enumerations that all pieces use.

cdef enum Verdict:
    REFUSED
    ALLOWED
    UNKNOWN  # the collection has to be asked, and may run anyone's code

cdef enum Outcome:
    AMENDED = 0
    RECOMPILE = 1
    IN_FULL = 2
    AMENDED_REFUSED = 3  # without what would let the origin read the response

cdef enum Survey:
    DISJOINT = 0   # the app sets none of our headers
    COLLIDING = 1
    UNUSUAL = 2

cdef enum Hook:
    IS_ALLOWED_ORIGIN
    PREFLIGHT_RESPONSE
    SIMPLE_RESPONSE
    SEND
    ALLOW_EXPLICIT_ORIGIN

cdef enum:
    HOOKS = 5

# What a preflight can fail at, in the order in which the answer names it.
cdef enum Failure:
    ORIGIN_FAILED = 1
    METHOD_FAILED = 2
    NAMES_FAILED = 4
    NETWORK_FAILED = 8

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

cdef enum:
    # A longer configured value is looked up in the collection itself: the index has to fit a lower-cased
    # request-header name on the stack.
    LONGEST = 255
    # So many values are compared one by one, which takes less than hashing.
    FEW = 8
    # A list of so many is indexed anew whenever the index was no help.
    SHORT = 64
    # A longer one is not indexed anew by a request, which would wait for the memory that takes.
    LONG = 32768
