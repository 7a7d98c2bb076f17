"""The desk's pages of people and approvals open, in both languages, and do what they say."""

import pytest
from django.utils import timezone
from django_otp.oath import totp

from ledger.approvals.models import Approval
from ledger.parties.models import ApiClient, Membership, Party, User
from tests.factories.people import PASSWORD, TOTP_KEY, deliver, give, make_party, make_user
from tests.ledger.approvals.conftest import ask

pytestmark = pytest.mark.django_db


def enter(client, user: User) -> None:
    client.post("/sign-in/", {"email": user.email, "password": PASSWORD})
    if user.totpdevice_set.exists():
        code = f"{totp(bytes.fromhex(TOTP_KEY)):06d}"
        assert client.post("/sign-in/code/", {"code": code}).status_code == 302


@pytest.fixture
def administrator(client):
    user = make_user(name="管理员", totp=True)
    give(user, make_party(), "ADMINISTRATOR")
    enter(client, user)
    return user


def confirm(client, address: str, **data: str):
    shown = client.post(address, data)
    assert shown.status_code == 200, shown.content.decode()
    done = client.post(address, {**data, "confirmed": "yes", "idempotency_key": "k"})
    assert done.status_code == 302, done.content.decode()
    return shown.content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("name", ["party", "user", "membership", "apiclient"])
def test_the_lists_open(client, administrator, name, language):
    client.cookies["tanzhang-language"] = language
    assert client.get(f"/admin/ledger_parties/{name}/").status_code == 200
    assert client.get(f"/admin/ledger_parties/{name}/export.csv").status_code == 200


@pytest.mark.usefixtures("administrator")
def test_an_administrator_invites_grants_and_sees_off(client, mailoutbox):
    told = confirm(
        client,
        "/admin/ledger_parties/user/do/invite/",
        name="李明",
        email="Li.Ming@example.cn",
        language="zh-hans",
    )
    assert "li.ming@example.cn" in told.lower()
    user = User.objects.get(email="li.ming@example.cn")
    deliver()
    assert "/password/" in mailoutbox[0].body
    here = f"/admin/ledger_parties/user/{user.id}/"
    assert client.get(here + "change/").status_code == 200

    party = Party.objects.get()
    confirm(
        client, here + "do/grant/", party=party.id, role="DATA_OFFICER", valid_from="2026-01-01"
    )
    assert Membership.objects.get(user=user).role == "DATA_OFFICER"

    confirm(client, here + "do/leave/", reason="moved on")
    user.refresh_from_db()
    assert not user.is_active


@pytest.mark.usefixtures("administrator")
def test_an_administrator_makes_and_revokes_a_machine(client):
    confirm(
        client,
        "/admin/ledger_parties/apiclient/do/make/",
        party=Party.objects.get().id,
        name="metering",
        role="DATA_OFFICER",
        scopes="write",
        expires_at="2099-01-01 00:00",
    )
    machine = ApiClient.objects.get()
    confirm(client, f"/admin/ledger_parties/apiclient/{machine.id}/do/revoke/", reason="old")
    machine.refresh_from_db()
    assert machine.revoked_at is not None


@pytest.mark.usefixtures("administrator")
def test_a_party_is_registered_and_corrected_and_a_wrong_code_is_refused(client):
    address = "/admin/ledger_parties/party/do/register/"
    wrong = {"kind": "COMPANY", "name_zh": "甲公司", "uscc": "91330201MA2A000009"}
    refused = client.post(address, {**wrong, "confirmed": "yes", "idempotency_key": "k"})
    assert refused.status_code == 409
    assert not Party.objects.filter(name_zh="甲公司").exists()

    confirm(client, address, kind="COMPANY", name_zh="甲公司")

    party = Party.objects.get(name_zh="甲公司")
    told = confirm(
        client,
        f"/admin/ledger_parties/party/{party.id}/do/change/",
        kind="COMPANY",
        name_zh="甲有限公司",
    )
    assert "甲有限公司" in told


def test_a_bank_officer_sees_only_its_own_party_and_no_users(client):
    make_party(name_zh="秘密公司", kind="COMPANY")
    bank = make_party(name_zh="甬城银行", kind="BANK")
    user = make_user(totp=True)
    give(user, bank, "BANK_OFFICER")
    enter(client, user)

    page = client.get("/admin/ledger_parties/party/").content.decode()
    assert "甬城银行" in page
    assert "秘密公司" not in page
    assert "秘密公司" not in client.get("/admin/ledger_parties/party/export.csv").content.decode()
    assert client.get("/admin/ledger_parties/user/").status_code == 403


@pytest.mark.usefixtures("approvable")
def test_an_approver_reads_what_will_happen_and_approves(client, office):
    approval = ask(office, at=timezone.now())
    checker = User.objects.get(id=office.checker.user_id)
    enter(client, checker)
    # An approver must show a second factor first: it is set up on the way in.
    key = client.get("/second-factor/").wsgi_request.session["new_totp_key"]
    code = f"{totp(bytes.fromhex(key)):06d}"
    assert client.post("/second-factor/", {"code": code}).status_code == 200

    assert "甲公司" in client.get("/admin/ledger_approvals/approval/").content.decode()
    here = f"/admin/ledger_approvals/approval/{approval.id}/"
    assert "甲公司" in client.get(here + "change/").content.decode()
    told = confirm(
        client, here + "do/approve/", seen=bytes(approval.payload_digest).hex(), reason=""
    )
    assert "甲公司" in told
    assert Approval.objects.get().state == "APPROVED"
    assert Party.objects.filter(name_zh="甲公司").count() == 1


@pytest.mark.usefixtures("approvable")
def test_the_maker_sees_her_request_but_no_button_to_approve_it(client, office):
    approval = ask(office, at=timezone.now())
    enter(client, User.objects.get(id=office.maker.user_id))

    here = f"/admin/ledger_approvals/approval/{approval.id}/"
    page = client.get(here + "change/").content.decode()
    assert "do/withdraw/" in page
    assert "do/approve/" not in page
    confirm(client, here + "do/withdraw/", reason="typo")
    assert Approval.objects.get().state == "WITHDRAWN"
