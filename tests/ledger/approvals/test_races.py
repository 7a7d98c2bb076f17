from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from ledger.approvals import operations
from ledger.approvals.models import Approval
from ledger.audit.models import Event
from ledger.kernel.errors import IllegalTransition
from ledger.parties.models import Party
from tests.factories.people import NOON
from tests.ledger.approvals.conftest import ask, make_office


@pytest.mark.usefixtures("committed_db", "approvable")
def test_two_checkers_at_once_carry_it_out_once():
    office = make_office()
    approval = ask(office)
    start = Barrier(8)

    def check(number: int) -> str:
        by = (office.checker, office.other_checker)[number % 2]
        start.wait()
        try:
            operations.approve(approval_id=approval.id, by=by, at=NOON)
        except IllegalTransition:
            return "too late"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(check, range(8)))

    assert answers == ["done"] + ["too late"] * 7
    assert Party.objects.filter(name_zh="甲公司").count() == 1
    assert Approval.objects.get().state == "APPROVED"
    assert Event.objects.filter(verb="approval.executed").count() == 1


@pytest.mark.usefixtures("committed_db", "approvable")
def test_a_withdrawal_against_an_approval_has_one_winner():
    office = make_office()
    approval = ask(office)
    start = Barrier(2)

    def act(name: str) -> str:
        start.wait()
        try:
            if name == "approve":
                operations.approve(approval_id=approval.id, by=office.checker, at=NOON)
            else:
                operations.withdraw(approval_id=approval.id, by=office.maker, at=NOON)
        except IllegalTransition:
            return "too late"
        finally:
            connection.close()
        return name

    with ThreadPoolExecutor(2) as pool:
        answers = set(pool.map(act, ["approve", "withdraw"]))

    assert len(answers) == 2
    assert "too late" in answers
    done = Party.objects.filter(name_zh="甲公司").exists()
    assert done is ("approve" in answers)
