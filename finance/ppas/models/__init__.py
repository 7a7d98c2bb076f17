from finance.ppas.models.certificates import CertificateMatch, PowerClaim
from finance.ppas.models.contracts import (
    Contract,
    DeviationRule,
    PricePart,
    Slice,
    Volume,
)
from finance.ppas.models.metering import MeterMonth, Point, Reading, Upload
from finance.ppas.models.settlements import Settlement, SettlementLine, SettlementPoint

__all__ = [
    "CertificateMatch",
    "Contract",
    "DeviationRule",
    "MeterMonth",
    "Point",
    "PowerClaim",
    "PricePart",
    "Reading",
    "Settlement",
    "SettlementLine",
    "SettlementPoint",
    "Slice",
    "Upload",
    "Volume",
]
