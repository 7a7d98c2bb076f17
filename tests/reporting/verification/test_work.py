"""Team, independence, samples, requests, findings, facts discovered later."""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import connection

from ledger.audit.models import Event
from ledger.files.models import StoredFile
from ledger.files.rules import FileTypeRefused
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import IllegalTransition, NotAllowed, NotFound
from ledger.kernel.periods import Period
from ledger.parties.models import Party
from reporting.inventories import operations as inventories
from reporting.verification import models, operations, queries, rules, showing
from reporting.verification.rules import sampling
from reporting.verification.states import Outcome, SamplingMethod
from tests.factories.people import give, make_user
from tests.reporting.inventories.conftest import NOON, build, person
from tests.reporting.verification.acting import (
    SEED,
    ask,
    draw,
    engage,
    find,
    opine,
    prepare,
    settle,
    sign,
)

D = Decimal


@pytest.fixture
def rival(db):
    other = Party.objects.create(kind=Party.Kind.VERIFIER, name_zh="另一机构")
    return person(other, Role.VERIFIER)


def colleague_of(verifier):
    return replace(verifier, user_id=uuid4())


# --- team and independence


def test_before_independence_is_declared_nothing_is_read(frozen, park, body, manager, verifier):
    key = engage(park, body, manager)
    assert queries.engaged_periods(verifier) == []
    assert queries.frozen_inventories(queries.get_engagement(key, verifier)) == []
    operations.declare_independence(engagement_id=key, statement="无", by=verifier, at=NOON)
    assert queries.engaged_periods(verifier) == [(park.id, date(2025, 1, 1))]
    assert len(queries.frozen_inventories(queries.get_engagement(key, verifier))) == 1


def test_a_withdrawn_engagement_is_read_no_more(engagement, verifier, manager):
    operations.withdraw_engagement(engagement_id=engagement, reason="换机构", by=manager, at=NOON)
    assert queries.engaged_periods(verifier) == []
    assert queries.frozen_inventories(queries.get_engagement(engagement, verifier)) == []


def test_whoever_has_not_declared_does_nothing(engagement, frozen, verifier):
    colleague = colleague_of(verifier)
    for act in (
        lambda: find(engagement, colleague),
        lambda: ask(engagement, colleague),
        lambda: draw(engagement, frozen, colleague),
        lambda: opine(engagement, frozen, colleague),
        lambda: prepare(engagement, frozen, colleague),
    ):
        with pytest.raises(rules.NotDeclared):
            act()
    operations.declare_independence(engagement_id=engagement, statement="无", by=colleague, at=NOON)
    assert find(engagement, colleague)
    with pytest.raises(rules.DeclaredAlready):
        operations.declare_independence(
            engagement_id=engagement, statement="又", by=colleague, at=NOON
        )
    assert models.Declaration.objects.count() == 1


def test_whoever_works_for_the_operator_cannot_declare_independence(
    frozen, park, body, manager, operator
):
    key = engage(park, body, manager)
    both = make_user()
    give(both, operator, "DATA_OFFICER")
    give(both, body, "VERIFIER")
    actor = Actor(both.pk, body.pk, frozenset({Role.VERIFIER}))
    with pytest.raises(rules.VerifierIsMaker):
        operations.declare_independence(
            engagement_id=key, statement="无", by=actor, at=NOON.replace(month=3)
        )
    assert models.Engagement.objects.get(pk=key).state == "PLANNED"


def test_the_one_who_loaded_the_data_gives_no_opinion_from_another_chair(
    engagement, frozen, body, dataset, verifier
):
    loader = dataset.rows.values_list("recorded_by", flat=True).first()
    turncoat = Actor(loader, body.pk, frozenset({Role.VERIFIER}))
    operations.declare_independence(engagement_id=engagement, statement="无", by=turncoat, at=NOON)
    for act in (opine, prepare):
        with pytest.raises(rules.VerifierIsMaker):
            act(engagement, frozen, turncoat)
    assert models.Opinion.objects.count() == models.OpinionDraft.objects.count() == 0


