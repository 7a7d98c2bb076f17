"""Gross above the line, everything else below it. Nothing below ever changes what is above."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from ledger.kernel.quantities import WIDE, whole


@dataclass(frozen=True, slots=True)
class Footing:
    """Rows as told, in tCO2e; None is "not quantified", which is not nothing.

    `below` are credits retired, power sold and the like: shown beside the gross total (R5.1).
    """

    rows: Mapping[str, Decimal | None]
    below: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def gross(self) -> Decimal:
        return whole(value for value in self.rows.values() if value is not None)

    @property
    def not_quantified(self) -> list[str]:
        return [name for name, value in self.rows.items() if value is None]

    @property
    def net(self) -> Decimal:
        """For frameworks that ask for it, beside the gross total and never in its place."""
        return self.net_of(self.gross)

    def net_of(self, gross: Decimal) -> Decimal:
        return WIDE.subtract(gross, whole(self.below.values()))

    def differs_from(self, published: Decimal) -> Decimal:
        """What a printed total has more than its rows."""
        return WIDE.subtract(published, self.gross)
