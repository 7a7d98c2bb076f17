"""Every address of the verifier's site as every role: nothing of another body's engagement."""

import re
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import get_resolver, reverse

from ledger.audit.models import Event
from ledger.doors.admin import site
from ledger.kernel.actors import GRANTABLE, Role
from ledger.kernel.ids import new_id
from reporting.verification import models, operations
from tests.factories.banks import officer, signed_in
from tests.factories.machines import machine
from tests.factories.people import give, make_party
from tests.factories.verifying import TwoBodies, second_of
from tests.house.walk import openable

pytestmark = pytest.mark.django_db
PER_ANSWER = {"X-Request-ID", "Date"}


@pytest.fixture(scope="module")
def world_at(module_db, tmp_path_factory):
    """Two bodies and the folder of their evidence, made once: the tests look, or are refused."""
    folder = tmp_path_factory.mktemp("evidence")
    storage = {**settings.STORAGES["evidence"], "OPTIONS": {"location": folder}}
    with override_settings(STORAGES={**settings.STORAGES, "evidence": storage}):
        return TwoBodies(), storage


@pytest.fixture
def world(world_at, db, settings):
    both, storage = world_at
    settings.STORAGES = {**settings.STORAGES, "evidence": storage}
    return both


def patterns():
    found = next(one for one in get_resolver().url_patterns if str(one.pattern) == "verifier/")
    return [str(one.pattern) for one in found.url_patterns if "<path:" not in str(one.pattern)]


WITH_IDS = [one for one in patterns() if "<uuid:" in one]


def filled(pattern, identifier):
    return "/verifier/" + re.sub(
        r"<uuid:\w+>", str(identifier), re.sub(r"<str:\w+>", "json", pattern)
    )


def seen(answer):
    headers = {name: value for name, value in answer.headers.items() if name not in PER_ANSWER}
    return answer.status_code, headers, answer.content


def of_world(world, pattern, ids):
    """The address with each id of the kind that its place wants."""

    def of_kind(found):
        return str(ids[found.group(1).removesuffix("_id")])

    return "/verifier/" + re.sub(r"<uuid:(\w+)>", of_kind, pattern.replace("<str:form>", "json"))


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_not_hers_is_what_is_not_there(world, method):
    """Every address with an id in it: others' ids and made-up ones get the same answer."""
    web = signed_in(world.mine.user)
    assert len(WITH_IDS) > 25
    events = Event.objects.count()
    for pattern in WITH_IDS:
        nowhere = getattr(web, method)(filled(pattern, new_id()))
        addresses = {filled(pattern, one) for one in world.theirs.ids.values()}
        for address in addresses | {of_world(world, pattern, world.theirs.ids)}:
            answer = getattr(web, method)(address)
            assert answer.status_code in {404, 405}, address
            assert seen(answer) == seen(nowhere), address
    assert Event.objects.count() == events  # nothing of theirs was looked at or changed


def test_an_id_of_hers_with_an_id_of_theirs_is_not_there(world):
    web = signed_in(world.mine.user)
    for mixed in (
        f"engagements/{world.mine.engagement_id}/inventories/{world.theirs.frozen.id}/",
        f"engagements/{world.mine.engagement_id}/inventories/{world.theirs.frozen.id}/content.json",
        f"requests/{world.mine.request.pk}/files/{world.theirs.file_id}/",
        f"engagements/{world.theirs.engagement_id}/inventories/{world.mine.frozen.id}/",
    ):
        assert web.get(f"/verifier/{mixed}").status_code == 404, mixed


def test_every_page_of_hers_opens_and_tells_of_nobody_else(world):
    web = signed_in(world.mine.user)
    opened = 0
    for pattern in patterns():
        address = of_world(world, pattern, world.mine.ids)
        answer = web.get(address)
        # gases that a facility measured come without a file; an opinion ends it, not a conclusion
        if pattern.endswith(("evidence/", "conclude/")):
            assert answer.status_code == 404
            continue
        assert answer.status_code == 200, address
        text = answer.content.decode(errors="replace")
        assert [one for one in world.canaries if one in text] == [], address
        opened += 1
    assert opened == len(patterns()) - 2


@pytest.mark.parametrize("role", sorted(GRANTABLE - {Role.VERIFIER}))
def test_the_site_is_not_there_for_any_other_role(world, role):
    kind = {"BANK_OFFICER": "BANK"}.get(role, "PARK_OPERATOR")
    web = signed_in(officer(make_party(kind=kind, name_zh=f"他方{role}").pk, role=role))
    answers = [
        web.get(of_world(world, pattern, world.mine.ids)) for pattern in [*patterns(), "nothing/"]
    ]
    assert {one.status_code for one in answers} == {404}
    assert len({one.content for one in answers}) == 1


