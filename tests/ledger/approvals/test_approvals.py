from datetime import timedelta
from itertools import product

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from ledger.approvals import operations, queries, rules
from ledger.approvals.models import Approval
from ledger.approvals.states import TRANSITIONS, ApprovalState
from ledger.audit.models import Event
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.errors import IllegalTransition, NotAllowed, NotFound
from ledger.parties import operations as parties
from ledger.parties import queries as people
from ledger.parties.models import Party
from tests.factories.people import NOON, TODAY, give, make_party, make_user
from tests.ledger.approvals.conftest import ask

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("approvable")]
DAY = timedelta(days=1)


def verbs():
    found = Event.objects.filter(subject__startswith="approvals.").order_by("id")
    return list(found.values_list("verb", flat=True))


def nothing_was_done():
    return not Party.objects.filter(name_zh="甲公司").exists()


def test_an_approved_request_is_carried_out_for_its_maker_and_leaves_a_trace(office):
    approval = ask(office)
    assert nothing_was_done()

    done = operations.approve(
        approval_id=approval.id,
        by=office.checker,
        at=NOON,
        seen_digest=bytes(approval.payload_digest).hex(),
    )

    party = Party.objects.get(name_zh="甲公司")
    assert done.result == {"party": str(party.id)}
    assert verbs() == ["approval.requested", "approval.granted", "approval.executed"]
    made = Event.objects.get(subject=f"parties.Party:{party.id}")
    assert made.actor_id == office.maker.user_id


def test_the_maker_cannot_check_even_in_another_role(office):
    user = people.get_user(office.maker.user_id)
    give(user, office.party, "APPROVER")
    both = people.actor_for(user.id, office.party.id, TODAY)
    approval = ask(office)

    with pytest.raises(rules.MakerIsChecker):
        operations.approve(approval_id=approval.id, by=both, at=NOON)
    with pytest.raises(rules.MakerIsChecker):
        operations.reject(approval_id=approval.id, by=both, at=NOON, reason="no")
    assert nothing_was_done()


def test_the_maker_cannot_check_as_a_deputy(office):
    held = people.memberships_on(user_id=office.checker.user_id, on=TODAY).get()
    parties.appoint_deputy(
        membership_id=held.id,
        user_id=office.maker.user_id,
        valid_from=TODAY,
        valid_to=TODAY + 30 * DAY,
        by=office.checker,
        at=NOON,
    )
    deputy = people.actor_for(office.maker.user_id, office.party.id, TODAY)
    assert deputy.has(Role.APPROVER)
    approval = ask(office)

    with pytest.raises(rules.MakerIsChecker):
        operations.approve(approval_id=approval.id, by=deputy, at=NOON)


def test_the_maker_cannot_check_with_a_second_login(office):
    second = parties.invite_user(
        email="second@example.cn",
        name="陈安",
        same_person_as=office.maker.user_id,
        by=SYSTEM,
        at=NOON,
    )
    give(second, office.party, "APPROVER")
    approval = ask(office)

    with pytest.raises(rules.MakerIsChecker):
        operations.approve(
            approval_id=approval.id,
            by=people.actor_for(second.id, office.party.id, TODAY),
            at=NOON,
        )


def test_the_database_itself_refuses_one_person_on_both_sides(office):
    approval = ask(office)
    with (
        pytest.raises(IntegrityError, match="approval_checker_is_not_its_maker"),
        transaction.atomic(),
    ):
        Approval.objects.filter(id=approval.id).update(
            state="APPROVED",
            decided_at=NOON,
            decided_by=office.checker.user_id,
            decided_person=approval.requested_person,
        )


def test_a_role_gained_since_the_request_does_not_help_the_maker(office):
    officer = make_user()
    give(officer, office.party, "DATA_OFFICER")
    maker = people.actor_for(officer.id, office.party.id, TODAY)

    with pytest.raises(NotAllowed):
        ask(office, by=maker)
    assert not Approval.objects.exists()


def test_a_role_that_is_no_approver_cannot_approve(office):
    approval = ask(office)
    other = make_user()
    give(other, office.party, "CARBON_MANAGER")

    with pytest.raises(NotAllowed):
        operations.approve(
            approval_id=approval.id, by=people.actor_for(other.id, office.party.id, TODAY), at=NOON
        )
    assert nothing_was_done()


def test_an_approver_of_another_party_finds_nothing(office):
    approval = ask(office)
    stranger, elsewhere = make_user(), make_party(name_zh="乙园区")
    give(stranger, elsewhere, "APPROVER")
    actor = people.actor_for(stranger.id, elsewhere.id, TODAY)

    with pytest.raises(NotFound):
        operations.approve(approval_id=approval.id, by=actor, at=NOON)
    assert queries.open_for(actor) == []


def test_an_expired_request_cannot_be_approved_and_is_swept(office):
    approval = ask(office)
    late = NOON + 7 * DAY

    with pytest.raises(rules.ApprovalExpired):
        operations.approve(approval_id=approval.id, by=office.checker, at=late)
    assert operations.expire_due_approvals(by=SYSTEM, at=late - timedelta(seconds=1)) == 0
    assert operations.expire_due_approvals(by=SYSTEM, at=late) == 1

    approval.refresh_from_db()
    assert approval.state == "EXPIRED"
    assert nothing_was_done()


def test_a_change_in_the_world_since_the_request_refuses(office):
    approval = ask(office)
    make_party(kind="BANK", name_zh="甬城银行")

    with pytest.raises(rules.StateChanged):
        operations.approve(approval_id=approval.id, by=office.checker, at=NOON)
    assert nothing_was_done()
    approval.refresh_from_db()
    assert approval.state == "REQUESTED"


