"""Messages to a party's machines: signed, tried again, logged, never sent into our own network."""

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ledger.audit import operations as audit
from ledger.audit.keys import KeyMissing
from ledger.audit.models import Event
from ledger.jobs.models import OutboxMessage
from ledger.kernel.actors import SYSTEM
from ledger.kernel.errors import IllegalTransition, NotAllowed, NotFound
from ledger.webhooks import keys, operations, queries, rules, sending
from ledger.webhooks.models import Attempt, Delivery, Endpoint, Message
from tests.factories.loans import banker, borrower

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
KIND = "pledge.price_alert"
PUBLIC = "https://bank.example.com/hook"


@pytest.fixture
def bank():
    return banker()


class _Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body, self.path))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 204)
        self.end_headers()

    def log_message(self, *_args):
        """Say nothing."""


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_PRIVATE_HOSTS = ["127.0.0.1"]
    server = HTTPServer(("127.0.0.1", 0), _Receiver)
    server.got, server.answers = [], []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    server.url = f"http://127.0.0.1:{server.server_port}/hook?for=us"
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def made(by, url=PUBLIC, kinds=()):
    return operations.make_endpoint(url=url, kinds=kinds, by=by, at=NOON)


def announce(by, kind=KIND, **data):
    operations.announce(
        party_id=by.party_id, kind=kind, subject="pledges.Pledge:1", data=data, by=SYSTEM, at=NOON
    )


def try_once(at):
    """As a worker would at that moment."""
    row = Delivery.objects.get()
    parcel = operations.begin_delivery(delivery_id=row.pk, by=SYSTEM, at=at)
    if parcel is None:
        return None
    outcome = sending.post(parcel.url, parcel.headers, parcel.body)
    return operations.end_delivery(
        delivery_id=row.pk, status=outcome.status, error=outcome.error,
        milliseconds=outcome.milliseconds, by=SYSTEM, at=at,
    )  # fmt: skip


def test_a_message_arrives_signed_with_its_id_and_moment(bank, receiver):
    _row, secret = made(bank, receiver.url)
    announce(bank, ltv="0.81")
    assert OutboxMessage.objects.filter(task="webhooks.send").count() == 1
    try_once(NOON)
    headers, body, path = receiver.got[0]
    assert path == "/hook?for=us"
    told = json.loads(body)
    assert told["id"] == headers["webhook-id"] == str(Message.objects.get().pk)
    assert (told["type"], told["data"]) == (KIND, {"ltv": "0.81"})
    seconds = int(headers["webhook-timestamp"])
    rules.check_signature(
        secret, headers["webhook-signature"], message_id=told["id"], seconds=seconds, body=body,
        now=seconds,
    )  # fmt: skip
    assert Delivery.objects.get().state == "SENT"
    assert [one.status for one in Attempt.objects.all()] == [204]


def test_an_altered_or_old_message_is_not_believed(bank, receiver):
    _row, secret = made(bank, receiver.url)
    announce(bank)
    try_once(NOON)
    headers, body, _path = receiver.got[0]
    seconds = int(headers["webhook-timestamp"])
    good = {"message_id": headers["webhook-id"], "seconds": seconds, "body": body, "now": seconds}
    signed = headers["webhook-signature"]
    for wrong in (
        {**good, "body": body + b" "},
        {**good, "message_id": "another"},
        {**good, "seconds": seconds + 1},
        {**good, "now": seconds + 301},
        {**good, "now": seconds - 301},
    ):
        with pytest.raises(rules.SignatureWrong):
            rules.check_signature(secret, signed, **wrong)
    with pytest.raises(rules.SignatureWrong):
        rules.check_signature(rules.derived_secret("other", "x", 1), signed, **good)
    rules.check_signature(secret, signed, **good)


