"""A lender's looks at facilities are on record, and the borrower sees them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from finance.facilities.models import Facility
from ledger.audit import operations as audit
from ledger.audit.operations import Happening
from ledger.kernel.actors import Actor, Role


def record_reads(
    facilities: Iterable[Facility], *, what: str, by: Actor, at: datetime
) -> list[UUID]:
    """One event for each facility that its lender looked at; `what`: on which page.

    Nobody else's looks are recorded here: a borrower reads what is her own.
    """
    if not by.has(Role.BANK_OFFICER) or by.party_id is None:
        return []
    seen = {one.pk for one in facilities if one.lender_id == by.party_id}
    told = [
        Happening(verb="facility.read", subject=f"facilities.Facility:{key}", data={"what": what})
        for key in sorted(seen)
    ]
    return audit.record_many(told, by=by, at=at)
