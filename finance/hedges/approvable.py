"""Contracts opened and ended wait for a second person; `config/` registers them."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.hedges import models, operations, queries
from finance.hedges.operations import Terms
from finance.hedges.states import ContractKind, Side
from finance.prices import queries as prices
from ledger.approvals.proposing import Act
from ledger.doors.figures import exact, money
from ledger.doors.wording import number_format
from ledger.kernel.actors import SYSTEM
from ledger.kernel.money import Money

OPEN, CLOSE, END = "hedges.open_contract", "hedges.close_contract", "hedges.end_contract"
DECIMALS = ("price", "premium", "margin_rate", "volatility", "interest_rate")


def figure(number: Decimal) -> str:
    return exact(number)


def terms_of(asked: Mapping[str, Any]) -> Terms:
    """The terms out of a payload: decimals and days are text there."""
    names = {item.name for item in fields(Terms)}
    given = {name: value for name, value in asked.items() if name in names}
    for name in DECIMALS:
        if given.get(name) is not None:
            given[name] = Decimal(given[name])
    given["last_day"] = date.fromisoformat(str(given["last_day"]))
    return Terms(**given)


def open_contract(**asked: Any) -> models.Contract:
    """Of an approved payload: its terms, and the rest as it is."""
    rest = {name: asked[name] for name in ("by", "at", "idempotency_key", "approval_id")}
    return operations.open_contract(terms=terms_of(asked), **rest)


def describe_open(asked: dict[str, Any]) -> list[str]:
    terms = terms_of(asked)
    count = terms.lots * terms.units_per_lot
    about = {
        "number": terms.number,
        "side": str(Side(terms.side).label),
        "kind": str(ContractKind(terms.kind).label),
        "count": number_format(count, force_grouping=True),
        "what": prices.what_said(f"{terms.scheme} {terms.vintage_year or ''}".strip()),
        "price": f"{figure(terms.price)} {terms.currency}",
        "day": date_format(terms.last_day),
        "other": terms.counterparty,
    }
    said = [
        _("%(number)s: %(kind)s on %(count)s units of %(what)s at %(price)s, %(side)s.") % about,
        _("Last day %(day)s; with %(other)s.") % about,
    ]
    margin = (Money(terms.price, terms.currency) * count * terms.margin_rate).rounded()
    if margin.amount:
        said.append(_("Margin to begin with: %(amount)s.") % {"amount": money(margin)})
    if terms.premium is not None:
        paid = (Money(terms.premium, terms.currency) * count).rounded()
        said.append(_("Premium: %(amount)s.") % {"amount": money(paid)})
    return [*said, _("No units move by it.")]


def _row(asked: Mapping[str, Any]) -> models.Contract:
    return queries.get_contract(asked["contract_id"], by=SYSTEM)


def _about(asked: Mapping[str, Any]) -> dict[str, Any]:
    row = _row(asked)
    price = f"{figure(Decimal(asked['price']))} {row.currency}"
    return {"number": row.number, "price": price, "day": date_format(asked["ended_on"])}


def describe_close(asked: dict[str, Any]) -> list[str]:
    return [_("%(number)s is closed out on %(day)s at %(price)s.") % _about(asked)]


def describe_end(asked: dict[str, Any]) -> list[str]:
    return [
        _("The last day of %(number)s: final price %(price)s on %(day)s.") % _about(asked),
        _("An option is exercised if that pays its holder; else it expires."),
    ]


def _close(**asked: Any) -> models.Contract:
    return operations.close_contract(**{**asked, "price": Decimal(asked["price"])})


def _finish(**asked: Any) -> models.Contract:
    return operations.end_contract(**{**asked, "price": Decimal(asked["price"])})


def relies_on(asked: dict[str, Any]) -> Mapping[str, Any]:
    newest = queries.last_settlement(_row(asked))
    return {"state": _row(asked).state, "settled": str(newest.pk) if newest else ""}


ACTS: Mapping[str, Act] = {
    OPEN: Act(gettext_lazy("Open a hedge"), open_contract, describe_open),
    CLOSE: Act(gettext_lazy("Close out a hedge"), _close, describe_close, relies_on),
    END: Act(gettext_lazy("End a hedge on its last day"), _finish, describe_end, relies_on),
}
