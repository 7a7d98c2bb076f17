"""Celery doors."""

import structlog
from celery import shared_task
from django.utils import timezone

from ledger.audit import operations
from ledger.kernel.actors import SYSTEM

log = structlog.get_logger(__name__)


@shared_task(name="audit.ask_witnesses")
def ask_witnesses() -> None:
    """Who has signed already is not asked again: safe to repeat."""
    for trouble in operations.ask_witnesses(by=SYSTEM, at=timezone.now()):
        log.warning("witness", trouble=trouble)
