"""A creditor's looks at holds in her favour are on record."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from ledger.audit import operations as audit
from ledger.audit.operations import Happening
from ledger.holds.models import Hold
from ledger.kernel.actors import Actor, Role


def record_reads(holds: Iterable[Hold], *, what: str, by: Actor, at: datetime) -> list[UUID]:
    """One event for each hold that a bank looked at; `what`: on which page.

    The holder of the account reads what is her own: that is recorded nowhere.
    """
    if not by.has(Role.BANK_OFFICER) or by.party_id is None:
        return []
    seen = {one.pk for one in holds if one.in_favour_of == by.party_id}
    told = [
        Happening(verb="hold.read", subject=f"holds.Hold:{key}", data={"what": what})
        for key in sorted(seen)
    ]
    return audit.record_many(told, by=by, at=at)
