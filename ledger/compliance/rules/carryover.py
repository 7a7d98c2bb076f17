"""Carry-over of 2019–2024 allowances into 2025 (R2.28–R2.31): the calculator and its helper."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from ledger.kernel.errors import N_, DomainError


class CarryOverClosed(DomainError):
    """I25: only inside the window."""

    code = "carry_over_closed"
    message = N_("Applications for carry-over were possible until %(last_day)s.")


class CarryOverTooMuch(DomainError):
    code = "carry_over_too_much"
    message = N_("At most %(limit)s units may be carried over; %(wanted)s were asked for.")


class CarriedOverAlready(DomainError):
    """I25: once."""

    code = "carried_over_already"
    message = N_("This entity has applied for its carry-over already.")


class ObligationsNotMet(DomainError):
    """R2.29."""

    code = "obligations_not_met"
    message = N_("Only entities that met their obligations on time may carry over.")


@dataclass(frozen=True, slots=True)
class CarryOver:
    """`T = B + NS × R`, not above what is held; and what more sales would save the rest."""

    net_sold: int
    formula: int  # T
    limit: int  # the most that may be carried over
    lost: int  # of the holding, if nothing more is sold
    extra_sales: int  # so that everything still held can be carried over


def carry_over(*, sold: int, purchased: int, held: int, base: Decimal, ratio: Decimal) -> CarryOver:
    """R2.28, R2.30 (TV-2.5). Quantities in t over the old vintages within the window of sales."""
    net = max(0, sold - purchased)
    formula = int((base + ratio * net).to_integral_value(rounding=ROUND_FLOOR))
    limit = min(formula, held)
    missing = (Decimal(held) - base - ratio * net) / (1 + ratio)
    extra = max(0, int(missing.to_integral_value(rounding=ROUND_CEILING)))
    return CarryOver(net, formula, limit, held - limit, extra)
