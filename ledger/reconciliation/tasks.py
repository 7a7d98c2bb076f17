"""Celery doors: the comparison of one account, and the hourly look for what is due."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from ledger.jobs import runner
from ledger.kernel.actors import SYSTEM
from ledger.reconciliation import operations, queries
from ledger.reconciliation.operations.comparisons import TASK


@shared_task(name="reconciliation.compare_due")
def compare_due() -> None:
    """One job per account with a statement that was not compared since something changed."""
    at = timezone.now()
    for account_id in queries.due_accounts():
        operations.request_comparison(
            account_id=account_id, by=SYSTEM, at=at, key=f"{account_id}:{at:%Y-%m-%dT%H}"
        )


@shared_task(name=TASK, acks_late=True)
def compare(*, job_id: str) -> None:
    """The second run finds the same breaks: safe."""
    runner.run(job_id=job_id, body=_compare)


def _compare(job: runner.RunningJob) -> Mapping[str, Any]:
    account_id = UUID(str(job.args["account_id"]))
    statements = queries.statements_to_compare(account_id)
    differences = 0
    for done, statement_id in enumerate(statements):
        job.progress(done, len(statements))
        made = operations.compare_statement(statement_id=statement_id, by=SYSTEM, at=timezone.now())
        differences += made.difference_count
    return {"statements": len(statements), "differences": differences}
