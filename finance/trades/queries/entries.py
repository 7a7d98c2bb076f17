"""Suggested entries: of a period, as they would be now; and as they were handed over."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from finance.trades import models
from finance.trades.queries.flows import book_of, families
from finance.trades.rules.entries import CREDIT, DEBIT, Suggestion, accounts, suggestions
from ledger.instruments import queries as instruments
from ledger.kernel.canonical import digest
from ledger.kernel.periods import Period


def suggested(party_id: UUID, period: Period) -> list[Suggestion]:
    """One for each booking of the period, memos among them, in the order of the book."""
    book = book_of(party_id, until=period.last_day)
    made = suggestions(book.bookings, families=families())
    return [one for one in made if one.booking.flow.day in period]


def entries_to_hand_over(party_id: UUID, period: Period) -> list[dict[str, Any]]:
    """What a new batch would hold: entries with lines that no batch has yet.

    An entry whose amounts have changed since it was handed over comes twice: the old one in red,
    and the new one. So what the accountant has booked always follows.
    """
    sent = last_sent(party_id)
    found = []
    for one in suggested(party_id, period):
        entry = as_entry(one)
        before = sent.get(entry["key"])
        if before is not None and before["lines"] == entry["lines"]:
            continue
        if before is not None and before["lines"]:
            found.append(in_red(before))
        if entry["lines"]:
            found.append(entry)
    return found


def last_sent(party_id: UUID) -> dict[str, dict[str, Any]]:
    """Of every booking the entry that stands in the newest batch."""
    sent: dict[str, dict[str, Any]] = {}
    for batch in models.EntryBatch.objects.filter(party_id=party_id).order_by("number"):
        for entry in batch.entries:
            sent[entry["key"]] = {**entry, "lines": []} if entry["is_red"] else entry
    return sent


def in_red(entry: Mapping[str, Any]) -> dict[str, Any]:
    lines = [{**line, "amount": _negated(line["amount"])} for line in entry["lines"]]
    return {**entry, "lines": lines, "is_red": True}


def _negated(amount: str) -> str:
    return amount.removeprefix("-") if amount.startswith("-") else f"-{amount}"


def as_entry(one: Suggestion) -> dict[str, Any]:
    """A suggestion in plain values, as a batch keeps it: amounts as text, to the fen."""
    flow, booking = one.booking.flow, one.booking
    return {
        "key": flow.key,
        "day": flow.day.isoformat(),
        "cause": flow.cause.value,
        "scheme": flow.pool[0],
        "vintage": flow.pool[1],
        "units": flow.unit_count,
        "free_units": booking.free_count,
        "paid_units": booking.paid_count,
        "entry_id": str(flow.entry_id),
        "trade_id": str(flow.trade_id) if flow.trade_id else "",
        "basis": one.basis,
        "confidence": one.confidence,
        "is_red": False,
        "lines": [
            {"side": line.side, "account": line.account, "amount": f"{line.amount:f}"}
            for line in one.lines
        ],
    }


def hash_of(entries: Sequence[Mapping[str, Any]]) -> str:
    """SHA-256 of the canonical form."""
    return digest({"entries": list(entries)}).hex()


def account_names() -> dict[str, tuple[str, str]]:
    """Code → Chinese and English name of the accounts that suggestions use."""
    return {code: (one.name_zh, one.name_en) for code, one in accounts().items()}


def measures() -> dict[str, str]:
    return instruments.measures()


def debits(entries: Iterable[Mapping[str, Any]]) -> list[str]:
    return [line["amount"] for entry in entries for line in entry["lines"] if line["side"] == DEBIT]


__all__ = ["CREDIT", "DEBIT", "Suggestion"]
