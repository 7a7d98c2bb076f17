"""What a pledge secures is worth on a day, by the prices of that day, against what is owed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from finance.facilities import queries as facilities
from finance.pledges import models
from finance.pledges.rules import cover as rules
from finance.pledges.rules.refusals import NoPriceYet
from finance.pledges.states import SECURING, PartState, Reference
from finance.prices import queries as prices
from finance.prices.queries import Held, ValuedLine
from ledger.instruments import queries as instruments
from ledger.parameters import queries as parameters

NOUGHT = Decimal(0)
NoPrice = NoPriceYet


@dataclass(frozen=True, slots=True)
class Mark:
    """One instrument and vintage of the collateral, and the price it is valued by."""

    scheme: str
    vintage_year: int
    unit_count: int
    price: Decimal | None
    currency: str
    marked_on: date | None
    is_stale: bool
    source: str
    haircut: Decimal
    market: Decimal
    value: Decimal

    @property
    def name(self) -> str:
        return f"{instruments.scheme_name(self.scheme)} {self.vintage_year}"

    @property
    def unit_value(self) -> Decimal:
        return self.value / self.unit_count if self.unit_count else NOUGHT

    def plain(self) -> dict[str, Any]:
        """As it stands in a valuation's row and in an attestation."""
        return {
            "scheme": self.scheme,
            "vintage": self.vintage_year,
            "units": self.unit_count,
            "price": None if self.price is None else f"{self.price:f}",
            "currency": self.currency,
            "marked_on": self.marked_on.isoformat() if self.marked_on else None,
            "stale": self.is_stale,
            "source": self.source,
            "haircut": f"{self.haircut:f}",
            "market": f"{self.market:f}",
            "value": f"{self.value:f}",
        }


@dataclass(frozen=True, slots=True)
class Cover:
    """R7.19 of one day. `value`: with the haircut where the contract says so.

    `debt`: what is owed under the facility; `owed`: the share of it that this pledge answers for.
    """

    on: date
    debt: Decimal
    owed: Decimal
    market: Decimal
    value: Decimal
    ltv: Decimal | None
    level: str
    is_whole: bool
    marks: tuple[Mark, ...]
    lines: rules.Lines

    @property
    def is_stale(self) -> bool:
        return any(one.is_stale for one in self.marks)

    @property
    def leading(self) -> Mark | None:
        """The part worth most: top-up and headroom are counted in its units."""
        return max(self.marks, key=lambda one: one.value, default=None)

    @property
    def top_up(self) -> int:
        return self._count(rules.top_up)

    @property
    def headroom(self) -> int:
        lead = self.leading
        return min(self._count(rules.headroom), lead.unit_count) if lead else 0

    def _count(self, rule: Any) -> int:
        lead = self.leading
        if lead is None:
            return 0
        count: int = rule(self.owed, self.value, target=self.lines.target, price=lead.unit_value)
        return count

    @property
    def concentration(self) -> Decimal | None:
        """The share of the value that the leading part has."""
        lead = self.leading
        return lead.value / self.value if lead and self.value else None

    def if_prices_change(self, times: Decimal) -> "Cover":
        """The same collateral, every price multiplied."""
        value = (self.value * times).quantize(rules.CENT)
        ratio = rules.ltv(self.owed, value) if self.is_whole else None
        return Cover(
            self.on, self.debt, self.owed, (self.market * times).quantize(rules.CENT), value, ratio,
            self.lines.level(ratio), self.is_whole,
            tuple(_multiplied(one, times) for one in self.marks), self.lines,
        )  # fmt: skip


def _multiplied(mark: Mark, times: Decimal) -> Mark:
    return Mark(
        mark.scheme, mark.vintage_year, mark.unit_count,
        None if mark.price is None else mark.price * times, mark.currency, mark.marked_on,
        mark.is_stale, mark.source, mark.haircut, mark.market * times, mark.value * times,
    )  # fmt: skip


def lines_of(pledge: models.Pledge) -> rules.Lines:
    return rules.Lines(
        pledge.target_ltv, pledge.warning_ltv, pledge.top_up_ltv, pledge.close_out_ltv
    )


def _counts(pledge: models.Pledge) -> dict[tuple[str, int], int]:
    found: dict[tuple[str, int], int] = {}
    for part in pledge.parts.exclude(state=PartState.GONE):
        key = (part.scheme, part.vintage_year)
        found[key] = found.get(key, 0) + part.unit_count
    return found