def test_a_failure_is_tried_again_later_and_each_time_longer(bank, receiver):
    made(bank, receiver.url)
    announce(bank)
    receiver.answers[:] = [500, 302]
    row = try_once(NOON)
    assert (row.state, row.next_try_at) == ("WAITING", NOON + timedelta(seconds=30))
    assert try_once(NOON + timedelta(seconds=29)) is None
    row = try_once(NOON + timedelta(seconds=30))
    assert row.next_try_at == NOON + timedelta(seconds=150)
    row = try_once(NOON + timedelta(seconds=150))
    assert row.state == "SENT"
    assert [one.status for one in Attempt.objects.all()] == [500, 302, 204]
    ids = {headers["webhook-id"] for headers, _body, _path in receiver.got}
    assert len(ids) == 1


def test_after_the_last_try_it_is_given_up_and_can_be_sent_again_by_hand(bank, receiver):
    made(bank, receiver.url)
    announce(bank)
    receiver.answers[:] = [503] * rules.MOST_TRIES
    at = NOON
    for _each in range(rules.MOST_TRIES):
        row = try_once(at)
        at = max(row.next_try_at, at)
    assert row.state == "FAILED"
    again = operations.send_again(delivery_id=row.pk, by=bank, at=at)
    assert (again.state, again.attempt_count) == ("WAITING", 0)
    assert try_once(at).state == "SENT"
    assert Attempt.objects.count() == rules.MOST_TRIES + 1


def test_a_dead_workers_message_is_taken_up_after_two_minutes(bank, receiver):
    made(bank, receiver.url)
    announce(bank)
    row = Delivery.objects.get()
    assert operations.begin_delivery(delivery_id=row.pk, by=SYSTEM, at=NOON) is not None
    assert operations.begin_delivery(delivery_id=row.pk, by=SYSTEM, at=NOON) is None
    later = NOON + rules.LEASE
    assert queries.due_deliveries(at=later, limit=10) == [row.pk]
    assert try_once(later).state == "SENT"


def test_nobody_who_listens_nothing_written(bank):
    announce(bank)
    made(bank, kinds=["pledge.moved"])
    announce(bank)
    assert not Message.objects.exists()
    announce(bank, kind="pledge.moved")
    assert Message.objects.get().kind == "pledge.moved"


def test_after_a_rotation_both_secrets_fit_for_a_day(bank, receiver):
    row, old = made(bank, receiver.url)
    _row, new = operations.rotate_secret(endpoint_id=row.pk, by=bank, at=NOON)
    assert new != old
    announce(bank)
    try_once(NOON)
    headers, body, _path = receiver.got[0]
    facts = {
        "message_id": headers["webhook-id"], "seconds": int(NOON.timestamp()), "body": body,
        "now": int(NOON.timestamp()),
    }  # fmt: skip
    for secret in (old, new):
        rules.check_signature(secret, headers["webhook-signature"], **facts)
    row.refresh_from_db()
    assert queries.secrets_of(row, at=NOON + timedelta(days=1)) == [new]


def test_a_new_key_is_for_new_secrets_and_standing_addresses_keep_theirs(bank, key_folder):
    row, old = made(bank)
    with_key = row.key_name
    said = audit.rotate_key(
        name="webhooks", by=SYSTEM, at=NOON, is_demonstration=True, reason="yearly"
    )
    assert queries.secrets_of(row, at=NOON) == [old]
    other, _secret = made(bank, "https://bank.example.com/other")
    assert other.key_name != with_key
    assert other.key_name in said
    row, new = operations.rotate_secret(endpoint_id=row.pk, by=bank, at=NOON)
    assert (row.key_name, row.old_key_name) == (other.key_name, with_key)
    assert queries.secrets_of(row, at=NOON) == [new, old]
    event = Event.objects.get(verb="key.rotated")
    assert keys.root_of(other.key_name) not in bytes(event.body).decode()
    assert (key_folder / keys.FILE).stat().st_mode & 0o777 == 0o600


