"""What a fund is worth on a day, part by part, each with what it is made of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from finance.funds import models
from finance.funds.queries.funds import NOUGHT, sum_of, terms_on
from finance.funds.queries.positions import cash_on, shares_on
from finance.funds.rules import money
from finance.funds.rules.money import FeeTerms, NoMark, Past, Step
from finance.funds.states import CashKind, FeeBasis, InvestmentKind, PartKind
from finance.prices import queries as prices
from ledger.kernel.canonical import digest

Part = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Worked:
    """A net asset value as it stands in the books now; publishing freezes it."""

    parts: tuple[Part, ...]
    cash: Decimal
    units_value: Decimal
    stakes_value: Decimal
    fee_owed: Decimal
    carry_owed: Decimal
    shares: Decimal
    cash_number: int

    @property
    def net_assets(self) -> Decimal:
        assets = self.cash + self.units_value + self.stakes_value
        return assets - self.fee_owed - self.carry_owed

    @property
    def per_share(self) -> Decimal | None:
        return money.per_share(self.net_assets, self.shares)

    def figures(self) -> dict[str, Any]:
        """The columns of a published value."""
        return {
            "parts": list(self.parts),
            "cash": self.cash,
            "units_value": self.units_value,
            "stakes_value": self.stakes_value,
            "fee_owed": self.fee_owed,
            "carry_owed": self.carry_owed,
            "net_assets": self.net_assets,
            "shares": self.shares,
            "per_share": self.per_share,
            "cash_number": self.cash_number,
        }

    @property
    def fingerprint(self) -> str:
        return digest(self.figures()).hex()


def work_out(fund: models.Fund, on: date) -> Worked:
    """Cash by the book, units by the ledger and the day's marks, investments by their values.

    :raises NoMark: units without a price: a value is not invented
    :raises NoParameter: the house's valuation numbers do not reach that day
    """
    cash = cash_on(fund.pk, on)
    book = fund.cash.filter(happened_on__lte=on).order_by("-number").first()
    number = book.number if book else 0
    units, stakes = _units(fund, on), _stakes(fund, on)
    fee = _fee(fund, on)
    units_value, stakes_value = _sum(units), _sum(stakes)
    fee_owed = -_sum([fee])
    carry = _carry(fund, on, cash + units_value + stakes_value - fee_owed)
    cash_part = {"kind": PartKind.CASH.value, "amount": f"{cash:f}", "number": number}
    return Worked(
        parts=(cash_part, *units, *stakes, fee, carry),
        cash=cash,
        units_value=units_value,
        stakes_value=stakes_value,
        fee_owed=fee_owed,
        carry_owed=-_sum([carry]),
        shares=shares_on(fund.pk, on),
        cash_number=number,
    )


def _sum(parts: list[Part]) -> Decimal:
    return sum((Decimal(part["amount"]) for part in parts), NOUGHT)


def _units(fund: models.Fund, on: date) -> list[Part]:
    if fund.vehicle_id is None:
        return []
    lines = prices.value_holdings(fund.vehicle_id, on, currency=fund.currency)
    return [_unit_part(line, on) for line in lines]


def _unit_part(line: prices.ValuedLine, on: date) -> Part:
    """What is of no use is worth nothing without a price, too; the rest needs one."""
    value = line.value
    if value is None and line.use_share:
        raise NoMark(text=f"{line.scheme} {line.vintage_year}", day=on.isoformat())
    mark = line.mark
    return {
        "kind": PartKind.UNITS.value,
        "scheme": line.scheme,
        "vintage_year": line.vintage_year,
        "state": line.state,
        "use": str(line.use),
        "unit_count": line.unit_count,
        "price": None if mark is None else f"{mark.price.amount:f}",
        "price_currency": None if mark is None else mark.price.currency,
        "marked_on": None if mark is None else mark.marked_on.isoformat(),
        "source": None if mark is None else mark.source,
        "is_stale": mark is not None and mark.is_stale,
        "mark_id": None if mark is None else str(mark.version_id),
        "amount": f"{money.rounded(value.amount) if value else NOUGHT:f}",
    }


def _stakes(fund: models.Fund, on: date) -> list[Part]:
    """By the newest valuation of a day until then, else at cost; a grant is money gone."""
    found = fund.investments.exclude(kind=InvestmentKind.GRANT).filter(approved_on__lte=on)
    newest = _newest_valuations(found, on)
    costs = _costs(found, on)
    return [
        _stake_part(one, newest.get(one.pk), costs.get(one.pk, NOUGHT))
        for one in found.order_by("code")
    ]


def _newest_valuations(
    found: QuerySet[models.Investment], on: date
) -> Mapping[UUID, models.Valuation]:
    rows = models.Valuation.objects.filter(investment__in=found, valued_on__lte=on)
    return {row.investment_id: row for row in rows.order_by("valued_on", "recorded_at", "id")}


def _costs(found: QuerySet[models.Investment], on: date) -> dict[UUID, Decimal]:
    """What was put in, less what came back by exits."""
    rows = models.CashEntry.objects.filter(
        investment__in=found,
        happened_on__lte=on,
        kind__in=[CashKind.INVESTED, CashKind.EXIT],
    )
    costs: dict[UUID, Decimal] = {}
    for investment_id, amount in rows.values_list("investment_id", "amount"):
        if investment_id is not None:
            costs[investment_id] = costs.get(investment_id, NOUGHT) - amount
    return {key: max(cost, NOUGHT) for key, cost in costs.items()}


def _stake_part(one: models.Investment, row: models.Valuation | None, cost: Decimal) -> Part:
    return {
        "kind": PartKind.STAKE.value,
        "investment_id": str(one.pk),
        "name_zh": one.name_zh,
        "name_en": one.name_en,
        "cost": f"{cost:f}",
        "valuation_id": str(row.pk) if row else None,
        "valued_on": row.valued_on.isoformat() if row else None,
        "method": row.method if row else "",
        "amount": f"{row.amount if row else cost:f}",
    }


# --- fee and carry


def _fee(fund: models.Fund, on: date) -> Part:
    accrued = fee_accrued(fund, on)
    paid = -sum_of(fund.cash.filter(kind=CashKind.FEE, happened_on__lte=on))
    owed = max(accrued - paid, NOUGHT)
    return {
        "kind": PartKind.FEE_OWED.value,
        "accrued": f"{accrued:f}",
        "paid": f"{paid:f}",
        "amount": f"{-owed:f}",
    }


def fee_accrued(fund: models.Fund, on: date) -> Decimal:
    """The management fee earned until a day, by the fund's dated terms."""
    terms = [
        FeeTerms(one.valid_from, one.fee_bps, one.fee_basis == FeeBasis.COMMITTED)
        for one in fund.terms.all()
    ]
    committed = [Step(*row) for row in fund.commitments.values_list("committed_on", "amount")]
    return money.fee_accrued(terms, committed=committed, paid=past_of(fund, on).paid, on=on)


