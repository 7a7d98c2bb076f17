"""A report that its issuer takes back: whoever checks it is told; the file stays."""

from uuid import uuid4

import pytest
from django.utils import timezone, translation

from ledger.audit.models import Event
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotAllowed, NotFound
from reporting.attestations import checking
from reporting.packages import operations, queries, rules
from reporting.packages.models import Withdrawal
from reporting.packages.states import ReportState
from tests.reporting.inventories.conftest import NOON
from tests.reporting.packages.making import approver_of, tell
from tests.reporting.packages.test_reports import golden_facility, make, opine  # noqa: F401


@pytest.fixture
def report(golden_facility, park, manager, own_keys):  # noqa: F811
    opine(golden_facility, park, manager)
    return make(golden_facility, manager)


def withdraw(report, by, key="1", reason="A meter was read twice."):
    return operations.withdraw_report(
        report_id=report.pk, reason=reason, by=by, at=NOON, idempotency_key=key
    )


@pytest.fixture(autouse=True)
def in_english():
    """Whatever language a request before left behind."""
    with translation.override("en"):
        yield


def test_a_stale_and_a_superseded_report_are_known_to_whoever_checks_them(
    golden_facility, park, manager, own_keys  # noqa: F811
):  # fmt: skip
    opine(golden_facility, park, manager)
    first = make(golden_facility, manager)
    tell(park, manager, "policy", year=2020, at=timezone.now())
    known = [first.sha256, first.statement.content_hash, first.files.first().sha256]
    assert {checking.standing_of([one]) for one in known} == {
        "Stale: an input has changed since; ask for a new report."
    }
    again = make(golden_facility, manager)
    assert again.pk != first.pk
    assert {checking.standing_of([one]) for one in known} == {
        "Superseded by a later report of its period."
    }
    assert checking.standing_of([again.sha256]).startswith("Current")
    assert checking.standing_of(["0" * 64]).startswith("This ledger has issued no document")


def test_a_withdrawn_report_is_known_to_whoever_checks_it(report, manager):
    known = [report.sha256, report.statement.content_hash, report.files.first().sha256]
    assert {checking.standing_of([one]) for one in known} == {
        "Current: this is the latest report of its period."
    }
    first = withdraw(report, approver_of(manager))
    assert withdraw(report, approver_of(manager)).pk == first.pk  # the same key
    assert queries.state_of(report) is ReportState.WITHDRAWN
    assert {checking.standing_of([one]) for one in known} == {
        "Withdrawn by its issuer: do not rely on it."
    }
    assert queries.content_of(report).startswith(b"%PDF-")
    assert Event.objects.filter(verb="report.withdrawn").count() == 1
    assert list(queries.check_rows()) == []


def test_it_is_withdrawn_once_by_an_approver_of_the_issuer_and_with_a_reason(report, manager):
    with pytest.raises(NotAllowed):
        withdraw(report, manager)
    with pytest.raises(NotFound):
        withdraw(report, Actor(uuid4(), uuid4(), frozenset({Role.APPROVER})))
    with pytest.raises(rules.ReasonMissing):
        withdraw(report, approver_of(manager), reason=" ")
    assert Withdrawal.objects.count() == 0
    withdraw(report, approver_of(manager))
    with pytest.raises(rules.AlreadyWithdrawn):
        withdraw(report, approver_of(manager), key="2")


def test_a_draft_has_no_package(golden_facility, manager, own_keys):  # noqa: F811
    draft = make(golden_facility, manager)
    with pytest.raises(rules.DraftHasNoPackage):
        operations.request_package(report_id=draft.pk, by=manager, at=NOON)
