import re
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp

from ledger.audit.models import Event
from ledger.kernel.actors import SYSTEM
from ledger.parties import operations, queries, rules
from ledger.parties.models import User, UserSession
from tests.factories.people import NOON, PASSWORD, TOTP_KEY, deliver, give, make_party, make_user

pytestmark = pytest.mark.django_db


def now_code() -> str:
    return f"{totp(bytes.fromhex(TOTP_KEY)):06d}"


def first_step(client: Client, user: User, password: str = PASSWORD, **more: str):
    return client.post("/sign-in/", {"email": user.email, "password": password, **more})


def test_a_manager_signs_in_with_a_password_alone_and_the_session_is_written_down(client):
    user = make_user()
    give(user, make_party(), "CARBON_MANAGER")

    answer = first_step(client, user)

    assert answer.status_code == 302
    assert answer["Location"] == "/admin/"
    assert UserSession.objects.get().user_id == user.id
    assert client.get("/account/").status_code == 200


def test_an_approver_is_not_in_before_the_code(client):
    user = make_user(totp=True)
    give(user, make_party(), "APPROVER")

    assert first_step(client, user)["Location"] == "/sign-in/code/"
    assert client.get("/account/").status_code == 302
    assert client.post("/sign-in/code/", {"code": "000000"}).status_code == 422
    assert client.get("/account/").status_code == 302


def test_an_approver_is_in_after_the_code(client):
    user = make_user(totp=True)
    give(user, make_party(), "APPROVER")
    first_step(client, user)

    assert client.post("/sign-in/code/", {"code": now_code()})["Location"] == "/admin/"
    assert client.get("/account/").status_code == 200


def test_a_wrong_password_and_an_unknown_address_look_the_same(client):
    user = make_user()
    wrong = first_step(client, user, "something else")
    unknown = client.post("/sign-in/", {"email": "nobody@example.cn", "password": "x"})

    assert wrong.status_code == unknown.status_code == 422
    assert wrong.context["form"].errors == unknown.context["form"].errors


def test_five_failures_close_a_login_also_for_the_right_password(client):
    user = make_user()
    give(user, make_party(), "CARBON_MANAGER")
    answers = [first_step(client, user, "wrong").status_code for _ in range(5)]

    assert answers == [422, 422, 422, 422, 429]
    assert first_step(client, user).status_code == 429
    assert first_step(Client(REMOTE_ADDR="203.0.113.9"), user).status_code == 429
    assert Event.objects.filter(verb="user.locked_out").count() == 1


def test_a_lock_out_passes(client):
    user = make_user()
    give(user, make_party(), "CARBON_MANAGER")
    now = datetime.now(UTC)
    with time_machine.travel(now, tick=False):
        for _ in range(5):
            first_step(client, user, "wrong")
    with time_machine.travel(now + timedelta(minutes=14), tick=False):
        assert first_step(client, user).status_code == 429
    with time_machine.travel(now + timedelta(minutes=15, seconds=1), tick=False):
        assert first_step(client, user).status_code == 302


def test_a_code_works_once(client):
    user = make_user(totp=True)
    give(user, make_party(), "APPROVER")
    shown = now_code()
    first_step(client, user)
    client.post("/sign-in/code/", {"code": shown})
    client.post("/sign-out/")

    first_step(client, user)
    assert client.post("/sign-in/code/", {"code": shown}).status_code == 422


def test_a_recovery_code_lets_in_once(client):
    user = make_user(totp=True)
    give(user, make_party(), "APPROVER")
    code = operations.make_recovery_codes(by=queries.oneself(user.id), at=NOON)[0]
    first_step(client, user)
    assert client.post("/sign-in/code/", {"code": code}).status_code == 302
    assert Event.objects.filter(verb="user.signed_in").count() == 1
    client.post("/sign-out/")

    first_step(client, user)
    assert client.post("/sign-in/code/", {"code": code}).status_code == 422


def test_the_second_step_cannot_be_waited_out_or_skipped(client):
    user = make_user(totp=True)
    give(user, make_party(), "APPROVER")
    assert client.get("/sign-in/code/")["Location"] == "/sign-in/"
    now = datetime.now(UTC)
    with time_machine.travel(now, tick=False):
        first_step(client, user)
        assert client.get("/second-factor/")["Location"] == "/sign-in/code/"
    with time_machine.travel(now + timedelta(minutes=11), tick=False):
        assert client.post("/sign-in/code/", {"code": now_code()})["Location"] == "/sign-in/"


def test_a_role_gained_while_signed_in_asks_for_the_second_factor_first(client):
    user, party = make_user(), make_party()
    give(user, party, "DATA_OFFICER")
    first_step(client, user)
    assert client.get("/account/").status_code == 200

    give(user, party, "APPROVER")

    answer = client.get("/account/")
    assert (answer.status_code, answer["Location"]) == (302, "/second-factor/")
    assert answer.wsgi_request.actor is None


