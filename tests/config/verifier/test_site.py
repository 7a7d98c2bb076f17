"""The verifier's site by hand: each act through its page, refusals that change nothing."""

import base64
import hashlib
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ledger.audit.models import Event
from ledger.parties.models import User
from reporting.verification import models, operations, queries
from reporting.verification.rules import sampling
from reporting.verification.states import AssuranceLevel
from tests.factories import populated
from tests.factories.banks import signed_in
from tests.factories.certificates import verifiers_own
from tests.factories.verifying import Engaged

pytestmark = pytest.mark.django_db


@pytest.fixture
def engaged(settings, tmp_path):
    storage = {**settings.STORAGES["evidence"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "evidence": storage}
    populated._parameters()
    populated._factors()
    return Engaged()


@pytest.fixture
def web(engaged):
    return signed_in(engaged.user)


@pytest.fixture
def here(engaged):
    return f"/verifier/engagements/{engaged.engagement_id}/"


def text_of(answer):
    return answer.content.decode()


def test_a_verifier_alone_begins_at_her_site(web):
    assert web.get("/")["Location"] == "/verifier/"


@pytest.mark.parametrize(("language", "title"), [("zh-hans", "我的委托"), ("en", "My engagements")])
def test_the_overview_says_what_waits(engaged, language, title):
    page = text_of(signed_in(engaged.user, language=language).get("/verifier/"))
    assert title in page
    assert engaged.park.name_zh in page
    assert "<mark>1</mark>" in page  # the answered request


def test_before_the_declaration_the_page_shows_terms_and_no_data(engaged, web):
    key = engaged.engage()
    page = text_of(web.get(f"/verifier/engagements/{key}/"))
    assert "Declare your independence first" in page
    assert engaged.frozen.content_hash[:12] not in page
    found = web.get(f"/verifier/engagements/{key}/inventories/{engaged.frozen.id}/")
    assert found.status_code == 404
    answer = web.post(f"/verifier/engagements/{key}/declare/", {"statement": "none"})
    assert answer.status_code == 302
    assert engaged.frozen.content_hash[:12] in text_of(web.get(f"/verifier/engagements/{key}/"))
    told = models.Engagement.objects.get(pk=key)
    assert (told.state, told.independence) == ("ACTIVE", "none")


def test_a_sample_is_drawn_with_a_seed_of_chance_or_her_own(engaged, web, here):
    form = {
        "content_hash": engaged.frozen.content_hash, "method": "RANDOM", "size": "2",
        "reason": "all",
    }  # fmt: skip
    assert web.post(f"{here}sample/", form).status_code == 302
    by_chance = models.Sample.objects.get(reason="all")
    assert len(by_chance.seed) == 32 and by_chance.seed != "0" * 32
    web.post(f"{here}sample/", form | {"seed": "AB" * 16, "reason": "mine"})
    assert models.Sample.objects.get(reason="mine").seed == "ab" * 16
    refused = web.post(f"{here}sample/", form | {"seed": "xyz", "reason": "odd"})
    assert refused.status_code == 422
    assert "A seed has 32 digits" in text_of(refused)
    refused = web.post(f"{here}sample/", form | {"content_hash": "0" * 64, "reason": "odd"})
    assert refused.status_code == 422
    assert not models.Sample.objects.filter(reason="odd").exists()


def test_the_file_of_a_sample_is_enough_to_draw_it_again(engaged, web):
    told = web.get(f"/verifier/samples/{engaged.sample.pk}/draw.json").json()
    order = sorted(
        told["population"],
        key=lambda one: hashlib.sha256(
            f"{told['seed']}:{told['content_hash']}:{one['id']}".encode()
        ).hexdigest(),
    )
    assert [one["id"] for one in order[: told["size"]]] == told["drawn"]
    frozen = queries.population_of(engaged.frozen)
    assert told["population_hash"] == sampling.population_hash(frozen)


def test_a_row_leads_to_its_formula_and_takes_an_outcome(engaged, web):
    page = text_of(web.get(f"/verifier/items/{engaged.item.pk}/"))
    assert "What the emission is made of" in page
    address = f"/verifier/items/{engaged.item.pk}/outcome/"
    refused = web.post(address, {"outcome": "DIFFERS", "note": ""})
    assert refused.status_code == 422
    assert models.SampleItem.objects.get().outcome == "WAITING"
    assert web.post(address, {"outcome": "AGREES", "note": ""}).status_code == 302
    assert models.SampleItem.objects.get().outcome == "AGREES"


def test_the_talk_about_a_request_shows_its_files_and_their_taking_is_on_record(engaged, web):
    page = text_of(web.get(f"/verifier/requests/{engaged.request.pk}/"))
    assert "photo.txt" in page and "见附件" in page
    taken = web.get(f"/verifier/requests/{engaged.request.pk}/files/{engaged.file_id}/")
    assert taken.content == f"photo {engaged.park.code}".encode()
    assert taken["Content-Disposition"].startswith("attachment")
    assert Event.objects.filter(verb="engagement.file_taken").count() == 1
    web.post(f"/verifier/requests/{engaged.request.pk}/again/", {"text": "blurred"})
    assert models.Request.objects.get().state == "OPEN"
    refused = web.post(f"/verifier/requests/{engaged.request.pk}/close/")
    assert refused.status_code == 422
    assert models.Request.objects.get().state == "OPEN"


def test_findings_are_raised_sent_back_and_withdrawn(engaged, web, here):
    form = {"kind": "NONCONFORMITY", "text": "no calibration", "effect_tco2e": ""}
    raised = web.post(f"{here}finding/", form)
    row = models.Finding.objects.get(text="no calibration")
    assert raised["Location"] == f"/verifier/findings/{row.pk}/"
    operations.answer_finding(finding_id=row.pk, answer="a", by=engaged.manager, at=engaged.at)
    web.post(f"/verifier/findings/{row.pk}/back/", {"reason": "more"})
    row.refresh_from_db()
    assert (row.state, row.conclusion) == ("OPEN", "more")
    web.post(f"/verifier/findings/{row.pk}/withdraw/", {"reason": "none after all"})
    row.refresh_from_db()
    assert row.state == "WITHDRAWN"


def test_an_opinion_is_prepared_downloaded_signed_outside_and_given(engaged, web, here):
    form = {
        "kind": "UNMODIFIED", "content_hash": engaged.frozen.content_hash, "text": "fair",
    }  # fmt: skip
    refused = web.post(f"{here}opinion/", form)
    assert refused.status_code == 422  # a request is open
    assert models.OpinionDraft.objects.count() == 0
    engaged.settle()
    prepared = web.post(f"{here}opinion/", form)
    draft = models.OpinionDraft.objects.get()
    assert prepared["Location"] == f"/verifier/statements/{draft.pk}/"
    assert draft.statement_sha256 in text_of(web.get(prepared["Location"]))
    content = web.get(f"/verifier/statements/{draft.pk}/statement.json").content
    assert hashlib.sha256(content).hexdigest() == draft.statement_sha256
    assert json.loads(content)["text"] == "fair"

    own, address = verifiers_own(engaged.at), f"/verifier/statements/{draft.pk}/sign/"
    wrong = SimpleUploadedFile("s.p7s", own.sign(content + b" "))
    refused = web.post(address, {"signature": wrong})
    assert refused.status_code == 422
    assert "does not fit this statement" in text_of(refused)
    assert models.Opinion.objects.count() == 0
    right = SimpleUploadedFile("s.p7s", own.sign(content))
    given = web.post(address, {"signature": right})
    opinion = models.Opinion.objects.get()
    assert given["Location"] == f"/verifier/opinions/{opinion.pk}/"
    page = text_of(web.get(given["Location"]))
    assert own.sha256 in page and own.above.sha256 in page
    assert "Lin Verifier" in page
    assert web.get(f"{given['Location']}file.json").content == content
    signature = web.get(f"{given['Location']}file.p7s").content
    kept = base64.b64decode(models.OpinionSignature.objects.get().cms_base64)
    assert signature == kept
    assert web.get(f"{given['Location']}file.exe").status_code == 404


def test_a_fact_discovered_later_re_opens_or_is_dismissed(engaged, web, here):
    engaged.conclude()
    page = text_of(web.get(here))
    assert "后来" in page
    refused = web.post(f"/verifier/facts/{engaged.fact.pk}/reopen/", {"conclusion": " "})
    assert refused.status_code == 422
    assert models.Engagement.objects.get().state == "CONCLUDED"
    web.post(f"/verifier/facts/{engaged.fact.pk}/reopen/", {"conclusion": "true"})
    assert models.Engagement.objects.get().state == "ACTIVE"
    shown = text_of(web.get(f"/verifier/opinions/{engaged.opinion.pk}/"))
    assert "re-opened: it no longer stands" in shown


def test_procedures_end_without_an_opinion(engaged, web):
    key = engaged.engage(level=AssuranceLevel.PROCEDURES)
    operations.declare_independence(
        engagement_id=key, statement="x", by=engaged.verifier, at=engaged.at
    )
    page = text_of(web.get(f"/verifier/engagements/{key}/"))
    assert "Conclude the procedures" in page and "Prepare the opinion" not in page
    web.post(f"/verifier/engagements/{key}/conclude/")
    assert models.Engagement.objects.get(pk=key).state == "CONCLUDED"
    assert web.get(f"/verifier/engagements/{key}/conclude/").status_code == 404


def test_every_look_is_an_event_that_the_operator_sees(engaged, web, here):
    web.get(here)
    web.get(f"/verifier/items/{engaged.item.pk}/")
    web.get(f"{here}inventories/{engaged.frozen.id}/content.json")
    looks = Event.objects.filter(subject=f"verification.Engagement:{engaged.engagement_id}")
    told = looks.filter(verb__in=["engagement.read", "engagement.file_taken"])
    assert {one.actor_id for one in told} == {engaged.user.pk}
    assert told.count() == 3
    page = text_of(
        signed_in(engaged.manager_user).get(
            f"/admin/reporting_verification/engagement/{engaged.engagement_id}/change/"
        )
    )
    assert "Looked at by the verifier" in page
    assert User.objects.get(pk=engaged.user.pk).name in page
    assert "Downloaded: content of the frozen inventory" in page


def test_the_operator_answers_with_files_on_the_desk_and_takes_them_again(engaged):
    operations.ask_again(
        request_id=engaged.request.pk, text="again", by=engaged.verifier, at=engaged.at
    )
    desk = signed_in(engaged.manager_user)
    page = f"/admin/reporting_verification/request/{engaged.request.pk}/"
    file = SimpleUploadedFile("bill.txt", b"a bill")
    answer = desk.post(f"{page}do/answer/", {"text": "here", "file": file})
    assert answer.status_code == 302, text_of(answer)
    assert models.Request.objects.get().state == "ANSWERED"
    shown = text_of(desk.get(f"{page}change/"))
    assert "bill.txt" in shown and "photo.txt" in shown
    address = f"/admin/verification/requests/{engaged.request.pk}/files/{engaged.file_id}/"
    assert desk.get(address).content == f"photo {engaged.park.code}".encode()


def test_a_machine_answers_a_request_with_a_file_once(engaged):
    from tests.factories.machines import machine

    operations.ask_again(
        request_id=engaged.request.pk, text="again", by=engaged.verifier, at=engaged.at
    )
    client = machine(engaged.operator.pk)
    address = f"/api/v1/verification/requests/{engaged.request.pk}/answers/"
    for _ in range(2):  # the same key is the same answer
        answer = client.client.post(
            address,
            {"text": "here", "file": SimpleUploadedFile("bill.txt", b"a bill")},
            headers=client.headers() | {"Idempotency-Key": "a1"},
        )
        assert answer.status_code == 201, answer.content
    assert answer.json()["state"] == "ANSWERED"
    assert [len(one["file_ids"]) for one in answer.json()["replies"]] == [1, 0, 1]
    assert models.Reply.objects.filter(text="here").count() == 1


def test_what_waits_is_told_to_those_who_can_do_it(engaged):
    from ledger.kernel.actors import Role
    from reporting.verification import noticing

    today = engaged.at.date()
    (for_verifier,) = noticing.for_verifiers(on=today)
    assert (for_verifier.party_id, for_verifier.roles) == (engaged.body.pk, {Role.VERIFIER})
    assert "1 thing waits for you" in noticing.tell_verifiers(for_verifier.params).sentence
    (for_operator,) = noticing.for_operators(on=today)
    assert for_operator.params["count"] == 1  # the finding
    assert noticing.tell_operators(for_operator.params).address.endswith("/change/")
    engaged.conclude()
    assert list(noticing.for_operators(on=today)) == []
