"""Trades, settlements and policies that wait for a second pair of eyes.

`config/wiring.py` registers them. A payload is plain JSON: ids, days and amounts as text.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.trades import models, operations
from finance.trades.operations import Deal, find_too_fresh, work_out
from finance.trades.showing import words
from finance.trades.states import Draw, Method, Mode, Order, Side, VatKind
from ledger.accounts import queries as accounts
from ledger.doors.figures import count
from ledger.doors.wording import day
from ledger.kernel.actors import Actor
from ledger.units import queries as units
from ledger.units.queries import NotEnoughUnits
from ledger.units.states import UnitState

Payload = Mapping[str, Any]

RECORD = "trades.record_trade"
SETTLE = "trades.settle_trade"
REVERSE = "trades.reverse_trade"
POLICY = "trades.set_policy"
TITLES = {
    RECORD: gettext_lazy("Record a trade"),
    SETTLE: gettext_lazy("Settle a trade"),
    REVERSE: gettext_lazy("Take a trade back"),
}
DAYS = ("traded_on", "settles_on")
NUMBERS = ("unit_price", "rate_cny", "fee", "tax", "vat_rate", "previous_close")
KINDS: Mapping[str, Any] = {
    "side": Side,
    "mode": Mode,
    "vat_kind": VatKind,
    "draw": Draw,
}


def payload_of(deal: Deal, key: str) -> dict[str, Any]:
    """A deal in plain values, with its maker's key."""
    told = {name: _text(getattr(deal, name)) for name in Deal.__slots__}
    return {**told, "picks": [list(pick) for pick in deal.picks], "key": key}


def _text(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID | Side | Mode | VatKind | Draw) else value


def deal_of(payload: Payload) -> Deal:
    """The deal back again."""
    told = {name: payload[name] for name in Deal.__slots__}
    for name in DAYS:
        told[name] = date.fromisoformat(told[name])
    for name in NUMBERS:
        told[name] = None if told[name] is None else Decimal(told[name])
    for name, kind in KINDS.items():
        told[name] = kind(told[name])
    told["account_id"] = UUID(told["account_id"])
    told["lot_id"] = UUID(told["lot_id"]) if told["lot_id"] else None
    told["picks"] = tuple((key, count) for key, count in told["picks"])
    return Deal(**told)


# --- recording


def record(payload: Payload, *, by: Actor, at: datetime, approval_id: UUID) -> Mapping[str, Any]:
    row = operations.record_trade(
        deal=deal_of(payload),
        by=by,
        at=at,
        idempotency_key=payload["key"],
        approval_id=approval_id,
    )
    return {"trade": str(row.pk)}


def describe_record(payload: Payload) -> list[str]:
    """What is agreed, what it comes to, and what happens to the units.

    :raises DomainError: its market takes no such order, or its amounts cannot be
    """
    deal = deal_of(payload)
    # the day of the trade is the earliest on which it could be recorded; the operation looks again
    worked = work_out(deal, today=deal.traded_on)
    found = worked.amounts
    about = {
        "units": count(deal.unit_count),
        "what": words.pool((deal.scheme, deal.vintage_year)),
        "price": f"{words.price(deal.unit_price)} {deal.currency}",
        "traded": day(deal.traded_on),
        "settles": day(deal.settles_on),
        "mode": Mode(deal.mode).label,
        "who": deal.counterparty or "–",
        "gross": words.money(found.gross),
        "fee": words.money(found.fee),
        "tax": words.money(found.tax),
        "vat": words.money(found.vat),
        "cash": words.money(found.cash, deal.currency),
        "booked": words.money(worked.booked_cny, "CNY"),
        "limits": words.limits(worked.band.verdict, worked.band.kept, worked.close),
    }
    if deal.side is Side.BUY:
        return [
            _(
                "Bought: %(units)s units of %(what)s at %(price)s each on %(traded)s "
                "(%(mode)s, from %(who)s), to be settled on %(settles)s."
            )
            % about,
            _(
                "Amount %(gross)s, fees %(fee)s, other taxes %(tax)s, VAT %(vat)s: to pay "
                "%(cash)s; cost of the units %(booked)s."
            )
            % about,
            _("Limits of the day: %(limits)s.") % about,
            _("The units come into the account when the trade is settled."),
        ]
    about |= {
        "lot": units.get_lot(deal.lot_id).code if deal.lot_id else "–",
        "account": accounts.get_account(deal.account_id).number,
        "draw": Draw(deal.draw).label,
    }
    fresh = find_too_fresh(deal)
    return [
        _(
            "Sold: %(units)s units of %(what)s at %(price)s each on %(traded)s "
            "(%(mode)s, to %(who)s), to be settled on %(settles)s."
        )
        % about,
        _(
            "Amount %(gross)s, fees %(fee)s, other taxes %(tax)s, VAT %(vat)s: to receive "
            "%(cash)s; income %(booked)s."
        )
        % about,
        _("Limits of the day: %(limits)s.") % about,
        _("They are set aside in lot %(lot)s, account %(account)s, until delivered or given up.")
        % about,
        _("Cost is taken from units: %(draw)s.") % about,
        *([words.too_fresh(fresh.fresh_count)] if fresh else []),
    ]


