"""CORS libraries in other languages. Their figures were published or measured elsewhere, so they are only text.

This project's commands measure nothing here. Each row says what its figure stands for.
"""

from collections.abc import Iterator

from tables import table

BENCHMARKS = "https://github.com/jub0bs/cors-benchmarks/tree/bc222ef8b9a8bb6cd74d95d84bc0139af8d7b590"
PUBLISHED = f"[published]({BENCHMARKS})"
OWN = "measured once"

HEAD = ("Go middleware", "actual request, allowed", "actual, 1,000 or more origins", "preflight, allowed", "source")
ROWS = (
    ("jub0bs/cors", "160 to 240 ns", "", "470 ns", OWN),
    ("rs/cors", "160 to 180 ns", "2,300 ns (1,600 origins)", "530 ns", OWN),
    ("jub0bs/cors 1.0.4", "545 ns", "585 ns (1,000 origins)", "416 ns", PUBLISHED),
    ("rs/cors 1.11.1", "527 ns", "1,477 ns (1,000 origins)", "443 ns", PUBLISHED),
)
REMARKS = (
    '"Measured once": on the machine that our first figures come from, on one core, in another run. An actual request '
    "is the time beyond a handler without CORS, a preflight the whole answer, as in our tables.",
    '"Published": by the author of `jub0bs/cors`, with Go 1.26.4 on an Apple M4. Each is the time on the clock divided '
    "by the calls of ten threads, and a call includes the handler and a recorder for its response. So these show how "
    "the two compare with each other, and not what a request costs on one core.",
    "We found no published figures for `tower-http`, the usual choice in Rust.",
)


def lines() -> Iterator[str]:
    """Yield the section of RESULTS.md, line by line."""
    yield from ("## In another language", "", *table(HEAD, ROWS))
    yield from (f"- {remark}" for remark in REMARKS)
    yield ""