def test_a_named_team_is_whom_the_engagement_shows_itself_to(engagement, body, verifier, park):
    member = make_user()
    give(member, body, "VERIFIER")
    operations.set_team(
        engagement_id=engagement, team=[member.pk], by=verifier, at=NOON.replace(month=3)
    )
    inside = Actor(member.pk, body.pk, frozenset({Role.VERIFIER}))
    outside = colleague_of(verifier)
    assert [one.pk for one in queries.engagements_for(inside)] == [engagement]
    assert [one.pk for one in queries.engagements_for(verifier)] == [engagement]
    assert list(queries.engagements_for(outside)) == []
    assert queries.engaged_periods(outside) == []
    with pytest.raises(NotFound):
        find(engagement, outside)


def test_nobody_of_another_body_is_in_the_team(engagement, verifier):
    stranger = make_user()
    with pytest.raises(rules.NotOfTheBody):
        operations.set_team(
            engagement_id=engagement, team=[stranger.pk], by=verifier, at=NOON.replace(month=3)
        )
    assert models.Engagement.objects.get(pk=engagement).team == []


# --- samples


@pytest.mark.parametrize("method", list(SamplingMethod))
def test_a_sample_is_kept_with_its_seed_and_draws_itself_again(
    engagement, frozen, verifier, method
):
    sample = queries.get_sample(draw(engagement, frozen, verifier, method), verifier)
    items = list(sample.items.all())
    assert (sample.seed, sample.content_hash) == (SEED, frozen.content_hash)
    assert sample.population_count == len(frozen.content["result"]["activities"])
    assert 0 < len(items) <= 6
    drawn = sampling.draw(
        queries.population_of(frozen),
        method=method,
        size=6,
        seed=SEED,
        content_hash=frozen.content_hash,
    )
    assert [one.activity_id for one in items] == [one.row.id for one in drawn]
    assert queries.is_as_drawn(sample, items)
    assert list(queries.rows_match_events()) == []


def test_the_rows_drawn_from_add_up_to_the_total_of_the_inventory(engagement, frozen, verifier):
    sample = queries.get_sample(draw(engagement, frozen, verifier), verifier)
    totals = frozen.content["result"]["totals"]
    assert sample.population_tco2e == D(totals["total_location_tco2e"])


def test_an_altered_seed_is_named_even_when_its_event_is_gone(engagement, frozen, verifier):
    sample = draw(engagement, frozen, verifier, SamplingMethod.RANDOM)
    row = models.Sample.objects.get(pk=sample)
    items = list(row.items.all())
    row.seed = "f" * 32
    assert not queries.is_as_drawn(row, items)


def test_no_sample_is_drawn_of_another_inventory(engagement, frozen, verifier):
    with pytest.raises(rules.OtherInventory):
        draw(engagement, frozen, verifier, content_hash="0" * 64)
    with pytest.raises(sampling.OddSeed):
        draw(engagement, frozen, verifier, seed="ABC")
    with pytest.raises(sampling.SampleTooLarge):
        draw(engagement, frozen, verifier, size=500)
    assert models.Sample.objects.count() == models.SampleItem.objects.count() == 0


def test_an_inventory_of_another_length_is_no_inventory_of_the_engagement(
    engagement, frozen, verifier, park, manager
):
    half = Period(date(2025, 1, 1), date(2025, 7, 1))
    built = build(park, manager, period=half)
    other = inventories.freeze_inventory(inventory_id=built.id, by=manager, at=NOON)
    with pytest.raises(rules.OtherInventory):
        opine(engagement, other, verifier)
    row = queries.get_engagement(engagement, verifier)
    assert [one.id for one in queries.frozen_inventories(row)] == [frozen.id]


def test_what_a_row_shows_is_recorded_and_may_be_looked_at_again(engagement, frozen, verifier):
    sample = queries.get_sample(draw(engagement, frozen, verifier), verifier)
    item = sample.items.first()
    given = {"item_id": item.pk, "by": verifier, "at": NOON}
    with pytest.raises(rules.TextMissing):
        operations.record_outcome(outcome=Outcome.DIFFERS, note=" ", **given)
    operations.record_outcome(
        outcome=Outcome.DIFFERS, note="少一位", difference_tco2e=D("1.5"), **given
    )
    item.refresh_from_db()
    assert (item.outcome, item.difference_tco2e, item.looked_by) == (
        "DIFFERS", D("1.5"), verifier.user_id,
    )  # fmt: skip
    operations.record_outcome(outcome=Outcome.AGREES, note="", difference_tco2e=D(9), **given)
    item.refresh_from_db()
    assert (item.outcome, item.difference_tco2e) == ("AGREES", None)
    with pytest.raises(IllegalTransition):
        operations.record_outcome(outcome=Outcome.WAITING, note="x", **given)


