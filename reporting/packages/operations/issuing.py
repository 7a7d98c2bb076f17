"""Asking for reports, issuing them, and handing them out."""

import hashlib
import io
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection

from ledger.audit import operations as audit
from ledger.audit import queries as log
from ledger.doors.operation import operation
from ledger.files import operations as files
from ledger.files.queries import FileType
from ledger.jobs import operations as jobs
from ledger.kernel.actors import Actor
from reporting.disclosures import operations as disclosures
from reporting.disclosures.queries import Statement
from reporting.documents import queries as documents
from reporting.inventories import queries as inventories
from reporting.packages import queries
from reporting.packages.models import Form, Report, ReportFile
from reporting.packages.rules import UnknownLanguage
from reporting.packages.signing import SignedDocument, check_may_be_signed, document_signer

TASK = "packages.make_report"
PURPOSE = "report"
LARGEST_FILE_MB = 200
FILE_TYPES = {
    Form.WORKBOOK: FileType.XLSX,
    Form.INLINE: FileType.TEXT,
    Form.PACKAGE: FileType.PACKAGE,
}


@operation
def request_report(
    *,
    frozen_inventory_id: UUID,
    language: str,
    by: Actor,
    at: datetime,
    framework: str = disclosures.ISO14064_1,
) -> UUID:
    """Ask for the report of a frozen inventory; gives the id of the job that makes it.

    Asking again with the same inputs, in the same language, gives the same job.

    :raises NotFound: the inventory is not there, or not the actor's
    :raises UnknownLanguage: neither Chinese nor English
    :raises UnknownFramework, FrameworkOfAnotherYear: as they say
    """
    if language not in documents.LANGUAGES:
        raise UnknownLanguage(language=language)
    frozen = inventories.get_frozen(frozen_inventory_id, None if by.is_machine else by)
    content = disclosures.draft_statement(frozen=frozen, framework=framework, at=at)
    args = {"frozen_inventory_id": str(frozen_inventory_id), "language": language}
    job = jobs.enqueue(
        kind="report",
        task=TASK,
        args={**args, "framework": framework},
        by=by,
        at=at,
        subject=f"inventories.FrozenInventory:{frozen_inventory_id}",
        key=f"report:{framework}:{content['input_hash']}:{language}",
    )
    return job.pk


def sign_document(statement: Statement, pdf: bytes) -> SignedDocument:
    """The file to issue: signed when final, as it is when a draft.

    :raises OutsideCheckpointAhead, OutsideCheckpointDiffers: this database is not the newest
    :raises DocumentKeyMissing, DemonstrationKeyRefused: it cannot, it must not be signed
    """
    if statement.is_draft:
        return SignedDocument(content=pdf, level="", certificate_sha256="", subject="")
    check_may_be_signed(is_draft=statement.is_draft)
    log.check_not_behind_outside_checkpoint()
    return document_signer().sign(pdf)


@operation
def issue_report(
    *,
    statement: Statement,
    language: str,
    document: SignedDocument,
    asked_by: UUID,
    by: Actor,
    at: datetime,
    others: Mapping[str, bytes] | None = None,
) -> Report:
    """Put the finished files on record: files, rows and events together, once for ever.

    `others` are the same statement in other forms. If another run was faster, its report is the
    one; a second signature is thrown away.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"report:{statement.pk}:{language}"],
        )
    known = queries.find_report(statement_id=statement.pk, language=language)
    if known is not None:
        return known
    number = documents.get_number(statement.content, language=language)
    stored = files.store_file(
        content=io.BytesIO(document.content),
        name=f"{number}.pdf",
        purpose=PURPOSE,
        party_id=statement.party_id,
        by=by,
        at=at,
        accepted=(FileType.PDF,),
    )
    report = Report.objects.create(
        statement=statement,
        language=language,
        document_number=number,
        party_id=statement.party_id,
        is_draft=statement.is_draft,
        is_demonstration=statement.is_demonstration,
        sha256=hashlib.sha256(document.content).hexdigest(),
        byte_count=len(document.content),
        file_id=stored.pk,
        signature_level=document.level,
        certificate_sha256=document.certificate_sha256,
        certificate_subject=document.subject,
        asked_by=asked_by,
        issued_at=at,
        issued_by=by.user_id,
    )
    audit.record(
        verb="report.issued",
        subject=f"packages.Report:{report.pk}",
        by=by,
        at=at,
        data={"row": queries.row_facts(report), "statement_hash": statement.content_hash},
    )
    for form, content in (others or {}).items():
        keep_file(report=report, form=form, content=content, by=by, at=at)
    return report


def keep_file(*, report: Report, form: str, content: bytes, by: Actor, at: datetime) -> ReportFile:
    """Put another form of a report on record, in the caller's transaction."""
    stored = files.store_file(
        content=io.BytesIO(content),
        name=f"{report.document_number}.{form}",
        purpose=PURPOSE,
        party_id=report.party_id,
        by=by,
        at=at,
        accepted=(FILE_TYPES[Form(form)],),
        limit_mb=LARGEST_FILE_MB,
    )
    row = ReportFile.objects.create(
        report=report,
        form=form,
        sha256=stored.sha256,
        byte_count=len(content),
        file_id=stored.pk,
        issued_at=at,
        issued_by=by.user_id,
    )
    row.refresh_from_db()
    audit.record(
        verb="report.file_issued",
        subject=f"packages.ReportFile:{row.pk}",
        by=by,
        at=at,
        data={"row": queries.row_facts(row)},
    )
    return row


@operation
def download_report(*, report_id: UUID, form: str, by: Actor, at: datetime) -> tuple[Report, bytes]:
    """The file for a reader; that she took it is on record.

    `form` is "pdf" (the issued file), "json" (the statement inside it), or one of `Form`.

    :raises NotFound: not there, or not the actor's to read
    :raises FileAltered: the stored file is not what was issued
    """
    report = queries.get_report(report_id=report_id, by=by)
    content = queries.form_of(report, form)
    audit.record(
        verb="report.downloaded",
        subject=f"packages.Report:{report.pk}",
        by=by,
        at=at,
        data={"form": form, "sha256": hashlib.sha256(content).hexdigest()},
    )
    return report, content