def test_a_key_that_no_living_address_uses_is_forgotten_by_the_next_rotation(bank):
    row, _secret = made(bank)
    rotate = {"name": "webhooks", "by": SYSTEM, "is_demonstration": True, "reason": "x"}
    audit.rotate_key(at=NOON, **rotate)
    row, _secret = operations.rotate_secret(endpoint_id=row.pk, by=bank, at=NOON)
    audit.rotate_key(at=NOON, **rotate)
    assert keys.root_of(row.old_key_name)  # still in use for a day
    audit.rotate_key(at=NOON + timedelta(days=2), **rotate)
    with pytest.raises(KeyMissing):
        keys.root_of(row.old_key_name)
    assert keys.root_of(row.key_name)


def test_without_a_key_no_address_is_made(bank, key_folder):
    (key_folder / keys.FILE).unlink()
    with pytest.raises(KeyMissing):
        made(bank)
    assert Endpoint.objects.count() == 0


def test_the_secret_does_not_follow_from_the_servers_own(bank, settings):
    row, secret = made(bank)
    settings.SECRET_KEY = "another" * 10
    assert queries.secrets_of(row, at=NOON) == [secret]
    Endpoint.objects.filter(pk=row.pk).update(key_name="")  # made before there were keys
    row.refresh_from_db()
    derived = rules.derived_secret(settings.SECRET_KEY, str(row.pk), 1)
    assert queries.secrets_of(row, at=NOON) == [derived]


def test_no_table_holds_the_secret(bank):
    row, secret = made(bank)
    row.refresh_from_db()
    assert secret not in str(row.__dict__)
    assert all(secret not in bytes(one.body).decode() for one in Event.objects.all())


@pytest.mark.parametrize(
    "url",
    [
        "http://bank.example.com/", "https://localhost/", "https://127.0.0.1/", "https://10.0.0.8/",
        "https://[::1]/", "https://169.254.169.254/latest", "https://user:pw@bank.example.com/",
        "ftp://bank.example.com/", "https://db.internal/", "nonsense", "https:///path",
    ],
)  # fmt: skip
def test_no_message_goes_into_a_network_of_ours(bank, url):
    with pytest.raises(rules.OddAddress):
        made(bank, url)
    assert not Endpoint.objects.exists()


def test_a_name_that_leads_inside_is_found_at_the_moment_of_sending(monkeypatch):
    inside = [(2, 1, 6, "", ("10.1.2.3", 443))]
    monkeypatch.setattr(sending.socket, "getaddrinfo", lambda *_a, **_k: inside)
    outcome = sending.post("https://bank.example.com/", {}, b"{}")
    assert outcome.status is None
    assert outcome.error.startswith("NowhereToGo")


def test_an_unknown_kind_and_a_twenty_first_address_are_refused(bank):
    with pytest.raises(rules.OddKind):
        made(bank, kinds=["pledge.gossip"])
    for _each in range(rules.MOST_ENDPOINTS):
        made(bank)
    with pytest.raises(rules.TooManyEndpoints):
        made(bank)


def test_an_ended_address_gets_nothing_more(bank):
    row, _secret = made(bank)
    announce(bank)
    operations.end_endpoint(endpoint_id=row.pk, by=bank, at=NOON)
    delivery = Delivery.objects.get()
    assert delivery.state == "FAILED"
    announce(bank)
    assert Message.objects.count() == 1
    with pytest.raises(rules.EndpointEnded):
        operations.send_again(delivery_id=delivery.pk, by=bank, at=NOON)


def test_another_banks_addresses_are_not_there(bank):
    row, _secret = made(bank)
    announce(bank)
    other = banker()
    assert not queries.endpoints_of(other).exists()
    assert not queries.deliveries_of(other).exists()
    with pytest.raises(NotFound):
        operations.end_endpoint(endpoint_id=row.pk, by=other, at=NOON)
    with pytest.raises(NotFound):
        operations.send_again(delivery_id=Delivery.objects.get().pk, by=other, at=NOON)


def test_a_debtor_has_no_webhooks(bank):
    with pytest.raises(NotAllowed):
        made(borrower())


def test_what_is_on_its_way_is_not_sent_twice_by_hand(bank):
    made(bank)
    announce(bank)
    with pytest.raises(IllegalTransition):
        operations.send_again(delivery_id=Delivery.objects.get().pk, by=bank, at=NOON)
