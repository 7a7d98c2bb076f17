"""Celery doors: ids in, one operation each."""

from datetime import date, timedelta
from uuid import UUID

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_noop

from finance.pledges import operations, queries
from finance.prices.queries import last_trading_day
from ledger.kernel.actors import SYSTEM
from ledger.parameters import queries as parameters

DRAFT_LASTS = "pledge.draft.lasts"


@shared_task(name="pledges.watch")
def watch() -> None:
    """Value each pledge for the last trading day; end those whose day has come. Safe twice."""
    on = timezone.localdate()
    for row in queries.to_watch():
        value.delay(pledge_id=str(row.pk), day=last_trading_day(on).isoformat())
        if row.ends_on is not None and row.ends_on <= on:
            lapse.delay(pledge_id=str(row.pk), reason=gettext_noop("The contract's term is over."))
    days = int(parameters.get_parameter(DRAFT_LASTS, on).number)
    for row in queries.drafts_before(timezone.now() - timedelta(days=days)):
        lapse.delay(pledge_id=str(row.pk), reason=gettext_noop("Nobody approved it in time."))


@shared_task(
    name="pledges.value",
    autoretry_for=(ConnectionError,),
    retry_backoff=True,
    max_retries=5,
    acks_late=True,
)
def value(*, pledge_id: str, day: str) -> None:
    """A day that is valued already is found, not valued again."""
    operations.value_pledge(
        pledge_id=UUID(pledge_id),
        valued_on=date.fromisoformat(day),
        by=SYSTEM,
        at=timezone.now(),
    )


@shared_task(
    name="pledges.lapse",
    autoretry_for=(ConnectionError,),
    retry_backoff=True,
    max_retries=5,
    acks_late=True,
)
def lapse(*, pledge_id: str, reason: str) -> None:
    """The second run is refused by the table of moves: safe either way."""
    operations.lapse_when_due(
        pledge_id=UUID(pledge_id), reason=reason, by=SYSTEM, at=timezone.now()
    )
