"""A trading system's rule set as data: `seeds/regimes/`. Numbers stand in `seeds/parameters/`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from ledger.kernel.errors import N_, DomainError


class NoSuchRegime(DomainError):
    code = "no_such_regime"
    message = N_("There is no trading system %(code)s.")


class OddRegime(DomainError):
    code = "odd_regime"
    message = N_("The rule set %(code)s cannot be read: %(why)s.")


class VintageRefused(DomainError):
    """R2.25, trap 8: old allowances are not as good as new ones."""

    code = "vintage_refused"
    message = N_("%(scheme)s of %(vintage)s may not be surrendered for %(year)s under %(regime)s.")


class NotEligible(DomainError):
    code = "not_eligible"
    message = N_("%(scheme)s may not be surrendered under %(regime)s.")


class OffsetFromCovered(DomainError):
    """R2.24, I24."""

    code = "offset_from_covered"
    message = N_("These credits come from an activity that the trading system itself covers.")


class Rounding(StrEnum):
    """How the sum of an entity's emissions becomes whole tonnes."""

    HALF_UP = "ROUND_HALF_UP"
    HALF_EVEN = "ROUND_HALF_EVEN"
    FLOOR = "ROUND_FLOOR"


class Verdict(StrEnum):
    ALLOWED = "ALLOWED"
    FLAGGED = "FLAGGED"  # usual rules exclude it, the regulator has taken it
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class VintageCell:
    """Allowance vintages × obligation years → verdict, for surrenders on certain days."""

    vintages: tuple[int, int]
    years: tuple[int, int]
    verdict: Verdict
    valid_from: date
    valid_to: date | None
    legal_basis: str
    is_draft: bool = False

    def covers(self, *, vintage: int, year: int, on: date) -> bool:
        return (
            self.vintages[0] <= vintage <= self.vintages[1]
            and self.years[0] <= year <= self.years[1]
            and self.valid_from <= on
            and (self.valid_to is None or on < self.valid_to)
        )


@dataclass(frozen=True, slots=True)
class DueDay:
    """An event of the yearly calendar; its day is the parameter `key` of one of these scopes."""

    event: str
    key: str
    name_zh: str
    name_en: str
    sectors: tuple[str, ...] = ()  # none: for all

    def concerns(self, sector: str) -> bool:
        return not self.sectors or sector in self.sectors


@dataclass(frozen=True, slots=True)
class RegimeRules:
    """One trading system as data."""

    code: str
    name_zh: str
    name_en: str
    region: str
    currency: str
    allowances: tuple[str, ...]
    offsets: tuple[str, ...]
    refused_traits: tuple[str, ...]  # of offsets
    rounding: Rounding
    periods: tuple[tuple[int, int], ...]
    annual_share_key: str
    offset_cap_key: str
    deadline_key: str
    penalty_key: str
    ladder: tuple[tuple[str, str], ...]
    closing_ladder: tuple[tuple[str, str], ...]
    year_ladder: tuple[tuple[str, str], ...]
    vintages: tuple[VintageCell, ...]
    calendar: tuple[DueDay, ...]
    sectors: tuple[str, ...]
    source: str
    confidence: str

    def period_of(self, year: int) -> tuple[int, int]:
        """The years that are settled together; without periods each by itself."""
        return next((p for p in self.periods if p[0] <= year <= p[1]), (year, year))

    def is_offset(self, scheme: str) -> bool:
        return scheme in self.offsets


def _cell(raw: Mapping[str, Any]) -> VintageCell:
    first, last = raw["vintages"]
    start, end = raw["years"]
    return VintageCell(
        vintages=(first, last),
        years=(start, end),
        verdict=Verdict(raw["verdict"]),
        valid_from=_day(raw["valid_from"]),
        valid_to=_day(raw["valid_to"]) if raw.get("valid_to") else None,
        legal_basis=raw["legal_basis"],
        is_draft=raw.get("is_draft", False),
    )


def _day(raw: Any) -> date:
    return raw if isinstance(raw, date) else date.fromisoformat(raw)


def _due_day(raw: Mapping[str, Any]) -> DueDay:
    return DueDay(**{**raw, "sectors": tuple(raw.get("sectors", ()))})


def _rungs(raw: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((condition, status) for condition, status in raw)


def read_regime(raw: Mapping[str, Any]) -> RegimeRules:
    """A rule set as a seed file or the table holds it.

    :raises OddRegime: a field is missing, unknown or of no form we know
    """
    lists = {"allowances", "offsets", "refused_traits", "sectors"}
    keys = ("annual_share_key", "offset_cap_key", "deadline_key", "penalty_key")
    try:
        return RegimeRules(
            **{
                **dict.fromkeys(keys, ""),
                **{name: value for name, value in raw.items() if name not in lists},
                **{name: tuple(raw.get(name, ())) for name in lists},
                "rounding": Rounding[raw["rounding"]],
                "periods": tuple((first, last) for first, last in raw.get("periods", ())),
                "ladder": _rungs(raw.get("ladder", ())),
                "closing_ladder": _rungs(raw.get("closing_ladder", ())),
                "year_ladder": _rungs(raw["year_ladder"]),
                "vintages": tuple(_cell(one) for one in raw["vintages"]),
                "calendar": tuple(_due_day(one) for one in raw.get("calendar", ())),
            }
        )
    except (KeyError, TypeError, ValueError) as error:
        raise OddRegime(code=str(raw.get("code")), why=repr(error)) from error


def check_offset(regime: RegimeRules, *, scheme: str, traits: Mapping[str, Any]) -> None:
    """:raises OffsetFromCovered: a trait that the regime does not let offsets have"""
    if regime.is_offset(scheme) and any(traits.get(name) for name in regime.refused_traits):
        raise OffsetFromCovered


def find_cell(regime: RegimeRules, *, vintage: int, year: int, on: date) -> VintageCell | None:
    """The first cell that speaks of a vintage, an obligation year and a day of surrender."""
    return next(
        (one for one in regime.vintages if one.covers(vintage=vintage, year=year, on=on)), None
    )


def check_eligible(
    regime: RegimeRules, *, scheme: str, vintage: int, year: int, on: date
) -> VintageCell | None:
    """The cell that lets units serve an obligation year; None for offsets, which have none (I24).

    What no cell speaks of is refused, never guessed.

    :raises NotEligible: the regime takes no such units
    :raises VintageRefused: the matrix excludes it (R2.25, TV-2.9)
    """
    if regime.is_offset(scheme):
        return None
    if scheme not in regime.allowances:
        raise NotEligible(scheme=scheme, regime=regime.code)
    cell = find_cell(regime, vintage=vintage, year=year, on=on)
    if cell is None or cell.verdict is Verdict.REFUSED:
        raise VintageRefused(scheme=scheme, vintage=vintage, year=year, regime=regime.code)
    return cell
