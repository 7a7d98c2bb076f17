"""Days are Beijing days (I31)."""

from datetime import date, datetime, timedelta, timezone

from finance.trades.rules.refusals import SettlesBeforeTrade, TradeInTheFuture

BEIJING = timezone(timedelta(hours=8))


def beijing_day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()


def check_days(*, traded_on: date, settles_on: date, today: date) -> None:
    """:raises TradeInTheFuture, SettlesBeforeTrade: what has happened is recorded, in its order"""
    if traded_on > today:
        raise TradeInTheFuture(day=traded_on.isoformat())
    if settles_on < traded_on:
        raise SettlesBeforeTrade


def check_settled_on(*, settled_on: date, traded_on: date, today: date) -> None:
    """:raises TradeInTheFuture, SettlesBeforeTrade: likewise of a settlement"""
    if settled_on > today:
        raise TradeInTheFuture(day=settled_on.isoformat())
    if settled_on < traded_on:
        raise SettlesBeforeTrade
