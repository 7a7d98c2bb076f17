from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import IllegalTransition, NotAllowed, NotFound
from ledger.parties.models import Party
from reporting.activity import queries as activity
from reporting.verification import models, operations, queries, rules
from reporting.verification.rules import FindingFacts, weigh_findings
from reporting.verification.states import (
    FindingKind,
    FindingState,
    OpinionKind,
    OpinionStatus,
)
from tests.reporting.inventories.conftest import NOON, YEAR, person
from tests.reporting.verification.acting import engage, find, opine, settle

D = Decimal


def fact(effect, *, state=FindingState.CLOSED, is_corrected=False, kind=FindingKind.MISSTATEMENT):
    return FindingFacts(kind, state, D(effect), is_corrected)


def test_tv_5_3_nine_thousand_one_hundred_tonnes_are_material_and_8900_are_not():
    total, part = D("179555.58"), D("0.05")
    for effect, is_material in (("9100", True), ("8900", False), ("-9100", True)):
        weighed = weigh_findings([fact(effect)], total_tco2e=total, materiality=part)
        assert weighed.threshold_tco2e == D("8977.779")
        assert weighed.is_material is is_material


def test_corrected_misstatements_and_nonconformities_do_not_add_up():
    findings = [fact("9000", is_corrected=True), fact("1", kind=FindingKind.NONCONFORMITY)]
    weighed = weigh_findings(
        [*findings, fact("5"), fact("-2")], total_tco2e=D(100), materiality=D("0.05")
    )
    assert weighed.found_tco2e == 3
    assert not weighed.is_material


def test_an_opinion_binds_to_one_hash_and_verifies_the_data(
    engagement, frozen, verifier, park, dataset
):
    view = opine(engagement, frozen, verifier)
    assert view.bound_hash == rules.bound_hash(
        content_hash=frozen.content_hash, dataset_hash=frozen.dataset_hash
    )
    assert view.status is OpinionStatus.VERIFIED
    assert activity.state_of(park.id, YEAR) == "VERIFIED"
    assert queries.opinion_for(frozen.id) == view
    assert view.materiality == D("0.05")
    assert list(queries.rows_match_events()) == []


def test_a_later_change_leaves_it_verified_but_superseded(
    engagement, frozen, verifier, change_data
):
    opine(engagement, frozen, verifier)
    change_data()
    assert queries.opinion_for(frozen.id).status is OpinionStatus.SUPERSEDED


def test_no_opinion_on_what_changed_since_it_was_frozen(engagement, frozen, verifier, change_data):
    change_data()
    with pytest.raises(rules.InventoryChanged):
        opine(engagement, frozen, verifier)
    assert models.Opinion.objects.count() == 0


def test_open_findings_stop_every_opinion_but_a_disclaimer(engagement, frozen, verifier):
    find(engagement, verifier)
    for kind in (OpinionKind.UNMODIFIED, OpinionKind.MODIFIED, OpinionKind.ADVERSE):
        with pytest.raises(rules.FindingsOpen):
            opine(engagement, frozen, verifier, kind)
    view = opine(engagement, frozen, verifier, OpinionKind.DISCLAIMED)
    assert view.status is OpinionStatus.NOT_VERIFIED


def test_a_material_misstatement_leaves_no_unmodified_opinion(
    engagement, frozen, verifier, manager, park
):
    settle(find(engagement, verifier, "9000"), manager, verifier)
    with pytest.raises(rules.MaterialMisstatement):
        opine(engagement, frozen, verifier)
    assert activity.state_of(park.id, YEAR) == "CHECKED"
    assert opine(engagement, frozen, verifier, OpinionKind.MODIFIED).misstatement_tco2e == 9000


def test_a_corrected_misstatement_does_not_stand_in_the_way(engagement, frozen, verifier, manager):
    settle(find(engagement, verifier, "9000"), manager, verifier, is_corrected=True)
    assert opine(engagement, frozen, verifier).misstatement_tco2e == 0


def test_an_opinion_is_given_once_and_never_rewritten(engagement, frozen, verifier):
    opine(engagement, frozen, verifier)
    with pytest.raises(IllegalTransition):
        opine(engagement, frozen, verifier)
    with pytest.raises(DatabaseError), transaction.atomic():
        models.Opinion.objects.update(kind=OpinionKind.ADVERSE)


def test_the_maker_does_not_verify_even_from_the_verifiers_chair(engagement, frozen, body, manager):
    turncoat = Actor(manager.user_id, body.pk, frozenset({Role.VERIFIER}))
    with pytest.raises(rules.VerifierIsMaker):
        opine(engagement, frozen, turncoat)


def test_another_hash_is_no_inventory_of_this_engagement(engagement, frozen, verifier):
    with pytest.raises(rules.OtherInventory):
        opine(engagement, frozen, verifier, content_hash="0" * 64)


def test_without_a_declaration_of_independence_there_is_no_work(
    frozen, park, body, manager, verifier
):
    key = engage(park, body, manager)
    with pytest.raises(IllegalTransition):
        find(key, verifier)
    with pytest.raises(IllegalTransition):
        opine(key, frozen, verifier)


def test_a_verifier_sees_only_her_engagements(engagement, frozen):
    rival = Party.objects.create(kind=Party.Kind.VERIFIER, name_zh="另一机构")
    stranger = person(rival, Role.VERIFIER)
    assert list(queries.engagements_for(stranger)) == []
    with pytest.raises(NotFound):
        find(engagement, stranger)
    with pytest.raises(NotFound):
        opine(engagement, frozen, stranger)
    assert queries.engaged_periods(stranger) == []


def test_the_operator_raises_no_finding_and_the_verifier_answers_none(
    engagement, verifier, manager
):
    with pytest.raises(NotAllowed):
        find(engagement, manager)
    finding = find(engagement, verifier)
    with pytest.raises(NotAllowed):
        operations.answer_finding(finding_id=finding, answer="x", by=verifier, at=NOON)
    with pytest.raises(IllegalTransition):
        operations.close_finding(
            finding_id=finding, is_corrected=True, conclusion="x", by=verifier, at=NOON
        )


def test_only_a_verification_body_is_engaged(park, reference, operator, manager):
    company = Party.objects.create(kind=Party.Kind.COMPANY, name_zh="某公司")
    before = models.Engagement.objects.count()
    with pytest.raises(rules.NotAVerifier):
        engage(park, company, manager)
    with pytest.raises(rules.VerifierIsMaker):
        engage(park, operator, manager)
    assert models.Engagement.objects.count() == before


def test_an_opinion_on_a_facility_of_gases_needs_no_dataset(
    facility, park, body, manager, verifier
):
    from ledger.kernel.periods import Period

    key = engage(park, body, manager, period=Period.year(2020))
    operations.declare_independence(engagement_id=key, statement="无", by=verifier, at=NOON)
    view = opine(key, facility, verifier)
    assert view.is_verified
    assert (park.id, date(2020, 1, 1)) in queries.engaged_periods(verifier)
