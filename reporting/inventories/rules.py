"""What an inventory must satisfy before it is built, frozen or restated."""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.kernel.errors import N_, DomainError
from ledger.kernel.periods import Period
from ledger.kernel.quantities import NotANumber, exact

PURPOSE = "CORPORATE"


class NothingToCalculate(DomainError):
    code = "nothing_to_calculate"
    message = N_("There is no activity data for this period.")


class NotWholeMonths(DomainError):
    code = "not_whole_months"
    message = N_("An inventory covers whole months.")


class ExclusionWithoutReason(DomainError):
    code = "exclusion_without_reason"
    message = N_("Every exclusion needs what is excluded and why.")


class ReasonMissing(DomainError):
    code = "reason_missing"
    message = N_("Give a reason.")


class NotFrozen(DomainError):
    code = "inventory_not_frozen"
    message = N_("This inventory is not frozen.")


class DataChangedSinceCalculation(DomainError):
    code = "data_changed_since_calculation"
    message = N_("The data changed after the calculation; calculate again first.")


def check_period(period: Period) -> None:
    """:raises NotWholeMonths: activity is kept by month"""
    if not period.is_whole_months():
        raise NotWholeMonths


def check_exclusions(exclusions: Sequence[Mapping[str, Any]]) -> None:
    """:raises ExclusionWithoutReason: clause 9.3.1 i asks for both"""
    for one in exclusions:
        if not str(one.get("what", "")).strip() or not str(one.get("reason", "")).strip():
            raise ExclusionWithoutReason


class SupplierIncomplete(DomainError):
    code = "supplier_incomplete"
    message = N_("A supplier's factor needs its name, the MWh it is for, its value and evidence.")


def check_suppliers(suppliers: Sequence[Mapping[str, Any]]) -> None:
    """:raises SupplierIncomplete: something is missing, or is no amount"""
    for one in suppliers:
        told = [str(one.get(name, "")).strip() for name in ("name", "evidence")]
        try:
            amounts = [exact(str(one[name])) for name in ("mwh", "tco2e_per_mwh")]
        except (KeyError, NotANumber):
            raise SupplierIncomplete from None
        if not all(told) or min(amounts) < 0:
            raise SupplierIncomplete


def check_reason(reason: str) -> None:
    """:raises ReasonMissing: a restatement says why"""
    if not reason.strip():
        raise ReasonMissing
