"""R5.16–R5.21 of the rule book, each by its number; TV-5.3 stands in test_verification."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.errors import IllegalTransition
from ledger.parameters import queries as parameters
from reporting.activity import operations as activity
from reporting.activity import queries as data
from reporting.disclosures import operations as disclosures
from reporting.verification import models, operations, queries, rules
from reporting.verification.rules import FindingFacts, weigh_findings
from reporting.verification.states import (
    AssuranceLevel,
    FindingKind,
    FindingState,
    OpinionKind,
    OpinionStatus,
)
from tests.reporting.inventories.conftest import NOON, YEAR
from tests.reporting.verification.acting import engage, find, opine, prepare, settle, sign

D = Decimal


def fact(effect):
    return FindingFacts(FindingKind.MISSTATEMENT, FindingState.CLOSED, D(effect), False)


def test_r5_16_the_location_based_total_is_weighed_and_the_market_based_stands_beside_it(
    engagement, frozen, verifier
):
    totals = frozen.content["result"]["totals"]
    location, market = D(totals["total_location_tco2e"]), D(totals["total_market_tco2e"])
    assert location != market
    row = queries.get_engagement(engagement, verifier)
    assert queries.weighed_against(row, frozen).threshold_tco2e == location * D("0.05")
    statement = prepare(engagement, frozen, verifier).statement
    assert f'"total_location_tco2e":"{totals["total_location_tco2e"]}"' in statement
    assert f'"total_market_tco2e":"{totals["total_market_tco2e"]}"' in statement


def test_r5_17_an_opinion_is_given_with_its_level(frozen, park, body, manager, verifier):
    for level in (AssuranceLevel.LIMITED, AssuranceLevel.REASONABLE):
        key = engage(park, body, manager, level=level)
        operations.declare_independence(engagement_id=key, statement="无", by=verifier, at=NOON)
        assert opine(key, frozen, verifier).level is level


def test_r5_17_agreed_upon_procedures_end_without_an_opinion(frozen, park, body, manager, verifier):
    key = engage(park, body, manager, level=AssuranceLevel.PROCEDURES)
    operations.declare_independence(engagement_id=key, statement="无", by=verifier, at=NOON)
    for kind in OpinionKind:
        with pytest.raises(rules.NoOpinionOfProcedures):
            opine(key, frozen, verifier, kind)
        with pytest.raises(rules.NoOpinionOfProcedures):
            prepare(key, frozen, verifier, kind)
    finding = find(key, verifier)
    with pytest.raises(rules.FindingsOpen):
        operations.conclude_procedures(engagement_id=key, by=verifier, at=NOON)
    settle(finding, manager, verifier)
    operations.conclude_procedures(engagement_id=key, by=verifier, at=NOON)
    assert queries.get_engagement(key, verifier).state == "CONCLUDED"
    assert models.Opinion.objects.count() == 0
    assert data.state_of(park.id, YEAR) == "CHECKED"


def test_r5_17_an_engagement_for_an_opinion_does_not_end_without_one(engagement, verifier):
    with pytest.raises(rules.NothingToConclude):
        operations.conclude_procedures(engagement_id=engagement, by=verifier, at=NOON)
    assert queries.get_engagement(engagement, verifier).state == "ACTIVE"


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (OpinionKind.UNMODIFIED, OpinionStatus.VERIFIED),
        (OpinionKind.MODIFIED, OpinionStatus.VERIFIED),
        (OpinionKind.ADVERSE, OpinionStatus.NOT_VERIFIED),
        (OpinionKind.DISCLAIMED, OpinionStatus.NOT_VERIFIED),
    ],
)
def test_r5_18_there_are_four_opinions_and_two_of_them_assure(
    engagement, frozen, verifier, kind, status
):
    assert sign(prepare(engagement, frozen, verifier, kind), verifier).status is status


def test_r5_18_facts_discovered_later_re_open_and_a_new_opinion_takes_the_place(
    engagement, frozen, verifier, manager
):
    first = sign(prepare(engagement, frozen, verifier), verifier)
    told = operations.tell_later_fact(
        engagement_id=engagement, text="漏报一台锅炉", by=manager, at=NOON
    )
    assert queries.opinion_for(frozen.id).status is OpinionStatus.VERIFIED  # only told
    operations.reopen_engagement(fact_id=told, conclusion="属实", by=verifier, at=NOON)
    assert queries.opinion_for(frozen.id).status is OpinionStatus.WITHDRAWN
    assert queries.is_withdrawn(first.id)
    draft = prepare(engagement, frozen, verifier, OpinionKind.MODIFIED)
    assert f'"replaces":["{first.id}"]' in draft.statement
    second = sign(draft, verifier)
    assert queries.opinion_for(frozen.id).id == second.id
    assert second.status is OpinionStatus.VERIFIED
    assert queries.opinion_view(first.id).status is OpinionStatus.WITHDRAWN


def test_r5_18_what_rests_on_a_re_opened_opinion_is_a_draft_again(
    engagement, frozen, verifier, manager
):
    from ledger.kernel.actors import SYSTEM

    sign(prepare(engagement, frozen, verifier), verifier)
    before = disclosures.freeze_statement(frozen_inventory_id=frozen.id, by=SYSTEM, at=NOON)
    assert "NOT_VERIFIED" not in before.content["draft_reasons"]
    told = operations.tell_later_fact(engagement_id=engagement, text="漏报", by=verifier, at=NOON)
    operations.reopen_engagement(fact_id=told, conclusion="属实", by=verifier, at=NOON)
    after = disclosures.freeze_statement(frozen_inventory_id=frozen.id, by=SYSTEM, at=NOON)
    assert after.pk != before.pk and after.is_draft
    assert "NOT_VERIFIED" in after.content["draft_reasons"]


def test_r5_19_materiality_is_the_rule_number_of_the_day(engagement, verifier):
    row = queries.get_engagement(engagement, verifier)
    found = parameters.get_parameter("verify.materiality", YEAR.last_day)
    assert (row.materiality, row.parameter_id) == (found.number, found.id) == (D("0.05"), found.id)


def test_r5_19_over_and_understatements_are_told_apart_and_weighed_together():
    given_ = [fact("60"), fact("-58"), fact("3")]
    weighed = weigh_findings(given_, total_tco2e=D(1000), materiality=D("0.05"))
    assert weighed.threshold_tco2e == 50
    assert (weighed.overstated_tco2e, weighed.understated_tco2e) == (63, 58)
    assert weighed.found_tco2e == 5
    assert not weighed.is_material
    assert weighed.is_offset  # the one hides the other, and the verifier is told


def test_r5_19_exactly_the_threshold_is_material():
    for effect, is_material in (("50", True), ("-50", True), ("49.9999999999", False)):
        weighed = weigh_findings([fact(effect)], total_tco2e=D(1000), materiality=D("0.05"))
        assert weighed.is_material is is_material


@given(st.lists(st.integers(-(10**6), 10**6), max_size=20), st.integers(1, 10**6))
def test_r5_19_the_net_is_never_more_than_the_larger_direction(effects, total):
    weighed = weigh_findings(
        [fact(one) for one in effects], total_tco2e=D(total), materiality=D("0.05")
    )
    assert weighed.found_tco2e == sum(effects)
    assert weighed.found_tco2e == weighed.overstated_tco2e - weighed.understated_tco2e
    assert abs(weighed.found_tco2e) <= max(weighed.overstated_tco2e, weighed.understated_tco2e)
    assert not (weighed.is_offset and weighed.is_material)


def test_r5_19_a_direction_alone_is_judged_by_the_verifier_and_written_into_the_statement(
    engagement, frozen, verifier, manager
):
    for effect in ("9000", "-8999"):
        settle(find(engagement, verifier, effect), manager, verifier)
    row = queries.get_engagement(engagement, verifier)
    assert queries.weighed_against(row, frozen).is_offset
    statement = prepare(engagement, frozen, verifier).statement
    assert '"net_tco2e":"1","overstated_tco2e":"9000"' in statement
    assert '"understated_tco2e":"8999"' in statement


def test_r5_19_material_errors_in_one_direction_leave_no_unmodified_statement(
    engagement, frozen, verifier, manager
):
    settle(find(engagement, verifier, "-9000"), manager, verifier)
    with pytest.raises(rules.MaterialMisstatement):
        prepare(engagement, frozen, verifier)
    assert models.OpinionDraft.objects.count() == 0
    assert prepare(engagement, frozen, verifier, OpinionKind.MODIFIED).state == "WAITING"


def test_r5_20_the_record_names_everything_and_binds_to_one_hash(
    engagement, frozen, verifier, body
):
    view = sign(prepare(engagement, frozen, verifier), verifier)
    assert view.verifier_id == body.pk
    assert (view.criteria, view.scope) == ("ISO 14064-1:2018", "范围一与范围二")
    assert (view.level, view.materiality) == (AssuranceLevel.LIMITED, D("0.05"))
    assert (view.content_hash, view.dataset_hash) == (frozen.content_hash, frozen.dataset_hash)
    assert f'"bound_hash":"{view.bound_hash}"' in view.signature.statement
    assert "Lin Verifier" in view.signature.subject


def test_r5_20_any_later_change_makes_it_verified_but_superseded(
    engagement, frozen, verifier, change_data
):
    view = sign(prepare(engagement, frozen, verifier), verifier)
    change_data()
    assert queries.opinion_view(view.id).status is OpinionStatus.SUPERSEDED
    assert queries.opinion_view(view.id).bound_hash == view.bound_hash


def test_r5_21_only_checked_data_are_verified_and_only_by_an_assuring_opinion(
    engagement, frozen, verifier, dataset, manager
):
    activity.reopen_dataset(dataset_id=dataset.pk, reason="补充", by=manager, at=NOON)
    draft = prepare(engagement, frozen, verifier)  # the rows are the same
    with pytest.raises(rules.DataNotChecked):
        sign(draft, verifier)
    assert data.state_of(dataset.park_id, YEAR) == "DRAFT"
    assert models.Opinion.objects.count() == 0
    assert queries.get_engagement(engagement, verifier).state == "ACTIVE"


def test_r5_21_an_adverse_opinion_verifies_nothing(engagement, frozen, verifier, park):
    sign(prepare(engagement, frozen, verifier, OpinionKind.ADVERSE), verifier)
    assert data.state_of(park.id, YEAR) == "CHECKED"


def test_r5_21_a_verified_year_is_not_verified_again_from_nowhere(engagement, frozen, verifier):
    draft = prepare(engagement, frozen, verifier)
    sign(draft, verifier)
    with pytest.raises(IllegalTransition):
        sign(draft, verifier)
    assert models.Opinion.objects.count() == 1
