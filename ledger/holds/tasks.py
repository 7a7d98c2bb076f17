"""Celery doors: ids in, one operation each."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from ledger.holds import operations, queries, rules
from ledger.kernel.actors import SYSTEM


@shared_task(name="holds.expire_due")
def expire_due_holds() -> None:
    """One task per hold, so that a bad one stops only itself."""
    for hold_id in queries.due_hold_ids(rules.beijing_day(timezone.now())):
        expire_hold.delay(hold_id=str(hold_id))


@shared_task(
    name="holds.expire",
    autoretry_for=(ConnectionError,),
    retry_backoff=True,
    max_retries=5,
    acks_late=True,
)
def expire_hold(*, hold_id: str) -> None:
    """The second run is refused by the table of moves: safe either way."""
    operations.expire_hold(hold_id=UUID(hold_id), by=SYSTEM, at=timezone.now())


@shared_task(name="holds.send_due")
def send_due_transfers() -> None:
    """One task per transfer whose day has come; what is held back comes again next time."""
    for transfer_id in queries.due_transfer_ids(rules.beijing_day(timezone.now())):
        send_transfer.delay(transfer_id=str(transfer_id))


@shared_task(
    name="holds.send",
    autoretry_for=(ConnectionError,),
    retry_backoff=True,
    max_retries=5,
    acks_late=True,
)
def send_transfer(*, transfer_id: str) -> None:
    """The second run is refused by the table of moves: safe either way."""
    operations.execute_transfer(transfer_id=UUID(transfer_id), by=SYSTEM, at=timezone.now())
