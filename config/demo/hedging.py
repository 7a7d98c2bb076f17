"""Contracts against a dearer surrender: a forward, an option, and a future abroad, closed out."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from config.demo.people import Cast, both
from finance.hedges import operations as hedges
from finance.prices.queries import TradingDays

NAMED = ("number", "kind", "side", "venue", "counterparty", "scheme", "lots", "units_per_lot")
FIGURES = ("price", "premium", "margin_rate", "volatility", "interest_rate")


def load(facts: Mapping[str, Any], *, cast: Cast, year: int, on: date, at: datetime) -> None:
    """Open each contract on its day, settle it day by day, close out what was closed."""
    for one in facts["contracts"]:
        _contract(one, given={"by": both(cast), "at": at}, year=year, on=on)


def _contract(one: Mapping[str, Any], *, given: Mapping[str, Any], year: int, on: date) -> None:
    key = f"demo-{one['number']}"
    opened_on = _before(on, one["ago"])
    told: dict[str, Any] = {
        **{name: one[name] for name in NAMED},
        **{name: Decimal(one[name]) for name in FIGURES if name in one},
    }
    terms = hedges.Terms(
        **told,
        currency=one.get("currency", "CNY"),
        vintage_year=year + one["vintage"] if "vintage" in one else None,
        for_year=year + one["for_year"] if "for_year" in one else None,
        opened_on=opened_on,
        last_day=on + timedelta(days=one["ends_in"]),
        is_physical="currency" not in one,
        evidence=one["evidence"],
    )
    row = hedges.open_contract(terms=terms, idempotency_key=key, **given)
    contract: dict[str, Any] = {"contract_id": row.pk, **given}
    for ago, amount, evidence in one.get("deposits", []):
        hedges.pay_margin(
            kind="DEPOSIT", amount=Decimal(amount), paid_on=_before(on, ago), evidence=evidence,
            idempotency_key=f"{key}-margin-{ago}", **contract,
        )  # fmt: skip
    for day, price in _days(one, opened_on=opened_on, on=on):
        hedges.settle_day(settled_on=day, price=price, idempotency_key=f"{key}-{day}", **contract)
    if "closed" in one:
        ago, price = one["closed"]
        hedges.close_contract(
            ended_on=_before(on, ago), price=Decimal(price), idempotency_key=f"{key}-closed",
            **contract,
        )  # fmt: skip


def _days(
    one: Mapping[str, Any], *, opened_on: date, on: date
) -> Iterator[tuple[date, Decimal | None]]:
    """The days to settle, with their prices; None: the mark of the day."""
    if "prices" in one:
        for ago, price in one["prices"]:
            yield _before(on, ago), Decimal(price)
        return
    for day in TradingDays(opened_on, on).days:
        yield day, None


def _before(on: date, days: int) -> date:
    return on - timedelta(days=days)
