"""Green power contracts for machines: terms, meter rows, statements, claims."""

from finance.ppas.rest.contracts import (
    Amendments,
    Contracts,
    Finalising,
    Meters,
    OneContract,
    Settling,
    Signing,
    Terms,
)
from finance.ppas.rest.metering import Months, OneUpload, Points, Readings
from finance.ppas.rest.settlements import Adjustments, Claims, OneSettlement, Settlements

__all__ = [
    "Adjustments",
    "Amendments",
    "Claims",
    "Contracts",
    "Finalising",
    "Meters",
    "Months",
    "OneContract",
    "OneSettlement",
    "OneUpload",
    "Points",
    "Readings",
    "Settlements",
    "Settling",
    "Signing",
    "Terms",
]
