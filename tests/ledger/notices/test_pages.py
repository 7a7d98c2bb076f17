"""Inbox, preferences and delivery log as people meet them, and the inbox of machines."""

from datetime import timedelta
from io import BytesIO
from uuid import UUID, uuid4

import openpyxl
import pytest
from django.utils import timezone

from ledger.kernel.actors import SYSTEM
from ledger.notices import operations, queries
from ledger.notices.models import Delivery, Notice, Preferences
from ledger.parties.models import Party
from ledger.parties.operations import grant_role
from tests.factories.machines import machine
from tests.factories.people import make_actor, make_party, make_user
from tests.ledger.notices.conftest import KIND
from tests.ledger.notices.test_collecting import fact
from tests.ledger.parties.test_pages import enter

pytestmark = pytest.mark.django_db
INBOX = "/admin/notices/"


@pytest.fixture
def park():
    return make_party(name_zh="梅山园区", name_en="Meishan Park")


def signed(client, park, role="CARBON_MANAGER"):
    user = make_user(totp=role in {"ADMINISTRATOR", "APPROVER"})
    grant_role(
        user_id=user.id, party_id=park.id, role=role,
        valid_from=timezone.localdate(), by=SYSTEM, at=timezone.now(),
    )  # fmt: skip
    enter(client, user)
    return user


@pytest.fixture
def reader(client, park):
    return signed(client, park)


@pytest.fixture
def notice(source, park, reader):
    source.facts = [fact(park.pk, thing="7")]
    source.collect(timezone.now())
    return Notice.objects.get()


def text(client, address=INBOX, language="en"):
    client.cookies["tanzhang-language"] = language
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_inbox_says_so_in_both_languages(client, reader):
    assert "Nothing waits for you here." in text(client)
    assert "没有等待您处理的通知" in text(client, language="zh-hans")


def test_the_bell_counts_on_every_page_and_the_home_page_names_what_presses(client, notice):
    for address in ("/admin/", "/admin/units/holdings/", INBOX):
        assert 'aria-label="1 unread notice"' in text(client, address)
    home = text(client, "/admin/")
    assert "What should I know?" in home
    assert "The thing 7 waits." in home


def test_following_a_notice_reads_it_and_leads_to_the_thing(client, notice):
    answer = client.get(f"{INBOX}{notice.pk}/")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/things/7/")
    assert 'aria-label="0 unread notices"' in text(client)
    assert "The thing 7 waits." in text(client)


def test_read_put_off_and_dismissed(client, notice):
    tomorrow = timezone.localdate() + timedelta(days=1)
    client.post(f"{INBOX}{notice.pk}/read/", {"next": f"{INBOX}?show=unread"})
    assert "The thing 7 waits." not in text(client, f"{INBOX}?show=unread")
    client.post(f"{INBOX}{notice.pk}/snooze/", {"until": tomorrow.isoformat()})
    assert "The thing 7 waits." not in text(client)
    assert "The thing 7 waits." in text(client, f"{INBOX}?show=snoozed")
    odd = client.post(f"{INBOX}{notice.pk}/snooze/", {"until": "2020-01-01"}, follow=True)
    assert "at most 60 days" in odd.content.decode() or "最多 60 天" in odd.content.decode()
    client.post(f"{INBOX}{notice.pk}/dismiss/")
    assert "The thing 7 waits." in text(client, f"{INBOX}?show=all")


def test_all_are_read_at_once_and_where_to_return_is_ours(client, notice):
    answer = client.post(f"{INBOX}read/", {"next": "https://elsewhere.example/"})
    assert answer["Location"] == INBOX
    assert 'aria-label="0 unread notices"' in text(client)


def test_filters_and_files(client, notice):
    assert "The thing 7 waits." in text(client, f"{INBOX}?kind={KIND}&severity=2")
    assert "The thing 7 waits." not in text(client, f"{INBOX}?severity=3")
    book = client.get(f"{INBOX}?export=xlsx")
    rows = list(openpyxl.load_workbook(BytesIO(book.content)).active.values)
    assert rows[0][:3] == ("Kind", "Severity", "Notice")
    assert rows[1][:3] == ("Things", "Needs action", "The thing 7 waits.")