def test_leaving_and_revoking_take_effect_at_the_next_click(client):
    user, party = make_user(), make_party()
    held = give(user, party, "CARBON_MANAGER")
    first_step(client, user)
    assert client.get("/account/").wsgi_request.actor.roles == {"CARBON_MANAGER"}
    today = timezone.localdate()
    operations.revoke_role(
        membership_id=held.id, on=today, by=SYSTEM, at=datetime.now(UTC), reason="x"
    )
    assert client.get("/account/").wsgi_request.actor is None
    assert client.get("/sign-in/").status_code == 403  # signed in, but with no role

    make_admin = make_user(totp=True)
    give(make_admin, party, "ADMINISTRATOR")
    operations.deactivate_user(user_id=user.id, on=today, by=SYSTEM, at=NOON, reason="gone")
    assert client.get("/account/")["Location"].startswith("/sign-in/")
    assert first_step(client, user).status_code == 422


def test_sign_out_everywhere_ends_the_other_browser_too(client):
    user, other = make_user(), Client()
    give(user, make_party(), "CARBON_MANAGER")
    first_step(client, user)
    first_step(other, user)
    assert len(queries.live_sessions(user_id=user.id, at=datetime.now(UTC))) == 2

    client.post("/account/sessions/end/")

    assert other.get("/account/").status_code == 302
    assert client.get("/account/").status_code == 302
    assert queries.live_sessions(user_id=user.id, at=datetime.now(UTC)) == []


def test_one_session_is_ended_and_nobody_ends_another_s(client):
    user, other, stranger = make_user(), Client(), make_user()
    party = make_party()
    give(user, party, "CARBON_MANAGER")
    give(stranger, party, "DATA_OFFICER")
    first_step(client, user)
    first_step(other, stranger)
    theirs = UserSession.objects.get(user=stranger)

    client.post(f"/account/sessions/{theirs.id}/end/")
    assert other.get("/account/").status_code == 200

    other.post(f"/account/sessions/{theirs.id}/end/")
    assert other.get("/account/").status_code == 302


def test_a_session_ends_when_idle_for_an_hour_and_after_twelve_hours_at_most(client):
    user = make_user()
    give(user, make_party(), "CARBON_MANAGER")
    now = datetime.now(UTC)
    with time_machine.travel(now, tick=False):
        first_step(client, user)
    for minutes in range(50, 12 * 60, 50):
        with time_machine.travel(now + timedelta(minutes=minutes), tick=False):
            assert client.get("/account/").status_code == 200
    with time_machine.travel(now + timedelta(hours=12, minutes=1), tick=False):
        assert client.get("/account/").status_code == 302


def test_an_idle_session_is_over(client):
    user = make_user()
    give(user, make_party(), "CARBON_MANAGER")
    now = datetime.now(UTC)
    with time_machine.travel(now, tick=False):
        first_step(client, user)
    with time_machine.travel(now + timedelta(minutes=61), tick=False):
        assert client.get("/account/").status_code == 302


def test_a_mailed_link_sets_a_password_once_and_never_skips_the_second_factor(client, mailoutbox):
    user = make_user(totp=True)
    give(user, make_party(), "APPROVER")
    known = client.post("/password/forgotten/", {"email": user.email})
    unknown = client.post("/password/forgotten/", {"email": "nobody@example.cn"})
    assert known.content.split(b"</header>")[1] == unknown.content.split(b"</header>")[1]
    deliver()
    assert len(mailoutbox) == 1
    link = re.search(r"http://testserver(/\S+)", mailoutbox[0].body)[1]

    assert client.get(link)["Location"] == "/password/new/"
    weak = {"password": "password1234", "again": "password1234"}
    assert client.post("/password/new/", weak).status_code == 422
    new = {"password": "a rather long sentence 7", "again": "a rather long sentence 7"}
    assert client.post("/password/new/", new)["Location"] == "/sign-in/"

    client.get(link)
    assert client.get("/password/new/").status_code == 410
    assert first_step(client, user).status_code == 422
    assert first_step(client, user, new["password"])["Location"] == "/sign-in/code/"


def test_the_door_never_sends_on_to_strangers(client):
    user = make_user()
    give(user, make_party(), "CARBON_MANAGER")
    for goal in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        assert first_step(client, user, next=goal)["Location"] == "/admin/"
        client.post("/sign-out/")
    assert first_step(client, user, next="/account/")["Location"] == "/account/"


def test_a_changed_password_signs_out_everywhere_and_needs_the_old_one(client):
    user, other = make_user(), Client()
    give(user, make_party(), "CARBON_MANAGER")
    first_step(client, user)
    first_step(other, user)
    new = {"password": "a rather long sentence 7", "again": "a rather long sentence 7"}

    assert client.post("/account/password/", {"present": "x", **new}).status_code == 422
    assert client.post("/account/password/", {"present": PASSWORD, **new}).status_code == 302

    assert other.get("/account/").status_code == 302
    assert first_step(client, user, new["password"]).status_code == 302


