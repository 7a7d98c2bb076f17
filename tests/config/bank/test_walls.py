"""Every address as every role: nothing of another bank, nothing of what is not pledged to her."""

import re
from uuid import UUID

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from ledger.doors.admin import site
from ledger.kernel.actors import GRANTABLE, Role
from ledger.kernel.ids import new_id
from ledger.units.models import Lot
from tests.factories.banks import TwoBanks, officer, raw_token, signed_in
from tests.factories.holdings import open_account
from tests.factories.machines import machine
from tests.factories.people import make_party
from tests.factories.units import issued, lot
from tests.house.walk import openable

pytestmark = pytest.mark.django_db
PER_ANSWER = {"X-Request-ID", "Date"}


class Walled(TwoBanks):
    """With units of the same debtor that nobody has a right to."""

    def __init__(self) -> None:
        super().__init__()
        self.secret = open_account(f"S-{new_id()}", by=self.mine.borrower)
        self.secret_lot = lot()
        self.secret_entry = issued(self.secret.pk, 77_777, lot_id=self.secret_lot)

    @property
    def foreign(self) -> dict[str, UUID]:
        part = self.other.parts.get()
        assert part.hold_id is not None
        return {
            "pledge": self.other.pk,
            "request": self.other_request.pk,
            "part": part.pk,
            "hold": part.hold_id,
            "facility": self.others.loan.facility.pk,
            "bank": self.other_bank_id,
            "account": self.secret.pk,
            "lot": self.secret_lot,
        }

    @property
    def canaries(self) -> list[str]:
        code = Lot.objects.get(pk=self.secret_lot).code
        told = [self.other.number, self.others.loan.facility.code, self.secret.number, code]
        return [*told, *map(str, self.foreign.values()), "77777", "77,777"]


@pytest.fixture
def world():
    return Walled()


def patterns(prefix):
    found = next(one for one in get_resolver().url_patterns if str(one.pattern) == prefix)
    return [str(one.pattern) for one in found.url_patterns if "<path:" not in str(one.pattern)]


def filled(pattern, identifier):
    return re.sub(r"<uuid:\w+>", str(identifier), re.sub(r"<str:\w+>", "json", pattern))


def seen(answer):
    headers = {name: value for name, value in answer.headers.items() if name not in PER_ANSWER}
    return answer.status_code, headers, answer.content


def check_silent(answer, world, address):
    told = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = told.decode(errors="replace")
    assert [one for one in world.canaries if one in text and one not in address] == [], address


@pytest.mark.parametrize("door", ["api/v1/", "api/bank/v1/", "bank/"])
def test_what_is_not_hers_is_what_is_not_there(world, door):
    """Every address with an id in it: others' ids and made-up ones get the same answer."""
    token = (
        raw_token(world.bank_id)
        if door == "api/bank/v1/"
        else machine(world.bank_id, "BANK_OFFICER").token
    )
    web = signed_in(officer(world.bank_id)) if door == "bank/" else Client(SERVER_NAME="localhost")
    headers = {} if door == "bank/" else {"Authorization": f"Bearer {token}"}
    with_ids = [one for one in patterns(door) if "<uuid:" in one]
    assert with_ids
    for pattern in with_ids:
        nowhere = web.get(f"/{door}{filled(pattern, new_id())}", headers=headers)
        for identifier in world.foreign.values():
            address = f"/{door}{filled(pattern, identifier)}"
            answer = web.get(address, headers=headers)
            assert answer.status_code in {404, 403, 405}, address
            assert seen(answer) == seen(nowhere), address


@pytest.mark.parametrize("door", ["api/v1/", "api/bank/v1/", "bank/"])
def test_no_list_tells_of_anybody_else(world, door):
    token = (
        raw_token(world.bank_id)
        if door == "api/bank/v1/"
        else machine(world.bank_id, "BANK_OFFICER").token
    )
    web = signed_in(officer(world.bank_id)) if door == "bank/" else Client(SERVER_NAME="localhost")
    headers = {} if door == "bank/" else {"Authorization": f"Bearer {token}"}
    for pattern in patterns(door):
        if "<" in pattern:
            continue
        check_silent(web.get(f"/{door}{pattern}", headers=headers), world, pattern)


def test_her_own_pledge_tells_of_nothing_else(world):
    web = signed_in(officer(world.bank_id))
    for address in (
        f"/bank/pledges/{world.pledge.pk}/",
        f"/bank/requests/{world.request.pk}/",
        f"/admin/finance_pledges/pledge/{world.pledge.pk}/change/",
    ):
        answer = web.get(address)
        assert answer.status_code == 200, address
        check_silent(answer, world, address)


def test_the_desk_lists_nobody_else_for_a_banker(world):
    web = signed_in(officer(world.bank_id))
    for model in site._registry:
        names = model._meta.app_label, model._meta.model_name
        address = reverse("admin:{}_{}_changelist".format(*names))
        answer = web.get(address)
        if answer.status_code == 200:
            check_silent(answer, world, address)


def test_the_desk_opens_nothing_of_anybody_else_for_a_banker(world):
    web = signed_in(officer(world.bank_id))
    for model in site._registry:
        names = model._meta.app_label, model._meta.model_name
        for identifier in openable(model, world.foreign.values()):
            page = reverse("admin:{}_{}_change".format(*names), args=[identifier])
            assert web.get(page).status_code in {302, 403, 404}, page


@pytest.mark.parametrize("role", sorted(GRANTABLE - {Role.BANK_OFFICER}))
def test_the_portal_is_not_there_for_any_other_role(world, role):
    kind = {"VERIFIER": "VERIFIER"}.get(role, "PARK_OPERATOR")
    user = officer(make_party(kind=kind, name_zh=f"他方{role}").pk, role=role)
    web = signed_in(user)
    answers = [
        web.get(address)
        for address in (
            "/bank/", f"/bank/pledges/{world.pledge.pk}/", f"/bank/pledges/{new_id()}/",
            "/bank/attestations/", "/bank/history/", "/bank/webhooks/", "/bank/nothing/",
        )
    ]  # fmt: skip
    assert {one.status_code for one in answers} == {404}
    assert len({one.content for one in answers}) == 1


def test_the_debtor_has_no_business_in_the_portal(world):
    debtor = officer(world.mine.borrower.own_party, role="CARBON_MANAGER", totp=False)
    answer = signed_in(debtor).get(f"/bank/pledges/{world.pledge.pk}/")
    assert answer.status_code == 404


def test_a_stranger_is_asked_to_sign_in_whatever_is_there(world):
    web = Client(SERVER_NAME="localhost")
    for address in (f"/bank/pledges/{world.pledge.pk}/", f"/bank/pledges/{new_id()}/"):
        answer = web.get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in/")


def test_without_her_second_factor_an_officer_sees_nothing(world):
    web = signed_in(officer(world.bank_id, totp=False))
    answer = web.get("/bank/")
    assert (answer.status_code, answer["Location"]) == (302, "/second-factor/")


def test_the_content_policy_of_the_portal_is_the_strict_one(world):
    answer = signed_in(officer(world.bank_id)).get("/bank/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer["Cache-Control"].startswith("max-age=0")
