"""The verifier signs outside, with her own certificate; here only the signature arrives."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from ledger.kernel.actors import Role
from ledger.kernel.errors import IllegalTransition, NotAllowed, NotFound
from ledger.parties.models import Party
from reporting.activity import queries as activity
from reporting.verification import models, operations, queries, rules
from reporting.verification.rules import signatures
from reporting.verification.states import OpinionKind
from tests.factories.certificates import verifiers_own
from tests.reporting.inventories.conftest import NOON, YEAR, person
from tests.reporting.verification.acting import ask, draw, find, prepare, sign


def untouched(park, engagement, verifier):
    assert models.Opinion.objects.count() == models.OpinionSignature.objects.count() == 0
    assert queries.get_engagement(engagement, verifier).state == "ACTIVE"
    assert activity.state_of(park.id, YEAR) == "CHECKED"
    assert models.OpinionDraft.objects.get().state == "WAITING"


def test_a_signed_statement_is_an_opinion_with_the_certificate_and_its_chain(
    engagement, frozen, verifier, park
):
    draft, own = prepare(engagement, frozen, verifier), verifiers_own(NOON)
    untouched(park, engagement, verifier)
    view = sign(draft, verifier, own)
    kept = view.signature
    assert kept.certificate_sha256 == own.sha256
    assert [one["sha256"] for one in kept.chain] == [own.sha256, own.above.sha256]
    assert [one["is_self_signed"] for one in kept.chain] == [False, True]
    assert kept.statement == draft.statement
    again = signatures.check_signature(
        base64.b64decode(kept.cms_base64), statement=kept.statement.encode(), at=NOON
    )
    assert again.signer.sha256 == own.sha256
    assert activity.state_of(park.id, YEAR) == "VERIFIED"
    draft.refresh_from_db()
    assert draft.state == "SIGNED"
    assert list(queries.rows_match_events()) == []


def test_the_statement_says_everything_that_the_opinion_rests_on(
    engagement, frozen, verifier, manager
):
    draw(engagement, frozen, verifier)
    told = json.loads(prepare(engagement, frozen, verifier).statement)
    assert told["format"] == "tanzhang.opinion/1"
    assert told["inventory"]["content_hash"] == frozen.content_hash
    assert told["materiality"]["share"] == "0.05"
    assert told["samples"][0]["seed"] == "0123456789abcdef0123456789abcdef"
    assert [one["statement"] for one in told["verifier"]["declarations"]] == ["无利害关系"]
    assert (told["opinion"], told["text"]) == ("UNMODIFIED", "未发现重大错报。")


def test_a_signature_of_other_bytes_gives_no_opinion(engagement, frozen, verifier, park):
    draft, own = prepare(engagement, frozen, verifier), verifiers_own(NOON)
    changed = draft.statement.replace("UNMODIFIED", "DISCLAIMED").encode()
    for raw, refusal in (
        (own.sign(changed), signatures.SignatureWrong),
        (own.sign(draft.statement.encode(), detached=False), signatures.SignatureHoldsContent),
        (b"hello", signatures.NotASignature),
        (b"", signatures.NotASignature),
    ):
        with pytest.raises(refusal):
            operations.sign_opinion(draft_id=draft.pk, signature=raw, by=verifier, at=NOON)
    untouched(park, engagement, verifier)


def test_an_expired_certificate_gives_no_opinion(engagement, frozen, verifier, park):
    draft = prepare(engagement, frozen, verifier)
    old = verifiers_own(NOON - timedelta(days=400))
    with pytest.raises(signatures.CertificateNotValid):
        sign(draft, verifier, old)
    untouched(park, engagement, verifier)


def test_what_changed_after_the_statement_was_prepared_must_be_signed_anew(
    engagement, frozen, verifier, park
):
    draft = prepare(engagement, frozen, verifier)
    draw(engagement, frozen, verifier)
    with pytest.raises(rules.StatementOutdated):
        sign(draft, verifier)
    untouched(park, engagement, verifier)
    assert sign(prepare(engagement, frozen, verifier), verifier).kind is OpinionKind.UNMODIFIED


def test_a_finding_raised_meanwhile_stops_the_signature(engagement, frozen, verifier, park):
    draft = prepare(engagement, frozen, verifier)
    find(engagement, verifier)
    with pytest.raises(rules.FindingsOpen):
        sign(draft, verifier)
    untouched(park, engagement, verifier)


def test_open_requests_stop_every_opinion_but_a_disclaimer(engagement, frozen, verifier, manager):
    asked = ask(engagement, verifier)
    for kind in (OpinionKind.UNMODIFIED, OpinionKind.MODIFIED, OpinionKind.ADVERSE):
        with pytest.raises(rules.RequestsOpen):
            prepare(engagement, frozen, verifier, kind)
    operations.answer_request(request_id=asked, text="见附件", by=manager, at=NOON)
    with pytest.raises(rules.RequestsOpen):  # answered, but not looked at
        prepare(engagement, frozen, verifier)
    assert models.OpinionDraft.objects.count() == 0
    assert sign(prepare(engagement, frozen, verifier, OpinionKind.DISCLAIMED), verifier)


def test_data_that_changed_meanwhile_stop_the_signature(engagement, frozen, verifier, change_data):
    draft = prepare(engagement, frozen, verifier)
    change_data()
    with pytest.raises(rules.InventoryChanged):
        sign(draft, verifier)
    assert models.Opinion.objects.count() == 0


def test_one_statement_waits_at_a_time_and_only_that_one_is_signed(engagement, frozen, verifier):
    first = prepare(engagement, frozen, verifier)
    second = prepare(engagement, frozen, verifier, text="另一种措辞。")
    assert list(models.OpinionDraft.objects.order_by("prepared_at", "pk").values_list("state")) in (
        [("REPLACED",), ("WAITING",)],
        [("WAITING",), ("REPLACED",)],
    )
    with pytest.raises(IllegalTransition):
        sign(first, verifier)
    assert sign(second, verifier).text == "另一种措辞。"


def test_a_stranger_and_the_operator_sign_nothing(engagement, frozen, verifier, manager):
    draft = prepare(engagement, frozen, verifier)
    rival = person(
        Party.objects.create(kind=Party.Kind.VERIFIER, name_zh="另一机构"), Role.VERIFIER
    )
    with pytest.raises(NotFound):
        sign(draft, rival)
    with pytest.raises(NotAllowed):
        sign(draft, manager)
    assert models.Opinion.objects.count() == 0


def test_a_colleague_signs_only_after_declaring_herself(engagement, frozen, verifier):
    draft = prepare(engagement, frozen, verifier)
    colleague = replace(verifier, user_id=uuid4())
    with pytest.raises(rules.NotDeclared):
        sign(draft, colleague)
    operations.declare_independence(engagement_id=engagement, statement="无", by=colleague, at=NOON)
    with pytest.raises(rules.StatementOutdated):  # the statement names who declared
        sign(draft, colleague)
    assert sign(prepare(engagement, frozen, colleague), colleague)


def test_a_signature_is_never_rewritten(engagement, frozen, verifier):
    sign(prepare(engagement, frozen, verifier), verifier)
    with pytest.raises(DatabaseError), transaction.atomic():
        models.OpinionSignature.objects.update(subject="somebody else")


def test_an_opinion_on_paper_has_no_signature_and_replaces_a_waiting_statement(
    engagement, frozen, verifier
):
    prepare(engagement, frozen, verifier)
    view = operations.give_opinion(
        engagement_id=engagement,
        kind=OpinionKind.UNMODIFIED,
        content_hash=frozen.content_hash,
        text="未发现重大错报。",
        by=verifier,
        at=NOON,
    )
    assert view.signature is None
    assert models.OpinionDraft.objects.get().state == "REPLACED"
