"""Keeping facts for the indicators, and assessing a park's year."""

from datetime import datetime
from decimal import Decimal
from typing import BinaryIO
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from ledger.audit.keeping import find_kept, keep
from ledger.doors.operation import operation
from ledger.imports import filling
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import digest
from ledger.kernel.errors import N_, NotFound
from reporting.indicators import importer, models, queries
from reporting.indicators.engine import assessing
from reporting.indicators.queries import gathering
from reporting.indicators.rules.facts import check_fact
from reporting.indicators.states import FactKind
from reporting.parks import queries as parks

BEIJING = ZoneInfo("Asia/Shanghai")


@operation(retry=True)
def record_fact(
    *,
    park_id: UUID,
    year: int,
    kind: FactKind,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    name: str = "",
    part: Decimal | None = None,
    whole: Decimal | None = None,
    unit: str = "",
    evidence: str = "",
    reason: str = "",
    inner_park: str = "",
) -> models.ParkFact:
    """Keep what no meter tells of a park's year; the same thing told again is its next version.

    With an `inner_park` it is of that park within the park, and does not count in the whole park's.

    :raises NotFound: the park, or the park within it, is not there or not the actor's
    :raises EvidenceMissing, ReasonForExclusionMissing, NotAGuidingIndicator, SecondAmountMissing,
        PartBeyondWhole, AmountNegative, MeasureMismatch, UnknownMeasure: as they say
    """
    if found := find_kept(models.ParkFact, idempotency_key, by=by):
        return found
    park = _park(park_id, inner_park, by)
    check_fact(
        kind=FactKind(kind), name=name, part=part, whole=whole, unit=unit, evidence=evidence,
        reason=reason,
    )  # fmt: skip
    same = models.ParkFact.objects.filter(
        park_id=park.id, inner_park=inner_park or None, year=year, kind=kind, name=name
    )
    row = models.ParkFact(
        park_id=park.id,
        party_id=park.operator_id,
        inner_park=inner_park or None,
        year=year,
        kind=kind,
        name=name,
        version=same.count() + 1,
        part=part,
        whole=whole,
        unit=unit,
        evidence=evidence,
        reason=reason,
    )
    keep(row, "park_fact.recorded", key=idempotency_key, by=by, at=at, reason=reason)
    return row


@operation
def import_facts(
    *, park_id: UUID, year: int, content: BinaryIO, by: Actor, at: datetime, idempotency_key: str
) -> list[models.ParkFact]:
    """Take in a sheet of facts, whole or not at all; what each row made.

    :raises SheetHasProblems: every bad cell, and every row that `record_fact` refuses
    :raises NotReadable, NoRows, SheetLacksColumns, SheetTooLong, NotFound: the file, the park
    """
    parks.get_park(park_id, by)
    lines, problems = filling.read_sheet(content, importer.columns())
    seen: dict[tuple[str, str], int] = {}
    for line in lines:
        what = line.cells["kind"], line.cells.get("name", "")
        first = seen.setdefault(what, line.number)
        if first != line.number and what[0]:
            message = N_("The same fact stands in row %(first)s already.")
            problems.append(filling.Problem(line.number, "name", message, {"first": first}))

    def take(line: filling.Line) -> models.ParkFact:
        return record_fact(
            park_id=park_id,
            year=year,
            **importer.told_by(line),
            by=by,
            at=at,
            idempotency_key=f"{idempotency_key}:{line.number}",
        )

    return filling.take_lines(lines, problems, take)


def preview_facts(
    *, park_id: UUID, year: int, content: BinaryIO, by: Actor, at: datetime
) -> list[models.ParkFact]:
    """What a sheet would make, and nothing of it kept.

    :raises SheetHasProblems: and the rest of `import_facts`
    """
    with transaction.atomic():
        made = import_facts(
            park_id=park_id, year=year, content=content, by=by, at=at, idempotency_key="preview"
        )
        transaction.set_rollback(True)
    return made


def _park(park_id: UUID, inner_park: str, by: Actor) -> parks.ParkView:
    """:raises NotFound: the park, or the park within it, is not there or not the actor's"""
    park = parks.get_park(park_id, by)
    if inner_park and inner_park not in parks.inner_parks(park_id):
        raise NotFound
    return park


@operation(retry=True)
def assess_park(
    *,
    park_id: UUID,
    year: int,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    inner_park: str = "",
) -> queries.AssessmentView:
    """Work out how the park stands by the national method, and keep it with all it is made of.
    There is one set of indicators for each boundary (R1.2): name the `inner_park` for its own.

    :raises NotFound: the park, or the park within it, is not there or not the actor's
    :raises NoParameter, NoFactor, NothingUsed, RawCoalMustBeSplit: as they say
    """
    if found := find_kept(models.Assessment, idempotency_key, by=by):
        return queries.view(found)
    park = _park(park_id, inner_park, by)
    today = at.astimezone(BEIJING).date()
    inputs = gathering.gather(park.id, year, today, inner_park)
    assessed = assessing.assess(inputs)
    content = assessing.content(inputs, assessed)
    row = models.Assessment(
        park_id=park.id,
        party_id=park.operator_id,
        inner_park=inner_park or None,
        year=year,
        emission_tco2=assessed.core.tco2,
        energy_tce=assessed.core.tce,
        intensity=assessed.core.intensity,
        status=assessed.core.status,
        worked_out_on=today,
        content=content,
        content_hash=digest(content).hex(),
        dataset_hash=inputs.dataset_hash,
    )
    keep(row, "park.assessed", key=idempotency_key, by=by, at=at)
    return queries.view(row)
