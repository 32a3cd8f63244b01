"""Bytes as text: decoding and control bytes, in latin-1."""

# RFC 9110, section 5.5: no control byte but tab in a field value.
_CONTROL = bytes(code for code in range(0x80) if (code < 0x20 and code != 0x09) or code == 0x7F)

_LONG = 4096


def text_of(value: bytes) -> str:
    return value.decode("latin-1")


def has_control(value: bytes) -> bool:
    # One search per control byte runs at the speed of memory, and is quicker once the value is long.
    if len(value) > _LONG:
        return any(map(value.__contains__, _CONTROL))
    return len(value.translate(None, _CONTROL)) != len(value)
