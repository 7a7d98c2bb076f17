"""The figures of the pages, in the reader's words, each with a way to what it is made of."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from finance.trades.models import Match, StatementLine, Trade
from finance.trades.queries.entries import account_names
from finance.trades.queries.results import Held, Result
from finance.trades.rules.book import Booking, Policy, Pool
from finance.trades.rules.entries import Suggestion
from finance.trades.rules.lots import ZERO, Layer, average_cost, count_of
from finance.trades.rules.notes import ROWS, Sum
from finance.trades.showing import words
from finance.trades.states import Method, Order, Side
from ledger.doors.figures import count
from ledger.instruments import queries as instruments
from ledger.kernel.periods import Period


def entry_url(entry_id: UUID | None) -> str:
    if entry_id is None:
        return ""
    return reverse("admin:ledger_units_entry_change", args=[entry_id])


def trade_url(trade_id: UUID | None) -> str:
    if trade_id is None:
        return ""
    return reverse("admin:finance_trades_trade_change", args=[trade_id])


def upload_url() -> str:
    return reverse("import_upload")


def policy_said(policy: Policy, *, is_set: bool) -> dict[str, str]:
    """The rule by which costs are found; without one of the party's own it is the usual."""
    return {
        "method": str(dict(Method.choices).get(policy.way.value, policy.way.value)),
        "order": str(dict(Order.choices)[policy.order]),
        "is_usual": "" if is_set else "yes",
    }


# --- cost lots


def _layer(layer: Layer) -> dict[str, Any]:
    return {
        "acquired_on": layer.acquired_on,
        "kind": _("allocated free") if layer.is_free else _("paid for"),
        "units": count(layer.unit_count),
        "unit_cost": words.price(_rounded(layer.unit_cost)),
        "cost": words.money(layer.cost),
        "entry_url": entry_url(layer.entry_id),
        "is_untold": layer.is_untold,
    }


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.0001"))


def held_shown(held: Sequence[Held]) -> list[dict[str, Any]]:
    named, measures = words.names(), instruments.measures()
    return [
        {
            "what": words.pool(one.pool, named),
            "measure": measures.get(one.pool[0], ""),
            "units": count(one.unit_count),
            "units_url": f"{reverse('units_holdings')}?scheme={one.pool[0]}&vintage={one.pool[1]}",
            "free": count(count_of(one.free)),
            "paid": count(count_of(one.paid)),
            "average": words.price(_rounded(average_cost(one.paid))) if one.paid else "–",
            "cost": words.money(one.cost),
            "mark": _mark(one),
            "value": words.money(one.value),
            "unrealised": words.money(one.unrealised),
            "has_untold": one.has_untold,
            "layers": [_layer(layer) for layer in one.layers],
        }
        for one in held
    ]


def _mark(one: Held) -> dict[str, Any]:
    if one.mark is None:
        return {"price": "–", "day": "", "source": "", "is_stale": False, "url": ""}
    return {
        "price": words.price(one.mark.price_cny),
        "day": one.mark.day,
        "source": one.mark.source,
        "is_stale": one.mark.is_stale,
        "url": reverse("admin:finance_prices_mark_change", args=[one.mark.version_id]),
    }


def held_total(held: Sequence[Held]) -> dict[str, str]:
    """Cost of all; value and unrealised result only of what has a mark."""
    marked = [one for one in held if one.value is not None]
    return {
        "cost": words.money(sum((one.cost for one in held), ZERO)),
        "value": words.money(sum((one.value or ZERO for one in marked), ZERO)),
        "unrealised": words.money(sum((one.unrealised or ZERO for one in marked), ZERO)),
        "unmarked": count(len(held) - len(marked)) if len(held) > len(marked) else "",
    }


def lot_headings() -> list[str]:
    return [
        _("instrument"), _("vintage"), _("which units"), _("acquired on"), _("units"),
        _("cost of a unit, CNY"), _("cost, CNY"), _("ledger entry id"), _("cost is known"),
    ]  # fmt: skip


