from celery import shared_task
from django.utils import timezone

from ledger.approvals import operations
from ledger.parties.queries import system_actor


@shared_task(name="approvals.expire")
def expire_due_approvals() -> None:
    """Close what nobody has decided in time. The second run finds nothing due."""
    operations.expire_due_approvals(by=system_actor(), at=timezone.now())
