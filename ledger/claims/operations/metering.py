"""What plants generated, month by month, and how claims use it up."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import F

from ledger.audit import operations as audit
from ledger.claims import queries, rules
from ledger.claims.models import Claim, Generation, GenerationSlice
from ledger.doors.operation import operation
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.kernel.periods import Period
from ledger.units.queries import LotView


@operation(retry=True)
def record_generation(
    *, plant_id: UUID, month: date, metered_mwh: Decimal, evidence: str, by: Actor, at: datetime
) -> Generation:
    """What a plant generated in a month, by its meter. Claims may use it up, never exceed it (I20).

    The same figure again changes nothing.

    :raises NotFound: no such plant
    :raises GenerationDiffers: another figure is recorded for that month
    :raises NotWholeMonths, NotPositive: refused
    """
    instruments.get_plant(plant_id)
    if month.day != 1:
        raise rules.NotWholeMonths
    rules.check_mwh(metered_mwh)
    if found := queries.find_generation(plant_id=plant_id, month=month):
        if found.metered_mwh != metered_mwh:
            raise rules.GenerationDiffers(
                month=f"{month:%Y-%m}", mwh=rules.plain(found.metered_mwh)
            )
        return found
    row = Generation.objects.create(
        plant_id=plant_id,
        month=month,
        metered_mwh=metered_mwh,
        remaining_mwh=metered_mwh,
        evidence=evidence,
        recorded_at=at,
        recorded_by=by.user_id,
    )
    audit.record(
        verb="generation.recorded",
        subject=f"claims.Generation:{row.pk}",
        by=by,
        at=at,
        data={"row": queries.content_of_generation(row)},
    )
    return row


def take_generation(
    *, plant_id: UUID, period: Period, mwh: Decimal
) -> list[tuple[Generation, Decimal]]:
    """Use up MWh of a plant's months, oldest first, under lock.

    :raises NoGeneration: a month has no meter record
    :raises AlreadyClaimed: less is left (R3.11)
    """
    rows = queries.lock_generation(plant_id=plant_id, period=period)
    months = {row.month: row for row in rows}
    for wanted in period.months():
        if wanted.start.replace(day=1) not in months:
            raise rules.NoGeneration(month=f"{wanted.start:%Y-%m}")
    taken = rules.share_over_months(mwh, [(row.month, row.remaining_mwh) for row in rows])
    for month, part in taken:
        Generation.objects.filter(pk=months[month].pk).update(
            remaining_mwh=F("remaining_mwh") - part
        )
    return [(months[month], part) for month, part in taken]


def take_for_lot(*, lot: LotView, period: Period, mwh: Decimal) -> list[tuple[Generation, Decimal]]:
    """Use up the MWh behind units of a lot: its own months, and what was carried into it (R3.12).

    :raises NoGeneration, AlreadyClaimed: as `take_generation`
    """
    plant_id, carried = lot.plant_id, Decimal(lot.traits.get("carried_mwh", 0))
    assert plant_id is not None  # noqa: S101  asked only of a plant's lots
    if not carried:
        return take_generation(plant_id=plant_id, period=period, mwh=mwh)
    own = lot.traits["issued"] - carried
    own -= queries.claimed_of_lot(lot_id=lot.id, month=period.start)
    before = Period(date.fromisoformat(lot.traits["carried_from"]), period.start)
    taken = list[tuple[Generation, Decimal]]()
    for months, part in ((period, min(mwh, own)), (before, mwh - min(mwh, own))):
        if part > 0:
            taken += take_generation(plant_id=plant_id, period=months, mwh=part)
    return taken


def write_slices(claim: Claim, taken: Sequence[tuple[Generation, Decimal]]) -> None:
    GenerationSlice.objects.bulk_create(
        GenerationSlice(claim=claim, generation=row, mwh=part) for row, part in taken
    )
