"""The register of sink and CCUS projects: evidence, versions, and no total that moves."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from ledger.approvals import operations as approvals
from ledger.approvals import queries as requests
from ledger.approvals.proposing import payload_of
from ledger.audit.models import Event
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotAllowed, NotFound
from reporting.disclosures import operations, queries, rules
from reporting.disclosures.models import Project, Removal
from reporting.disclosures.queries import projects
from tests.reporting.inventories.conftest import NOON, person
from tests.reporting.packages.making import approver_of, evidence, frozen_year

WOOD: dict[str, Any] = {
    "code": "S-1", "kind": "FOREST", "stage": "PLANNED", "name_zh": "海岸林",
    "name_en": "Shore wood", "expected_tco2e": Decimal("120.5"), "starts_on": date(2025, 4, 1),
}  # fmt: skip


def enter(park, manager, **change):
    given = {**WOOD, "park_id": park.id, "idempotency_key": str(uuid4()), **change}
    return operations.enter_project(**{"by": approver_of(manager), "at": NOON, **given})


def remove(project, manager, **change):
    given: dict[str, Any] = {
        "project_id": project.pk, "year": 2025, "removed_tco2e": Decimal("88.25"),
        "method": "area × growth", "idempotency_key": str(uuid4()),
        "by": approver_of(manager), "at": NOON,
    }  # fmt: skip
    if "evidence_id" not in change:
        given["evidence_id"] = evidence(manager).pk
    return operations.tell_removal(**{**given, **change})


def test_a_corrected_project_is_the_next_version_and_the_earlier_stays(park, manager):
    first = enter(park, manager)
    second = enter(park, manager, stage="RUNNING")
    (shown,) = projects.projects_for(manager)
    assert (shown.pk, shown.version, shown.stage) == (second.pk, 2, "RUNNING")
    assert [one.version for one in projects.versions_of(shown)] == [2, 1]
    assert projects.get_project(first.pk, by=manager).pk == second.pk
    assert Event.objects.filter(verb="project.entered").count() == 2
    assert list(queries.check_rows()) == []


def test_the_same_key_enters_once(park, manager):
    first = enter(park, manager, idempotency_key="k")
    assert enter(park, manager, idempotency_key="k", stage="ENDED").pk == first.pk
    assert Project.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"ends_on": date(2025, 3, 31)}, rules.ProjectEndsBeforeItBegins),
        ({"expected_tco2e": Decimal(0)}, rules.ExpectedAmountMissing),
        ({"evidence_id": uuid4()}, NotFound),
        ({"park_id": uuid4()}, NotFound),
    ],
)
def test_what_is_no_project_is_refused(park, manager, change, refusal):
    with pytest.raises(refusal):
        enter(park, manager, **change)
    assert Project.objects.count() == 0


def test_only_an_approver_of_the_operator_enters_and_tells(park, manager):
    with pytest.raises(NotAllowed):
        enter(park, manager, by=manager)
    with pytest.raises(NotFound):
        enter(park, manager, by=Actor(uuid4(), uuid4(), frozenset({Role.APPROVER})))
    project = enter(park, manager)
    shown = evidence(manager).pk
    with pytest.raises(NotAllowed):
        remove(project, manager, by=manager, evidence_id=shown)
    stranger = Actor(uuid4(), uuid4(), frozenset({Role.APPROVER}))
    with pytest.raises(NotFound):
        remove(project, manager, by=stranger, evidence_id=shown)
    assert Removal.objects.count() == 0
    assert not projects.projects_for(stranger).exists()


def test_a_removal_told_again_takes_the_place_of_the_earlier_and_is_summed_once(park, manager):
    project = enter(park, manager)
    remove(project, manager)
    remove(project, manager, removed_tco2e=Decimal("80"))
    remove(project, manager, year=2026, removed_tco2e=Decimal("100.5"))
    found = projects.removals_of(project)
    assert [(one.year, one.version, one.removed_tco2e) for one in found] == [
        (2026, 1, Decimal("100.5")), (2025, 2, Decimal(80)),
    ]  # fmt: skip
    (shown,) = projects.with_removed(projects.projects_for(manager))
    assert shown.removed == Decimal("180.5")
    assert projects.removals_for(manager).count() == 2
    assert list(queries.check_rows()) == []


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"year": 2024}, rules.RemovalNotPossible),
        ({"year": 2031}, rules.RemovalNotPossible),
        ({"removed_tco2e": Decimal("-1")}, rules.NegativeRemoval),
        ({"evidence_id": uuid4()}, NotFound),
    ],
)
def test_a_removal_that_cannot_be_is_refused(park, manager, change, refusal):
    project = enter(park, manager, ends_on=date(2030, 12, 31))
    with pytest.raises(refusal):
        remove(project, manager, **change)
    assert Removal.objects.count() == 0


def test_a_removal_changes_no_figure_of_any_disclosure(dataset, park, manager):
    frozen = frozen_year(park, manager)

    def facts():
        made = operations.draft_statement(frozen=frozen, framework="GHG-PROTOCOL", at=NOON)
        return made["facts_hash"], made["input_hash"], made["totals"]

    before = facts()
    remove(enter(park, manager), manager)
    assert facts() == before


def test_a_project_waits_for_a_second_person(park, manager, operator):
    values = {**WOOD, "park_id": park.id, "note": "", "evidence_id": None, "ends_on": None}
    payload = payload_of(values, "k")
    said = requests.describe("disclosures.enter_project", payload)
    assert "120.5 tCO2e" in said[1]
    made = approvals.propose(
        operation="disclosures.enter_project", payload=payload, summary=said,
        party_id=manager.own_party, by=manager, at=NOON,
    )  # fmt: skip
    assert Project.objects.count() == 0
    approvals.approve(approval_id=made.approval.pk, by=person(operator, Role.APPROVER), at=NOON)
    assert Project.objects.get().approval_id == made.approval.pk
