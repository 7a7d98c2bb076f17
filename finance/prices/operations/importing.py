"""A stored file of marks or rates, taken in as one telling."""

from datetime import datetime
from uuid import UUID

from finance.prices.importer import read_facts
from finance.prices.operations.telling import Told, preview, tell_marks, tell_rates
from finance.prices.rules.facts import MarkFact, RateFact
from finance.prices.states import TellingKind
from ledger.doors.operation import operation
from ledger.files import queries as files
from ledger.kernel.actors import Actor


def preview_file(*, content: bytes, kind: str, reason: str, by: Actor, at: datetime) -> Told:
    """What taking the file in would do, and every problem. Nothing is written.

    :raises DomainError: as `read_facts` and `tell_marks`
    """
    return preview(read_facts(content, kind), reason=reason, by=by, at=at)


@operation(retry=True)
def import_prices(
    *,
    file_id: UUID,
    kind: str,
    reason: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    approval_id: UUID | None = None,
) -> Told:
    """Take in every row of a stored file, or none.

    :raises NotFound: the file is not the actor's
    :raises DomainError: as `read_facts`, `tell_marks` and `tell_rates`
    """
    content = files.content_of(files.get_file(file_id=file_id, by=by))
    facts = read_facts(content, kind)
    if kind == TellingKind.MARKS:
        return tell_marks(
            facts=[one for one in facts if isinstance(one, MarkFact)],
            by=by, at=at, idempotency_key=idempotency_key, reason=reason,
            file_id=file_id, approval_id=approval_id,
        )  # fmt: skip
    return tell_rates(
        facts=[one for one in facts if isinstance(one, RateFact)],
        by=by, at=at, idempotency_key=idempotency_key, reason=reason,
        file_id=file_id, approval_id=approval_id,
    )  # fmt: skip