def test_a_long_inbox_has_pages_that_stay_put(client, source, park, reader):
    source.facts = [fact(park.pk, thing=f"{number:03}") for number in range(60)]
    source.collect(timezone.now())
    first = client.get(INBOX)
    assert (len(first.context["rows"]), first.context["unread"]) == (50, 60)
    rest = client.get(f"{INBOX}?before={first.context['next']}")
    assert len(rest.context["rows"]) == 10
    seen = {row["id"] for page in (first, rest) for row in page.context["rows"]}
    assert len(seen) == 60


def test_another_persons_notice_is_not_there(client, source, reader):
    other = make_party(name_zh="别家")
    source.facts = [fact(other.pk)]
    source.collect(timezone.now())
    foreign = Notice.objects.get()
    assert "The thing 1 waits." not in text(client)
    for act in ("read", "dismiss"):
        client.post(f"{INBOX}{foreign.pk}/{act}/")
    assert not foreign.readings.exists()
    answer = client.get(f"{INBOX}{foreign.pk}/")
    assert answer["Location"] == INBOX


def test_preferences_are_shown_kept_and_refused(client, source, reader):
    page = text(client, f"{INBOX}preferences/")
    assert "No mail server is set up here" in page
    assert reader.email in page
    modes = {f"mode_{kind.name}": "DIGEST" for kind in queries.kinds()}
    given = {**modes, "digest_hour": "18", "quiet_from": "22", "quiet_to": "7"}
    assert client.post(f"{INBOX}preferences/", given).status_code == 302
    row = Preferences.objects.get(user_id=reader.pk)
    assert (row.digest_hour, row.quiet_from, row.quiet_to, row.urgent_any_time) == (
        18,
        22,
        7,
        False,
    )
    assert set(row.modes.values()) == {"DIGEST"}
    odd = client.post(f"{INBOX}preferences/", {**given, "digest_hour": "25"})
    assert odd.status_code == 422
    row.refresh_from_db()
    assert row.digest_hour == 18


def test_the_delivery_log_is_for_administrators_and_does_not_say_what_was_told(
    client, source, park
):
    make_actor("CARBON_MANAGER", party=park)
    source.facts = [fact(park.pk, thing="secret")]
    source.collect(timezone.now())
    Delivery.objects.update(created_at=timezone.now())
    signed(client, park, "ADMINISTRATOR")
    page = text(client, "/admin/ledger_notices/delivery/")
    assert "no mail server is set up" in page
    assert "陈安" in page
    assert "secret" not in page
    one = text(client, f"/admin/ledger_notices/delivery/{Delivery.objects.first().pk}/change/")
    assert "Things" in one
    assert "secret" not in one


def test_the_delivery_log_is_closed_to_others(client, reader):
    assert client.get("/admin/ledger_notices/delivery/").status_code == 403


def test_a_machine_reads_its_partys_notices_and_marks_them(source, park):
    mine, other = machine(park.id), machine(make_party(name_zh="别家").id)
    source.facts = [fact(park.pk, thing="7")]
    source.collect(timezone.now())

    (item,) = mine.get("notices/").json()["items"]
    assert item["sentence"] == "The thing 7 waits."
    assert (item["params"], item["is_unread"], item["severity"]) == ({"thing": "7"}, True, 2)
    done = mine.post(f"notices/{item['id']}/read/", {}, key="r-1")
    assert (done.status_code, done.json()["is_unread"]) == (200, False)
    assert mine.get("notices/", show="unread").json()["items"] == []
    assert mine.get(f"notices/{item['id']}/").json()["is_unread"] is False
    assert other.get("notices/").json()["items"] == []
    assert other.get(f"notices/{item['id']}/").status_code == 404
    assert other.post(f"notices/{item['id']}/read/", {}, key="r-2").status_code == 404
    assert mine.get("notices/", show="loud").status_code == 400
    assert mine.get(f"notices/{uuid4()}/").status_code == 404
    assert Notice.objects.get(pk=UUID(item["id"])).readings.count() == 1
    operations.collect(kind=KIND, by=SYSTEM, at=timezone.now())
    assert Party.objects.get(pk=park.pk) == park
