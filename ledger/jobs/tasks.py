from celery import shared_task
from django.utils import timezone

from ledger.jobs import operations


@shared_task(name="jobs.sweep")
def sweep() -> None:
    """Send what waits in the outbox and take over what dead workers left. Safe to run twice."""
    at = timezone.now()
    operations.take_over_silent_jobs(at=at)
    operations.sweep_outbox(at=at)
