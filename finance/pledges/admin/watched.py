"""The desk's lists and pages of pledges: a creditor's looks are on record."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from finance.pledges import operations
from finance.pledges.models import Pledge
from ledger.doors import watched
from ledger.doors.admin import actor_of


def pledge_of(row: Any) -> Pledge:
    found: Pledge = row if isinstance(row, Pledge) else row.pledge
    return found


class Watched(watched.Watched):
    """For whoever looks; only a creditor's look makes an event."""

    def looked(self, request: HttpRequest, rows: Iterable[Any], what: str) -> None:
        if what == "list" and self.model is not Pledge:
            what = "details"
        pledges = [pledge_of(one) for one in rows]
        operations.record_reads(pledges, what=what, by=actor_of(request), at=timezone.now())
