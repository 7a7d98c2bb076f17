"""The life of an inventory, and the words its calculation knows."""

from enum import StrEnum

from ledger.kernel.transitions import Transitions


class InventoryState(StrEnum):
    DRAFT = "DRAFT"
    CALCULATED = "CALCULATED"
    FROZEN = "FROZEN"
    RESTATED = "RESTATED"  # another inventory took its place; the frozen one stays as it was


TRANSITIONS: Transitions = {
    InventoryState.DRAFT: frozenset({InventoryState.CALCULATED}),
    InventoryState.CALCULATED: frozenset({InventoryState.CALCULATED, InventoryState.FROZEN}),
    InventoryState.FROZEN: frozenset({InventoryState.RESTATED}),
    InventoryState.RESTATED: frozenset(),
}


class Consolidation(StrEnum):
    OPERATIONAL_CONTROL = "OPERATIONAL_CONTROL"
    FINANCIAL_CONTROL = "FINANCIAL_CONTROL"
    EQUITY_SHARE = "EQUITY_SHARE"


class HeldAs(StrEnum):
    """How another company is held, as its accounts say (GHG Protocol, table 1)."""

    GROUP = "GROUP"  # a subsidiary or an associate
    JOINT = "JOINT"  # a joint venture or operation
    FRANCHISE = "FRANCHISE"  # without equity
    INVESTMENT = "INVESTMENT"  # without influence


class GasGroup(StrEnum):
    """The seven gases and families of the Kyoto Protocol, and what stands beside them."""

    CO2 = "CO2"
    CH4 = "CH4"
    N2O = "N2O"
    HFCS = "HFCs"
    PFCS = "PFCs"
    SF6 = "SF6"
    NF3 = "NF3"
    BIOGENIC_CO2 = "BIOGENIC_CO2"
    NOT_BY_GAS = "NOT_BY_GAS"  # a factor in CO2e that does not say of which gases
    NOT_KYOTO = "NOT_KYOTO"  # HCFC, CFC and others: reported outside the scopes (R4.4)


class Rung(StrEnum):
    """The market-based ladder, best evidence first (R5.6)."""

    CERTIFICATE = "CERTIFICATE"
    DIRECT_SUPPLY = "DIRECT_SUPPLY"
    SELF_GENERATED = "SELF_GENERATED"
    SUPPLIER = "SUPPLIER"  # the supplier's or utility's own factor
    RESIDUAL_MIX = "RESIDUAL_MIX"
    GRID_AVERAGE = "GRID_AVERAGE"


class Answer(StrEnum):
    """To one of the eight Scope 2 quality criteria (R5.8)."""

    YES = "YES"
    NO = "NO"
    NOT_CHECKED = "NOT_CHECKED"
