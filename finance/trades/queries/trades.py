"""Trades and what was settled of them, as their party sees them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import models as django_models
from django.db.models import QuerySet

from finance.trades import models
from finance.trades.rules.amounts import Amounts
from finance.trades.states import OPEN, Outcome, TradeState
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound

SEES_ALL = (Role.SYSTEM, Role.AUDITOR)
# who opens the lists and pages of this room at all; each sees her own party's
READERS = frozenset(
    {Role.CARBON_MANAGER, Role.APPROVER, Role.FUND_MANAGER, Role.AUDITOR, Role.ADMINISTRATOR}
)


def subject_of(row: django_models.Model) -> str:
    return f"trades.{type(row).__name__}:{row.pk}"


def content_of(row: django_models.Model) -> dict[str, Any]:
    """A row as its newest event tells it."""
    facts = {item.attname: getattr(row, item.attname) for item in row._meta.concrete_fields}
    return {
        name: bytes(value).hex() if isinstance(value, bytes | memoryview) else value
        for name, value in facts.items()
    }


def _mine(rows: QuerySet[Any], by: Actor, column: str = "party_id") -> QuerySet[Any]:
    if by.has(*SEES_ALL):
        return rows
    return rows.filter(**{column: by.party_id}) if by.party_id else rows.none()


def trades_seen_by(by: Actor) -> QuerySet[models.Trade]:
    """The trades of the actor's party; machines and auditors see all."""
    return _mine(models.Trade.objects.select_related("account", "lot"), by)


def get_trade(trade_id: UUID, *, by: Actor) -> models.Trade:
    """:raises NotFound: not there, or not yours"""
    row = trades_seen_by(by).filter(pk=trade_id).first()
    if row is None:
        raise NotFound
    return row


def lock_trade(trade_id: UUID, *, by: Actor) -> models.Trade:
    """:raises NotFound: not there, or not yours"""
    seen = get_trade(trade_id, by=by)
    return models.Trade.objects.select_for_update().get(pk=seen.pk)


def open_trades(party_id: UUID) -> QuerySet[models.Trade]:
    """What is agreed and not settled in full, the soonest due first."""
    rows = models.Trade.objects.filter(party_id=party_id, state__in=sorted(OPEN))
    return rows.order_by("settles_on", "id")


def settlements_of(trade: models.Trade) -> list[models.Settlement]:
    rows = models.Settlement.objects.filter(trade=trade).select_related("undoing", "lot")
    return list(rows.order_by("recorded_at", "id"))


def settlements_seen_by(by: Actor) -> QuerySet[models.Settlement]:
    rows = models.Settlement.objects.select_related("trade", "undoing", "lot")
    return _mine(rows, by, "trade__party_id")


def standing(rows: Iterable[models.Settlement]) -> list[models.Settlement]:
    """Those that delivered, and were not taken back."""
    return [row for row in rows if row.outcome == Outcome.SETTLED and not hasattr(row, "undoing")]


def left_of(trade: models.Trade, done: Iterable[models.Settlement]) -> Amounts:
    """The amounts of a trade that no settlement has taken yet; `booked` in CNY."""
    standing_rows = list(done)

    def rest(name: str) -> Any:
        return getattr(trade, name) - sum(getattr(row, name) for row in standing_rows)

    return Amounts(
        gross=rest("gross_amount"),
        vat=rest("vat_amount"),
        fee=rest("fee_amount"),
        tax=rest("tax_amount"),
        cash=rest("cash_amount"),
        booked=rest("booked_cny"),
    )


def find_settlement_of_entry(entry_id: UUID) -> models.Settlement | None:
    """What an entry of the ledger of units has settled, for the entry's own page."""
    rows = models.Settlement.objects.select_related("trade").filter(entry_id=entry_id)
    return rows.first()


def trades_in(party_id: UUID, *, states: Iterable[TradeState]) -> QuerySet[models.Trade]:
    return models.Trade.objects.filter(party_id=party_id, state__in=list(states))


def policies_seen_by(by: Actor) -> QuerySet[models.CostPolicy]:
    return _mine(models.CostPolicy.objects.all(), by)


def batches_seen_by(by: Actor) -> QuerySet[models.EntryBatch]:
    return _mine(models.EntryBatch.objects.all(), by)


def get_batch(batch_id: UUID, *, by: Actor) -> models.EntryBatch:
    """:raises NotFound: not there, or not yours"""
    row = batches_seen_by(by).filter(pk=batch_id).first()
    if row is None:
        raise NotFound
    return row


def parties_that_trade() -> list[UUID]:
    """For those who see all: whose books there are."""
    rows = models.Trade.objects.order_by("party_id").values_list("party_id", flat=True)
    return list(rows.distinct())
