"""A verifier's looks and downloads are on record, and the operator sees them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from ledger.audit import operations as audit
from ledger.audit.operations import Happening
from ledger.doors.operation import operation
from ledger.files import queries as files
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.errors import NotFound
from reporting.verification import models, queries

READ, TAKEN = "engagement.read", "engagement.file_taken"


def record_reads(
    engagements: Iterable[models.Engagement], *, what: str, by: Actor, at: datetime
) -> list[UUID]:
    """One event for each engagement that its verifier looked at; `what`: on which page.

    Nobody else's looks are recorded here: an operator reads what is her own.
    """
    if not by.has(Role.VERIFIER):
        return []
    seen = {one.pk for one in engagements if one.verifier_id == by.party_id}
    told = [
        Happening(verb=READ, subject=f"verification.Engagement:{key}", data={"what": what})
        for key in sorted(seen)
    ]
    return audit.record_many(told, by=by, at=at) if told else []


@operation
def take_reply_file(
    *, request_id: UUID, file_id: UUID, by: Actor, at: datetime
) -> tuple[str, bytes]:
    """The name and the bytes of a file that came with the talk about a request.

    :raises NotFound: no such file there, or not hers
    :raises FileAltered: the bytes are not those that were stored
    """
    request = queries.get_request(request_id, by)
    known = {one[0] for files_ in request.replies.values_list("files", flat=True) for one in files_}
    if str(file_id) not in known:
        raise NotFound
    return _take(request.engagement, file_id, "reply", by, at)


@operation
def take_evidence(*, item_id: UUID, by: Actor, at: datetime) -> tuple[str, bytes]:
    """The name and the bytes of the file in which a drawn row of activity came in.

    :raises NotFound: not hers, or the row came without a file
    :raises FileAltered: the bytes are not those that were stored
    """
    item = queries.get_item(item_id, by)
    evidence = queries.evidence_of(item)
    if evidence.file_id is None:
        raise NotFound
    return _take(item.sample.engagement, evidence.file_id, "evidence", by, at)


def _take(
    engagement: models.Engagement, file_id: UUID, what: str, by: Actor, at: datetime
) -> tuple[str, bytes]:
    stored = files.get_file(file_id=file_id, by=SYSTEM)
    content = files.content_of(stored)
    _told(engagement, {"what": what, "file": str(file_id), "sha256": stored.sha256}, by, at)
    return stored.name, content


def record_download(
    engagement: models.Engagement, *, what: str, sha256: str, by: Actor, at: datetime
) -> None:
    """That something made of the engagement itself was taken away."""
    _told(engagement, {"what": what, "sha256": sha256}, by, at)


def _told(engagement: models.Engagement, data: dict[str, Any], by: Actor, at: datetime) -> None:
    audit.record(
        verb=TAKEN, subject=f"verification.Engagement:{engagement.pk}", by=by, at=at, data=data
    )
