"""The register of sink and CCUS projects, and their removals as a memo. No total ever moves."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from ledger.audit import keeping
from ledger.doors.operation import operation
from ledger.files import queries as files
from ledger.kernel.actors import Actor
from reporting.disclosures.models import Project, Removal
from reporting.disclosures.queries import projects
from reporting.disclosures.rules import check_project, check_removal
from reporting.parks import queries as parks


@operation
def enter_project(
    *,
    park_id: UUID,
    code: str,
    kind: str,
    stage: str,
    name_zh: str,
    expected_tco2e: Decimal,
    starts_on: date,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    name_en: str = "",
    methodology: str = "",
    ends_on: date | None = None,
    credit_project_id: UUID | None = None,
    evidence_id: UUID | None = None,
    note: str = "",
    approval_id: UUID | None = None,
) -> Project:
    """A project of a park; entered again under its number it is the next version.

    :raises NotFound: the park or the file is not there, or not the actor's
    :raises ProjectEndsBeforeItBegins, ExpectedAmountMissing: as they say
    """
    if known := keeping.find_kept(Project, idempotency_key, by=by):
        return known
    park = parks.get_park(park_id, by)
    check_project(expected_tco2e=expected_tco2e, starts_on=starts_on, ends_on=ends_on)
    evidence = files.get_file(file_id=evidence_id, by=by) if evidence_id else None
    row = Project(
        park_id=park.id,
        party_id=park.operator_id,
        code=code,
        version=projects.newest_version(park.id, code) + 1,
        kind=kind,
        stage=stage,
        name_zh=name_zh,
        name_en=name_en,
        methodology=methodology,
        expected_tco2e=expected_tco2e,
        starts_on=starts_on,
        ends_on=ends_on,
        credit_project_id=credit_project_id,
        evidence_id=evidence_id,
        evidence_sha256=evidence.sha256 if evidence else "",
        note=note,
        approval_id=approval_id,
    )
    keeping.keep(row, "project.entered", key=idempotency_key, by=by, at=at)
    return row


@operation
def tell_removal(
    *,
    project_id: UUID,
    year: int,
    removed_tco2e: Decimal,
    method: str,
    evidence_id: UUID,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    approval_id: UUID | None = None,
) -> Removal:
    """What a project removed in a year, with what shows it; told again it is the next version.

    :raises NotFound: the project or the file is not there, or not the actor's
    :raises RemovalNotPossible, NegativeRemoval: as they say
    """
    if known := keeping.find_kept(Removal, idempotency_key, by=by):
        return known
    project = projects.get_project(project_id, by=by)
    check_removal(
        year=year,
        removed_tco2e=removed_tco2e,
        starts_on=project.starts_on,
        ends_on=project.ends_on,
    )
    evidence = files.get_file(file_id=evidence_id, by=by)
    row = Removal(
        project=project,
        party_id=project.party_id,
        park_id=project.park_id,
        code=project.code,
        year=year,
        version=projects.newest_removal_version(project, year) + 1,
        removed_tco2e=removed_tco2e,
        method=method,
        evidence_id=evidence.pk,
        evidence_sha256=evidence.sha256,
        approval_id=approval_id,
    )
    keeping.keep(row, "project.removal_told", key=idempotency_key, by=by, at=at)
    return row
