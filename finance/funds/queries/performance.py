"""How a fund, or an investor's part, has done: multiples, rate of return, against an index."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from finance.funds import models
from finance.funds.queries.funds import NOUGHT
from finance.funds.queries.navs import nav_on
from finance.funds.queries.positions import Position, positions_of
from finance.funds.rules import multiples
from finance.funds.rules.money import rounded
from finance.funds.rules.returns import Flow, Return, by_day, internal_return
from finance.funds.rules.roots import WIDE
from finance.funds.states import MoneyKind


@dataclass(frozen=True, slots=True)
class Performance:
    """Of a fund or of one investor, valued by the newest published net asset value."""

    nav: models.Nav | None
    value: Decimal
    flows: tuple[Flow, ...]
    multiples: multiples.Multiples
    internal: Return
    ks_pme: Decimal | None


def value_of(position: Position, nav: models.Nav | None) -> Decimal:
    """The holder's shares at the value per share; an exact share of the net assets."""
    if nav is None or not nav.shares:
        return NOUGHT
    part = WIDE.divide(WIDE.multiply(nav.net_assets, position.shares), nav.shares)
    return rounded(part)


def performance(
    fund: models.Fund, *, on: date, investor_id: UUID | None = None, index: str = ""
) -> Performance:
    """Of the whole fund, or of one investor; flows until the day of the newest value."""
    nav = nav_on(fund.pk, on)
    until = nav.valued_on if nav else on
    found = positions_of([fund.pk], on=until, investor_id=investor_id)
    if nav is None:
        value = NOUGHT
    elif investor_id is None:
        value = nav.net_assets
    else:
        value = sum((value_of(one, nav) for one in found), NOUGHT)
    flows = by_day([flow for one in found for flow in one.flows])
    amounts = [flow.amount for one in found for flow in one.flows]
    committed = sum((one.committed for one in found), NOUGHT)
    final = [*flows, Flow(until, value)] if value else flows
    return Performance(
        nav=nav,
        value=value,
        flows=tuple(flows),
        multiples=multiples.multiples(amounts, nav=value, commitment=committed),
        internal=internal_return(final),
        ks_pme=_against(fund, flows, value, until, index),
    )


def _against(
    fund: models.Fund, flows: Sequence[Flow], value: Decimal, until: date, index: str
) -> Decimal | None:
    """KS-PME; None without a level for each day of a flow and for the last."""
    if not index or not flows:
        return None
    levels = [level_on(fund.manager_id, index, day) for day in [*(f.on for f in flows), until]]
    known = [one for one in levels if one is not None]
    if len(known) < len(levels):
        return None
    return multiples.ks_pme([*(flow.amount for flow in flows), NOUGHT], known, nav=value)


def level_on(party_id: UUID, code: str, on: date) -> Decimal | None:
    """The newest level until a day."""
    rows = models.IndexLevel.objects.filter(party_id=party_id, code=code, on__lte=on)
    row = rows.order_by("-on", "-recorded_at", "-id").first()
    return row.level if row else None


def indices_of(party_id: UUID) -> list[str]:
    rows = models.IndexLevel.objects.filter(party_id=party_id)
    return sorted(set(rows.order_by().values_list("code", flat=True)))


def leverage_of(fund: models.Fund, on: date) -> multiples.Leverage:
    """Public and social money by what is committed on a day."""
    sums = {kind.value: NOUGHT for kind in MoneyKind}
    rows = fund.commitments.filter(committed_on__lte=on)
    for kind, amount in rows.values_list("money_kind", "amount"):
        sums[kind] += amount
    return multiples.leverage(public=sums[MoneyKind.PUBLIC], social=sums[MoneyKind.SOCIAL])


# --- charts


@dataclass(frozen=True, slots=True)
class Quarter:
    """Money of a quarter, and what had come back less what was paid by its end (the J-curve)."""

    year: int
    number: int
    paid: Decimal
    given: Decimal
    cumulated: Decimal


def quarters(flows: Iterable[Flow]) -> list[Quarter]:
    """Every quarter from the first flow to the last, the empty ones, too."""
    rows = sorted(flows, key=lambda flow: flow.on)
    if not rows:
        return []
    first, last = _quarter(rows[0].on), _quarter(rows[-1].on)
    made, run = list[Quarter](), NOUGHT
    for place in range(first, last + 1):
        inside = [flow.amount for flow in rows if _quarter(flow.on) == place]
        run += sum(inside, NOUGHT)
        paid, given = multiples.paid_in(inside), multiples.received(inside)
        made.append(Quarter(place // 4, place % 4 + 1, paid, given, run))
    return made


def _quarter(day: date) -> int:
    return day.year * 4 + (day.month - 1) // 3


# --- look-through


@dataclass(frozen=True, slots=True)
class Through:
    """Units behind an investor's shares: whole units, the rest of a unit is nobody's alone."""

    scheme: str
    vintage_year: int
    fund_units: int
    units: int


def look_through(nav: models.Nav, shares: Decimal) -> list[Through]:
    """A holder's part of the units in a published value, rounded down."""
    held: dict[tuple[str, int], int] = {}
    for part in nav.parts:
        if part["kind"] == "UNITS":
            key = part["scheme"], part["vintage_year"]
            held[key] = held.get(key, 0) + part["unit_count"]
    if not nav.shares:
        return []
    scale, whole = int(shares.scaleb(4)), int(nav.shares.scaleb(4))
    return [
        Through(scheme, vintage, count, count * scale // whole)
        for (scheme, vintage), count in sorted(held.items())
    ]
