"""From how many units an act needs one approver, or two; dated, per party."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from ledger.approvals import operations, queries, rules
from ledger.approvals.checks import check_rows
from ledger.approvals.models import Approval, Consent, Threshold
from ledger.audit.models import Event
from ledger.kernel.errors import IllegalTransition, NotAllowed
from tests.factories.people import NOON, TODAY
from tests.ledger.approvals.conftest import Office, make_office

NAME = "things.move_things"
TIERS = [[0, 0], [10, 1], [1000, 2]]


@pytest.fixture
def moved(db: None) -> Any:
    """An operation that moves units: it notes how many."""
    seen: list[int] = []

    def execute(payload: Any, *, by: Any, at: Any, approval_id: Any) -> Any:
        seen.append(payload["unit_count"])
        return {"moved": payload["unit_count"]}

    operations.register(
        NAME,
        execute=execute,
        describe=lambda payload: ["Things move."],
        fingerprint=lambda payload: {},
        size=lambda payload: payload["unit_count"],
        title="Move things",
    )
    yield seen
    queries._approvables.pop(NAME)


def limit(office: Office, tiers: Any = TIERS, **more: Any) -> Threshold:
    given: dict[str, Any] = {
        "operation": NAME,
        "valid_from": TODAY,
        "by": office.checker,
        "at": NOON,
        "reason": "内控制度 3.2",
    }
    return operations.set_thresholds(tiers=tiers, **{**given, **more})


def ask(office: Office, count: int, key: str = "k", **more: Any) -> operations.Proposal:
    return operations.propose(
        operation=NAME,
        payload={"unit_count": count, "key": key},
        summary=["Things move."],
        party_id=office.party.id,
        by=more.pop("by", office.maker),
        at=more.pop("at", NOON),
    )


def approve(approval: Approval | None, by: Any) -> Approval:
    assert approval is not None
    return operations.approve(approval_id=approval.id, by=by, at=NOON)


def test_where_nothing_is_set_one_approver_is_needed(office, moved):
    made = ask(office, 5).approval
    assert made is not None and made.needed_count == 1
    assert moved == []
    approve(made, office.checker)
    assert moved == [5]


@pytest.mark.parametrize(("count", "needed"), [(9, 0), (10, 1), (999, 1), (1000, 2), (10**9, 2)])
def test_the_number_of_units_says_how_many(office, moved, count, needed):
    limit(office)
    made = ask(office, count)
    if not needed:
        assert (made.result, moved) == ({"moved": count}, [count])
        assert Event.objects.filter(verb="approval.not_needed").count() == 1
        return
    assert made.approval is not None
    assert (made.approval.needed_count, moved) == (needed, [])


def test_two_approvers_are_two_human_beings(office, moved):
    limit(office)
    made = ask(office, 1000).approval
    assert approve(made, office.checker).state == "REQUESTED"
    assert (moved, Consent.objects.count()) == ([], 1)
    with pytest.raises(rules.AlreadyAgreed):
        approve(made, office.checker)
    with pytest.raises(rules.MakerIsChecker):
        approve(made, replace(office.maker, roles=office.checker.roles))
    assert moved == []

    assert approve(made, office.other_checker).state == "APPROVED"
    assert moved == [1000]
    with pytest.raises(IllegalTransition):
        approve(made, office.other_checker)
    assert list(check_rows()) == []


def test_who_has_agreed_is_not_asked_again(office, moved):
    limit(office)
    made = ask(office, 1000).approval
    approve(made, office.checker)
    assert queries.open_for(office.checker) == []
    assert queries.open_for(office.other_checker) == [made]


def test_either_approver_can_still_refuse(office, moved):
    limit(office)
    made = ask(office, 1000).approval
    assert made is not None
    approve(made, office.checker)
    operations.reject(approval_id=made.id, by=office.other_checker, at=NOON, reason="zu viel")
    with pytest.raises(IllegalTransition):
        approve(made, office.other_checker)
    assert moved == []


def test_what_was_asked_for_keeps_the_number_of_its_day(office, moved):
    made = ask(office, 1000).approval
    limit(office)
    assert approve(made, office.checker).state == "APPROVED"
    assert moved == [1000]


def test_a_line_counts_from_its_day_and_the_newest_wins(office, moved):
    limit(office, valid_from=TODAY + timedelta(days=1))
    limit(office, [[0, 2]], valid_from=TODAY + timedelta(days=2))

    def needed(days: int) -> int:
        at = NOON + timedelta(days=days)
        payload = {"unit_count": 5}
        return queries.approvers_needed(NAME, payload, party_id=office.party.id, at=at)

    assert [needed(0), needed(1), needed(2)] == [1, 0, 2]


def test_the_line_for_all_acts_gives_way_to_an_acts_own(office, moved):
    limit(office, [[0, 2]], operation="")
    made = ask(office, 5, "a").approval
    assert made is not None and made.needed_count == 2
    limit(office, [[0, 1]])
    made = ask(office, 5, "b").approval
    assert made is not None and made.needed_count == 1


def test_another_partys_line_is_not_ours(office, moved):
    limit(make_office(), [[0, 2]])
    made = ask(office, 5).approval
    assert made is not None and made.needed_count == 1


@pytest.mark.parametrize(
    "tiers", [[], [[1, 1]], [[0, 3]], [[0, -1]], [[0, 1], [0, 2]], [[0, 1], [9, 2], [5, 1]]]
)
def test_odd_thresholds_are_refused(office, tiers):
    with pytest.raises(rules.OddThresholds):
        limit(office, tiers)
    assert Threshold.objects.count() == 0


def test_the_past_is_not_changed_and_a_maker_alone_sets_nothing(office):
    with pytest.raises(rules.OddStart):
        limit(office, valid_from=date(2026, 3, 1))
    with pytest.raises(NotAllowed):
        limit(office, by=office.maker)
    assert Threshold.objects.count() == 0


def test_thresholds_themselves_are_approved(office):
    made = operations.propose(
        operation="approvals.set_thresholds",
        payload={
            "operation": "",
            "tiers": TIERS,
            "valid_from": TODAY.isoformat(),
            "reason": "r",
            "key": "k",
        },
        summary=["…"],
        party_id=office.party.id,
        by=office.maker,
        at=NOON,
    ).approval
    assert Threshold.objects.count() == 0
    approve(made, office.checker)
    assert Threshold.objects.get().tiers == TIERS


def test_a_needless_approval_is_carried_out_once_for_its_key(office, moved):
    limit(office)
    ask(office, 5)
    assert ask(office, 10).approval is not None
    assert moved == [5]
