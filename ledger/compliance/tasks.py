"""Celery doors: ids in, one operation each."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from ledger.compliance import operations, queries
from ledger.kernel.actors import SYSTEM


@shared_task(name="compliance.reckon_all")
def reckon_all() -> None:
    """One task per entity, so that a bad one stops only itself."""
    for entity_id in queries.entities_to_reckon(timezone.now()):
        reckon_entity.delay(entity_id=str(entity_id))


@shared_task(
    name="compliance.reckon",
    autoretry_for=(ConnectionError,),
    retry_backoff=True,
    max_retries=5,
    acks_late=True,
)
def reckon_entity(*, entity_id: str) -> None:
    """A second run reckons the same again: safe."""
    operations.reckon_again(entity_id=UUID(entity_id), by=SYSTEM, at=timezone.now())
