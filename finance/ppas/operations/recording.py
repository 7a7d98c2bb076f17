"""One event for each row that is written."""

from datetime import datetime

from django.db import models as django_models

from finance.ppas import queries
from ledger.audit import operations as audit
from ledger.kernel.actors import Actor


def record(
    verb: str, row: django_models.Model, *, by: Actor, at: datetime, reason: str = ""
) -> None:
    audit.record(
        verb=verb,
        subject=queries.subject_of(row),
        by=by,
        at=at,
        data={"row": queries.content_of(row)},
        reason=reason,
    )