def test_a_second_factor_of_choice_can_go_but_a_required_one_cannot(client):
    auditor, party = make_user(totp=True), make_party()
    give(auditor, party, "AUDITOR")
    assert first_step(client, auditor)["Location"] == "/sign-in/code/"
    operations.remove_second_factor(by=queries.oneself(auditor.id), at=NOON)
    assert not queries.has_second_factor(auditor.id)

    approver = make_user(totp=True)
    give(approver, party, "APPROVER")
    with pytest.raises(rules.SecondFactorNeeded):
        operations.remove_second_factor(by=queries.oneself(approver.id), at=NOON)
    assert queries.has_second_factor(approver.id)


def test_somebody_acts_for_one_party_at_a_time_and_only_for_her_own(client):
    user = make_user()
    first, second, foreign = (make_party(name_zh=name) for name in ("甲", "乙", "丙"))
    give(user, first, "CARBON_MANAGER")
    give(user, second, "DATA_OFFICER", valid_from=date(2026, 2, 1))
    first_step(client, user)

    def actor():
        return client.get("/account/").wsgi_request.actor

    assert (actor().party_id, actor().roles) == (first.id, {"CARBON_MANAGER"})
    client.post("/party/", {"party": str(second.id), "next": "/account/"})
    assert (actor().party_id, actor().roles) == (second.id, {"DATA_OFFICER"})
    client.post("/party/", {"party": str(foreign.id)})
    assert actor().party_id == second.id


def test_the_language_is_remembered(client):
    user = make_user()
    give(user, make_party(), "CARBON_MANAGER")
    first_step(client, user)
    client.post("/language/", {"language": "en", "next": "/account/"})
    assert b'lang="en"' in client.get("/account/").content

    again = Client()
    first_step(again, user)
    assert b'lang="en"' in again.get("/account/").content
    assert client.post("/language/", {"language": "xx"}).status_code == 302


def test_the_switch_in_the_admin_is_the_same_one_and_stays_on_the_page(client):
    user = make_user()
    give(user, make_party(), "CARBON_MANAGER")
    first_step(client, user)
    here = "http://testserver/admin/ledger_parties/party/"
    assert b'action="/language/"' in client.get(here).content

    answer = client.post("/language/", {"language": "en", "next": ""}, HTTP_REFERER=here)

    assert answer["Location"] == here
    user.refresh_from_db()
    assert user.language == "en"


def test_every_page_has_the_strict_policy_and_the_admin_the_wider_one(client):
    user = make_user()
    give(user, make_party(), "CARBON_MANAGER")
    page = client.get("/sign-in/")
    assert "unsafe" not in page["Content-Security-Policy"]
    assert "default-src 'self'" in page["Content-Security-Policy"]
    assert page["Referrer-Policy"] == "same-origin"
    assert page["X-Content-Type-Options"] == "nosniff"
    assert page["X-Frame-Options"] == "DENY"
    assert page["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in page["Permissions-Policy"]

    first_step(client, user)
    wide = client.get("/admin/ledger_parties/party/")["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval'" in wide
    assert "style-src 'self' 'unsafe-inline'" in wide
    assert "script-src 'self' 'unsafe-eval' 'unsafe-inline'" not in wide
    assert "frame-ancestors 'none'" in wide


def test_a_stranger_sees_nothing_but_the_door(client):
    for address in ("/account/", "/admin/", "/admin/ledger_parties/party/"):
        answer = client.get(address, follow=True)
        assert answer.request["PATH_INFO"] == "/sign-in/", address


def test_whoever_was_sent_to_the_door_arrives_where_she_wanted_to_go(client):
    user = make_user(totp=True)
    give(user, make_party(), "APPROVER")
    door = client.get("/admin/ledger_parties/party/?q=a%26b", follow=True)
    assert door.context["next"] == "/admin/ledger_parties/party/?q=a%26b"

    first_step(client, user, next=door.context["next"])
    answer = client.post("/sign-in/code/", {"code": now_code()})

    assert answer["Location"] == "/admin/ledger_parties/party/?q=a%26b"
    assert client.get(answer["Location"]).status_code == 200


def test_forms_without_their_token_are_refused():
    strict = Client(enforce_csrf_checks=True)
    for address in ("/sign-in/", "/sign-out/", "/language/", "/party/", "/password/forgotten/"):
        assert strict.post(address, {}).status_code == 403, address


def test_the_first_administrator_comes_in_by_the_printed_link_and_only_the_first(client):
    told = StringIO()
    call_command("make_administrator", "first@example.cn", "首位管理员", "梅山园区", stdout=told)

    client.get(re.search(r"(/password/\S+)", told.getvalue())[1])
    new = {"password": PASSWORD, "again": PASSWORD}
    assert client.post("/password/new/", new)["Location"] == "/sign-in/"
    user = User.objects.get(email="first@example.cn")
    assert first_step(client, user)["Location"] == "/second-factor/"

    with pytest.raises(CommandError, match="administrator already"):
        call_command("make_administrator", "second@example.cn", "另一位", "梅山园区")
    assert User.objects.count() == 1
