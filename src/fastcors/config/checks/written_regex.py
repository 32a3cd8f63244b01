"""Reads an entry of `allow_origins` that is a regular expression, if it cannot be anything else.

A shell expands braces, parentheses and brackets, and people put them around a remark or a range. So the grammar is a
whitelist: `https://shop{1,3}.com` and `https://shop(1-3).com` are not in it.
"""

import re

from ...origins.admitted.dots import dots_escaped

_WORD = "[A-Za-z0-9-]++"
# A part of a label that stands for many texts, always with how often it repeats.
_OPEN = (
    r"(?:\.[*+]|(?:\\[wdS]|\[(?:\^[./:]+|\\w[.-]*|a-z(?:A-Z)?(?:0-9)?-?|0-9a-z-?|0-9a-f|0-9)\])"
    r"(?:[*+]|\{[0-9]{1,2}(?:,[0-9]{0,2})?\}))"
)
_CHOICE = rf"\((?:\?:)?{_WORD}(?:\|{_WORD})+\)"
_LABEL = rf"(?:{_WORD}|{_CHOICE}|{_OPEN})+"
_DOT = r"\\?\."
# `(www\.)?`, `(.*\.)?`, `([a-z0-9-]+\.)*`, `(?:www\.|api\.)?`: labels with the dots that end them.
_BEFORE = rf"\((?:\?:)?{_LABEL}{_DOT}(?:\|{_LABEL}{_DOT})*\)[?*+]?"
_NUMBER = r"(?:[1-9][0-9]*(?:\\d|\[0-9\])?|\\d|\[0-9\])(?:[*+]|\{[0-9](?:,[0-9]?)?\})?"
_PORT = rf"(?::{_NUMBER}|:\((?:\?:)?[0-9]+(?:\|[0-9]+)*\)|\((?:\?:)?:{_NUMBER}(?:\|:{_NUMBER})*\)\??)"
_HOST = rf"(?:{_BEFORE})?{_LABEL}(?:{_DOT}{_LABEL})*"
_SCHEME = r"(?:https?\??|http\(s\)\?|\((?:\?:)?https?\|https?\)):(?:\\?/){2}"
# A host that ends in a number is an address. Only a private address may leave whole numbers open.
_NAMES = re.compile(rf"{_SCHEME}(?!.*\.(?:[0-9]|\\d|\[0-9\])[^.]*$){_HOST}{_PORT}?")
_OPEN_NUMBER = r"(?:[0-9]+|(?:\\d|\[0-9\])(?:\+|\{1,3\}))"
_NETWORK = rf"(?:(?:10|127){_DOT}{_OPEN_NUMBER}|192{_DOT}168|172{_DOT}(?:1[6-9]|2[0-9]|3[01]))"
_ADDRESSES = re.compile(
    rf"{_SCHEME}(?:{_NETWORK}{_DOT}{_OPEN_NUMBER}{_DOT}{_OPEN_NUMBER}|[0-9]+(?:{_DOT}[0-9]+){{3}}){_PORT}?"
)
_LONGEST = 200


def as_regex(text: str) -> str:
    """Return `text` as a regex with escaped dots, or an empty text if it may be something else."""
    # Alternatives at the top level are several origins. Each of them has to be a regex or an origin.
    parts = text.split("|") if "(" not in text else [text]
    is_plain = len(text) <= _LONGEST and all(_NAMES.fullmatch(each) or _ADDRESSES.fullmatch(each) for each in parts)
    escaped = dots_escaped(text) if is_plain else ""
    return "" if _BARE_DOT.search(escaped) else escaped


# A dot that is neither escaped nor repeated nor in brackets.
_BARE_DOT = re.compile(r"(?<!\\)\.(?![*+])(?![^\[]*\])")
