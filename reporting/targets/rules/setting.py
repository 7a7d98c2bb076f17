"""What a target must say before it is set."""

from decimal import Decimal

from ledger.kernel.errors import N_, DomainError
from reporting.targets.rules.paths import BaseYearTooEarly
from reporting.targets.states import Coverage, TargetKind


class BaseMissing(DomainError):
    code = "base_missing"
    message = N_("A target needs the base that it cuts, above nothing.")


class DenominatorMissing(DomainError):
    code = "denominator_missing"
    message = N_("An intensity says per what: the name of a denominator of the inventories.")


class ValidationUnnamed(DomainError):
    """R9.7: who validated, under which standard."""

    code = "validation_unnamed"
    message = N_("A validation id belongs to a standard: name it with its version.")


class TargetEvidenceMissing(DomainError):
    code = "target_evidence_missing"
    message = N_("Say where the target was decided.")


class WithdrawnWithoutReason(DomainError):
    code = "withdrawn_without_reason"
    message = N_("Say why the target no longer holds.")


class CoverageWithoutInventory(DomainError):
    code = "coverage_without_inventory"
    message = N_("An intensity is of an inventory; the park method has an intensity of its own.")


def check_target(
    *,
    kind: TargetKind,
    base: Decimal | None,
    per: str,
    standard: str,
    validation_id: str,
    evidence: str,
    coverage: Coverage,
) -> None:
    """:raises BaseMissing, DenominatorMissing, ValidationUnnamed, TargetEvidenceMissing,
    CoverageWithoutInventory: as they say
    """
    if not evidence.strip():
        raise TargetEvidenceMissing
    if kind is not TargetKind.PEAK and (base is None or base <= 0):
        raise BaseMissing
    if kind is TargetKind.INTENSITY and not per.strip():
        raise DenominatorMissing
    if kind is TargetKind.INTENSITY and coverage in {Coverage.PARK_910, Coverage.SCOPE_1,
                                                     Coverage.ALL_MARKET}:  # fmt: skip
        raise CoverageWithoutInventory
    if validation_id.strip() and not standard.strip():
        raise ValidationUnnamed


def check_base_year(base_year: int, earliest: int) -> None:
    """:raises BaseYearTooEarly: R9.4"""
    if base_year < earliest:
        raise BaseYearTooEarly(earliest=str(earliest))


def check_reason(reason: str) -> None:
    """:raises WithdrawnWithoutReason: say why"""
    if not reason.strip():
        raise WithdrawnWithoutReason
