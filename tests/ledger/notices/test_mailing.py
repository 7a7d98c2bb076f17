from datetime import timedelta

import pytest

from ledger.audit.models import Event
from ledger.doors.wording import in_language
from ledger.jobs.models import OutboxMessage
from ledger.kernel.actors import SYSTEM
from ledger.kernel.errors import IllegalTransition, NotAllowed
from ledger.kernel.notices import Fact, Told
from ledger.notices import operations, queries, rules, tasks
from ledger.notices.models import Delivery, Notice
from ledger.notices.rules import OddHour, UnknownKind
from ledger.parties import operations as parties
from ledger.parties import queries as people
from tests.factories.people import NOON, TODAY, make_actor, make_party
from tests.ledger.notices.conftest import KIND, work
from tests.ledger.notices.test_collecting import (
    DAY,
    HOUR,
    MANAGERS,
    fact,
    number,
    party_of,
)  # fmt: skip

pytestmark = pytest.mark.django_db
NIGHT = NOON + 11 * HOUR  # 23:00 in Beijing
MORNING = NOON + 20 * HOUR  # 08:00 there


def prefer(actor, **changes):
    given = {"modes": {}, "digest_hour": 8, "quiet_from": 21, "quiet_to": 8}
    given |= {"urgent_any_time": False, **changes}
    operations.set_preferences(**given, by=queries.reader(actor), at=NOON)


def send(at):
    """Hand on what is due, and work it off at that moment."""
    operations.dispatch(by=SYSTEM, at=at)
    work()


def log():
    rows = Delivery.objects.order_by("created_at", "pk")
    return [(row.state, row.reason, row.attempt_count) for row in rows]


@pytest.fixture
def manager():
    return make_actor(
        "CARBON_MANAGER", party=make_party(name_zh="梅山园区", name_en="Meishan Park")
    )


@pytest.fixture
def told(source, manager, post):
    """One fact, taken in at noon."""
    source.facts = [fact(manager.party_id, due_on=TODAY + 9 * DAY)]
    source.collect(NOON)
    return source


def test_a_notice_arrives_as_text_and_html_without_anything_from_outside(told, manager, post):
    send(NOON)

    (letter,) = post.letters
    assert letter["To"] == people.get_user(manager.user_id).email
    assert post.subjects() == ["碳账：The thing 1 waits."]
    assert letter["Auto-Submitted"] == "auto-generated"
    (text,), (html,) = post.texts(), post.texts("html")
    for body in (text, html):
        assert "梅山园区" in body
        assert "The thing 1 waits." in body
        assert "2026" in body
        assert "https://carbon.example.cn/admin/things/1/" in body
        assert "https://carbon.example.cn/admin/notices/preferences/" in body
    assert "<img" not in html
    assert "src=" not in html
    assert log() == [("SENT", "", 1)]


def test_a_mail_is_in_the_readers_own_language(source, manager, post):
    english = make_actor("CARBON_MANAGER", party=party_of(manager))
    parties.choose_language(language="en", by=people.oneself(english.user_id), at=NOON)
    operations.register(
        KIND,
        title="Things",
        collect=lambda on: source.facts,
        tell=lambda params: Told(in_language("事项待办。", "A thing waits.")),
    )
    source.facts = [fact(manager.party_id)]
    source.collect(NOON)
    send(NOON)

    by_subject = {one["Subject"]: one for one in post.letters}
    assert set(by_subject) == {"碳账：事项待办。", "Tanzhang: A thing waits."}
    text = by_subject["Tanzhang: A thing waits."].get_body(("plain",)).get_content()
    assert "this notice for Meishan Park waits for you" in text


def test_what_comes_together_is_one_mail(source, manager, post):
    number(queries.URGENT_DAYS, 7)
    source.facts = [
        fact(manager.party_id, thing="1"),
        fact(manager.party_id, thing="2", due_on=TODAY + DAY),
        fact(manager.party_id, thing="3"),
    ]
    source.collect(NOON)
    send(NOON)

    assert post.subjects() == ["碳账：[紧急] The thing 2 waits.（另有 2 条）"]
    assert log() == [("SENT", "", 1)] * 3
    assert len(set(Delivery.objects.values_list("mail_id", flat=True))) == 1


def test_two_parties_are_two_mails(source, manager, post):
    other = make_party(name_zh="南山园区")
    user = people.get_user(manager.user_id)
    parties.grant_role(
        user_id=user.id, party_id=other.id, role="CARBON_MANAGER", valid_from=TODAY,
        by=SYSTEM, at=NOON,
    )  # fmt: skip
    source.facts = [fact(manager.party_id), fact(other.pk)]
    source.collect(NOON)
    send(NOON)

    assert len(post.letters) == 2
    assert [sum(name in text for text in post.texts()) for name in ("梅山园区", "南山园区")] == [
        1,
        1,
    ]