def test_what_was_seen_must_be_what_is_done(office):
    approval = ask(office)
    other = ask(office, name_zh="丙公司")

    with pytest.raises(rules.PayloadChanged):
        operations.approve(
            approval_id=approval.id,
            by=office.checker,
            at=NOON,
            seen_digest=bytes(other.payload_digest).hex(),
        )
    assert nothing_was_done()


def test_the_bound_content_can_never_be_rewritten(office):
    approval = ask(office)
    for change in (
        {"payload": {"kind": "BANK"}},
        {"payload_digest": b"x"},
        {"requested_person": office.checker.user_id},
        {"expires_at": NOON + 99 * DAY},
        {"summary": ["nothing"]},
    ):
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            Approval.objects.filter(id=approval.id).update(**change)


def test_when_the_operation_refuses_nothing_is_approved(office):
    approval = ask(office, uscc="91330201MA2A00000X")

    with pytest.raises(Exception, match="unified social credit code"):
        operations.approve(approval_id=approval.id, by=office.checker, at=NOON)

    approval.refresh_from_db()
    assert approval.state == "REQUESTED"
    assert verbs() == ["approval.requested"]


def test_a_leaver_s_request_is_not_carried_out(office):
    approval = ask(office)
    parties.deactivate_user(
        user_id=office.maker.user_id, on=TODAY, by=SYSTEM, at=NOON, reason="gone"
    )
    with pytest.raises(rules.MakerHasLeft):
        operations.approve(approval_id=approval.id, by=office.checker, at=NOON)


def test_a_rejection_needs_a_reason_and_is_final(office):
    approval = ask(office)
    with pytest.raises(rules.ReasonMissing):
        operations.reject(approval_id=approval.id, by=office.checker, at=NOON, reason=" ")

    operations.reject(approval_id=approval.id, by=office.checker, at=NOON, reason="wrong firm")

    with pytest.raises(IllegalTransition):
        operations.approve(approval_id=approval.id, by=office.other_checker, at=NOON)
    assert verbs() == ["approval.requested", "approval.rejected"]
    assert nothing_was_done()


def test_only_the_maker_withdraws(office):
    approval = ask(office)
    with pytest.raises(rules.OnlyTheMaker):
        operations.withdraw(approval_id=approval.id, by=office.checker, at=NOON)

    operations.withdraw(approval_id=approval.id, by=office.maker, at=NOON, reason="typo")

    with pytest.raises(IllegalTransition):
        operations.approve(approval_id=approval.id, by=office.checker, at=NOON)


def test_open_requests_are_listed_for_those_who_may_decide(office):
    approval = ask(office)

    assert [one.id for one in queries.open_for(office.checker)] == [approval.id]
    assert queries.count_open(office.maker) == 0
    assert [one.id for one in queries.requested_by(office.maker)] == [approval.id]
    assert queries.sentences(approval) == ["The party 甲公司 will be registered."]


def test_a_floating_number_has_no_place_in_a_payload(office):
    with pytest.raises(TypeError):
        ask(office, amount=1.5)


def test_a_request_without_a_sentence_or_an_operation_is_refused(office):
    with pytest.raises(rules.NothingToRead):
        operations.request_approval(
            operation="parties.register_party",
            payload={},
            summary=[" "],
            party_id=office.party.id,
            by=office.maker,
            at=NOON,
        )
    with pytest.raises(rules.UnknownOperation):
        operations.request_approval(
            operation="units.vanish",
            payload={},
            summary=["x"],
            party_id=office.party.id,
            by=office.maker,
            at=NOON,
        )


def test_an_approval_covers_only_what_it_was_given_for(office):
    approval = ask(office)
    asked = {"kind": "COMPANY", "name_zh": "甲公司"}
    name = "parties.register_party"
    with pytest.raises(rules.NotApproved):
        queries.check_granted(approval_id=approval.id, operation=name, payload=asked)

    operations.approve(approval_id=approval.id, by=office.checker, at=NOON)

    queries.check_granted(approval_id=approval.id, operation=name, payload=asked)
    for operation, payload in ((name, {**asked, "kind": "BANK"}), ("other.thing", asked)):
        with pytest.raises(rules.NotApproved):
            queries.check_granted(approval_id=approval.id, operation=operation, payload=payload)


@pytest.mark.parametrize(("old", "new"), list(product(ApprovalState, ApprovalState)))
def test_the_database_knows_the_table_of_moves(office, old, new):
    approval = ask(office)
    decided = {"decided_at": NOON, "decided_by": SYSTEM.user_id, "decided_person": SYSTEM.user_id}
    nobody = dict.fromkeys(decided)
    if old != "REQUESTED":
        Approval.objects.filter(id=approval.id).update(state=old, **decided)
    change = {"state": new, **(nobody if new == "REQUESTED" else decided)}
    if old == new:
        return
    if new in TRANSITIONS[old]:
        assert Approval.objects.filter(id=approval.id).update(**change) == 1
    else:
        with pytest.raises(DatabaseError, match="transition"), transaction.atomic():
            Approval.objects.filter(id=approval.id).update(**change)


def test_a_machine_may_ask_and_a_person_decides(office):
    approval = ask(office, by=Actor(SYSTEM.user_id, office.party.id, frozenset({Role.SYSTEM})))
    operations.approve(approval_id=approval.id, by=office.checker, at=NOON)
    assert not nothing_was_done()
