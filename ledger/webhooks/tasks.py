"""Celery doors: one try of one delivery, and what is due again."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from ledger.kernel.actors import SYSTEM
from ledger.webhooks import operations, queries, sending

AT_ONCE = 500


@shared_task(name=operations.TASK, acks_late=True)
def send(*, delivery_id: str) -> None:
    """Record, send, record. The second run finds it settled, or not due."""
    parcel = operations.begin_delivery(delivery_id=UUID(delivery_id), by=SYSTEM, at=timezone.now())
    if parcel is None:
        return
    outcome = sending.post(parcel.url, parcel.headers, parcel.body)
    operations.end_delivery(
        delivery_id=parcel.delivery_id,
        status=outcome.status,
        error=outcome.error,
        milliseconds=outcome.milliseconds,
        by=SYSTEM,
        at=timezone.now(),
    )


@shared_task(name="webhooks.dispatch")
def dispatch() -> None:
    """Further tries, and what a dead worker left behind. Safe to run twice."""
    for delivery_id in queries.due_deliveries(at=timezone.now(), limit=AT_ONCE):
        send.delay(delivery_id=str(delivery_id))
