"""What the people of the demonstration should know on its first day."""

from datetime import datetime

from ledger.kernel.actors import SYSTEM
from ledger.notices import operations as notices
from ledger.notices import queries


def load(*, at: datetime) -> None:
    """Look at every source once; afterwards the schedule does."""
    for kind in queries.kinds():
        notices.collect(kind=kind.name, by=SYSTEM, at=at)
