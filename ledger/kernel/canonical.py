"""Canonical JSON (RFC 8785) for hashing: same value, same bytes, for ever.

Numbers are whole; decimals travel as strings, so that no reader can round them.
"""

import hashlib
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

# RFC 8785 takes numbers as IEEE doubles: beyond this a whole number must travel as a string.
LARGEST_WHOLE = 2**53 - 1


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        return value if -LARGEST_WHOLE <= value <= LARGEST_WHOLE else str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be")


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        keys = sorted(value) if all(key.isascii() for key in value) else sorted(value, key=_utf16)
        return {key: _sorted(value[key]) for key in keys}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    return value


def canonical_json(value: Any) -> bytes:
    """The one byte form of a value.

    :raises TypeError: a float, or a type without a canonical form
    """
    plain = _sorted(_plain(value))
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def digest(value: Any) -> bytes:
    """SHA-256 of the canonical form."""
    return hashlib.sha256(canonical_json(value)).digest()
