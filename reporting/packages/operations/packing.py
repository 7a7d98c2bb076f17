"""Asking for the signed package of a final report, and putting it on record."""

from datetime import datetime
from uuid import UUID

from django.db import connection

from ledger.doors.operation import operation
from ledger.jobs import operations as jobs
from ledger.kernel.actors import Actor
from reporting.packages import queries
from reporting.packages.models import Form, Report, ReportFile
from reporting.packages.operations.issuing import keep_file
from reporting.packages.packing import contents_of, pack
from reporting.packages.rules import DraftHasNoPackage
from reporting.packages.signing import document_signer

TASK = "packages.make_package"


@operation
def request_package(*, report_id: UUID, by: Actor, at: datetime) -> UUID:
    """Ask for the package of a final report; gives the id of the job, the same when asked again.

    :raises NotFound: not there, or not the actor's to read
    :raises DraftHasNoPackage: the report is a draft
    """
    report = queries.get_report(report_id=report_id, by=by)
    if report.is_draft:
        raise DraftHasNoPackage
    job = jobs.enqueue(
        kind="package",
        task=TASK,
        args={"report_id": str(report.pk)},
        by=by,
        at=at,
        subject=f"packages.Report:{report.pk}",
        key=f"package:{report.pk}",
    )
    return job.pk


def build_package(report: Report) -> bytes:
    """The package of a report, signed by the document key; nothing is written.

    :raises NotSealedYet: the log has not come so far that all of it can be proved
    :raises DocumentKeyMissing, DemonstrationKeyRefused, NoTimeStamp: as of a report
    """
    about = {
        "number": report.document_number,
        "report_sha256": report.sha256,
        "statement_sha256": report.statement.content_hash,
    }
    return pack(contents_of(report), about=about, sign=document_signer().sign_detached)


@operation
def issue_package(*, report_id: UUID, content: bytes, by: Actor, at: datetime) -> ReportFile:
    """Put the package on record, once; a second one is thrown away.

    :raises NotFound: there is no such report
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"package:{report_id}"]
        )
    report = queries.get_report(report_id=report_id, by=by)
    known = report.files.filter(form=Form.PACKAGE).first()
    if known is not None:
        return known
    return keep_file(report=report, form=Form.PACKAGE, content=content, by=by, at=at)