def test_the_differences_of_a_whole_sample_are_projected(engagement, frozen, verifier):
    sample = queries.get_sample(draw(engagement, frozen, verifier), verifier)
    items = list(sample.items.all())
    assert queries.projection_of(sample, items) is None
    for item in items:
        operations.record_outcome(
            item_id=item.pk,
            outcome=Outcome.DIFFERS,
            note="一成",
            difference_tco2e=round(item.emission_tco2e / 10, 10),
            by=verifier,
            at=NOON,
        )
    items = list(sample.items.all())
    interval = sample.population_tco2e / 6
    expected = sum(
        item.difference_tco2e
        if item.is_certain
        else item.difference_tco2e / item.emission_tco2e * interval
        for item in items
    )
    assert queries.projection_of(sample, items) == expected > 0


def test_a_drawn_row_leads_to_its_factor_its_bill_and_its_file(engagement, frozen, verifier):
    sample = queries.get_sample(draw(engagement, frozen, verifier), verifier)
    item = sample.items.first()
    found = queries.evidence_of(item)
    assert found.evidence.startswith("B-") and found.is_as_frozen
    assert {line["factor"] for line in found.lines} == set(found.factors)
    emitted = sum(D(line["tco2e"]) for line in found.lines)
    assert emitted == item.emission_tco2e
    name, content = operations.take_evidence(item_id=item.pk, by=verifier, at=NOON)
    assert name == "2025.csv" and content.startswith(b"source,month")
    taken = Event.objects.get(verb="engagement.file_taken")
    assert taken.subject == f"verification.Engagement:{engagement}"


def test_a_row_corrected_later_is_told_to_be_another(engagement, frozen, verifier, change_data):
    sample = queries.get_sample(
        draw(engagement, frozen, verifier, SamplingMethod.RANDOM, size=60), verifier
    )
    change_data()
    changed = [one for one in sample.items.all() if not queries.evidence_of(one).is_as_frozen]
    assert [(one.source_code, one.month) for one in changed] == [("GRID", "2025-01-01")]


def test_a_rival_sees_no_sample_and_no_row(engagement, frozen, verifier, rival):
    sample = queries.get_sample(draw(engagement, frozen, verifier), verifier)
    item = sample.items.first()
    with pytest.raises(NotFound):
        queries.get_sample(sample.pk, rival)
    with pytest.raises(NotFound):
        operations.take_evidence(item_id=item.pk, by=rival, at=NOON)
    with pytest.raises(NotFound):
        operations.record_outcome(
            item_id=item.pk, outcome=Outcome.AGREES, note="", by=rival, at=NOON
        )
    assert not Event.objects.filter(verb="engagement.file_taken").exists()


# --- requests


def photo(text=b"photograph", name="photo.txt"):
    return (name, io.BytesIO(text))


def test_a_request_goes_to_and_fro_until_it_is_closed(engagement, verifier, manager):
    asked = ask(engagement, verifier, due_on=date(2026, 3, 1))
    operations.answer_request(
        request_id=asked, text="见附件", attachments=[photo()], by=manager, at=NOON
    )
    operations.ask_again(request_id=asked, text="不清晰", by=verifier, at=NOON)
    assert models.Request.objects.get().state == "OPEN"
    operations.answer_request(
        request_id=asked,
        text="重拍",
        attachments=[photo(b"a"), photo(b"b", "b.txt")],
        by=manager,
        at=NOON,
    )
    operations.close_request(request_id=asked, by=verifier, at=NOON)
    row = models.Request.objects.get()
    assert row.state == "CLOSED"
    assert [one.text for one in row.replies.all()] == ["见附件", "不清晰", "重拍"]
    assert [len(one.files) for one in row.replies.all()] == [1, 0, 2]
    with pytest.raises(IllegalTransition):
        operations.answer_request(request_id=asked, text="再", by=manager, at=NOON)
    assert list(queries.rows_match_events()) == []


