"""Where an entry may stand, and what must be said with it."""

from collections.abc import Mapping
from decimal import Decimal

from ledger.kernel.errors import N_, DomainError
from ledger.kernel.measures import Dimension, Measure
from ledger.kernel.quantities import exact
from reporting.entries.states import Method, Part, ValueChain


class EvidenceMissing(DomainError):
    code = "entry_evidence_missing"
    message = N_("Say what proves the entry: an invoice, a statement of the supplier, a log.")


class CellMissing(DomainError):
    code = "cell_missing"
    message = N_("This cell must be filled in.")


class MethodDoesNotFit(DomainError):
    code = "method_does_not_fit"
    message = N_("The method %(method)s is not for %(part)s.")


class FactorMissing(DomainError):
    code = "factor_missing"
    message = N_("Name a factor of the library, or give one with its unit and its source.")


class RefrigerantMissing(DomainError):
    code = "refrigerant_missing"
    message = N_("Name the refrigerant.")


class YearIsClosed(DomainError):
    code = "year_is_closed"
    message = N_("The data of %(year)s is submitted; re-open it to enter or to correct.")


class CorrectionWithoutReason(DomainError):
    code = "correction_without_reason"
    message = N_("A correction says why.")


_CHAIN = frozenset(Part(one.value) for one in ValueChain)
_FITS: Mapping[Method, frozenset[Part]] = {
    Method.AVERAGE: _CHAIN | {Part.REMOVALS, Part.PROCESS, Part.IMPORTED_HEAT},
    Method.SPEND: _CHAIN,
    Method.SUPPLIER: _CHAIN | {Part.REMOVALS, Part.IMPORTED_HEAT},
    Method.DISTANCE: frozenset(
        {
            Part.UPSTREAM_TRANSPORT,
            Part.DOWNSTREAM_TRANSPORT,
            Part.BUSINESS_TRAVEL,
            Part.COMMUTING,
            Part.WASTE,
            Part.MOBILE,
        }
    ),
    Method.ASSET: frozenset(
        {Part.UPSTREAM_LEASED, Part.DOWNSTREAM_LEASED, Part.FRANCHISES, Part.INVESTMENTS}
    ),
    Method.FUEL: frozenset({Part.STATIONARY, Part.MOBILE, Part.FUEL_AND_ENERGY}),
    Method.GRID_LOSSES: frozenset({Part.FUEL_AND_ENERGY}),
    Method.REFRIGERANT_BALANCE: frozenset({Part.FUGITIVE}),
    Method.REFRIGERANT_SCREENING: frozenset({Part.FUGITIVE}),
    Method.PRODUCT: frozenset({Part.PROCESS}),
    Method.CLINKER: frozenset({Part.PROCESS}),
    Method.ANODE_EFFECTS: frozenset({Part.PROCESS}),
    Method.CARBON_BALANCE: frozenset({Part.PROCESS}),
    Method.SHARED_PLANT: frozenset({Part.IMPORTED_HEAT}),
}


def parts_of(method: Method) -> list[Part]:
    return [part for part in Part if part in _FITS[method]]


def check_fits(method: Method, part: Part) -> None:
    """:raises MethodDoesNotFit: no entry of this part is worked out so"""
    if part not in _FITS[method]:
        raise MethodDoesNotFit(method=method, part=part)


def check_given(given: Mapping[str, str]) -> None:
    """A factor that is given says its value, its unit as mass per measure, and its source.

    :raises FactorMissing: one of them is not there
    :raises NotANumber, UnknownMeasure: it cannot be read
    """
    if not all(given.get(name, "").strip() for name in ("value", "mass", "per", "source")):
        raise FactorMissing
    value = exact(given["value"])
    mass = Measure.parse(given["mass"])
    Measure.parse(given["per"])
    if mass.dimension is not Dimension.MASS or value < Decimal(0):
        raise FactorMissing
