from datetime import timedelta
from uuid import uuid4

import pytest

from ledger.kernel.actors import SYSTEM, Role
from ledger.kernel.errors import NotAllowed, NotFound
from ledger.kernel.notices import Fact
from ledger.notices import operations, queries
from ledger.notices.models import Delivery, Notice
from ledger.notices.rules import OddSnooze, UnknownKind
from ledger.notices.states import Severity
from ledger.parameters import operations as parameters
from ledger.parameters.rules import read_fact
from tests.factories.people import NOON, TODAY, make_actor, make_party
from tests.ledger.notices.conftest import KIND

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MANAGERS = frozenset({Role.CARBON_MANAGER})


def fact(party_id, *, thing="1", **more):
    given = {"roles": MANAGERS, "params": {"thing": thing}, **more}
    return Fact(key=thing, party_id=party_id, **given)


def number(key, value):
    """A rule number of the tests' own kind."""
    row = {"key": key, "scope": KIND, "value": value, "unit": "x", "valid_from": NOON.date()}
    more = {"axis": "DAY", "legal_basis": "t", "source": "t", "confidence": "C", "approver": "t"}
    parameters.load_parameters(facts=[read_fact(row, more)], by=SYSTEM, at=NOON)


def seen(actor, show="open", at=NOON):
    day = (at + 8 * HOUR).date()
    return [row.params["thing"] for row in queries.inbox(actor, on=day, show=show)]


@pytest.fixture
def manager():
    return make_actor("CARBON_MANAGER")


def test_the_same_fact_is_told_once(source, manager):
    source.facts = [fact(manager.party_id)]

    first, second = source.collect(NOON), source.collect(NOON + HOUR)

    assert (first.new_count, first.mail_count) == (1, 1)
    assert (second.new_count, second.settled_count, second.mail_count) == (0, 0, 0)
    assert Notice.objects.count() == Delivery.objects.count() == 1
    assert seen(manager, "unread") == ["1"]


def test_a_fact_that_is_gone_is_settled_and_nags_nobody(source, manager):
    source.facts = [fact(manager.party_id)]
    source.collect(NOON)
    source.facts = []

    assert source.collect(NOON + HOUR).settled_count == 1

    assert seen(manager) == []
    assert queries.unread(manager, on=TODAY).count == 0
    assert seen(manager, "settled") == ["1"]
    assert Notice.objects.get().settled_at == NOON + HOUR


def test_a_fact_that_comes_again_is_a_new_notice(source, manager):
    source.facts = [fact(manager.party_id)]
    source.collect(NOON)
    source.facts, kept = [], source.facts
    source.collect(NOON + HOUR)
    source.facts = kept

    assert source.collect(NOON + 2 * HOUR).new_count == 1
    assert Notice.objects.count() == 2
    assert seen(manager) == ["1"]


def test_a_reminder_makes_a_read_notice_unread_and_is_mailed_once(source, manager):
    source.facts = [fact(manager.party_id)]
    source.collect(NOON)
    notice = Notice.objects.get()
    operations.mark_read(notice_id=notice.pk, by=queries.reader(manager), at=NOON)
    assert seen(manager, "unread") == []

    source.facts = [fact(manager.party_id, round=1)]
    assert source.collect(NOON + DAY).mail_count == 1
    assert source.collect(NOON + DAY).mail_count == 0

    assert seen(manager, "unread") == ["1"]
    notice.refresh_from_db()
    assert (notice.round, notice.told_at, notice.created_at) == (1, NOON + DAY, NOON)


def test_a_changed_fact_is_shown_as_it_is_now_and_not_told_again(source, manager):
    source.facts = [fact(manager.party_id)]
    source.collect(NOON)
    source.facts = [Fact(key="1", party_id=manager.party_id, roles=MANAGERS, params={"thing": "2"})]

    assert source.collect(NOON + HOUR).mail_count == 0
    assert seen(manager) == ["2"]


def test_only_the_addressed_see_it(source, manager):
    colleague = make_actor("APPROVER", party=party_of(manager))
    named = make_actor("DATA_OFFICER", party=party_of(manager))
    stranger, bank = make_actor("CARBON_MANAGER"), make_actor("BANK_OFFICER")
    source.facts = [fact(manager.party_id, users=frozenset({named.user_id}))]
    source.collect(NOON)

    assert [seen(one) for one in (manager, named)] == [["1"], ["1"]]
    assert [seen(one) for one in (colleague, stranger, bank)] == [[], [], []]
    assert set(Delivery.objects.values_list("user_id", flat=True)) == {
        manager.user_id, named.user_id,
    }  # fmt: skip
    notice = Notice.objects.get()
    for other in (colleague, stranger, bank):
        with pytest.raises(NotFound):
            operations.mark_read(notice_id=notice.pk, by=queries.reader(other), at=NOON)


def party_of(actor):
    from ledger.parties.models import Party

    return Party.objects.get(pk=actor.party_id)


def test_who_is_left_out_neither_sees_it_nor_gets_mail(source, manager):
    maker = make_actor("CARBON_MANAGER", party=party_of(manager))
    source.facts = [fact(manager.party_id, without=frozenset({maker.user_id}))]
    source.collect(NOON)

    assert (seen(manager), seen(maker)) == (["1"], [])
    assert Delivery.objects.get().user_id == manager.user_id


