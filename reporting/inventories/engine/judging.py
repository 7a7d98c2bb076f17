"""Significance, base year, intensity: what is said about an inventory beside its figures."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any

from ledger.kernel.errors import N_, DomainError
from ledger.kernel.quantities import WIDE, exact
from reporting.entries.states import ValueChain
from reporting.inventories.engine.content import text
from reporting.inventories.engine.values import ZERO, Totals


class SignificanceUnanswered(DomainError):
    code = "significance_unanswered"
    message = N_(
        "%(part)s: say by which criteria it was judged, and for what is not significant or not "
        "quantified, why."
    )


class UnknownPart(DomainError):
    code = "unknown_part"
    message = N_("%(part)s is no category of indirect emissions.")


class NoDenominator(DomainError):
    code = "no_denominator"
    message = N_("An intensity needs a name, a unit and an amount above nothing.")


class Change(StrEnum):
    """Why a base year may have to be calculated again (R5.14)."""

    STRUCTURE = "STRUCTURE"  # bought, sold, merged
    METHOD = "METHOD"
    FACTOR = "FACTOR"
    ERROR = "ERROR"
    ORGANIC = "ORGANIC"  # opened or closed in the normal course: never a reason


def needs_recalculation(
    change: Change, *, effect: Decimal, base: Decimal, threshold: Decimal
) -> bool:
    """R5.14: above the documented threshold, and never for organic growth or decline."""
    if change is Change.ORGANIC:
        return False
    return abs(effect) > WIDE.multiply(abs(base), threshold)


def check_significance(told: Sequence[Mapping[str, Any]]) -> None:
    """R5.12: each judgement has its criteria, and each "no" its reason.

    :raises UnknownPart, SignificanceUnanswered: as they say
    """
    for one in told:
        part = str(one.get("part", ""))
        if part not in set(ValueChain):
            raise UnknownPart(part=part)
        is_complete = bool(str(one.get("criteria", "")).strip()) and (
            one.get("is_significant") is True or bool(str(one.get("reason", "")).strip())
        )
        if not is_complete:
            raise SignificanceUnanswered(part=part)


def significance_content(told: Sequence[Mapping[str, Any]], totals: Totals) -> dict[str, Any]:
    """Each judgement with whether the part is quantified; and the parts nobody judged."""
    quantified = {str(part.value) for part in totals.by_value_chain}
    judged = {str(one["part"]) for one in told}
    return {
        "significance": [
            {
                "part": str(one["part"]),
                "is_significant": one.get("is_significant") is True,
                "criteria": str(one["criteria"]),
                "reason": str(one.get("reason", "")),
                "is_quantified": str(one["part"]) in quantified,
            }
            for one in told
        ],
        "not_quantified": [p.value for p in ValueChain if p.value not in quantified | judged],
    }


def check_denominators(told: Sequence[Mapping[str, str]]) -> None:
    """:raises NoDenominator: a name, a unit or a positive amount is missing"""
    for one in told:
        named = one.get("name_zh", "").strip() and one.get("unit", "").strip()
        if not named or exact(one.get("amount", "0")) <= 0:
            raise NoDenominator


def intensity_content(told: Sequence[Mapping[str, str]], totals: Totals) -> list[dict[str, str]]:
    """Scopes 1 and 2 per unit of each, both ways."""
    found = []
    for one in told:
        amount = exact(one["amount"])
        found.append(
            {
                "name_zh": one["name_zh"],
                "name_en": one.get("name_en", ""),
                "unit": one["unit"],
                "amount": text(amount),
                "scope_1_2_location": text(WIDE.divide(totals.total_location, amount)),
                "scope_1_2_market": text(WIDE.divide(totals.total_market, amount)),
            }
        )
    return found


def restatement_content(
    *, before: Decimal, after: Decimal, change: Change, threshold: Decimal
) -> dict[str, Any]:
    """What a restatement moved, and whether it is above the threshold of the policy."""
    effect = WIDE.subtract(after, before)
    share = WIDE.divide(abs(effect), abs(before)) if before else ZERO
    needed = needs_recalculation(change, effect=effect, base=before, threshold=threshold)
    return {
        "change": change.value,
        "before_tco2e": text(before),
        "after_tco2e": text(after),
        "effect_tco2e": text(effect),
        "share": text(share.quantize(Decimal("0.000001"))),
        "threshold": text(threshold),
        "is_above_threshold": needed,
    }