def test_the_second_run_of_a_task_sends_nothing(told, post):
    send(NOON)
    work()
    send(NOON + HOUR)

    assert len(post.letters) == 1


def test_a_digest_gathers_the_day_and_leaves_at_its_hour(source, manager, post):
    prefer(manager, modes={KIND: "DIGEST"})
    source.facts = [fact(manager.party_id, thing="1")]
    source.collect(NOON)
    source.facts.append(fact(manager.party_id, thing="2"))
    source.collect(NOON + 3 * HOUR)
    send(NOON + 3 * HOUR)
    assert (post.letters, log()) == ([], [("WAITING", "DIGEST", 0)] * 2)

    send(MORNING)
    (text,) = post.texts()
    assert "The thing 1 waits." in text
    assert "The thing 2 waits." in text


def test_quiet_hours_hold_back_until_the_morning(source, manager, post):
    source.facts = [fact(manager.party_id)]
    source.collect(NIGHT)
    send(NIGHT)
    assert (post.letters, log()) == ([], [("WAITING", "QUIET_HOURS", 0)])

    send(MORNING)
    assert len(post.letters) == 1


def test_an_urgent_one_comes_at_night_only_to_who_wants_it(source, manager, post):
    number(queries.URGENT_DAYS, 7)
    sleeper = make_actor("CARBON_MANAGER", party=party_of(manager))
    prefer(manager, urgent_any_time=True)
    source.facts = [fact(manager.party_id, due_on=TODAY + DAY)]
    source.collect(NIGHT)
    send(NIGHT)

    assert [one["To"] for one in post.letters] == [people.get_user(manager.user_id).email]
    assert Delivery.objects.get(user_id=sleeper.user_id).reason == "QUIET_HOURS"


def test_who_wants_no_mail_of_a_kind_gets_none_and_the_log_says_so(source, manager, post):
    prefer(manager, modes={KIND: "OFF"})
    source.facts = [fact(manager.party_id)]
    source.collect(NOON)
    send(NOON)

    assert (post.letters, log()) == ([], [("SKIPPED", "NOT_WANTED", 0)])


def test_without_a_mail_server_the_log_says_so_and_the_inbox_has_it(source, manager, settings):
    assert settings.EMAIL_HOST == ""
    source.facts = [fact(manager.party_id)]
    source.collect(NOON)

    assert log() == [("SKIPPED", "MAIL_OFF", 0)]
    assert queries.unread(manager, on=TODAY).count == 1


def settle(source, manager):
    source.facts = []
    source.collect(NOON + HOUR)


def read(source, manager):
    by = queries.reader(manager)
    operations.mark_read(notice_id=Notice.objects.get().pk, by=by, at=NOON)


def leave(source, manager):
    parties.deactivate_user(user_id=manager.user_id, on=TODAY, reason="left", by=SYSTEM, at=NOON)


def switch_off(source, manager):
    prefer(manager, modes={KIND: "OFF"})


@pytest.mark.parametrize(
    ("meanwhile", "reason"),
    [(settle, "SETTLED"), (read, "READ"), (leave, "GONE"), (switch_off, "NOT_WANTED")],
)
def test_what_changed_before_sending_is_not_sent(told, manager, post, meanwhile, reason):
    operations.dispatch(by=SYSTEM, at=NOON)
    meanwhile(told, manager)
    work()

    assert (post.letters, log()) == ([], [("SKIPPED", reason, 0)])


def test_a_busy_server_is_asked_again_later_and_then_it_arrives_once(told, post):
    post.answers = [(451, "try later"), (421, "busy")]
    send(NOON)
    assert log() == [("WAITING", "RETRY", 1)]
    assert Delivery.objects.get().error == "451 try later"
    first = Delivery.objects.get().mail_id

    Delivery.objects.update(next_try_at=NOON)
    send(NOON + HOUR)
    Delivery.objects.update(next_try_at=NOON)
    send(NOON + 2 * HOUR)

    assert log() == [("SENT", "", 3)]
    (letter,) = post.letters
    assert str(first) in letter["Message-ID"]


def test_a_server_that_is_away_is_tried_with_growing_waits_and_given_up(told, post, settings):
    settings.EMAIL_PORT = 1
    waits = []
    for attempt in range(rules.MOST_TRIES):
        operations.dispatch(by=SYSTEM, at=NOON + attempt * DAY)
        (mail_id,) = {row.mail_id for row in Delivery.objects.all()}
        letter = operations.begin_mail(mail_id=mail_id, by=SYSTEM, at=NOON)
        assert letter is not None
        operations.fail_mail(mail_id=mail_id, error="away", for_good=False, by=SYSTEM, at=NOON)
        row = Delivery.objects.get()
        waits.append(row.next_try_at - NOON if row.state == "WAITING" else None)
    assert waits[:2] == [timedelta(minutes=2), timedelta(minutes=4)]
    assert waits[-1] is None
    assert log() == [("FAILED", "GAVE_UP", rules.MOST_TRIES)]