def test_a_role_that_is_given_later_sees_what_stands(source, manager):
    source.facts = [fact(manager.party_id)]
    source.collect(NOON)
    late = make_actor("CARBON_MANAGER", party=party_of(manager))

    assert seen(late, "unread") == ["1"]
    assert source.collect(NOON + HOUR).mail_count == 1
    assert Delivery.objects.filter(user_id=late.user_id).count() == 1


def test_a_notice_becomes_urgent_as_its_day_comes_near(source, manager):
    number(queries.URGENT_DAYS, 7)
    source.facts = [fact(manager.party_id, due_on=TODAY + 8 * DAY)]
    source.collect(NOON)
    assert Notice.objects.get().severity == Severity.WARNING
    assert not queries.unread(manager, on=TODAY).is_urgent

    source.collect(NOON + DAY)
    assert Notice.objects.get().severity == Severity.URGENT
    assert queries.unread(manager, on=TODAY).is_urgent


def test_what_nobody_reads_goes_to_the_next_role(source, manager):
    number(queries.ESCALATION, "APPROVER after 24h; AUDITOR after 48h")
    approver = make_actor("APPROVER", party=party_of(manager))
    auditor = make_actor("AUDITOR", party=party_of(manager))
    source.facts = [fact(manager.party_id)]
    source.collect(NOON)
    source.collect(NOON + 23 * HOUR)
    assert (seen(approver), seen(auditor)) == ([], [])

    assert source.collect(NOON + 24 * HOUR).mail_count == 1
    assert (seen(approver), seen(auditor)) == (["1"], [])

    operations.mark_read(
        notice_id=Notice.objects.get().pk, by=queries.reader(approver), at=NOON + 30 * HOUR
    )
    source.collect(NOON + 50 * HOUR)
    assert seen(auditor) == []


def test_what_still_stands_near_its_day_goes_on_though_it_was_read(source, manager):
    number(queries.ESCALATION, "APPROVER 3d before")
    approver = make_actor("APPROVER", party=party_of(manager))
    source.facts = [fact(manager.party_id, due_on=TODAY + 4 * DAY)]
    source.collect(NOON)
    operations.mark_read(notice_id=Notice.objects.get().pk, by=queries.reader(manager), at=NOON)
    assert seen(approver) == []

    source.collect(NOON + DAY)
    assert seen(approver) == ["1"]


def test_a_snoozed_notice_comes_back_on_its_day(source, manager):
    source.facts = [fact(manager.party_id)]
    source.collect(NOON)
    notice, by = Notice.objects.get(), queries.reader(manager)
    until = TODAY + 3 * DAY
    operations.snooze(notice_id=notice.pk, until=until, by=by, at=NOON)
    assert (seen(manager), seen(manager, "snoozed")) == ([], ["1"])

    source.facts = [fact(manager.party_id, round=1)]
    assert source.collect(NOON + DAY).mail_count == 0
    assert source.collect(NOON + 3 * DAY).mail_count == 1
    assert seen(manager, "unread", at=NOON + 3 * DAY) == ["1"]
    with pytest.raises(OddSnooze):
        operations.snooze(notice_id=notice.pk, until=TODAY, by=by, at=NOON)


def test_a_dismissed_notice_stays_away_until_its_next_reminder(source, manager):
    source.facts = [fact(manager.party_id)]
    source.collect(NOON)
    operations.dismiss(notice_id=Notice.objects.get().pk, by=queries.reader(manager), at=NOON)
    assert (seen(manager), seen(manager, "all")) == ([], ["1"])

    source.facts = [fact(manager.party_id, round=1)]
    source.collect(NOON + DAY)
    assert seen(manager, "unread") == ["1"]


def test_marking_all_read_touches_only_ones_own(source, manager):
    other = make_actor("CARBON_MANAGER", party=party_of(manager))
    source.facts = [fact(manager.party_id, thing=str(one)) for one in range(3)]
    source.collect(NOON)

    assert operations.mark_all_read(by=queries.reader(manager), at=NOON) == 3
    assert operations.mark_all_read(by=queries.reader(manager), at=NOON) == 0
    assert (seen(manager, "unread"), len(seen(manager)), len(seen(other, "unread"))) == ([], 3, 3)


def test_sources_of_many_facts_are_taken_in_with_few_questions(
    source, manager, django_assert_max_num_queries
):
    source.facts = [fact(manager.party_id, thing=str(one)) for one in range(200)]
    with django_assert_max_num_queries(20):
        source.collect(NOON)
    assert Delivery.objects.count() == 200


def test_a_party_without_anybody_is_no_harm(source):
    source.facts = [fact(make_party().pk)]
    assert source.collect(NOON).mail_count == 0


def test_only_the_machine_collects_and_only_known_kinds(manager):
    with pytest.raises(NotAllowed):
        operations.collect(kind=KIND, by=manager, at=NOON)
    with pytest.raises(UnknownKind):
        operations.collect(kind="things.unknown", by=SYSTEM, at=NOON)
    with pytest.raises(NotFound):
        operations.mark_read(notice_id=uuid4(), by=queries.reader(manager), at=NOON)
