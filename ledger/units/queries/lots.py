"""What a lot is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from ledger.kernel.errors import NotFound
from ledger.units.models import Lot


@dataclass(frozen=True, slots=True)
class LotView:
    """What a lot is. `space` is (registry, programme, prefix); None: no serial numbers."""

    id: UUID
    code: str
    scheme: str
    vintage_year: int
    project_id: UUID | None
    plant_id: UUID | None
    generated_from: date | None
    generated_to: date | None
    expires_on: date | None
    space: tuple[str, str, str] | None
    traits: dict[str, Any]


def lot_view(lot: Lot) -> LotView:
    """A row as other rooms see it."""
    space = lot.space
    return LotView(
        id=lot.id,
        code=lot.code,
        scheme=lot.scheme,
        vintage_year=lot.vintage_year,
        project_id=lot.project_id,
        plant_id=lot.plant_id,
        generated_from=lot.generated_from,
        generated_to=lot.generated_to,
        expires_on=lot.expires_on,
        space=(space.registry, space.programme, space.prefix) if space else None,
        traits=lot.traits,
    )


def lots() -> QuerySet[Lot]:
    """Every lot, with its series."""
    return Lot.objects.select_related("space").order_by("id")


def get_lot(lot_id: UUID) -> LotView:
    """:raises NotFound: no such lot"""
    lot = Lot.objects.select_related("space").filter(pk=lot_id).first()
    if lot is None:
        raise NotFound(str(lot_id))
    return lot_view(lot)


def find_lot(code: str) -> LotView | None:
    lot = Lot.objects.select_related("space").filter(code=code).first()
    return lot_view(lot) if lot else None


def get_lots(lot_ids: Iterable[UUID]) -> dict[UUID, LotView]:
    lots = Lot.objects.select_related("space").filter(pk__in=set(lot_ids))
    return {lot.id: lot_view(lot) for lot in lots}
