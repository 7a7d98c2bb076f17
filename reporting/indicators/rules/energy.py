"""Power, heat and coal equivalents of the national method (R1.11, R1.21, R1.25 to R1.29)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from ledger.kernel.errors import N_, DomainError
from ledger.kernel.quantities import WIDE
from reporting.indicators.states import PowerKind

ZERO = Decimal(0)
ONE = Decimal(1)


class CalorificElectricity(DomainError):
    """R1.11, TV-1.2: 0.1229 is never the conversion of this indicator."""

    code = "calorific_electricity"
    message = N_(
        "Electricity counts at its equivalent value in this indicator; %(value)s kgce/kWh is its "
        "calorific value."
    )


class NegativeEnergy(DomainError):
    code = "negative_energy"
    message = N_("%(what)s cannot be less than nothing.")


@dataclass(frozen=True, slots=True)
class Power:
    """The year's electricity of a park in MWh.

    Certificates cover what was bought and no more: those beyond it are unused, for they make no
    negative emissions and never raise the direct share (R1.27).
    """

    bought: Decimal = ZERO
    direct: Decimal = ZERO
    own: Decimal = ZERO
    certificates: Decimal = ZERO
    sent_green: Decimal = ZERO
    sent_fossil: Decimal = ZERO

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if getattr(self, name) < 0:
                raise NegativeEnergy(what=name)

    @property
    def certified(self) -> Decimal:
        return min(self.certificates, self.bought)

    @property
    def unused_certificates(self) -> Decimal:
        return WIDE.subtract(self.certificates, self.certified)

    @property
    def other(self) -> Decimal:
        """What is bought and not covered."""
        return WIDE.subtract(self.bought, self.certified)

    @property
    def sent(self) -> Decimal:
        return WIDE.add(self.sent_green, self.sent_fossil)

    @property
    def consumed(self) -> Decimal:
        """What stays in the park, however it came."""
        return WIDE.subtract(self.bought + self.direct + self.own, self.sent)

    def by_kind(self) -> dict[PowerKind, Decimal]:
        return {
            PowerKind.DIRECT: self.direct,
            PowerKind.CERTIFIED: self.certified,
            PowerKind.SELF: self.own,
            PowerKind.OTHER: self.other,
        }

    def tco2(self, each: Decimal) -> Decimal:
        """Net import (R1.21): what is sent out is credited with the factor of its own kind."""
        net = WIDE.subtract(self.other, self.sent_fossil)
        return WIDE.multiply(net, each)

    def direct_share(self, *, own_counts: bool) -> Decimal | None:
        """Of total consumption (R1.26, R1.28); None where nothing was consumed.

        With `own_counts`, what the park made itself stands on both sides; else on neither.
        """
        green = WIDE.subtract(self.direct + (self.own if own_counts else ZERO), self.sent_green)
        whole = self.consumed if own_counts else WIDE.subtract(self.consumed, self.own)
        return share(max(green, ZERO), whole)

    def certificate_share(self) -> Decimal | None:
        return share(self.certified, self.consumed)


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """Part of one; None of nothing."""
    return WIDE.divide(part, whole) if whole > 0 else None


def check_equivalent(value: Decimal, calorific: Decimal) -> Decimal:
    """The equivalent value of a kWh in kgce, made sure that it is none else.

    :raises CalorificElectricity: it is the calorific value or less
    """
    if value <= calorific:
        raise CalorificElectricity(value=value)
    return value


def heat_tco2(*, fossil_gj: Decimal, default: Decimal, measured: Decimal | None = None) -> Decimal:
    """R1.29: measured where somebody measured, else the default; non-fossil heat is nothing."""
    return WIDE.multiply(fossil_gj, default if measured is None else measured)


def clean_share(tce: Mapping[str, Decimal], clean: frozenset[str]) -> Decimal | None:
    """G1: clean carriers of all, in tce, the same conversion on both sides."""
    whole = sum(tce.values(), ZERO)
    return share(sum((each for name, each in tce.items() if name in clean), ZERO), whole)
