"""What a fact for the indicators must be before it is kept."""

from decimal import Decimal

from ledger.kernel.errors import N_, DomainError
from ledger.kernel.measures import Dimension, Measure, MeasureMismatch
from reporting.indicators.states import GUIDING, FactKind, Indicator


class EvidenceMissing(DomainError):
    code = "evidence_missing"
    message = N_("Say what proves it: a document, a certificate, a meter pair.")


class CellMissing(DomainError):
    code = "fact_cell_missing"
    message = N_("This cell must be filled in.")


class CellNotANumber(DomainError):
    code = "fact_cell_not_a_number"
    message = N_("“%(text)s” is not a number.")


class ReasonForExclusionMissing(DomainError):
    code = "reason_for_exclusion_missing"
    message = N_("An indicator may be left out only with a reason (R1.13).")


class NotAGuidingIndicator(DomainError):
    code = "not_a_guiding_indicator"
    message = N_("%(name)s is none of the five guiding indicators; only those may be left out.")


class PartBeyondWhole(DomainError):
    code = "part_beyond_whole"
    message = N_("%(part)s cannot be more than the %(whole)s that it is a part of.")


class SecondAmountMissing(DomainError):
    code = "second_amount_missing"
    message = N_("Give both amounts: what was used, and what it is held against.")


class AmountNegative(DomainError):
    code = "fact_amount_negative"
    message = N_("An amount here is nothing or more.")


PAIRS = frozenset(
    {
        FactKind.PRODUCT_ENERGY,
        FactKind.SOLID_WASTE,
        FactKind.WASTE_HEAT,
        FactKind.WASTE_COLD,
        FactKind.WASTE_PRESSURE,
        FactKind.WATER,
    }
)
DIMENSION = {
    FactKind.SENT_POWER_GREEN: Dimension.ENERGY,
    FactKind.SENT_POWER_FOSSIL: Dimension.ENERGY,
    FactKind.SENT_HEAT_FOSSIL: Dimension.ENERGY,
    FactKind.SOLID_WASTE: Dimension.MASS,
    FactKind.WASTE_HEAT: Dimension.ENERGY,
    FactKind.WASTE_COLD: Dimension.ENERGY,
    FactKind.WASTE_PRESSURE: Dimension.ENERGY,
    FactKind.WATER: Dimension.VOLUME,
    FactKind.BUNKERS: Dimension.MASS,
}
# Kinds whose unit is a rate or told in words ("kgce/t"), and is not turned into another.
FREE_UNIT = frozenset({FactKind.PRODUCT_ENERGY, FactKind.HEAT_FACTOR, FactKind.EXCLUSION})


def check_fact(
    *,
    kind: FactKind,
    name: str,
    part: Decimal | None,
    whole: Decimal | None,
    unit: str,
    evidence: str,
    reason: str,
) -> None:
    """:raises EvidenceMissing, ReasonForExclusionMissing, NotAGuidingIndicator,
    SecondAmountMissing, PartBeyondWhole, AmountNegative, MeasureMismatch, UnknownMeasure: as named
    """
    if kind is FactKind.EXCLUSION:
        check_exclusion(name=name, reason=reason)
        return
    if not evidence.strip():
        raise EvidenceMissing
    if part is None or (kind in PAIRS) is not (whole is not None):
        raise SecondAmountMissing
    _check_amounts(kind, part, whole)
    if kind in FREE_UNIT:
        return
    measure, wanted = Measure.parse(unit), DIMENSION.get(kind)
    if wanted is not None and measure.dimension is not wanted:
        raise MeasureMismatch(left=measure.value, right=wanted.value)


def _check_amounts(kind: FactKind, part: Decimal, whole: Decimal | None) -> None:
    if part < 0 or (whole is not None and whole < 0):
        raise AmountNegative
    # what a product uses may well be more than its quota: that is what is asked
    if whole is not None and part > whole and kind is not FactKind.PRODUCT_ENERGY:
        raise PartBeyondWhole(part=part, whole=whole)


def check_exclusion(*, name: str, reason: str) -> None:
    """:raises NotAGuidingIndicator, ReasonForExclusionMissing: R1.13"""
    if name not in {Indicator(one).value for one in GUIDING}:
        raise NotAGuidingIndicator(name=name)
    if not reason.strip():
        raise ReasonForExclusionMissing
