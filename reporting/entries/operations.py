"""Entering, correcting and withdrawing calculated activity."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from ledger.audit.keeping import find_kept, keep
from ledger.doors.operation import operation
from ledger.imports import filling
from ledger.kernel.actors import Actor
from ledger.kernel.errors import N_, NotFound
from reporting.entries import importer, models, queries
from reporting.entries.rules import methods, standing
from reporting.entries.states import DataQuality, Method, Part
from reporting.factors import queries as factors
from reporting.parks import queries as parks

BEIJING = ZoneInfo("Asia/Shanghai")
PURPOSE = "CORPORATE"


@operation(retry=True)
def record_entry(
    *,
    park_id: UUID,
    year: int,
    code: str,
    title: str,
    part: Part,
    method: Method,
    inputs: Mapping[str, str],
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    quality: DataQuality = DataQuality.TOLD,
    carrier: str = "",
    region: str = "",
    given: Mapping[str, str] | None = None,
    tenant_code: str = "",
    supplier: str = "",
    reason: str = "",
) -> models.Entry:
    """Enter activity of a year by a method; under a code that is there, its next version.

    The factor is the library's for `carrier` and `region` when an inventory is built, or `given`:
    value, mass ("kg"), per ("kWh"), gas (CO2e unless it says another) and source.

    :raises NotFound: the park or the tenant is not there, or the park is not the actor's
    :raises YearIsClosed, EvidenceMissing, MethodDoesNotFit, FactorMissing, RefrigerantMissing,
        CorrectionWithoutReason, NoFactor: as they say
    :raises InputMissing, InputUnknown, InputUnreadable: the inputs do not fit the method
    """
    if found := find_kept(models.Entry, idempotency_key, by=by):
        return found
    park = parks.get_park(park_id, by)
    method, part = Method(method), Part(part)
    queries.check_open(park.id, year)
    standing.check_fits(method, part)
    if not evidence.strip():
        raise standing.EvidenceMissing
    if tenant_code and tenant_code not in {one.code for one in parks.tenants_of(park.id)}:
        raise NotFound
    methods.work(method, inputs)
    told = {name: text for name, text in (given or {}).items() if text.strip()}
    _check_factor(method, carrier, region or park.province, told, year=year, at=at)
    version = _next_version(park.id, year, code, reason)
    row = models.Entry(
        park_id=park.id,
        party_id=park.operator_id,
        year=year,
        code=code,
        version=version,
        title=title,
        part=part,
        method=method,
        inputs={name: text.strip() for name, text in inputs.items() if text.strip()},
        carrier=carrier,
        region=region,
        given=told,
        tenant_code=tenant_code,
        supplier=supplier,
        evidence=evidence,
        quality=quality,
        reason=reason,
    )
    keep(row, "entry.recorded", key=idempotency_key, by=by, at=at, reason=reason)
    return row


@operation
def import_entries(
    *, park_id: UUID, year: int, content: BinaryIO, by: Actor, at: datetime, idempotency_key: str
) -> list[models.Entry]:
    """Take in a sheet of entries, whole or not at all; what each row made.

    :raises SheetHasProblems: every bad cell, and every row that `record_entry` refuses
    :raises NotReadable, NoRows, SheetLacksColumns, SheetTooLong, NotFound: the file, the park
    """
    parks.get_park(park_id, by)
    queries.check_open(park_id, year)
    carriers = factors.carrier_names()
    lines, problems = filling.read_sheet(content, importer.columns(carriers=carriers))

    def take(line: filling.Line) -> models.Entry:
        _check_filled(line)
        return record_entry(
            park_id=park_id,
            year=year,
            **importer.told_by(line, carriers),
            by=by,
            at=at,
            idempotency_key=f"{idempotency_key}:{line.number}",
        )

    return filling.take_lines([*_once(lines, problems)], problems, take)


def _check_filled(line: filling.Line) -> None:
    """:raises CellMissing: a cell that every entry needs"""
    for name in ("code", "title", "method", "part"):
        if not line.cells[name]:
            raise standing.CellMissing(name=name)


def _once(lines: Sequence[filling.Line], problems: list[filling.Problem]) -> Iterator[filling.Line]:
    """Each line; a code that stands in the sheet twice is a problem."""
    seen: dict[str, int] = {}
    for line in lines:
        first = seen.setdefault(line.cells["code"], line.number)
        if first != line.number and line.cells["code"]:
            message = N_("The same code stands in row %(first)s already.")
            problems.append(filling.Problem(line.number, "code", message, {"first": first}))
        yield line


def preview_entries(
    *, park_id: UUID, year: int, content: BinaryIO, by: Actor, at: datetime
) -> list[models.Entry]:
    """What a sheet would make, and nothing of it kept.

    :raises SheetHasProblems: and the rest of `import_entries`
    """
    with transaction.atomic():
        made = import_entries(
            park_id=park_id, year=year, content=content, by=by, at=at, idempotency_key="preview"
        )
        transaction.set_rollback(True)
    return made


@operation(retry=True)
def withdraw_entry(
    *, entry_id: UUID, reason: str, by: Actor, at: datetime, idempotency_key: str
) -> models.Entry:
    """Take an entry out of its year by a last version; what was entered stays to be read.

    :raises NotFound: not there, or not the actor's
    :raises YearIsClosed, CorrectionWithoutReason: as they say
    """
    if found := find_kept(models.Entry, idempotency_key, by=by):
        return found
    entry = models.Entry.objects.filter(pk=entry_id).first()
    if entry is None or not parks.may_see(by, entry.party_id):
        raise NotFound
    queries.check_open(entry.park_id, entry.year)
    version = _next_version(entry.park_id, entry.year, entry.code, reason)
    row = models.Entry(**{**_content(entry), "version": version, "reason": reason})
    row.is_withdrawn = True
    keep(row, "entry.withdrawn", key=idempotency_key, by=by, at=at, reason=reason)
    return row


def _content(entry: models.Entry) -> dict[str, Any]:
    own = {"id", "recorded_at", "recorded_by", "idempotency_key"}
    columns = (field.attname for field in entry._meta.concrete_fields)
    return {name: getattr(entry, name) for name in columns if name not in own}


def _next_version(park_id: UUID, year: int, code: str, reason: str) -> int:
    """:raises CorrectionWithoutReason: a second version says why"""
    before = models.Entry.objects.filter(park_id=park_id, year=year, code=code).count()
    if before and not reason.strip():
        raise standing.CorrectionWithoutReason
    return before + 1


def _check_factor(
    method: Method, carrier: str, region: str, given: Mapping[str, str], *, year: int, at: datetime
) -> None:
    """:raises FactorMissing, RefrigerantMissing, NoFactor: nothing to multiply with"""
    if method in methods.REFRIGERANTS:
        if not carrier:
            raise standing.RefrigerantMissing
        return
    if not methods.METHODS[method].takes_factor:
        return
    if given:
        standing.check_given(given)
        return
    if not carrier:
        raise standing.FactorMissing
    on = at.astimezone(BEIJING).date()
    factors.factors_for(purpose=PURPOSE, carrier=carrier, region=region, year=year, on=on)
