"""Claiming: units are retired and the claim written in one transaction; and back, linked."""

from ledger.claims.operations.issuing import issue_certificates
from ledger.claims.operations.metering import record_generation
from ledger.claims.operations.of_own_power import claim_self_use
from ledger.claims.operations.of_units import claim_units
from ledger.claims.operations.reversing import reverse_claim, reverse_issuance

__all__ = [
    "claim_self_use",
    "claim_units",
    "issue_certificates",
    "record_generation",
    "reverse_claim",
    "reverse_issuance",
]
