"""Suggested entries for the books of account, from bookings of the cost book. Accounts are data.

A suggestion is exported with the id of the ledger entry; this is no general ledger (R7.8). There is
no fair value and no accrual in it (R7.2).
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from finance.trades.rules.book import Booking, Cause
from finance.trades.rules.lots import ZERO, cost_of
from ledger.kernel.money import Money

SEED = Path(__file__).resolve().parents[3] / "seeds" / "accounting" / "entries_cn.toml"
DEBIT, CREDIT = "DEBIT", "CREDIT"


@dataclass(frozen=True, slots=True)
class Account:
    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Template:
    """Which lines an event makes, of which amounts; from a day, up to and not including another."""

    causes: frozenset[str]
    families: frozenset[str]
    valid_from: date
    valid_to: date | None
    basis: str
    confidence: str
    lines: tuple[tuple[str, str, str], ...]  # side, account, amount

    def serves(self, cause: str, family: str, on: date) -> bool:
        begun = self.valid_from <= on and (self.valid_to is None or on < self.valid_to)
        return begun and cause in self.causes and family in self.families


@dataclass(frozen=True, slots=True)
class Line:
    """One side of an entry; a reversal's amounts are below zero (红字)."""

    side: str
    account: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An entry to be made in the books of account; without lines it is a memo of quantities."""

    booking: Booking
    lines: tuple[Line, ...]
    basis: str
    confidence: str
    is_reversal: bool = False

    @property
    def is_memo(self) -> bool:
        return not self.lines

    def total(self, side: str) -> Decimal:
        return sum((line.amount for line in self.lines if line.side == side), ZERO)


@cache
def _seed() -> Mapping[str, Any]:
    return tomllib.loads(SEED.read_text("utf-8"))


@cache
def accounts() -> Mapping[str, Account]:
    """The accounts that suggestions name, by code."""
    return {one["code"]: Account(**one) for one in _seed()["accounts"]}


@cache
def templates() -> tuple[Template, ...]:
    return tuple(
        Template(
            causes=frozenset(one["causes"]),
            families=frozenset(one["families"]),
            valid_from=one["valid_from"],
            valid_to=one.get("valid_to"),
            basis=one["basis"],
            confidence=one["confidence"],
            lines=tuple((line["side"], line["account"], line["amount"]) for line in one["lines"]),
        )
        for one in _seed()["events"]
    )


def amounts_of(booking: Booking) -> dict[str, Decimal]:
    """What the templates may name. Gain and loss are found for free and bought units apart."""
    flow = booking.flow
    cash = flow.cash or ZERO
    if flow.cause is Cause.BOUGHT:
        return {"cost": flow.cost or ZERO, "cash": cash, "vat": cash - (flow.cost or ZERO)}
    found = {"cost": booking.cost, "cash": cash}
    if flow.income is not None:
        results = results_of(booking)
        found |= {
            "vat": cash - flow.income,
            "gain": sum((one for one in results if one > 0), ZERO),
            "loss": -sum((one for one in results if one < 0), ZERO),
        }
    return found


def results_of(booking: Booking) -> tuple[Decimal, Decimal]:
    """Realised by a sale: of the free units, and of the bought ones; the income shared by units."""
    free, paid = booking.free_count, booking.paid_count
    if booking.flow.income is None or not free + paid:
        return ZERO, ZERO
    from_free, from_paid = (
        one.amount for one in Money(booking.flow.income).share_out([free, paid])
    )
    costs = [cost_of([p for p in booking.parts if p.is_free is kind]) for kind in (True, False)]
    return from_free - costs[0], from_paid - costs[1]


def suggest(booking: Booking, *, family: str, known: Sequence[Template]) -> Suggestion:
    """The entry of one booking by the template of its day; without one it is a memo."""
    flow = booking.flow
    found = next((one for one in known if one.serves(flow.cause, family, flow.day)), None)
    if found is None:
        return Suggestion(booking, (), "", "")
    amounts = amounts_of(booking)
    lines = tuple(
        Line(side, account, amounts[name])
        for side, account, name in found.lines
        if amounts.get(name)
    )
    return Suggestion(booking, lines, found.basis, found.confidence)


def reversed_by(booking: Booking, original: Suggestion) -> Suggestion:
    """The same entry in red: each amount taken back."""
    lines = tuple(Line(one.side, one.account, -one.amount) for one in original.lines)
    return Suggestion(booking, lines, original.basis, original.confidence, is_reversal=True)


def suggestions(bookings: Sequence[Booking], *, families: Mapping[str, str]) -> list[Suggestion]:
    """One for each booking, in their order."""
    by_key: dict[str, Suggestion] = {}
    made = []
    for booking in bookings:
        original = by_key.get(booking.flow.undoes) if booking.flow.undoes else None
        if original is not None:
            one = reversed_by(booking, original)
        else:
            family = families.get(booking.flow.pool[0], "")
            one = suggest(booking, family=family, known=templates())
        by_key[booking.flow.key] = one
        made.append(one)
    return made
