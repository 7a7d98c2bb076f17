"""Brokers' statements: lines, the trades they are about, and what is unmatched on both sides."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from finance.trades import models
from finance.trades.queries.trades import SEES_ALL, get_trade
from finance.trades.rules.days import beijing_day
from finance.trades.rules.matching import Deal, Tolerance
from finance.trades.rules.refusals import MatchTaken
from finance.trades.states import TradeState
from ledger.kernel.actors import Actor
from ledger.kernel.errors import IllegalTransition, NotFound
from ledger.parameters import queries as parameters


def _live() -> QuerySet[models.Match]:
    return models.Match.objects.filter(ended_at=None)


def lines_seen_by(by: Actor) -> QuerySet[models.StatementLine]:
    """The lines of the party's statements that count, with what matches them."""
    rows = models.StatementLine.objects.annotate(
        has_match=Exists(_live().filter(line=OuterRef("pk")))
    )
    if by.has(*SEES_ALL):
        return rows
    return rows.filter(party_id=by.party_id) if by.party_id else rows.none()


def unmatched_lines(party_id: UUID) -> QuerySet[models.StatementLine]:
    rows = models.StatementLine.objects.filter(party_id=party_id, withdrawn_at=None)
    return rows.exclude(Exists(_live().filter(line=OuterRef("pk")))).order_by("traded_on", "id")


def unmatched_trades(party_id: UUID) -> QuerySet[models.Trade]:
    """Trades that stand and that no line is about, the oldest first."""
    rows = models.Trade.objects.filter(party_id=party_id).exclude(state=TradeState.CANCELLED)
    return rows.exclude(Exists(_live().filter(trade=OuterRef("pk")))).order_by("traded_on", "id")


def deal_of_line(row: models.StatementLine) -> Deal:
    return Deal(
        id=row.pk,
        side=row.side,
        scheme=row.scheme,
        vintage_year=row.vintage_year,
        unit_count=row.unit_count,
        traded_on=row.traded_on,
        unit_price=row.unit_price,
        gross_amount=row.gross_amount,
        fee_amount=row.fee_amount,
        reference=row.reference,
    )


def deal_of_trade(row: models.Trade) -> Deal:
    return Deal(
        id=row.pk,
        side=row.side,
        scheme=row.scheme,
        vintage_year=row.vintage_year,
        unit_count=row.unit_count,
        traded_on=row.traded_on,
        unit_price=row.unit_price,
        gross_amount=row.gross_amount,
        fee_amount=row.fee_amount,
        reference=row.reference,
    )


def tolerance_on(at: datetime) -> Tolerance:
    """How far a line may lie from its trade; house rules that are data.

    :raises NoParameter: none is loaded for the day
    """
    on = beijing_day(at)
    price, amount, days = (
        parameters.get_parameter(f"trade.match.{name}", on=on).number
        for name in ("price", "amount", "days")
    )
    return Tolerance(price=price, amount=amount, days=int(days))


def lock_matches(party_id: UUID) -> None:
    """Until the transaction ends, nobody else matches for this party."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"matches:{party_id}"]
        )


def get_line(line_id: UUID, *, by: Actor) -> models.StatementLine:
    """:raises NotFound: not there, or not yours"""
    row = lines_seen_by(by).filter(pk=line_id).first()
    if row is None:
        raise NotFound
    return row


def is_matched(line: models.StatementLine) -> bool:
    return _live().filter(line=line).exists()


def get_unmatched_trade(trade_id: UUID, *, by: Actor) -> models.Trade:
    """:raises NotFound: not there, or not yours
    :raises MatchTaken: it is matched
    """
    trade = get_trade(trade_id, by=by)
    if _live().filter(trade=trade).exists():
        raise MatchTaken
    return trade


def lock_match(match_id: UUID, *, by: Actor) -> models.Match:
    """:raises NotFound: not there, or not yours
    :raises IllegalTransition: taken apart already
    """
    rows = models.Match.objects.select_for_update(of=("self",)).select_related("trade", "line")
    row = rows.filter(pk=match_id).first()
    if row is None or (row.trade.party_id != by.party_id and not by.has(*SEES_ALL)):
        raise NotFound
    if row.ended_at is not None:
        raise IllegalTransition(old="ENDED", new="ENDED")
    return row


def lines_of_import(import_id: UUID, *, by: Actor) -> list[models.StatementLine]:
    rows = models.StatementLine.objects.select_for_update()
    mine = rows if by.has(*SEES_ALL) else rows.filter(party_id=by.own_party)
    return list(mine.filter(import_id=import_id, withdrawn_at=None).order_by("row_number"))


def live_matches_of(lines: Iterable[models.StatementLine]) -> list[models.Match]:
    return list(_live().filter(line__in=[line.pk for line in lines]).order_by("id"))


def matches_seen_by(by: Actor) -> QuerySet[models.Match]:
    rows: QuerySet[Any] = models.Match.objects.select_related("line", "trade")
    if by.has(*SEES_ALL):
        return rows
    return rows.filter(trade__party_id=by.party_id) if by.party_id else rows.none()


def match_of_trade(trade: models.Trade) -> models.Match | None:
    return _live().select_related("line").filter(trade=trade).first()


def differing(party_id: UUID) -> QuerySet[models.Match]:
    """Pairs that stand although line and trade say different things."""
    rows = _live().filter(trade__party_id=party_id).exclude(differences={})
    return rows.select_related("line", "trade").order_by("-matched_at")