def test_the_operator_itself_has_no_business_at_the_verifiers_site(world):
    web = signed_in(world.mine.manager_user)
    for pattern in WITH_IDS:
        assert web.get(of_world(world, pattern, world.mine.ids)).status_code == 404, pattern


def test_a_stranger_is_asked_to_sign_in_whatever_is_there(world):
    web = Client(SERVER_NAME="localhost")
    for pattern in patterns():
        for ids in (world.mine.ids, dict.fromkeys(world.mine.ids, new_id())):
            answer = web.get(of_world(world, pattern, ids))
            assert answer.status_code == 302
            assert answer["Location"].startswith("/sign-in/")


def test_without_her_second_factor_a_verifier_sees_nothing(world):
    web = signed_in(officer(world.mine.body.pk, role="VERIFIER", totp=False))
    answer = web.get("/verifier/")
    assert (answer.status_code, answer["Location"]) == (302, "/second-factor/")


def test_a_verifier_has_no_machine():
    from ledger.kernel.errors import DomainError

    body = make_party(kind="VERIFIER", name_zh="核查")
    with pytest.raises(DomainError):
        machine(body.pk, "VERIFIER")


def test_the_content_policy_is_the_strict_one_and_nothing_is_cached(world):
    web = signed_in(world.mine.user)
    for address in ("/verifier/", f"/verifier/engagements/{world.mine.engagement_id}/"):
        answer = web.get(address)
        policy = answer["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer["Cache-Control"].startswith("max-age=0")
        assert "<script" not in answer.content.decode()
        assert 'style="' not in answer.content.decode()


def test_a_team_keeps_colleagues_out(world):
    outside = second_of(world.mine)
    user = outside.user_id
    operations.set_team(
        engagement_id=world.mine.engage(), team=[], by=world.mine.verifier, at=world.mine.at
    )
    hidden = models.Engagement.objects.get(team=[str(world.mine.verifier.user_id)])
    from ledger.parties.models import User

    web = signed_in(User.objects.get(pk=user))
    assert web.get(f"/verifier/engagements/{hidden.pk}/").status_code == 404
    assert str(hidden.pk) not in web.get("/verifier/").content.decode()
    assert web.get(f"/verifier/engagements/{world.mine.engagement_id}/").status_code == 200


def test_the_desk_lists_nothing_of_another_bodys_engagement(world):
    web = signed_in(world.mine.user)
    for model in site._registry:
        names = model._meta.app_label, model._meta.model_name
        listed = web.get(reverse("admin:{}_{}_changelist".format(*names)))
        if listed.status_code == 200:
            text = listed.content.decode()
            assert [one for one in world.canaries if one in text] == [], names


def test_the_desk_opens_nothing_of_another_bodys_engagement(world):
    web = signed_in(world.mine.user)
    for model in site._registry:
        names = model._meta.app_label, model._meta.model_name
        for identifier in openable(model, world.theirs.ids.values()):
            page = reverse("admin:{}_{}_change".format(*names), args=[identifier])
            assert web.get(page).status_code in {302, 403, 404}, page


def test_an_operators_machine_reads_its_own_verification_and_no_other(world):
    web = machine(world.mine.operator.pk)
    for name in ("engagements", "findings", "requests", "opinions"):
        told = web.get(f"verification/{name}/").json()["items"]
        assert len(told) == 1, name
    assert web.get(f"verification/engagements/{world.theirs.engagement_id}/").status_code == 404
    assert web.get(f"verification/opinions/{world.theirs.opinion.pk}/").status_code == 404
    found = web.get(f"verification/opinions/{world.mine.opinion.pk}/").json()
    assert found["status"] == "VERIFIED"
    assert found["signature"]["statement"] == world.mine.draft.statement
    answer = web.post(
        f"verification/findings/{world.theirs.finding.pk}/answers/", {"answer": "x"}, key="k"
    )
    assert answer.status_code == 404


def test_somebody_at_two_bodies_sees_one_at_a_time(world):
    give(world.mine.user, world.theirs.body, "VERIFIER")
    web = signed_in(world.mine.user)
    shown = web.get("/verifier/").content.decode()
    assert str(world.mine.engagement_id) in shown
    assert str(world.theirs.engagement_id) not in shown
    assert isinstance(world.mine.engagement_id, UUID)
