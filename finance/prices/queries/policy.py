"""How holdings are valued on a day: haircuts, shares by use, and when a mark is stale."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from finance.prices.rules.values import age_in_years
from ledger.parameters import queries as parameters
from ledger.parameters.queries import NoParameter, ParameterValue

STALE_AFTER, HAIRCUT, USE = "valuation.stale_after", "valuation.haircut.vintage", "valuation.use"


def _on(key: str, on: date) -> dict[str, ParameterValue]:
    return {
        row.scope: row
        for row in parameters.parameters_of(key)
        if row.valid_from <= on and (row.valid_to is None or on < row.valid_to)
    }


def _scoped(rows: Mapping[str, ParameterValue], scope: str, key: str, on: date) -> ParameterValue:
    """The row of the scope, or the one for all.

    :raises NoParameter: the book has neither
    """
    found = rows.get(scope) or rows.get("")
    if found is None:
        raise NoParameter(key=f"{key} ({scope})", day=on.isoformat(), nearest="–")
    return found


@dataclass(frozen=True, slots=True)
class Policy:
    """The numbers of one day; `used` names them, for the page that explains a value."""

    on: date
    stale_after: Mapping[str, ParameterValue]
    haircuts: Mapping[str, ParameterValue]
    uses: Mapping[str, ParameterValue]

    def stale_days(self, scheme: str) -> int:
        return int(_scoped(self.stale_after, scheme, STALE_AFTER, self.on).number)

    def haircut(self, scheme: str, vintage_year: int) -> Decimal:
        """R7.21: by the age of the vintage; an age in no tier has none."""
        tiers = _scoped(self.haircuts, scheme, HAIRCUT, self.on).tiers
        found = tiers.find(age_in_years(vintage_year, self.on))
        return found.value if found else Decimal(0)

    def use_share(self, use: str) -> Decimal:
        return _scoped(self.uses, use, USE, self.on).number

    @property
    def rows(self) -> list[ParameterValue]:
        return [*self.stale_after.values(), *self.haircuts.values(), *self.uses.values()]


def policy_on(on: date) -> Policy:
    """The house's numbers that hold on a day: three queries."""
    return Policy(on, _on(STALE_AFTER, on), _on(HAIRCUT, on), _on(USE, on))
