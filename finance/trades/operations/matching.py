"""Lines of brokers' statements, and the trades that they are about."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from finance.trades import models
from finance.trades.operations.writing import record
from finance.trades.queries import statements
from finance.trades.rules import matching, refusals
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor


@operation
def take_in_lines(
    *, import_id: UUID, lines: Sequence[Mapping[str, Any]], by: Actor, at: datetime
) -> int:
    """Keep the lines of a statement as its file says them, and match what can be matched.

    Returns how many of them found their trade.
    """
    rows = [
        models.StatementLine(
            party_id=by.own_party, import_id=import_id, taken_at=at, taken_by=by.user_id, **line
        )
        for line in lines
    ]
    models.StatementLine.objects.bulk_create(rows)
    kept = models.StatementLine.objects.filter(import_id=import_id).order_by("row_number")
    for row in kept:
        record("statement_line.taken_in", row, by=by, at=at)
    return len(_match_all(by=by, at=at))


@operation
def match_trades(*, by: Actor, at: datetime) -> int:
    """Match what is unmatched on both sides; returns how many pairs were found."""
    return len(_match_all(by=by, at=at))


def _match_all(*, by: Actor, at: datetime) -> list[models.Match]:
    statements.lock_matches(by.own_party)
    lines = statements.unmatched_lines(by.own_party)
    trades = statements.unmatched_trades(by.own_party)
    found = matching.match(
        [statements.deal_of_line(row) for row in lines],
        [statements.deal_of_trade(row) for row in trades],
        statements.tolerance_on(at),
    )
    return [_pair(one, by=by, at=at) for one in found]


def _pair(
    pair: matching.Pair, *, by: Actor, at: datetime, by_hand: bool = False, reason: str = ""
) -> models.Match:
    row = models.Match.objects.create(
        line_id=pair.line_id,
        trade_id=pair.trade_id,
        is_by_hand=by_hand,
        differences={name: list(both) for name, both in pair.differences.items()},
        reason=reason,
        matched_at=at,
        matched_by=by.user_id,
    )
    record("trade.matched", row, by=by, at=at, reason=reason)
    return row


@operation
def match_by_hand(
    *, line_id: UUID, trade_id: UUID, reason: str, by: Actor, at: datetime
) -> models.Match:
    """Somebody says that a line is about a trade; in what they differ is kept.

    :raises NotFound: not there, or not yours
    :raises MatchTaken: one of them is matched
    :raises MatchDiffers: not of the same side, instrument and units
    """
    statements.lock_matches(by.own_party)
    line = statements.get_line(line_id, by=by)
    trade = statements.get_unmatched_trade(trade_id, by=by)
    if line.withdrawn_at is not None or statements.is_matched(line):
        raise refusals.MatchTaken
    one, other = statements.deal_of_line(line), statements.deal_of_trade(trade)
    matching.check_same_thing(one, other)
    apart = matching.differences(one, other, statements.tolerance_on(at))
    pair = matching.Pair(line.pk, trade.pk, apart)
    return _pair(pair, by=by, at=at, by_hand=True, reason=reason)


@operation
def take_match_apart(*, match_id: UUID, reason: str, by: Actor, at: datetime) -> models.Match:
    """The two are not the same deal: both are unmatched again.

    :raises NotFound: not there, or not yours
    :raises IllegalTransition: taken apart already
    """
    row = statements.lock_match(match_id, by=by)
    _end(row, reason=reason, by=by, at=at)
    return row


def _end(row: models.Match, *, reason: str, by: Actor, at: datetime) -> None:
    row.ended_at, row.ended_by, row.end_reason = at, by.user_id, reason
    row.save(update_fields=["ended_at", "ended_by", "end_reason"])
    record("trade.match_ended", row, by=by, at=at, reason=reason)


@operation
def withdraw_lines(*, import_id: UUID, reason: str, by: Actor, at: datetime) -> int:
    """An import of a statement is undone: its lines no longer count, their matches end."""
    statements.lock_matches(by.own_party)
    rows = statements.lines_of_import(import_id, by=by)
    for match in statements.live_matches_of(rows):
        _end(match, reason=reason, by=by, at=at)
    for row in rows:
        row.withdrawn_at, row.withdrawn_by = at, by.user_id
        row.save(update_fields=["withdrawn_at", "withdrawn_by"])
        record("statement_line.withdrawn", row, by=by, at=at, reason=reason)
    return len(rows)
