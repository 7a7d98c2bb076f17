"""Canonical JSON (RFC 8785) for hashing: same value, same bytes, for ever.

Numbers are whole; decimals travel as strings, so that no reader can round them. A Decimal keeps
the digits it is written with (1.50 stays "1.50"): a column of fixed scale gives the same text back.

This is on the hot path of every posting, hence one pass and a table of writers by type.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

# The C encoder of the standard library; it escapes just as RFC 8785 §3.2.2.2 wants.
from json.encoder import encode_basestring as _text
from typing import Any
from uuid import UUID

# RFC 8785 takes numbers as IEEE doubles: beyond this a whole number must travel as a string.
LARGEST_WHOLE = 2**53 - 1


def _whole(value: int) -> str:
    digits = int.__repr__(value)
    return digits if -LARGEST_WHOLE <= value <= LARGEST_WHOLE else f'"{digits}"'


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise TypeError(f"{value} has no canonical form")
    return f'"{value:f}"'


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise TypeError("a moment without a time zone has no canonical form")
    return f'"{value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")}Z"'


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be")


def _named(value: dict[Any, Any]) -> dict[str, Any]:
    """The object with its keys as text (a UUID, a number)."""
    named = {str(key): item for key, item in value.items()}
    if len(named) != len(value):
        raise TypeError("two keys of one object are written the same")
    return named


def _object(value: dict[Any, Any]) -> str:
    try:
        is_ascii = "".join(value).isascii()
    except TypeError:
        value = _named(value)
        is_ascii = "".join(value).isascii()
    # RFC 8785 §3.2.3 sorts by UTF-16 code units; for ASCII that is the plain order.
    keys = sorted(value) if is_ascii else sorted(value, key=_utf16)
    return "{" + ",".join([f"{_text(key)}:{canonical_text(value[key])}" for key in keys]) + "}"


def _array(value: list[Any] | tuple[Any, ...]) -> str:
    return "[" + ",".join([canonical_text(item) for item in value]) + "]"


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: _text,
    int: _whole,
    bool: lambda value: "true" if value else "false",
    type(None): lambda value: "null",
    dict: _object,
    list: _array,
    tuple: _array,
    UUID: lambda value: f'"{value}"',
    Decimal: _decimal,
    datetime: _moment,
    date: lambda value: f'"{value.isoformat()}"',
}


def _writer_of(kind: type) -> Callable[[Any], str]:
    """The writer of the nearest base class: a StrEnum is text, an IntEnum a whole number."""
    for base in kind.__mro__:
        if base in _WRITERS:
            return _WRITERS[base]
    raise TypeError(f"{kind.__name__} has no canonical form")


def canonical_text(value: Any) -> str:
    """The one form of a value, as text: a part of a larger one.

    :raises TypeError: a float, or a type without a canonical form
    """
    kind = type(value)
    if kind is str:
        return _text(value)
    return (_WRITERS.get(kind) or _writer_of(kind))(value)


def canonical_json(value: Any) -> bytes:
    """The one byte form of a value.

    :raises TypeError: a float, or a type without a canonical form
    :raises UnicodeEncodeError: text with half of a surrogate pair
    """
    return canonical_text(value).encode()


def digest(value: Any) -> bytes:
    """SHA-256 of the canonical form."""
    return hashlib.sha256(canonical_json(value)).digest()
