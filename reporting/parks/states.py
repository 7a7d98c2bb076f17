"""What kinds of things stand in a park."""

from enum import StrEnum


class SourceKind(StrEnum):
    """How an emission source burns, buys or loses what it emits from."""

    STATIONARY_FUEL = "STATIONARY_FUEL"
    MOBILE_FUEL = "MOBILE_FUEL"
    PROCESS = "PROCESS"
    REFRIGERANT = "REFRIGERANT"
    PURCHASED_POWER = "PURCHASED_POWER"
    DIRECT_GREEN_POWER = "DIRECT_GREEN_POWER"
    SELF_GENERATED_POWER = "SELF_GENERATED_POWER"
    PURCHASED_HEAT = "PURCHASED_HEAT"


class BoundaryKind(StrEnum):
    """The whole park, or a park within the park (园中园)."""

    WHOLE = "WHOLE"
    SUB_PARK = "SUB_PARK"


class SupplyForm(StrEnum):
    """How power is supplied directly (R1.30)."""

    SINGLE_USER = "SINGLE_USER"
    MULTI_USER = "MULTI_USER"
    NEARBY = "NEARBY"


class PowerClass(StrEnum):
    """Where a MWh counts; in one class only (R1.31)."""

    DIRECT = "DIRECT"
    SELF_GENERATED = "SELF_GENERATED"
    CERTIFICATE = "CERTIFICATE"
    GRID = "GRID"


class Subcategory(StrEnum):
    """Parts of ISO 14064-1 categories 1 and 2."""

    STATIONARY = "STATIONARY"
    MOBILE = "MOBILE"
    PROCESS = "PROCESS"
    FUGITIVE = "FUGITIVE"
    IMPORTED_ELECTRICITY = "IMPORTED_ELECTRICITY"
    IMPORTED_HEAT = "IMPORTED_HEAT"
