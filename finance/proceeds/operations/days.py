"""What every write of this room asks first: whose money it is, and that it has happened."""

from datetime import date, datetime, timedelta, timezone
from uuid import UUID

from finance.proceeds import models, queries, rules
from ledger.kernel.actors import Actor

BEIJING = timezone(timedelta(hours=8))


def lock(raising_id: UUID, *, by: Actor) -> models.Raising:
    """:raises NotFound: not there, or not yours"""
    queries.get_raising(raising_id, by=by)
    return models.Raising.objects.select_for_update().get(pk=raising_id)


def check_past(day: date, *, at: datetime) -> None:
    """:raises InTheFuture: it has not happened"""
    if day > at.astimezone(BEIJING).date():
        raise rules.InTheFuture(day=day.isoformat())
