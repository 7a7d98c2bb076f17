"""Writes of green power contracts: terms, meter rows, settlements, certificates, claims."""

from finance.ppas.operations.certificates import (
    claim_power,
    deliver_certificates,
    match_certificates,
)
from finance.ppas.operations.contracts import (
    DeviationTerm,
    PriceTerm,
    add_price,
    amend_contract,
    attach_point,
    discard_contract,
    enter_contract,
    set_deviation,
    set_volumes,
    sign_contract,
)
from finance.ppas.operations.metering import (
    record_metered_month,
    register_point,
    take_readings,
    upload_readings,
)
from finance.ppas.operations.settling import (
    adjust_settlement,
    finalise_settlements,
    request_settlement,
    settle_in_steps,
    settle_months,
)
from finance.ppas.rules.terms import MonthVolume

__all__ = [
    "DeviationTerm",
    "MonthVolume",
    "PriceTerm",
    "add_price",
    "adjust_settlement",
    "amend_contract",
    "attach_point",
    "claim_power",
    "deliver_certificates",
    "discard_contract",
    "enter_contract",
    "finalise_settlements",
    "match_certificates",
    "record_metered_month",
    "register_point",
    "request_settlement",
    "set_deviation",
    "set_volumes",
    "settle_in_steps",
    "settle_months",
    "sign_contract",
    "take_readings",
    "upload_readings",
]
