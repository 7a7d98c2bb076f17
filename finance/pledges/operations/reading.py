"""A creditor's looks are on record, and her debtor sees them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from finance.pledges import models
from ledger.audit import operations as audit
from ledger.audit.operations import Happening
from ledger.kernel.actors import Actor, Role


def record_reads(
    pledges: Iterable[models.Pledge], *, what: str, by: Actor, at: datetime
) -> list[UUID]:
    """One event for each pledge that its creditor looked at; `what`: on which page.

    Nobody else's looks are recorded here: a debtor reads what is her own.
    """
    if not by.has(Role.BANK_OFFICER):
        return []
    seen = {one.pk: one for one in pledges if one.creditor_id == by.party_id}
    told = [
        Happening(verb="pledge.read", subject=f"pledges.Pledge:{key}", data={"what": what})
        for key in seen
    ]
    return audit.record_many(told, by=by, at=at)
