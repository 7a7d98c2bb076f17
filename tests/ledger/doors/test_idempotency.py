"""One key is one act, also when two ask at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

from django.db import connection

from ledger.approvals.models import Approval
from ledger.doors.idempotency import Answer, answer_once
from ledger.doors.models import ApiAnswer
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.ids import new_id
from tests.factories.machines import Machine, machine
from tests.factories.people import NOON, make_party

CALLERS = 6


def test_twins_get_one_answer_and_do_one_act(committed_db):
    from types import SimpleNamespace

    from ledger.instruments.operations import load_schemes
    from tests.factories.units import FREE, ISSUER, UNISSUED, leg, lot
    from tests.ledger.units.test_rest import opened, post, transfer

    load_schemes(by=SYSTEM, at=NOON)
    park = make_party()
    ours, lot_id = opened(park, "A-1"), lot("LOT-1")
    opened(park, "B-1")
    post(leg(lot_id, (ISSUER, UNISSUED), (ours, FREE), 100), kind="ISSUE")
    body = transfer(SimpleNamespace(ours=ours, lot_id=lot_id))
    token, together = machine(park.id).token, Barrier(CALLERS)

    def ask(_number):
        try:
            together.wait(20)
            answer = Machine(token).post("transfers/", body, key="twin")
            return answer.status_code, answer.json()
        finally:
            connection.close()

    with ThreadPoolExecutor(CALLERS) as pool:
        answers = list(pool.map(ask, range(CALLERS)))

    assert {status for status, _told in answers} == {202}
    assert len({told["approval_id"] for _status, told in answers}) == 1
    assert Approval.objects.count() == 1
    assert ApiAnswer.objects.count() == 1


def test_the_second_waits_for_the_first(committed_db):
    by = Actor(user_id=new_id(), party_id=new_id(), roles=frozenset({Role.CARBON_MANAGER}))
    begun, may_end, done = Event(), Event(), []

    def slow():
        begun.set()
        may_end.wait(20)
        done.append("first")
        return Answer(200, {"n": 1})

    def quick():
        done.append("second")
        return Answer(200, {"n": 2})

    def ask(act):
        try:
            return answer_once(key="k", digest=b"d" * 32, by=by, at=NOON, act=act).body
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(ask, slow)
        begun.wait(20)
        second = pool.submit(ask, quick)
        may_end.set()
        assert (first.result(20), second.result(20)) == ({"n": 1}, {"n": 1})
    assert done == ["first"]
