"""How a park stands: the core indicator by tier, the guiding five, and what is missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ledger.kernel.errors import N_, DomainError
from ledger.kernel.quantities import WIDE
from reporting.indicators.rules.energy import ZERO, share
from reporting.indicators.states import Indicator, Status


class NothingUsed(DomainError):
    code = "nothing_used"
    message = N_("A park that used no energy has no intensity.")


class RawCoalMustBeSplit(DomainError):
    """R1.23"""

    code = "raw_coal_must_be_split"
    message = N_(
        "%(source)s says raw coal: the method asks for anthracite, coking bituminous, general "
        "bituminous or lignite."
    )


@dataclass(frozen=True, slots=True)
class Tier:
    """Energy use from `at_least` (tce) up to and not including `below`, and its threshold."""

    threshold: Decimal
    at_least: Decimal
    below: Decimal | None = None

    def holds(self, tce: Decimal) -> bool:
        return self.at_least <= tce and (self.below is None or tce < self.below)


@dataclass(frozen=True, slots=True)
class Core:
    """The core indicator. Without a tier there is no verdict (R1.9)."""

    tco2: Decimal
    tce: Decimal
    intensity: Decimal
    threshold: Decimal | None
    status: Status

    @property
    def to_cut_tco2(self) -> Decimal:
        """What is emitted beyond the threshold; nothing where it is met or there is none."""
        if self.threshold is None:
            return ZERO
        return max(WIDE.subtract(self.tco2, WIDE.multiply(self.threshold, self.tce)), ZERO)


def core(*, tco2: Decimal, tce: Decimal, tiers: Iterable[Tier]) -> Core:
    """tCO2 per tce against the tier of the energy use (R1.8, R1.9). Compared without rounding.

    :raises NothingUsed: no energy
    """
    intensity = share(tco2, tce)
    if intensity is None:
        raise NothingUsed
    found = next((tier for tier in tiers if tier.holds(tce)), None)
    if found is None:
        return Core(tco2, tce, intensity, None, Status.NO_TIER)
    within = tco2 <= WIDE.multiply(found.threshold, tce)
    return Core(tco2, tce, intensity, found.threshold, Status.MET if within else Status.NOT_MET)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One indicator: its value, what it is held against, and how far it is away."""

    indicator: Indicator
    status: Status
    value: Decimal | None = None
    threshold: Decimal | None = None
    part: Decimal | None = None
    whole: Decimal | None = None
    reason: str = ""

    @property
    def gap(self) -> Decimal | None:
        """How much is missing to the threshold; None where there is nothing to compare."""
        if self.value is None or self.threshold is None:
            return None
        return max(WIDE.subtract(self.threshold, self.value), ZERO)


def judged(
    indicator: Indicator,
    *,
    value: Decimal | None,
    threshold: Decimal,
    part: Decimal | None = None,
    whole: Decimal | None = None,
    excluded: str = "",
) -> Verdict:
    """At least the threshold, excluded with a reason, or without data: zero is a value."""
    if excluded:
        return Verdict(indicator, Status.EXCLUDED, value, threshold, part, whole, excluded)
    if value is None:
        return Verdict(indicator, Status.NO_DATA, None, threshold, part, whole)
    status = Status.MET if value >= threshold else Status.NOT_MET
    return Verdict(indicator, status, value, threshold, part, whole)


@dataclass(frozen=True, slots=True)
class Used:
    """So much of so much: solid waste, waste heat, water; or energy per product against quota."""

    part: Decimal
    whole: Decimal


def used_of(rows: Sequence[Used]) -> tuple[Decimal | None, Decimal, Decimal]:
    """The weighted share of all rows, with its two sides."""
    part = sum((row.part for row in rows), ZERO)
    whole = sum((row.whole for row in rows), ZERO)
    return share(part, whole), part, whole


def within_quota(rows: Sequence[Used]) -> Decimal | None:
    """The share of products whose use is at or below their quota; met only at one (G2)."""
    if not rows:
        return None
    good = sum(1 for row in rows if row.part <= row.whole)
    return share(Decimal(good), Decimal(len(rows)))


NEEDED = ("energy_tce", "scope1_tco2", "scope2_tco2", "process_tco2", "boundary_confirmed",
          "enterprise_list_confirmed")  # fmt: skip


def missing(told: Mapping[str, object], needed: Sequence[str] = NEEDED) -> list[str]:
    """What must be known before a park is judged. Nought is known; None and "no" are not."""
    return [name for name in needed if told.get(name) is None or told.get(name) is False]
