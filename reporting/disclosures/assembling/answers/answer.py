"""What a data point came to, before it is known who asks for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ledger.kernel.quantities import WIDE
from reporting.disclosures.assembling.wording import plain, same, words

Content = Mapping[str, Any]
Words = Mapping[str, str]
INVENTORY, LEDGER, ENTERED = "INVENTORY", "LEDGER", "ENTERED"
# Ratios are the only figures that are divided; they are rounded here, once, and half up.
RATIO_PLACES = Decimal("0.000001")
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Answer:
    """A number, rows, or words; `figure` names the lines of the lineage behind it."""

    value: str | None = None
    unit: str = ""
    rows: Sequence[Mapping[str, Any]] = ()
    text: Words | None = None
    origin: str = INVENTORY
    figure: str = ""


def row(
    name: tuple[str, str] | Words,
    value: Any = "",
    unit: str = "",
    *,
    text: Words | None = None,
    entry: str = "",
) -> dict[str, Any]:
    """One row of a table: what, how much, in which unit, in words, by which entry of the ledger."""
    return {
        "name": words(name) if isinstance(name, tuple) else same(name),
        "value": "" if value is None else str(value),
        "unit": unit,
        "text": text,
        "entry_id": entry,
    }


def ratio(part: Decimal, whole: Decimal) -> str:
    """The quotient, rounded once.

    :raises ZeroDivisionError: nothing to divide by
    """
    if not whole:
        raise ZeroDivisionError
    return plain(WIDE.divide(part, whole).quantize(RATIO_PLACES, ROUND_HALF_UP))


def percent(part: Decimal, whole: Decimal) -> str:
    """The same in per cent, to four decimals."""
    return ratio(WIDE.multiply(part, HUNDRED), whole)


def is_nought(value: Any) -> bool:
    return value is None or not str(value).strip("0.")
