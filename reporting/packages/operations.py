"""Asking for reports, issuing them, and handing them out."""

import hashlib
import io
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
from reporting.packages.models import Report
from reporting.packages.rules import UnknownLanguage
from reporting.packages.signing import SignedDocument, check_may_be_signed, document_signer
from reporting.verification import queries as verification

TASK = "packages.make_report"
PURPOSE = "report"


@operation
def request_report(*, frozen_inventory_id: UUID, language: str, by: Actor, at: datetime) -> UUID:
    """Ask for the report of a frozen inventory; gives the id of the job that makes it.

    Asking again for the same inventory, opinion and language gives the same job.

    :raises NotFound: the inventory is not there, or not the actor's
    :raises UnknownLanguage: neither Chinese nor English
    """
    if language not in documents.LANGUAGES:
        raise UnknownLanguage(language=language)
    frozen = inventories.get_frozen(frozen_inventory_id, None if by.is_machine else by)
    opinion = verification.opinion_for(frozen_inventory_id)
    basis = f"{opinion.id}:{opinion.status.value}" if opinion else "draft"
    job = jobs.enqueue(
        kind="report",
        task=TASK,
        args={"frozen_inventory_id": str(frozen_inventory_id), "language": language},
        by=by,
        at=at,
        subject=f"inventories.FrozenInventory:{frozen_inventory_id}",
        key=f"report:{disclosures.ISO14064_1}:{frozen.content_hash}:{basis}:{language}",
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
) -> Report:
    """Put the finished file on record: file, row and event together, once for ever.

    If another run was faster, its report is the one; a second signature is thrown away.
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
    return report


@operation
def download_report(*, report_id: UUID, form: str, by: Actor, at: datetime) -> tuple[Report, bytes]:
    """The file for a reader; that she took it is on record.

    `form` is "pdf" (the issued file) or "json" (the statement inside it).

    :raises NotFound: not there, or not the actor's to read
    :raises FileAltered: the stored file is not what was issued
    """
    report = queries.get_report(report_id=report_id, by=by)
    content = queries.content_of(report) if form == "pdf" else queries.statement_of(report)
    audit.record(
        verb="report.downloaded",
        subject=f"packages.Report:{report.pk}",
        by=by,
        at=at,
        data={"form": form, "sha256": hashlib.sha256(content).hexdigest()},
    )
    return report, content