def owed_of(pledge: models.Pledge, on: date) -> Decimal:
    """Principal, and interest where the contract counts it."""
    now = facilities.standing_on(pledge.facility, on)
    return now.principal + (now.interest_owed if pledge.with_interest else NOUGHT)


def cover_of(pledge: models.Pledge, on: date) -> Cover:
    """What is secured now, valued by the marks of a day, against what is owed then.

    The pledges of a facility answer for its debt together, each for the share that its value is of
    theirs. Without a price of every part there is no ratio: a value is never invented.

    :raises NoParameter: the house's valuation numbers do not reach that day
    """
    own, debt = _valued(pledge, on), owed_of(pledge, on)
    owed = _share_of(debt, pledge, own, on)
    ratio = rules.ltv(owed, own.value) if own.is_whole else None
    contract = lines_of(pledge)
    return Cover(
        on=on,
        debt=debt,
        owed=owed,
        market=sum((one.market for one in own.marks), NOUGHT),
        value=own.value,
        ltv=ratio,
        level=contract.level(ratio),
        is_whole=own.is_whole,
        marks=own.marks,
        lines=contract,
    )


class _Valued(NamedTuple):
    """What a pledge secures by the marks of a day."""

    marks: tuple[Mark, ...]

    @property
    def value(self) -> Decimal:
        return sum((one.value for one in self.marks), NOUGHT)

    @property
    def is_whole(self) -> bool:
        return bool(self.marks) and all(one.price is not None for one in self.marks)


def _valued(pledge: models.Pledge, on: date) -> _Valued:
    counts = sorted(_counts(pledge).items())
    held = [Held(scheme, vintage, count) for (scheme, vintage), count in counts]
    lines = prices.value_all(held, on, currency=pledge.facility.currency)
    return _Valued(_marks(lines, pledge.has_haircut))


def _share_of(debt: Decimal, pledge: models.Pledge, own: _Valued, on: date) -> Decimal:
    """The debt's share by value among all that secures the facility, as far as it has a price."""
    rows = models.Pledge.objects.filter(facility=pledge.facility_id, state__in=sorted(SECURING))
    others = list(rows.exclude(pk=pledge.pk).select_related("facility"))
    if not others or not own.is_whole:
        return debt
    values = {pledge.pk: own.value}
    values |= {one.pk: told.value for one in others if (told := _valued(one, on)).is_whole}
    return rules.shares(debt, values)[pledge.pk]


def _marks(lines: Sequence[ValuedLine], has_haircut: bool) -> tuple[Mark, ...]:
    return tuple(_mark(one, has_haircut) for one in lines)


def _mark(line: ValuedLine, has_haircut: bool) -> Mark:
    market = line.market_value.amount if line.market_value else NOUGHT
    value = line.value.amount if line.value else NOUGHT
    return Mark(
        scheme=line.scheme,
        vintage_year=line.vintage_year,
        unit_count=line.unit_count,
        price=line.mark.price.amount if line.mark and line.market_value else None,
        currency=line.mark.price.currency if line.mark else "",
        marked_on=line.mark.marked_on if line.mark else None,
        is_stale=line.is_stale,
        source=line.mark.source if line.mark else "",
        haircut=line.haircut if has_haircut else NOUGHT,
        market=market,
        value=value if has_haircut else market,
    )


def reference_value(pledge: models.Pledge, on: date) -> Decimal:
    """R7.18's Q times P_ref: by the last close, the average, or the lower of the two.

    :raises NoPriceYet: a part has no price
    """
    cover = cover_of(pledge, on)
    if not cover.is_whole:
        raise NoPriceYet(day=on.isoformat())
    if pledge.reference == Reference.LAST:
        return cover.value
    days = int(parameters.get_parameter("pledge.average.days", on).number)
    averaged = sum((one.value * _average_share(one, on, days) for one in cover.marks), NOUGHT)
    averaged = averaged.quantize(rules.CENT)
    return averaged if pledge.reference == Reference.AVERAGE else min(averaged, cover.value)


def _average_share(mark: Mark, on: date, days: int) -> Decimal:
    """The average of so many trading days over the last price."""
    first = on - timedelta(days=3 * days)
    rows = prices.history(mark.scheme, mark.vintage_year, first=first, last=on)[-days:]
    if not rows or not mark.price:
        return Decimal(1)
    return sum((row.price for row in rows), NOUGHT) / len(rows) / mark.price
