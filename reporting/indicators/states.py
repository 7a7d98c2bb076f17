"""The words of the national method: parts of the sum, facts that no meter tells, and verdicts."""

from enum import StrEnum


class EmissionPart(StrEnum):
    """R1.16, R1.17: what E is the sum of."""

    FUEL = "FUEL"
    TRANSFORMATION = "TRANSFORMATION"
    POWER = "POWER"
    HEAT = "HEAT"
    PROCESS = "PROCESS"


class PowerKind(StrEnum):
    """How a MWh reached the park. A MWh is of one kind only (R1.31)."""

    DIRECT = "DIRECT"  # directly supplied, non-fossil
    CERTIFIED = "CERTIFIED"  # bought, with a certificate or as traded green power
    OTHER = "OTHER"
    SELF = "SELF"  # made in the park: never received, so never in the emissions


class Indicator(StrEnum):
    """The core indicator, the five guiding ones, and the two shares of green power."""

    CORE = "CORE"
    CLEAN_ENERGY = "CLEAN_ENERGY"
    PRODUCT_ENERGY = "PRODUCT_ENERGY"
    SOLID_WASTE = "SOLID_WASTE"
    WASTE_HEAT = "WASTE_HEAT"
    WATER_REUSE = "WATER_REUSE"
    DIRECT_SHARE = "DIRECT_SHARE"
    CERTIFICATE_SHARE = "CERTIFICATE_SHARE"


GUIDING = (
    Indicator.CLEAN_ENERGY,
    Indicator.PRODUCT_ENERGY,
    Indicator.SOLID_WASTE,
    Indicator.WASTE_HEAT,
    Indicator.WATER_REUSE,
)


class Status(StrEnum):
    """R1.13 for the guiding five; the core has one more answer (R1.9)."""

    MET = "MET"
    NOT_MET = "NOT_MET"
    EXCLUDED = "EXCLUDED"  # with a reason
    NO_DATA = "NO_DATA"
    NO_TIER = "NO_TIER"  # below the first tier: never "met"
    SHOWN = "SHOWN"  # a share that has no threshold of its own


class FactKind(StrEnum):
    """What the method asks for beyond the meters of a park."""

    SENT_POWER_GREEN = "SENT_POWER_GREEN"
    SENT_POWER_FOSSIL = "SENT_POWER_FOSSIL"
    SENT_HEAT_FOSSIL = "SENT_HEAT_FOSSIL"
    HEAT_FACTOR = "HEAT_FACTOR"  # tCO2/GJ that the supplier of a heat source measured (R1.29)
    TRANSFORMED_IN = "TRANSFORMED_IN"  # coal into a coke oven
    TRANSFORMED_OUT = "TRANSFORMED_OUT"  # coke and gas out of it
    PRODUCT_OUTPUT = "PRODUCT_OUTPUT"  # of a product with process emissions
    PRODUCT_ENERGY = "PRODUCT_ENERGY"  # used per product, against its grade-2 quota
    SOLID_WASTE = "SOLID_WASTE"  # used, of what was generated
    WASTE_HEAT = "WASTE_HEAT"
    WASTE_COLD = "WASTE_COLD"
    WASTE_PRESSURE = "WASTE_PRESSURE"
    WATER = "WATER"  # reused, of reused and fresh together
    BUNKERS = "BUNKERS"  # international: not deducted, shown apart (R1.19)
    EXCLUSION = "EXCLUSION"  # of a guiding indicator that does not fit, with the reason
