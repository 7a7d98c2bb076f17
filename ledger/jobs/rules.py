"""Refusals of the job room, and how long to wait between tries."""

from datetime import timedelta

from ledger.kernel.errors import N_, DomainError

# A worker gives a sign of life every few seconds; after this silence another may take its job.
SILENCE = timedelta(seconds=20)
SIGN_OF_LIFE_EVERY = 4
# A message that no worker took for so long may have died with its broker: it is sent again.
FORGOTTEN = timedelta(minutes=5)
LONGEST_WAIT = timedelta(minutes=10)


class LeaseLost(DomainError):
    code = "lease_lost"
    message = N_("Another worker has taken over this job.")


class JobCancelled(DomainError):
    code = "job_cancelled"
    message = N_("The job was cancelled.")


def wait_after(attempt_count: int) -> timedelta:
    """Twice as long after each failure, up to a limit."""
    return min(timedelta(seconds=2**attempt_count), LONGEST_WAIT)