def past_of(fund: models.Fund, on: date) -> Past:
    """What investors paid in and were given until a day, and the carry paid."""
    book = fund.cash.filter(happened_on__lte=on)
    paid = book.filter(kind=CashKind.PAID_IN).values_list("happened_on", "amount")
    given = book.filter(kind=CashKind.DISTRIBUTED).values_list("happened_on", "amount")
    carry = -sum_of(book.filter(kind=CashKind.CARRY))
    return Past([Step(*row) for row in paid], [Step(day, -sum_) for day, sum_ in given], carry)


def waterfall_of(fund: models.Fund, on: date, available: Decimal) -> money.Waterfall:
    """How an amount would be shared on a day between investors and manager."""
    terms = terms_on(fund, on)
    return money.waterfall(
        available,
        past_of(fund, on),
        on=on,
        hurdle_bps=terms.hurdle_bps if terms else 0,
        carry_bps=terms.carry_bps if terms else 0,
    )


def _carry(fund: models.Fund, on: date, available: Decimal) -> Part:
    """What the manager would get if all were sold and paid out that day."""
    made = waterfall_of(fund, on, available)
    return {
        "kind": PartKind.CARRY_OWED.value,
        "capital_and_preferred": f"{made.capital_and_preferred:f}",
        "catch_up": f"{made.catch_up:f}",
        "split_to_manager": f"{made.split_to_manager:f}",
        "amount": f"{-made.carry:f}",
    }


# --- published


def published_navs(fund_ids: Any) -> QuerySet[models.Nav]:
    """The newest version of each day, the newest day first."""
    rows = models.Nav.objects.filter(fund_id__in=fund_ids)
    newest = rows.order_by("fund_id", "valued_on", "-version").distinct("fund_id", "valued_on")
    return rows.filter(pk__in=newest.values("pk")).order_by("-valued_on")


def nav_on(fund_id: UUID, on: date) -> models.Nav | None:
    """The newest published value until a day."""
    return published_navs([fund_id]).filter(valued_on__lte=on).first()


def navs_of(funds: QuerySet[models.Fund]) -> QuerySet[models.Nav]:
    """Every version of every published value of these funds."""
    return models.Nav.objects.filter(fund__in=funds.values("pk"))


def newest_navs(fund_ids: Iterable[UUID], on: date) -> dict[UUID, models.Nav]:
    """The newest published value of each fund until a day."""
    rows = published_navs(list(fund_ids)).filter(valued_on__lte=on).order_by("valued_on")
    return {row.fund_id: row for row in rows}