def lot_rows(held: Sequence[Held]) -> list[tuple[Any, ...]]:
    return [
        (
            one.pool[0],
            one.pool[1],
            _("allocated free") if layer.is_free else _("paid for"),
            layer.acquired_on,
            layer.unit_count,
            _rounded(layer.unit_cost),
            layer.cost,
            layer.entry_id,
            _("no") if layer.is_untold else _("yes"),
        )
        for one in held
        for layer in one.layers
    ]


# --- results


def results_shown(found: Sequence[Result], period: Period) -> list[dict[str, Any]]:
    named = words.names()
    return [
        {
            "what": words.pool(one.pool, named),
            "url": f"?{_of_pool(one.pool, period)}#behind",
            "sold": count(one.sold_count),
            "income": words.money(one.income),
            "cost": words.money(one.cost),
            "free_gain": words.money(one.free_gain),
            "paid_gain": words.money(one.paid_gain),
            "gain": words.money(one.gain),
            "used": count(one.used_count),
            "used_cost": words.money(one.used_cost),
        }
        for one in found
    ]


def results_sum(found: Sequence[Result]) -> dict[str, str]:
    def total(name: str) -> str:
        return words.money(sum((getattr(one, name) for one in found), ZERO))

    names = ("income", "cost", "free_gain", "paid_gain", "gain", "used_cost")
    return {name: total(name) for name in names}


def result_headings() -> list[str]:
    return [
        _("instrument"), _("vintage"), _("units sold"), _("income, CNY"), _("cost, CNY"),
        _("gain of free units, CNY"), _("gain of bought units, CNY"), _("gain, CNY"),
        _("units used"), _("cost of units used, CNY"),
    ]  # fmt: skip


def result_rows(found: Sequence[Result]) -> list[tuple[Any, ...]]:
    return [
        (
            *one.pool, one.sold_count, one.income, one.cost, one.free_gain, one.paid_gain,
            one.gain, one.used_count, one.used_cost,
        )
        for one in found
    ]  # fmt: skip


def lines_shown(found: Sequence[Result]) -> list[dict[str, Any]]:
    """The bookings behind the sums, each with its trade and its entry."""
    named = words.names()
    bookings = sorted(
        (booking for one in found for booking in one.bookings), key=lambda one: one.flow.day
    )
    return [_booking(one, named) for one in bookings]


def _booking(one: Booking, named: Mapping[str, str]) -> dict[str, Any]:
    flow = one.flow
    return {
        "day": flow.day,
        "what": words.pool(flow.pool, named),
        "cause": words.CAUSES[flow.cause],
        "units": count(flow.unit_count),
        "free": count(one.free_count),
        "paid": count(one.paid_count),
        "income": words.money(flow.income),
        "cost": words.money(one.cost),
        "gain": words.money(one.gain),
        "is_untold": one.is_untold,
        "entry_url": entry_url(flow.entry_id),
        "trade_url": trade_url(flow.trade_id),
    }


def unrealised_shown(held: Sequence[Held]) -> list[dict[str, Any]]:
    return [
        {
            **{
                name: row[name] for name in ("what", "units", "cost", "mark", "value", "unrealised")
            },
            "url": f"{reverse('trades_lots')}?scheme={one.pool[0]}",
        }
        for one, row in zip(held, held_shown(held), strict=True)
    ]


# --- the notes


def _of_pool(pool: Pool, period: Period) -> str:
    return f"since={period.start}&until={period.last_day}&scheme={pool[0]}"


def _note_url(row: str, pool: Pool, period: Period) -> str:
    """A balance is made of cost lots, what came and went of entries."""
    if row in {"OPENING", "CLOSING"}:
        day = period.last_day if row == "CLOSING" else period.start - timedelta(days=1)
        return f"{reverse('trades_lots')}?scheme={pool[0]}&day={day}"
    return f"{reverse('trades_entries')}?{_of_pool(pool, period)}"