def test_a_file_that_is_not_accepted_leaves_no_answer(engagement, verifier, manager):
    asked = ask(engagement, verifier)
    with pytest.raises(FileTypeRefused):
        operations.answer_request(
            request_id=asked,
            text="见附件",
            attachments=[photo(), photo(b"MZ\x00\x00", "virus.exe")],
            by=manager,
            at=NOON,
        )
    assert models.Request.objects.get().state == "OPEN"
    assert (
        models.Reply.objects.count()
        == StoredFile.objects.filter(purpose="verification").count()
        == 0
    )


def test_only_the_operator_answers_and_only_the_verifier_asks(engagement, verifier, manager, rival):
    with pytest.raises(NotAllowed):
        ask(engagement, manager)
    with pytest.raises(NotFound):
        ask(engagement, rival)
    asked = ask(engagement, verifier)
    with pytest.raises(NotAllowed):
        operations.answer_request(request_id=asked, text="x", by=verifier, at=NOON)
    other = person(Party.objects.create(kind="PARK_OPERATOR", name_zh="他园"), Role.CARBON_MANAGER)
    with pytest.raises(NotFound):
        operations.answer_request(request_id=asked, text="x", by=other, at=NOON)
    assert models.Reply.objects.count() == 0


def test_a_request_is_about_a_row_of_the_same_engagement(
    engagement, frozen, verifier, body, manager
):
    sample = queries.get_sample(draw(engagement, frozen, verifier), verifier)
    item = sample.items.first()
    assert models.Request.objects.get(pk=ask(engagement, verifier, item_id=item.pk)).item == item
    other = engage(sample.engagement.park, body, manager)
    operations.declare_independence(engagement_id=other, statement="无", by=verifier, at=NOON)
    with pytest.raises(NotFound):
        ask(other, verifier, item_id=item.pk)
    assert models.Request.objects.count() == 1


def test_files_of_a_talk_are_taken_by_both_sides_and_nobody_else(
    engagement, verifier, manager, rival
):
    asked = ask(engagement, verifier)
    operations.answer_request(
        request_id=asked, text="见附件", attachments=[photo()], by=manager, at=NOON
    )
    file_id = UUID(models.Reply.objects.get().files[0][0])
    for reader in (verifier, manager):
        taken = operations.take_reply_file(request_id=asked, file_id=file_id, by=reader, at=NOON)
        assert taken == ("photo.txt", b"photograph")
    with pytest.raises(NotFound):
        operations.take_reply_file(request_id=asked, file_id=file_id, by=rival, at=NOON)
    with pytest.raises(NotFound):
        operations.take_reply_file(request_id=asked, file_id=uuid4(), by=verifier, at=NOON)


def test_a_file_of_the_operator_that_nobody_attached_is_not_there(
    engagement, frozen, verifier, manager
):
    asked = ask(engagement, verifier)
    other = StoredFile.objects.filter(purpose="activity").first()
    with pytest.raises(NotFound):
        operations.take_reply_file(request_id=asked, file_id=other.pk, by=verifier, at=NOON)


def test_a_request_that_is_no_longer_needed_is_withdrawn(engagement, frozen, verifier, manager):
    asked = ask(engagement, verifier)
    operations.withdraw_request(request_id=asked, by=verifier, at=NOON)
    with pytest.raises(IllegalTransition):
        operations.answer_request(request_id=asked, text="x", by=manager, at=NOON)
    assert opine(engagement, frozen, verifier)


# --- findings


def test_an_answer_that_does_not_do_is_sent_back(engagement, verifier, manager):
    finding = find(engagement, verifier)
    operations.answer_finding(finding_id=finding, answer="不是错误", by=manager, at=NOON)
    operations.send_finding_back(finding_id=finding, reason="请附证据", by=verifier, at=NOON)
    row = models.Finding.objects.get()
    assert (row.state, row.conclusion) == ("OPEN", "请附证据")
    settle(finding, manager, verifier)
    assert models.Finding.objects.get().state == "CLOSED"
    assert list(queries.rows_match_events()) == []


def test_a_withdrawn_finding_counts_for_nothing_and_is_told_to_nobody(engagement, frozen, verifier):
    finding = find(engagement, verifier, "9000")
    operations.withdraw_finding(finding_id=finding, reason="看错了", by=verifier, at=NOON)
    row = queries.get_engagement(engagement, verifier)
    assert queries.weighed_against(row, frozen).found_tco2e == 0
    assert queries.findings_of(engagement) == []
    draft = prepare(engagement, frozen, verifier)
    assert '"findings":[]' in draft.statement
    assert opine(engagement, frozen, verifier).misstatement_tco2e == 0


