"""What happens to meters: calibrated, replaced, put together; and what proves direct supply."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from ledger.doors.operation import operation
from ledger.files import queries as files
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from reporting.parks import models, queries, rules
from reporting.parks.operations.registering import add_meter, end_validity, record
from reporting.parks.states import SourceKind, SupplyForm


def _meter_of(meter_id: UUID, by: Actor) -> queries.MeterView:
    """:raises NotFound: no such meter, or not in a park of the actor's"""
    park_id = queries.parks_of_meters().get(meter_id)
    if park_id is None:
        raise NotFound
    queries.get_park(park_id, by)
    return queries.get_meter(meter_id, park_id=park_id)


def _check_file(file_id: UUID | None, by: Actor) -> None:
    if file_id is not None:
        files.get_file(file_id=file_id, by=by)


@operation
def record_calibration(
    *,
    meter_id: UUID,
    calibrated_on: date,
    valid_to: date,
    certificate: str,
    by: Actor,
    at: datetime,
    laboratory: str = "",
    file_id: UUID | None = None,
) -> UUID:
    """Record that a meter was calibrated, and until when that holds (exclusive).

    :raises NotFound: the meter or the file is not there or not the actor's
    :raises EndsBeforeItStarts: it would lapse before it was made
    :raises CodeTaken: this certificate is recorded already
    """
    _meter_of(meter_id, by)
    _check_file(file_id, by)
    rules.check_dated(calibrated_on, valid_to)
    known = models.Calibration.objects.filter(meter_id=meter_id, certificate=certificate)
    if known.exists():
        raise rules.CodeTaken(code=certificate)
    row = models.Calibration.objects.create(
        meter_id=meter_id,
        calibrated_on=calibrated_on,
        valid_to=valid_to,
        certificate=certificate,
        laboratory=laboratory,
        file_id=file_id,
        recorded_at=at,
        recorded_by=by.user_id,
    )
    record("meter.calibrated", row, by, at)
    return row.pk


@operation
def replace_meter(
    *,
    meter_id: UUID,
    number: str,
    on: date,
    by: Actor,
    at: datetime,
    multiplier: Decimal | None = None,
    step_minutes: int | None = None,
    reads_that_day: bool = False,
) -> UUID:
    """From a day another meter reads in a meter's place; both keep their readings.

    `reads_that_day`: it was replaced in the course of that day, which both have a part of.

    :raises NotFound: the meter is not there or not the actor's
    :raises EndsBeforeItStarts: it would be replaced before it stood
    :raises CodeTaken, NotAMultiplier, NotAStep: as they say
    """
    old = _meter_of(meter_id, by)
    if old.valid_to is not None and old.valid_to <= on:
        raise rules.EndsBeforeItStarts
    ends = on + timedelta(days=1) if reads_that_day else on
    end_validity(kind="meter", item_id=meter_id, valid_to=ends, by=by, at=at)
    return add_meter(
        source_id=old.source_id,
        number=number,
        valid_from=on,
        multiplier=old.multiplier if multiplier is None else multiplier,
        unit=old.unit.value,
        step_minutes=step_minutes or old.step_minutes,
        fed_by_id=old.fed_by_id,
        replaces_id=meter_id,
        by=by,
        at=at,
    )


@operation
def make_virtual(
    *,
    meter_id: UUID,
    parts: Sequence[tuple[UUID, int]],
    valid_from: date,
    by: Actor,
    at: datetime,
    valid_to: date | None = None,
) -> list[UUID]:
    """Say of which meters a virtual one is made: each added (1) or taken off (-1).

    :raises NotFound: a meter is not there or not the actor's
    :raises NotAPart: none is named, one twice, itself, or another virtual meter
    :raises MeasureMismatch: a part measures something else
    """
    virtual = _meter_of(meter_id, by)
    rules.check_dated(valid_from, valid_to)
    made_of_parts = set(models.MeterPart.objects.values_list("virtual_id", flat=True))
    rules.check_parts(meter_id, parts, virtual=made_of_parts)
    rows = []
    for part_id, sign in parts:
        part = _meter_of(part_id, by)
        rules.check_same_dimension(virtual.unit, part.unit)
        row = models.MeterPart.objects.create(
            virtual_id=meter_id, part_id=part_id, sign=sign, valid_from=valid_from,
            valid_to=valid_to,
        )  # fmt: skip
        record("meter_part.set", row, by, at)
        rows.append(row.pk)
    return rows


@operation
def prove_direct_supply(
    *,
    source_id: UUID,
    form: SupplyForm,
    evidence: Mapping[str, str],
    valid_from: date,
    by: Actor,
    at: datetime,
    user_meter_id: UUID | None = None,
    agreement_file_id: UUID | None = None,
    valid_to: date | None = None,
) -> UUID:
    """Record what shows that a source's power is directly supplied (R1.31). What is still missing
    may be left out: until all of it is there, the power counts as the grid's.

    `evidence`: generator, agreement, line, generator_meter.

    :raises NotFound: the source, meter or file is not there or not the actor's
    :raises NotDirectPower: the source is of another kind
    :raises EndsBeforeItStarts: the dates
    """
    source = queries.get_source(source_id)
    queries.get_park(source.park_id, by)
    rules.check_dated(valid_from, valid_to)
    if source.kind is not SourceKind.DIRECT_GREEN_POWER:
        raise rules.NotDirectPower
    if user_meter_id is not None:
        queries.get_meter(user_meter_id, park_id=source.park_id)
    _check_file(agreement_file_id, by)
    row = models.DirectSupply.objects.create(
        source_id=source_id,
        form=SupplyForm(form),
        **{name: evidence.get(name, "") for name in rules.TOLD_EVIDENCE},
        user_meter_id=user_meter_id,
        agreement_file_id=agreement_file_id,
        valid_from=valid_from,
        valid_to=valid_to,
        recorded_at=at,
        recorded_by=by.user_id,
    )
    record("direct_supply.proved", row, by, at)
    return row.pk