def notes_shown(found: Mapping[Pool, Mapping[str, Sum]], period: Period) -> list[dict[str, Any]]:
    named, measures = words.names(), instruments.measures()
    return [
        {
            "what": words.pool(pool, named),
            "measure": measures.get(pool[0], ""),
            "rows": [
                (words.NOTE_ROWS[row], count(table[row].unit_count),
                 words.money(table[row].cost), row in {"OPENING", "CLOSING"},
                 _note_url(row, pool, period))
                for row in ROWS
            ],
        }
        for pool, table in found.items()
    ]  # fmt: skip


def note_headings() -> list[str]:
    return [_("instrument"), _("vintage"), _("row"), _("units"), _("cost, CNY")]


def note_rows(found: Mapping[Pool, Mapping[str, Sum]]) -> list[tuple[Any, ...]]:
    return [
        (*pool, str(words.NOTE_ROWS[row]), table[row].unit_count, table[row].cost)
        for pool, table in found.items()
        for row in ROWS
    ]


# --- suggested entries


def entries_shown(found: Sequence[Suggestion]) -> list[dict[str, Any]]:
    named, known = words.names(), account_names()
    return [
        {
            **_booking(one.booking, named),
            "basis": one.basis,
            "is_unverified": one.confidence == "C",
            "is_reversal": one.is_reversal,
            "lines": [
                {
                    "account": line.account,
                    "name": words.account(line.account, known),
                    "debit": words.money(line.amount) if line.side == "DEBIT" else "",
                    "credit": words.money(line.amount) if line.side == "CREDIT" else "",
                }
                for line in one.lines
            ],
        }
        for one in found
    ]


def memos_shown(found: Sequence[Suggestion]) -> list[dict[str, Any]]:
    named = words.names()
    return [_booking(one.booking, named) for one in found]


# --- statements


def statement_lines_shown(lines: Sequence[StatementLine]) -> list[dict[str, Any]]:
    return [
        {
            "url": reverse("admin:finance_trades_statementline_change", args=[one.pk]),
            "day": one.traded_on,
            "side": one.get_side_display(),
            "what": f"{one.scheme} {one.vintage_year or ''}".strip(),
            "units": count(one.unit_count),
            "price": f"{words.price(one.unit_price)} {one.currency}",
            "amount": words.money(one.gross_amount),
            "reference": one.reference,
        }
        for one in lines
    ]


def trades_shown(alone: Sequence[Trade]) -> list[dict[str, Any]]:
    named = words.names()
    return [
        {
            "url": trade_url(one.pk),
            "day": one.traded_on,
            "side": one.get_side_display(),
            "what": words.pool((one.scheme, one.vintage_year), named),
            "units": count(one.unit_count),
            "price": f"{words.price(one.unit_price)} {one.currency}",
            "amount": words.money(one.gross_amount),
            "reference": one.reference,
        }
        for one in alone
    ]


def pairs_shown(pairs: Sequence[Match]) -> list[dict[str, Any]]:
    return [
        {
            "url": reverse("admin:finance_trades_match_change", args=[one.pk]),
            "trade": str(one.trade),
            "differences": words.differences(one.differences),
        }
        for one in pairs
    ]


def unmatched_headings() -> list[str]:
    return [
        _("where"), _("traded on"), _("side"), _("instrument"), _("vintage"), _("units"),
        _("price of a unit"), _("amount of the deal"), _("deal number"), _("what differs"),
    ]  # fmt: skip


def unmatched_rows(
    lines: Sequence[StatementLine], alone: Sequence[Trade], pairs: Sequence[Match]
) -> list[tuple[Any, ...]]:
    def row(where: str, one: StatementLine | Trade, told: str = "") -> tuple[Any, ...]:
        side = str(dict(Side.choices)[one.side])
        return (
            where, one.traded_on, side, one.scheme, one.vintage_year, one.unit_count,
            one.unit_price, one.gross_amount, one.reference, told,
        )  # fmt: skip

    return [
        *(row(_("in the statement only"), one) for one in lines),
        *(row(_("in the books only"), one) for one in alone),
        *(
            row(_("matched, but different"), one.trade, words.differences(one.differences))
            for one in pairs
        ),
    ]
