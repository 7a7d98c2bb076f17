"""What every document has in common: one form of its JSON, and the part at fault."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ledger.kernel.errors import N_, DomainError
from reporting.packages.verifier.trust import Refused


def canonical(value: Any) -> bytes:
    """The one form of the file: sorted, no spaces, UTF-8."""
    told = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return told.encode()


def read(parts: Mapping[str, bytes], name: str) -> Any:
    """A part that must be canonical JSON.

    :raises Refused: it is not
    """
    told = json.loads(parts[name])
    if canonical(told) != parts[name]:
        raise Refused(name, N_("not in its one form"))
    return told


@contextmanager
def part(item: str) -> Iterator[None]:
    """Whatever goes wrong inside is a fault of this item.

    :raises Refused: with its name
    """
    try:
        yield
    except Refused:
        raise
    except DomainError as wrong:
        raise Refused(item, wrong.sentence()) from wrong
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as wrong:
        raise Refused(item, f"not of the form that it must have ({wrong!r})"[:300]) from wrong
