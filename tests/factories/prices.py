"""Short set-ups of prices: sources loaded, marks and rates told by the machine."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from finance.prices import operations
from finance.prices.operations import MarkFact, RateFact, Told
from ledger.instruments.operations import load_schemes
from ledger.kernel.actors import SYSTEM
from ledger.kernel.ids import new_id

ROOT = Path(__file__).resolve().parents[2]
LATE = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def load() -> None:
    """Instruments and the sources of their prices; calendars come with the rule numbers."""
    load_schemes(by=SYSTEM, at=LATE)
    list(operations.load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=LATE))


def fact(day: date, price: str, **given: Any) -> MarkFact:
    """A listed close of CEA 2025, unless said otherwise."""
    wanted: dict[str, Any] = {"scheme": "CEA", "vintage_year": 2025, "source": "CNEEEX"}
    return MarkFact(**{**wanted, "marked_on": day, "price": Decimal(price), **given})


def told(*facts: MarkFact, **given: Any) -> Told:
    wanted: dict[str, Any] = {"by": SYSTEM, "at": LATE, "idempotency_key": str(new_id())}
    return operations.tell_marks(facts=facts, **{**wanted, **given})


def mark(day: date, price: str, *, reason: str = "", **given: Any) -> Told:
    return told(fact(day, price, **given), reason=reason)


def rate(day: date, start: str, value: str, *, end: str = "CNY", reason: str = "") -> Told:
    return operations.tell_rates(
        facts=[RateFact(start, end, "CFETS", day, Decimal(value))],
        by=SYSTEM,
        at=LATE,
        idempotency_key=str(new_id()),
        reason=reason,
    )