def test_after_the_opinion_nothing_is_found_asked_or_drawn(engagement, frozen, verifier, manager):
    finding = find(engagement, verifier)
    settle(finding, manager, verifier)
    opine(engagement, frozen, verifier)
    for act in (
        lambda: find(engagement, verifier),
        lambda: ask(engagement, verifier),
        lambda: draw(engagement, frozen, verifier),
    ):
        with pytest.raises(IllegalTransition):
            act()
    assert models.Finding.objects.count() == 1
    assert models.Request.objects.count() == models.Sample.objects.count() == 0


# --- facts discovered later


def test_without_an_opinion_there_is_nothing_to_re_open(engagement, manager):
    with pytest.raises(rules.NothingToReopen):
        operations.tell_later_fact(engagement_id=engagement, text="x", by=manager, at=NOON)
    assert models.LaterFact.objects.count() == 0


def test_a_fact_that_changes_nothing_is_dismissed_with_the_reason(
    engagement, frozen, verifier, manager
):
    view = sign(prepare(engagement, frozen, verifier), verifier)
    fact = operations.tell_later_fact(
        engagement_id=engagement, text="电表更换", by=manager, at=NOON
    )
    with pytest.raises(NotAllowed):
        operations.dismiss_later_fact(fact_id=fact, conclusion="x", by=manager, at=NOON)
    operations.dismiss_later_fact(fact_id=fact, conclusion="期后事项", by=verifier, at=NOON)
    assert queries.opinion_view(view.id).is_verified
    with pytest.raises(IllegalTransition):
        operations.reopen_engagement(fact_id=fact, conclusion="x", by=verifier, at=NOON)
    assert models.Engagement.objects.get().state == "CONCLUDED"


def test_a_rival_neither_tells_nor_decides(engagement, frozen, verifier, manager, rival):
    sign(prepare(engagement, frozen, verifier), verifier)
    with pytest.raises(NotFound):
        operations.tell_later_fact(engagement_id=engagement, text="x", by=rival, at=NOON)
    fact = operations.tell_later_fact(engagement_id=engagement, text="x", by=manager, at=NOON)
    with pytest.raises(NotFound):
        operations.reopen_engagement(fact_id=fact, conclusion="x", by=rival, at=NOON)
    assert models.LaterFact.objects.get().state == "TOLD"


def test_a_standing_opinion_is_re_opened_once(engagement, frozen, verifier):
    sign(prepare(engagement, frozen, verifier), verifier)
    given = {"engagement_id": engagement, "text": "x", "by": verifier, "at": NOON}
    first, second = (operations.tell_later_fact(**given) for _ in range(2))
    operations.reopen_engagement(fact_id=first, conclusion="属实", by=verifier, at=NOON)
    with pytest.raises(IllegalTransition):
        operations.reopen_engagement(fact_id=second, conclusion="属实", by=verifier, at=NOON)
    assert models.LaterFact.objects.get(pk=second).state == "TOLD"
    with pytest.raises(rules.NothingToReopen):
        operations.tell_later_fact(**given)


# --- looks


def test_a_verifiers_looks_are_on_record_and_the_operators_are_not(engagement, verifier, manager):
    row = queries.get_engagement(engagement, verifier)
    operations.record_reads([row], what="page", by=verifier, at=NOON)
    operations.record_reads([row], what="page", by=manager, at=NOON)
    looks = Event.objects.filter(verb="engagement.read")
    assert [(one.subject, one.actor_id) for one in looks] == [
        (f"verification.Engagement:{engagement}", verifier.user_id)
    ]
    assert len(showing.reads_of(row)) == 1


def test_the_history_of_an_engagement_asks_as_often_however_long_it_is(
    engagement, frozen, verifier, manager, django_assert_max_num_queries
):
    for _ in range(3):
        settle(find(engagement, verifier), manager, verifier)
    row = queries.get_engagement(engagement, verifier)
    with django_assert_max_num_queries(14):
        found = showing.history_of(row)
    assert len(found) == 2 + 3 * 3
    assert connection.vendor == "postgresql"