def fingerprint_record(payload: Payload) -> Mapping[str, Any]:
    """Of a sale: whether so many units are free."""
    deal = deal_of(payload)
    if deal.side is Side.BUY or deal.lot_id is None:
        return {}
    return {"enough": _free(deal) >= deal.unit_count}


def _free(deal: Deal) -> int:
    if deal.lot_id is None:
        return 0
    return units.quantity_of(account_id=deal.account_id, lot_id=deal.lot_id, state=UnitState.FREE)


def check_free(deal: Deal) -> None:
    """:raises NotEnoughUnits: nobody need be asked"""
    if deal.side is Side.SELL and (free := _free(deal)) < deal.unit_count:
        raise NotEnoughUnits(wanted=deal.unit_count, free=free)


def size(payload: Payload) -> int:
    """How many units are bought or sold."""
    return int(payload["unit_count"])


# --- settling


def settle(payload: Payload, *, by: Actor, at: datetime, approval_id: UUID) -> Mapping[str, Any]:
    row = operations.settle_trade(
        trade_id=UUID(payload["trade_id"]),
        settled_on=date.fromisoformat(payload["settled_on"]),
        unit_count=payload["unit_count"],
        lot_id=UUID(payload["lot_id"]) if payload["lot_id"] else None,
        ranges=[(first, last) for first, last in payload["ranges"]],
        prefix=payload["prefix"],
        entry_id=UUID(payload["entry_id"]) if payload["entry_id"] else None,
        reason=payload["reason"],
        by=by,
        at=at,
        idempotency_key=payload["key"],
        approval_id=approval_id,
    )
    return {"settlement": str(row.pk), "entry": str(row.entry_id)}


def _trade(payload: Payload) -> models.Trade:
    return models.Trade.objects.select_related("account", "lot").get(pk=payload["trade_id"])


def size_of_settlement(payload: Payload) -> int:
    trade = _trade(payload)
    return int(payload["unit_count"] or trade.unit_count - trade.settled_count)


def describe_settlement(payload: Payload) -> list[str]:
    trade = _trade(payload)
    left = trade.unit_count - trade.settled_count
    wanted = size_of_settlement(payload)
    about = {
        "units": count(wanted),
        "left": count(left - wanted),
        "what": words.pool((trade.scheme, trade.vintage_year)),
        "account": trade.account.number,
        "day": day(payload["settled_on"]),
        "trade": str(trade),
        "cash": words.money(trade.cash_amount, trade.currency),
    }
    moved = (
        _("%(units)s units of %(what)s come into account %(account)s on %(day)s.")
        if trade.side == Side.BUY
        else _("%(units)s reserved units of %(what)s leave account %(account)s on %(day)s.")
    )
    if payload["entry_id"]:
        moved = _("They have come already, by an entry of the ledger that is linked to the trade.")
    return [
        _("Trade: %(trade)s, %(cash)s in all.") % about,
        moved % about,
        _("Price, fees and taxes are booked with these units in proportion; %(left)s stay open.")
        % about,
    ]


def fingerprint_settlement(payload: Payload) -> Mapping[str, Any]:
    trade = _trade(payload)
    return {"state": str(trade.state), "settled": trade.settled_count}


# --- taking back


def reverse(payload: Payload, *, by: Actor, at: datetime, approval_id: UUID) -> Mapping[str, Any]:
    row = operations.reverse_trade(
        trade_id=UUID(payload["trade_id"]),
        undone_on=date.fromisoformat(payload["undone_on"]),
        reason=payload["reason"],
        by=by,
        at=at,
        approval_id=approval_id,
    )
    return {"trade": str(row.pk)}


def describe_reversal(payload: Payload) -> list[str]:
    trade = _trade(payload)
    about = {
        "trade": str(trade),
        "units": count(trade.settled_count),
        "day": day(payload["undone_on"]),
        "reason": payload["reason"],
    }
    return [
        _("Trade: %(trade)s.") % about,
        _("%(units)s delivered units go back by linked reversals on %(day)s.") % about,
        _("What is still set aside for it is free again; its entries are suggested in red."),
        _("Reason: %(reason)s.") % about,
    ]


def size_of_reversal(payload: Payload) -> int:
    return _trade(payload).settled_count


# --- policy


def set_policy(
    payload: Payload, *, by: Actor, at: datetime, approval_id: UUID
) -> Mapping[str, Any]:
    row = operations.set_policy(
        year=payload["year"],
        method=payload["method"],
        order=payload["order"],
        reason=payload["reason"],
        by=by,
        at=at,
        approval_id=approval_id,
    )
    return {"policy": str(row.pk)}


def describe_policy(payload: Payload) -> list[str]:
    about = {
        "year": payload["year"],
        "method": Method(payload["method"]).label,
        "order": Order(payload["order"]).label,
        "reason": payload["reason"],
    }
    return [
        _("From %(year)s on the cost of what leaves is found by: %(method)s.") % about,
        _("Where nobody says which units leave: %(order)s.") % about,
        _("It holds for whole years; another policy can begin only with another year."),
        _("Reason: %(reason)s.") % about,
    ]


def fingerprint_policy(payload: Payload) -> Mapping[str, Any]:
    return {"there": models.CostPolicy.objects.filter(year=payload["year"]).count()}
