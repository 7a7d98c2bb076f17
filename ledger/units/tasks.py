"""Celery doors: ids in, one operation each."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from ledger.kernel.actors import SYSTEM
from ledger.units import operations, queries, rules


@shared_task(name="units.expire_due")
def expire_due_units() -> None:
    """One task per account and lot, so that a bad one stops only itself."""
    for one in queries.overdue(on=rules.beijing_day(timezone.now())):
        expire_lot.delay(lot_id=str(one.lot_id), account_id=str(one.account_id))


@shared_task(
    name="units.expire_lot",
    autoretry_for=(ConnectionError,),
    retry_backoff=True,
    max_retries=5,
    acks_late=True,
)
def expire_lot(*, lot_id: str, account_id: str) -> None:
    """The second run finds nothing free."""
    operations.expire_free_units(
        lot_id=UUID(lot_id), account_id=UUID(account_id), by=SYSTEM, at=timezone.now()
    )
