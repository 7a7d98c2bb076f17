"""Every row against the newest event that tells of it."""

import base64
import hashlib
from collections.abc import Iterator

from ledger.audit import queries as audit
from reporting.parks import queries as parks
from reporting.verification import models
from reporting.verification.queries.evidence import is_as_drawn

SEALED_BY = {
    models.Engagement: (
        "engagement.opened",
        "engagement.team_named",
        "engagement.active",
        "engagement.concluded",
        "engagement.reopened",
        "engagement.withdrawn",
    ),
    models.Declaration: ("declaration.made",),
    models.Sample: ("sample.drawn",),
    models.SampleItem: ("sample_item.drawn", "sample_item.looked_at"),
    models.Request: (
        "request.asked",
        "request.answered",
        "request.asked_again",
        "request.closed",
        "request.withdrawn",
    ),
    models.Reply: ("reply.said",),
    models.Finding: (
        "finding.raised",
        "finding.answered",
        "finding.sent_back",
        "finding.closed",
        "finding.withdrawn",
    ),
    models.OpinionDraft: (
        "opinion.prepared",
        "opinion.statement_signed",
        "opinion.statement_replaced",
    ),
    models.Opinion: ("opinion.given",),
    models.OpinionSignature: ("opinion.signed",),
    models.LaterFact: ("later_fact.told", "later_fact.reopened", "later_fact.dismissed"),
}


def rows_match_events() -> Iterator[audit.Fault]:
    """Each row is as its newest event says; each sample is what its seed draws."""
    for model, verbs in SEALED_BY.items():
        rows = parks.sealed_rows(model, "verification")
        kind = f"verification.{model.__name__}"
        yield from audit.compare_rows_with_events(rows, kind=kind, verbs=verbs)
    yield from _samples()
    yield from _signatures()


def _samples() -> Iterator[audit.Fault]:
    for sample in models.Sample.objects.iterator():
        items = list(sample.items.order_by("number"))
        if not is_as_drawn(sample, items):
            subject = f"verification.Sample:{sample.pk}"
            yield audit.Fault("verification.Sample", subject, "its seed draws other rows")


def _signatures() -> Iterator[audit.Fault]:
    """The signature still fits the statement, by the certificate that is kept beside it."""
    from reporting.verification.rules import signatures

    for row in models.OpinionSignature.objects.select_related("draft").iterator():
        statement = row.draft.statement.encode()
        subject = f"verification.OpinionSignature:{row.pk}"
        if hashlib.sha256(statement).hexdigest() != row.draft.statement_sha256:
            yield audit.Fault("verification.OpinionDraft", subject, "its statement was altered")
        try:
            raw = base64.b64decode(row.cms_base64, validate=True)
            signatures.check_signature(raw, statement=statement, at=row.signed_at)
        except Exception:
            yield audit.Fault("verification.OpinionSignature", subject, "its signature fits not")
