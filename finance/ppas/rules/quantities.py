"""How much is settled: the least of what was contracted, generated and consumed (R8.1, R8.3).

Energy is whole watt-hours: 1 MWh = 1,000,000 Wh, the grid of the meters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ledger.kernel.shares import share_out

WH_PER_MWH = 1_000_000
WH_PER_KWH = 1_000


@dataclass(frozen=True, slots=True)
class Curve:
    """A contract by the hour: what was settled and missed, hour by hour, in Wh."""

    settled_wh: Mapping[str, int]
    seller_short_wh: int
    buyer_short_wh: int


@dataclass(frozen=True, slots=True)
class Volumes:
    """A contract's share of the meter rows of a month, in Wh; by the letter of the tariff."""

    contracted_wh: int
    generated_wh: Mapping[str, int]
    consumed_wh: Mapping[str, int]
    # hour by hour the lesser of both sides; None: sides are compared by month
    matched_wh: Mapping[str, int] | None = None
    curve: Curve | None = None


@dataclass(frozen=True, slots=True)
class Quantities:
    """What follows from them."""

    contracted_wh: int
    generated_wh: int
    consumed_wh: int
    delivered_wh: int
    settled_wh: int
    seller_short_wh: int
    buyer_short_wh: int
    surplus_wh: int
    weights: Mapping[str, int]  # by tariff, for sharing out what is priced by it

    @property
    def shortfall_wh(self) -> int:
        return max(0, self.contracted_wh - self.delivered_wh)

    def by_tariff(self, energy_wh: int) -> dict[str, int]:
        """A part of the month's energy over the hours of use; nothing is lost."""
        if not energy_wh:
            return dict.fromkeys(self.weights, 0)
        return split(energy_wh, self.weights)


def split(energy_wh: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Share energy out by weight, largest remainder first; earlier wins a tie."""
    names = list(weights)
    if not energy_wh or not any(weights.values()):
        return dict.fromkeys(names, 0)
    return dict(zip(names, share_out(energy_wh, [weights[name] for name in names]), strict=True))


def quantities(volumes: Volumes, *, rule: str) -> Quantities:
    """The three-way minimum, the shortfalls by who failed, and the surplus.

    Where both sides fall short of the contract, neither owes for what both lack (R8.5): only the
    excess of one over the other is that one's shortfall.
    """
    generated, consumed = (
        sum(side.values()) for side in (volumes.generated_wh, volumes.consumed_wh)
    )
    contracted = volumes.contracted_wh
    if rule == "CONTRACTED":
        delivered, weights = generated, volumes.generated_wh
        consumed_for_rule = contracted
    else:
        matched = volumes.matched_wh
        delivered = min(generated, consumed) if matched is None else sum(matched.values())
        weights = volumes.consumed_wh if matched is None else matched
        consumed_for_rule = consumed
    if rule == "METERED":
        contracted = delivered
    seller = max(0, contracted - generated)
    buyer = max(0, contracted - consumed_for_rule)
    settled = min(delivered, contracted)
    seller, buyer = max(0, seller - buyer), max(0, buyer - seller)
    if volumes.curve is not None and rule == "THREE_WAY":
        settled, weights = sum(volumes.curve.settled_wh.values()), volumes.curve.settled_wh
        seller, buyer = volumes.curve.seller_short_wh, volumes.curve.buyer_short_wh
    return Quantities(
        contracted_wh=contracted,
        generated_wh=generated,
        consumed_wh=consumed,
        delivered_wh=delivered,
        settled_wh=settled,
        seller_short_wh=seller,
        buyer_short_wh=buyer,
        surplus_wh=delivered - settled,
        weights=dict(weights),
    )


def part_of(energy_wh: int, share_bps: int) -> int:
    """A contract's share of a meter, rounded down: shares never sum to more than the whole."""
    return energy_wh * share_bps // 10_000


def mwh(energy_wh: int) -> Decimal:
    return Decimal(energy_wh).scaleb(-6)


def kwh(energy_wh: int) -> Decimal:
    return Decimal(energy_wh).scaleb(-3)


@dataclass(frozen=True, slots=True)
class Certificates:
    """Whole certificates of a month, and what is carried (R8.2, R3.12)."""

    carried_in_wh: int
    unit_count: int
    carried_out_wh: int


def certificates(settled_wh: int, *, carried_in_wh: int) -> Certificates:
    """Floor with carry. After an adjustment downwards the carry may be below zero: certificates
    were delivered ahead, and the next month makes up for it.
    """
    whole = settled_wh + carried_in_wh
    count = max(0, whole // WH_PER_MWH)
    return Certificates(carried_in_wh, count, whole - count * WH_PER_MWH)


def volume_of_day_curve(hours_wh: Sequence[int], days: int) -> int:
    """A month of equal days."""
    return sum(hours_wh) * days
