"""What a factor is for, what it says, and the editions of warming potentials."""

from enum import StrEnum


class Purpose(StrEnum):
    """Which calculation may use a factor; never another (R4.0)."""

    PARK_910 = "910"
    ETS = "ETS"
    CORPORATE = "CORPORATE"
    PRODUCT = "PRODUCT"


class FactorKind(StrEnum):
    EMISSION = "EMISSION"  # mass of a gas per measure of activity
    NCV = "NCV"  # net calorific value of a fuel
    TCE = "TCE"  # reference coal equivalent


class GwpSet(StrEnum):
    """One edition per report (R4.3)."""

    SAR = "SAR"
    AR4 = "AR4"
    AR5 = "AR5"
    AR6 = "AR6"


NATION = "CN"
BIOGENIC_CO2 = "CO2_BIOGENIC"
