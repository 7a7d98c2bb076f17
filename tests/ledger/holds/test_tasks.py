from datetime import UTC, date, datetime

import pytest
import time_machine

from ledger.holds import tasks
from ledger.holds.models import Hold
from tests.factories.holdings import holdings, quantities, reserve


@pytest.mark.django_db
def test_the_expiry_job_queues_what_is_due_and_the_task_ends_it_once(monkeypatch):
    account, lot = holdings(100)
    hold = reserve(account.pk, lot, 60, expires_on=date(2026, 1, 7))
    reserve(account.pk, lot, 10, expires_on=date(2026, 1, 9))
    queued: list[str] = []
    monkeypatch.setattr(tasks.expire_hold, "delay", lambda *, hold_id: queued.append(hold_id))

    with time_machine.travel(datetime(2026, 1, 6, 16, 0, tzinfo=UTC), tick=False):  # the 7th there
        tasks.expire_due_holds()
        assert queued == [str(hold.pk)]
        tasks.expire_hold(hold_id=queued[0])
        tasks.expire_hold(hold_id=queued[0])

    assert quantities(account.pk, lot) == {"FREE": 90, "RESERVED": 10}
    assert Hold.objects.filter(state="EXPIRED").count() == 1
