"""What units are still good for on a day: obligation years to come, arrears, or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from finance.prices.rules.values import Cell, serves
from finance.prices.states import Use
from ledger.compliance import queries as compliance
from ledger.compliance.queries import RegimeRules
from ledger.parameters import queries as parameters
from ledger.parameters.queries import NoParameter


@dataclass(frozen=True, slots=True)
class System:
    """A trading system on a day: its matrix, and the years that are still to be met."""

    code: str
    allowances: tuple[str, ...]
    offsets: tuple[str, ...]
    refused_traits: tuple[str, ...]
    cells: tuple[Cell, ...]
    years: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Uses:
    """What the units of one party are good for on a day."""

    on: date
    systems: Sequence[System]
    arrears: Mapping[str, Mapping[int, int]] = field(default_factory=dict)  # system → year → t

    def system_of(self, scheme: str) -> System | None:
        return next((one for one in self.systems if scheme in one.allowances), None)

    def refuses(self, scheme: str, traits: Mapping[str, object]) -> bool:
        """Whether every trading system that takes such credits refuses these (R2.24)."""
        takers = [one for one in self.systems if scheme in one.offsets]
        return bool(takers) and all(
            any(traits.get(name) for name in one.refused_traits) for one in takers
        )

    def serves_year(self, scheme: str, vintage: int, year: int) -> bool:
        """Whether a vintage may be handed in for an obligation year; offsets serve every year."""
        system = self.system_of(scheme)
        if system is None:
            return any(scheme in one.offsets for one in self.systems)
        return serves(system.cells, vintage=vintage, year=year) is not None

    def of_allowance(self, scheme: str, vintage: int) -> tuple[Use, bool]:
        """The use of a vintage, and whether the rule stands in a draft only (R2.25)."""
        system = self.system_of(scheme)
        if system is None:
            return Use.USABLE, False
        for year in system.years:
            if cell := serves(system.cells, vintage=vintage, year=year):
                return Use.USABLE, cell.is_draft
        told = next((c for c in system.cells if c.vintages[0] <= vintage <= c.vintages[1]), None)
        owed = self.arrears_for(scheme, vintage)
        return (Use.ARREARS if owed else Use.NO_USE), told is not None and told.is_draft

    def arrears_for(self, scheme: str, vintage: int) -> int:
        """What the party still owes for past years that this vintage serves."""
        system = self.system_of(scheme)
        if system is None:
            return 0
        owed = self.arrears.get(system.code, {})
        return sum(
            open_t
            for year, open_t in owed.items()
            if year not in system.years and serves(system.cells, vintage=vintage, year=year)
        )


def uses_on(on: date, *, party_id: UUID | None = None) -> Uses:
    """The trading systems on a day, and a party's open past years as they stand now."""
    loaded = [compliance.get_regime(code) for code in _codes()]
    return Uses(on, [_system(one, on) for one in loaded], _arrears(party_id) if party_id else {})


def _codes() -> list[str]:
    return list(compliance.regimes().values_list("code", flat=True))


def _system(regime: RegimeRules, on: date) -> System:
    cells = tuple(
        Cell(one.vintages, one.years, one.verdict.value != "REFUSED", one.is_draft)
        for one in regime.vintages
        if one.valid_from <= on and (one.valid_to is None or on < one.valid_to)
    )
    return System(
        code=regime.code,
        allowances=regime.allowances,
        offsets=regime.offsets,
        refused_traits=regime.refused_traits,
        cells=cells,
        years=_years_to_meet(regime, on),
    )


def _years_to_meet(regime: RegimeRules, on: date) -> tuple[int, ...]:
    """The obligation years whose last day has not passed: the one before (if so) and this one."""
    before = regime.period_of(on.year - 1)[1]
    try:
        rule = parameters.get_parameter(regime.deadline_key, on=date(before, 12, 31)).date_rule
        still_open = rule.day_for(before) >= on
    except NoParameter:
        still_open = False
    return (before, on.year) if still_open else (on.year,)


def _arrears(party_id: UUID) -> dict[str, dict[int, int]]:
    found: dict[str, dict[int, int]] = {}
    rows = compliance.obligations_of(party_id).filter(open_t__gt=0)
    for code, year, open_t in rows.values_list("entity__regime_id", "year", "open_t"):
        years = found.setdefault(code, {})
        years[year] = years.get(year, 0) + open_t
    return found
