import pytest
from django.test import Client
from django_otp.oath import totp

from ledger.parties.models import User, UserSession
from tests.factories.people import PASSWORD, TOTP_KEY, give, make_party, make_user

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
