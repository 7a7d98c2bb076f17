from celery import shared_task
from django.utils import timezone

from ledger.jobs import operations


@shared_task(name="jobs.sweep")
def sweep() -> None:
    """Send what waits in the outbox, take over what dead workers left and send again what a
    broker forgot. Safe to run twice.
    """
    at = timezone.now()
    operations.take_over_silent_jobs(at=at)
    operations.send_forgotten_jobs(at=at)
    operations.sweep_outbox(at=at)