def test_a_connection_refused_is_told_in_the_log(told, settings):
    settings.EMAIL_PORT = 1
    send(NOON)
    assert log() == [("WAITING", "RETRY", 1)]
    assert "ConnectionRefusedError" in Delivery.objects.get().error


def test_an_address_refused_for_good_fails_and_an_administrator_sends_again(told, manager, post):
    post.answers = [(550, "no such user")]
    send(NOON)
    assert log() == [("FAILED", "REFUSED", 1)]
    row = Delivery.objects.get()
    assert row.error == "550 no such user"
    send(NOON + DAY)
    assert post.letters == []

    with pytest.raises(NotAllowed):
        operations.try_again(delivery_id=row.pk, by=manager, at=NOON)
    administrator = make_actor("ADMINISTRATOR")
    operations.try_again(delivery_id=row.pk, by=administrator, at=NOON)
    send(NOON)
    assert log() == [("SENT", "", 1)]
    with pytest.raises(IllegalTransition):
        operations.try_again(delivery_id=row.pk, by=administrator, at=NOON)


def test_a_line_that_breaks_after_the_mail_was_taken_may_bring_it_twice_under_one_id(told, post):
    """The one place where a mail can come twice; its readers' programs see the same Message-ID."""
    post.hang_up = 1
    send(NOON)
    assert log() == [("WAITING", "RETRY", 1)]
    Delivery.objects.update(next_try_at=NOON)
    send(NOON + HOUR)

    assert log() == [("SENT", "", 2)]
    assert len(post.letters) == 2
    assert len({one["Message-ID"] for one in post.letters}) == 1


def test_a_mail_that_a_dead_worker_began_is_interrupted_and_not_sent_again(told, post):
    operations.dispatch(by=SYSTEM, at=NOON)
    mail_id = Delivery.objects.get().mail_id
    assert operations.begin_mail(mail_id=mail_id, by=SYSTEM, at=NOON) is not None

    tasks.send(mail_id=str(mail_id))  # the broker gives the dead worker's task to another
    assert log() == [("SENDING", "", 1)]
    send(NOON + timedelta(minutes=9))
    assert log() == [("SENDING", "", 1)]
    send(NOON + timedelta(minutes=11))

    assert (post.letters, log()) == ([], [("INTERRUPTED", "WORKER_DIED", 1)])


def test_a_mail_whose_message_was_lost_is_asked_for_again(told, post):
    operations.dispatch(by=SYSTEM, at=NOON)
    before = OutboxMessage.objects.filter(task="notices.send").count()
    operations.dispatch(by=SYSTEM, at=NOON + timedelta(minutes=11))
    assert OutboxMessage.objects.filter(task="notices.send").count() == before + 1
    work()
    assert len(post.letters) == 1


def test_our_own_mistake_fails_in_the_log_and_is_heard(source, manager, post):
    def broken(params):
        raise KeyError("name")

    operations.register(KIND, title="T", collect=lambda on: source.facts, tell=broken)
    source.facts = [Fact(key="1", party_id=manager.party_id, roles=MANAGERS)]
    source.collect(NOON)
    with pytest.raises(KeyError):
        send(NOON)
    assert log() == [("FAILED", "REFUSED", 1)]
    assert Delivery.objects.get().error == "KeyError"


def test_a_sentence_of_two_lines_makes_a_subject_of_one(source, manager, post):
    source.facts = [fact(manager.party_id, thing="a\r\nBcc: x@example.cn")]
    source.collect(NOON)
    send(NOON)
    (letter,) = post.letters
    assert "Bcc" not in letter
    assert post.subjects() == ["碳账：The thing a Bcc: x@example.cn waits."]


def test_preferences_that_make_no_sense_are_refused_and_nothing_is_kept(source, manager):
    with pytest.raises(OddHour):
        prefer(manager, digest_hour=24)
    with pytest.raises(UnknownKind):
        prefer(manager, modes={"things.unknown": "OFF"})
    with pytest.raises(ValueError, match="LOUD"):
        prefer(manager, modes={KIND: "LOUD"})
    assert queries.wishes_of([manager.user_id])[manager.user_id] == rules.Wishes()


def test_a_change_of_preferences_is_an_event(source, manager):
    prefer(manager, modes={KIND: "OFF"})
    prefer(manager, modes={KIND: "DIGEST"})

    events = Event.objects.filter(verb="notice_preferences.changed")
    assert events.count() == 2
    assert list(queries.check_rows_match_events()) == []
