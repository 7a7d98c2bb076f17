"""Every write about obligations: facts told, units allocated, surrendered and carried over."""

from ledger.compliance.operations.allocating import (
    Deviation,
    entitle_industry,
    entitle_power,
    entitle_pre_allocation,
    record_allocation,
)
from ledger.compliance.operations.carrying import (
    apply_for_carry_over,
    complete_carry_over,
    withdraw_carry_over,
)
from ledger.compliance.operations.regimes import load_regimes
from ledger.compliance.operations.surrendering import Line, check_lines, surrender
from ledger.compliance.operations.telling import (
    enter_entity,
    reckon_again,
    record_emissions,
    tell_fact,
    withdraw_emissions,
)

__all__ = [
    "Deviation",
    "Line",
    "apply_for_carry_over",
    "check_lines",
    "complete_carry_over",
    "enter_entity",
    "entitle_industry",
    "entitle_power",
    "entitle_pre_allocation",
    "load_regimes",
    "reckon_again",
    "record_allocation",
    "record_emissions",
    "surrender",
    "tell_fact",
    "withdraw_carry_over",
    "withdraw_emissions",
]
