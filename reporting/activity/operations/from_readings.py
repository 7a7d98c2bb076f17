"""Activity data out of meters' months: each row says of which meters, by their Merkle roots."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.ids import new_id
from ledger.kernel.periods import Period
from reporting.activity import deriving, queries
from reporting.activity.checking import CHANGED
from reporting.activity.deriving import Derived
from reporting.activity.models import ActivityRow, ReadingLink
from reporting.activity.operations.recording import add_rows, check_answered, open_dataset
from reporting.activity.rules import NothingToTake
from reporting.parks import queries as parks


@operation
def take_from_readings(
    *, park_id: UUID, month: date, by: Actor, at: datetime, reason: str = ""
) -> list[ActivityRow]:
    """Make the month's activity data of every source that has readings.

    A source whose meters say what its row says already is left alone; else the row's next
    version is made, with a line for each meter that it was added up from.

    :raises NotFound: the park is not there or not the actor's
    :raises DatasetNotOpen: the year has been handed in
    :raises FindingsUnanswered: a check finds something in the month that nobody has answered
    :raises NothingToTake: no source has readings that are not in its row
    """
    park = parks.get_park(park_id, by)
    period = Period.month(month.year, month.month)
    check_answered(park_id, period, at=at, but=frozenset({CHANGED}))
    found = deriving.derive_month(park_id, period)
    told = queries.links_digests(park_id, period)
    new = [one for one in found if told.get(one.source.id) != one.evidence]
    if not new:
        raise NothingToTake(month=f"{month:%Y-%m}")
    dataset = open_dataset(
        park_id=park_id, party_id=park.operator_id, year=month.year, by=by, at=at
    )
    said = [one.as_reading(period.start) for one in new]
    rows = add_rows(dataset, said, upload=None, by=by, at=at, reason=reason)
    _keep_links(rows, new)
    return rows


def _keep_links(rows: Sequence[ActivityRow], found: Sequence[Derived]) -> None:
    links = [
        ReadingLink(
            id=new_id(),
            row=row,
            meter_id=part.meter_id,
            month=row.month,
            total_millionths=part.total_millionths,
            unit=part.unit.value,
            factor=part.factor,
            told_count=part.told_count,
            estimated_count=part.estimated_count,
            expected_count=part.expected_count,
            root=part.root,
        )
        for row, one in zip(rows, found, strict=True)
        for part in one.parts
    ]
    ReadingLink.objects.bulk_create(links, batch_size=5_000)
