"""What is owed, what covers it, and what is missing. Whole tonnes; floors where the law floors."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from ledger.compliance.rules.regimes import Rounding
from ledger.compliance.rules.standing import Rung, UnknownCondition
from ledger.kernel.errors import N_, DomainError

ETS = "ETS"


class NotAnObligation(DomainError):
    """ISO 14064-1 and park totals follow other rules: they are never an obligation."""

    code = "not_an_obligation"
    message = N_(
        "Only emissions verified for the trading system make an obligation; these were made for "
        "%(purpose)s."
    )


class OffsetCapExceeded(DomainError):
    """R2.24, I24."""

    code = "offset_cap_exceeded"
    message = N_("Offsets may cover %(limit)s t of this obligation; this would make %(wanted)s t.")


class MoreThanOwed(DomainError):
    code = "more_than_owed"
    message = N_("%(left)s t are still owed; %(wanted)s units are more than that.")


class NothingOwed(DomainError):
    code = "nothing_owed"
    message = N_("No verified emissions are recorded for %(year)s: nothing is owed yet.")


class EvidenceMissing(DomainError):
    code = "evidence_missing"
    message = N_("Verified emissions need their verification, its hash and the evidence.")


class NotATonnage(DomainError):
    code = "not_a_tonnage"
    message = N_("Emissions are a number of tonnes that is not negative.")


def check_purpose(purpose: str) -> None:
    """:raises NotAnObligation: verified for something else than the trading system"""
    if purpose != ETS:
        raise NotAnObligation(purpose=purpose)


def check_parts(parts: Mapping[str, Decimal]) -> None:
    """:raises NotATonnage: nothing given, or a negative or endless amount"""
    if not parts or any(not part.is_finite() or part < 0 for part in parts.values()):
        raise NotATonnage


def whole_tonnes(parts: Iterable[Decimal], rounding: Rounding) -> int:
    """An entity's year: its installations summed first, rounded once."""
    total = sum(parts, Decimal(0))
    return int(total.to_integral_value(rounding=rounding.value))


def floor_share(amount: int, share: Decimal) -> int:
    """R2.24, TV-2.8: floor(share × amount)."""
    return int((Decimal(amount) * share).to_integral_value(rounding=ROUND_FLOOR))


def shares_due(
    emissions: Mapping[int, int], *, period: tuple[int, int], annual_share: Decimal | None
) -> dict[int, int]:
    """What is due for each year of a period whose emissions are known.

    With an annual share each year but the last owes its floor; the last year owes all the rest.
    """
    known = {y: t for y, t in sorted(emissions.items()) if period[0] <= y <= period[1]}
    if annual_share is None or period[0] == period[1]:
        return known
    due = {y: floor_share(t, annual_share) for y, t in known.items() if y < period[1]}
    if period[1] in known:
        due[period[1]] = sum(known.values()) - sum(due.values())
    return due


def offset_cap(due: Mapping[int, int], shares: Mapping[int, Decimal]) -> int:
    """The most that offsets may cover, over years that are settled together (R2.24)."""
    total = sum((Decimal(due[year]) * shares[year] for year in due), Decimal(0))
    return int(total.to_integral_value(rounding=ROUND_FLOOR))


