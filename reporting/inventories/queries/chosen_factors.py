"""Which factor an activity takes: the one place that knows how the factors room is asked."""

from collections.abc import Iterable, Sequence
from datetime import date

from ledger.kernel.periods import Period
from ledger.kernel.quantities import Quantity
from reporting.inventories.engine.values import Factor, GwpSet
from reporting.parks.queries import ParkView, SourceView


def factors_of(source: SourceView, park: ParkView, year: int, on: date) -> Sequence[Factor]:
    raise NotImplementedError


def energy_of(source: SourceView, quantity: Quantity, year: int, on: date) -> Quantity | None:
    raise NotImplementedError


def residual_mix(period: Period, on: date) -> Factor | None:
    raise NotImplementedError


def gwp_set(name: str, gases: Iterable[str]) -> GwpSet:
    raise NotImplementedError
