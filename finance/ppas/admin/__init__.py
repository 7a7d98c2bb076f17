"""Contracts, meters, statements and certificates: looked at here, changed by confirmed acts."""

from finance.ppas.admin.certificates import CertificateMatchAdmin, PowerClaimAdmin
from finance.ppas.admin.contracts import ContractAdmin
from finance.ppas.admin.metering import PointAdmin, UploadAdmin
from finance.ppas.admin.settlements import SettlementAdmin

__all__ = [
    "CertificateMatchAdmin",
    "ContractAdmin",
    "PointAdmin",
    "PowerClaimAdmin",
    "SettlementAdmin",
    "UploadAdmin",
]