@dataclass(frozen=True, slots=True)
class Cover:
    """An obligation and the units handed in against it."""

    owed: int
    allowances: int
    offsets: int

    @property
    def instruments(self) -> int:
        return self.allowances + self.offsets

    @property
    def position(self) -> int:
        """Surplus; negative: a shortfall (R2.28)."""
        return self.instruments - self.owed

    @property
    def shortfall(self) -> int:
        return max(0, -self.position)

    @property
    def is_met(self) -> bool:
        return self.position >= 0

    @property
    def offset_share(self) -> Decimal:
        if not self.owed:
            return Decimal(0)
        share = Decimal(self.offsets) / Decimal(self.owed)
        return share.quantize(Decimal("0.000001"), rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class YearState:
    """What a year's ladder may ask about."""

    owed: int | None
    surrendered: int
    is_excluded: bool
    is_past_due: bool


YEAR_CONDITIONS: Mapping[str, Callable[[YearState], bool]] = {
    "YEAR_EXCLUDED": lambda state: state.is_excluded,
    "EMISSIONS_UNKNOWN": lambda state: state.owed is None,
    "COVERED": lambda state: state.owed is not None and state.surrendered >= state.owed,
    "NOT_DUE_YET": lambda state: not state.is_past_due,
    "OTHERWISE": lambda state: True,
}


def year_status(state: YearState, ladder: Sequence[Rung]) -> str:
    """The status of the first rung whose condition holds.

    :raises UnknownCondition: the ladder names a condition that is not there
    """
    for condition, status in ladder:
        if condition not in YEAR_CONDITIONS:
            raise UnknownCondition(key=condition)
        if YEAR_CONDITIONS[condition](state):
            return status
    return ""


def check_surrender(
    *, cover: Cover, allowances: int, offsets: int, cap: int, year: int, known: bool
) -> None:
    """May so many more units be handed in?

    :raises NothingOwed: no emissions are known
    :raises MoreThanOwed: the rest would be lost (surrendered units never come back)
    :raises OffsetCapExceeded: I24
    """
    if not known:
        raise NothingOwed(year=year)
    if allowances + offsets > cover.shortfall:
        raise MoreThanOwed(left=cover.shortfall, wanted=allowances + offsets)
    if cover.offsets + offsets > cap:
        raise OffsetCapExceeded(limit=cap, wanted=cover.offsets + offsets)


# --- several years side by side


@dataclass(frozen=True, slots=True)
class YearLine:
    """One year of an entity as a regime's log publishes it. `surrendered` may be unknown."""

    year: int
    allocated: int
    verified: int
    surrendered: int | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """Years added up: what was given, emitted, handed in, and what had to be bought."""

    allocated: int
    verified: int
    surrendered: int
    years: int
    net_free_position: int
    to_acquire: int
    years_short: int
    years_long: int
    bought_year_by_year: int
    years_over_allocation: tuple[int, ...]
    years_surrendered_differs: tuple[int, ...]
    cumulative: tuple[int, ...]
    is_met_every_year: bool


def _differs(line: YearLine) -> bool:
    return line.surrendered is not None and line.surrendered != line.verified


def running(changes: Iterable[int]) -> tuple[int, ...]:
    """The balance after each change."""
    totals, total = list[int](), 0
    for change in changes:
        total += change
        totals.append(total)
    return tuple(totals)


def summarise(lines: Iterable[YearLine]) -> Summary:
    """Free allocation against verified emissions and surrenders, over years."""
    told = sorted(lines, key=lambda line: line.year)
    nets = [line.allocated - line.verified for line in told]
    net = sum(nets)
    return Summary(
        allocated=sum(line.allocated for line in told),
        verified=sum(line.verified for line in told),
        surrendered=sum(line.surrendered or 0 for line in told),
        years=len(told),
        net_free_position=net,
        to_acquire=max(0, -net),
        years_short=sum(one < 0 for one in nets),
        years_long=sum(one >= 0 for one in nets),
        bought_year_by_year=sum(max(0, -one) for one in nets),
        years_over_allocation=tuple(t.year for t in told if t.verified > t.allocated),
        years_surrendered_differs=tuple(line.year for line in told if _differs(line)),
        cumulative=running(nets),
        is_met_every_year=all((line.surrendered or 0) >= line.verified for line in told),
    )


def is_past_due(due_on: date | None, on: date) -> bool:
    return due_on is not None and on > due_on


@dataclass(frozen=True, slots=True)
class SurrenderRows:
    """Single surrenders against the total that a compliance table publishes."""

    total: int
    by_unit: Mapping[str, int]
    difference: int


def compare_surrenders(rows: Iterable[tuple[str, int]], *, published: int) -> SurrenderRows:
    """Rows of (kind of unit, quantity); a difference is told, never swallowed."""
    by_unit: dict[str, int] = {}
    for unit, quantity in rows:
        by_unit[unit] = by_unit.get(unit, 0) + quantity
    total = sum(by_unit.values())
    return SurrenderRows(total, by_unit, published - total)


@dataclass(frozen=True, slots=True)
class Published:
    """An entity's settled period as a regulator published it, with the label beside it."""

    entity: str
    cover: Cover
    status: str


def settled_status(cover: Cover, ladder: Sequence[Rung]) -> str:
    """The status after the deadline, by arithmetic: never from the published label."""
    state = YearState(
        owed=cover.owed, surrendered=cover.instruments, is_excluded=False, is_past_due=True
    )
    return year_status(state, ladder)


def contradicted(rows: Iterable[Published], ladder: Sequence[Rung]) -> list[str]:
    """The entities whose published label says otherwise than their units."""
    return [row.entity for row in rows if row.status.upper() != settled_status(row.cover, ladder)]
