"""Where an entry stands, how it was worked out, and how good what was told is."""

from enum import StrEnum


class ValueChain(StrEnum):
    """The fifteen categories of Scope 3 in their order, and what stands beside them."""

    PURCHASED_GOODS = "PURCHASED_GOODS"
    CAPITAL_GOODS = "CAPITAL_GOODS"
    FUEL_AND_ENERGY = "FUEL_AND_ENERGY"
    UPSTREAM_TRANSPORT = "UPSTREAM_TRANSPORT"
    WASTE = "WASTE"
    BUSINESS_TRAVEL = "BUSINESS_TRAVEL"
    COMMUTING = "COMMUTING"
    UPSTREAM_LEASED = "UPSTREAM_LEASED"
    DOWNSTREAM_TRANSPORT = "DOWNSTREAM_TRANSPORT"
    PROCESSING = "PROCESSING"
    USE_OF_SOLD = "USE_OF_SOLD"
    END_OF_LIFE = "END_OF_LIFE"
    DOWNSTREAM_LEASED = "DOWNSTREAM_LEASED"
    FRANCHISES = "FRANCHISES"
    INVESTMENTS = "INVESTMENTS"
    OTHER_INDIRECT = "OTHER_INDIRECT"  # ISO category 6, no category of the GHG Protocol


class Part(StrEnum):
    """Where an entry stands: a part of category 1 or 2, of the value chain, or a removal."""

    STATIONARY = "STATIONARY"
    MOBILE = "MOBILE"
    PROCESS = "PROCESS"
    FUGITIVE = "FUGITIVE"
    IMPORTED_HEAT = "IMPORTED_HEAT"
    PURCHASED_GOODS = ValueChain.PURCHASED_GOODS
    CAPITAL_GOODS = ValueChain.CAPITAL_GOODS
    FUEL_AND_ENERGY = ValueChain.FUEL_AND_ENERGY
    UPSTREAM_TRANSPORT = ValueChain.UPSTREAM_TRANSPORT
    WASTE = ValueChain.WASTE
    BUSINESS_TRAVEL = ValueChain.BUSINESS_TRAVEL
    COMMUTING = ValueChain.COMMUTING
    UPSTREAM_LEASED = ValueChain.UPSTREAM_LEASED
    DOWNSTREAM_TRANSPORT = ValueChain.DOWNSTREAM_TRANSPORT
    PROCESSING = ValueChain.PROCESSING
    USE_OF_SOLD = ValueChain.USE_OF_SOLD
    END_OF_LIFE = ValueChain.END_OF_LIFE
    DOWNSTREAM_LEASED = ValueChain.DOWNSTREAM_LEASED
    FRANCHISES = ValueChain.FRANCHISES
    INVESTMENTS = ValueChain.INVESTMENTS
    OTHER_INDIRECT = ValueChain.OTHER_INDIRECT
    REMOVALS = "REMOVALS"


class Method(StrEnum):
    """How activity becomes a quantity. The first five are the methods of the Scope 3 standard."""

    AVERAGE = "AVERAGE"  # physical quantity × average factor
    SPEND = "SPEND"  # money × factor per money
    SUPPLIER = "SUPPLIER"  # what the supplier says it emitted for us
    DISTANCE = "DISTANCE"  # mass or people × distance
    ASSET = "ASSET"  # our share of an asset's own emissions
    FUEL = "FUEL"  # mass, volume or energy, net or gross × factor per net energy
    GRID_LOSSES = "GRID_LOSSES"  # power used × what is lost on the way
    REFRIGERANT_BALANCE = "REFRIGERANT_BALANCE"
    REFRIGERANT_SCREENING = "REFRIGERANT_SCREENING"
    PRODUCT = "PRODUCT"  # output × factor of the product
    CLINKER = "CLINKER"
    ANODE_EFFECTS = "ANODE_EFFECTS"
    CARBON_BALANCE = "CARBON_BALANCE"
    SHARED_PLANT = "SHARED_PLANT"  # bought heat of a plant that also makes power


class DataQuality(StrEnum):
    """Where the figures come from, best first."""

    MEASURED = "MEASURED"
    TOLD = "TOLD"  # by a supplier, on an invoice
    AVERAGED = "AVERAGED"  # of an industry or a region
    ESTIMATED = "ESTIMATED"


# ISO 14064-1 categories by part (rule book 5.4; the mapping of 3 to 6 is unverified).
CATEGORY: dict[Part, int] = {
    **dict.fromkeys((Part.STATIONARY, Part.MOBILE, Part.PROCESS, Part.FUGITIVE), 1),
    Part.REMOVALS: 1,
    Part.IMPORTED_HEAT: 2,
    **dict.fromkeys(
        (
            Part.UPSTREAM_TRANSPORT,
            Part.BUSINESS_TRAVEL,
            Part.COMMUTING,
            Part.DOWNSTREAM_TRANSPORT,
        ),
        3,
    ),
    **dict.fromkeys(
        (
            Part.PURCHASED_GOODS,
            Part.CAPITAL_GOODS,
            Part.FUEL_AND_ENERGY,
            Part.WASTE,
            Part.UPSTREAM_LEASED,
        ),
        4,
    ),
    **dict.fromkeys(
        (
            Part.PROCESSING,
            Part.USE_OF_SOLD,
            Part.END_OF_LIFE,
            Part.DOWNSTREAM_LEASED,
            Part.FRANCHISES,
            Part.INVESTMENTS,
        ),
        5,
    ),
    Part.OTHER_INDIRECT: 6,
}
SCOPE_3_NUMBER = {one: number for number, one in enumerate(ValueChain, 1) if number <= 15}
