"""An issue of certificates taken back: whole, linked, once, within its window."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ledger.approvals import operations as approvals
from ledger.audit.models import Event
from ledger.claims import approvable, operations, queries, rules
from ledger.claims.models import Issuance
from ledger.instruments.models import Scheme
from ledger.kernel.actors import Role
from ledger.kernel.errors import IllegalTransition, NotAllowed, NotFound
from ledger.kernel.ids import new_id
from ledger.kernel.periods import Period
from ledger.parties.models import Party
from ledger.units import operations as units
from ledger.units.models import Entry
from ledger.units.queries import get_lot
from ledger.units.rules import NotReversible, ReversalWindowClosed
from tests.factories.farms import FEB, JAN, MAR, MAY, Farm
from tests.factories.holdings import PARK_MANAGER, STRANGER, open_account, reserve
from tests.factories.machines import machine

pytestmark = pytest.mark.django_db
APPROVER = replace(PARK_MANAGER, roles=frozenset({Role.APPROVER}))
MAKER = replace(PARK_MANAGER, roles=frozenset({Role.CARBON_MANAGER}))


def be_known() -> None:
    """The park and the stranger as parties: thresholds and machines belong to one."""
    for who, name in ((PARK_MANAGER, "园区"), (STRANGER, "别家")):
        Party.objects.create(id=who.own_party, kind="COMPANY", name_zh=name)


@pytest.fixture
def farm() -> Farm:
    return Farm()


def take_back(issuance: Issuance, **more: Any) -> Issuance:
    given = {"by": APPROVER, "at": MAY, "idempotency_key": str(new_id()), "reason": "抄表更正"}
    return operations.reverse_issuance(issuance_id=issuance.pk, **{**given, **more})


def standing() -> list[tuple[int, Decimal]]:
    rows = Issuance.objects.filter(state="STANDING").order_by("generation__month")
    return list(rows.values_list("unit_count", "carried_out_mwh"))


def test_the_certificates_go_back_and_the_remainder_is_the_month_befores_again(farm):
    first, second = farm.issue(JAN, "2500.7"), farm.issue(FEB, "1300.6")
    undone = take_back(second)

    assert farm.held(second) == {}
    assert standing() == [(2500, Decimal("0.7"))]
    assert Entry.objects.get(pk=undone.reversal_entry_id).reverses_id == second.entry_id
    again = farm.issue(FEB)
    assert (again.carried_in_mwh, again.unit_count, again.carried_out_mwh) == (
        Decimal("0.7"),
        1301,
        Decimal("0.3"),
    )
    assert again.pk != second.pk
    assert again.lot_id is not None
    assert get_lot(again.lot_id).code == f"GEC-{farm.plant.code}-2024-02-2"
    assert farm.held(again) == {"FREE": 1301}
    assert farm.held(first) == {"FREE": 2500}
    assert list(queries.check_rows_match_events()) == []
    assert list(queries.check_against_retirements()) == []


def test_certificates_issued_anew_are_claimed_from_both_months(farm):
    farm.issue(JAN, "0.7")
    take_back(farm.issue(FEB, "1.6"))
    again = farm.issue(FEB)
    assert farm.claim(again, 2).mwh == 2
    left = list(queries.lock_generation(plant_id=farm.plant.pk, period=Period(JAN, MAR)))
    assert [row.remaining_mwh for row in left] == [Decimal("0"), Decimal("0.3")]


def test_serial_numbers_of_a_registry_can_be_issued_again(farm):
    numbers = {"serial_prefix": "NEA-2024", "first_serial": 7001}
    take_back(farm.issue(JAN, "100", **numbers))
    assert farm.held(farm.issue(JAN, **numbers)) == {"FREE": 100}


def test_an_issue_is_taken_back_once(farm):
    made = farm.issue(JAN, "100")
    take_back(made)
    with pytest.raises(IllegalTransition):
        take_back(made)
    assert farm.held(made) == {}
    assert Entry.objects.filter(kind="REVERSE").count() == 1


def test_the_newest_month_goes_first(farm):
    first, second = farm.issue(JAN, "10.5"), farm.issue(FEB, "5")
    with pytest.raises(rules.LaterMonthIssued, match="2024-02"):
        take_back(first)
    assert farm.held(first) == {"FREE": 10}
    take_back(second)
    take_back(first)
    assert standing() == []


def test_a_month_of_less_than_one_mwh_is_taken_back_without_moving_units(farm):
    made = farm.issue(JAN, "0.4")
    undone = take_back(made)
    assert (undone.state, undone.reversal_entry_id) == ("REVERSED", None)
    assert farm.issue(FEB, "0.9", basis_mwh=None).carried_in_mwh == 0


def claim_one(farm: Farm, made: Issuance) -> None:
    farm.claim(made, 1)


def hold_one(farm: Farm, made: Issuance) -> None:
    assert made.lot_id is not None
    reserve(farm.account, made.lot_id, 1, at=MAY)


def move_one(farm: Farm, made: Issuance) -> None:
    assert made.lot_id is not None
    units.transfer_units(
        lot_id=made.lot_id,
        from_account_id=farm.account,
        to_account_id=open_account("GEC-9").pk,
        unit_count=1,
        happened_on=date(2024, 5, 6),
        by=PARK_MANAGER,
        at=MAY,
        idempotency_key=str(new_id()),
    )


@pytest.mark.parametrize("use", [claim_one, hold_one, move_one])
def test_what_is_claimed_held_or_moved_on_stays(farm, use):
    made = farm.issue(JAN, "100")
    use(farm, made)
    before, events = farm.held(made), Event.objects.count()
    with pytest.raises(rules.CertificatesMovedOn, match="Of 100 certificates issued, 99"):
        take_back(made)
    made.refresh_from_db()
    assert (made.state, farm.held(made), Event.objects.count()) == ("STANDING", before, events)


def test_a_claim_taken_back_first_lets_its_certificates_go_back(farm):
    made = farm.issue(JAN, "100")
    claim = farm.claim(made, 40)
    operations.reverse_claim(
        claim_id=claim.pk, by=APPROVER, at=MAY, idempotency_key="c", reason="抄表更正"
    )
    take_back(made)
    assert standing() == []


def test_the_schemes_window_closes_over_an_issue(farm):
    made = farm.issue(JAN, "100")
    Scheme.objects.filter(code="GEC").update(reversal_windows={"ISSUE": 14}, digest="14 days")
    with pytest.raises(ReversalWindowClosed):
        take_back(made, at=MAY + timedelta(days=15))
    assert farm.held(made) == {"FREE": 100}
    take_back(made, at=MAY + timedelta(days=14))
    assert farm.held(made) == {}


def test_its_entry_is_not_taken_back_behind_the_issue(farm):
    made = farm.issue(JAN, "100")
    with pytest.raises(NotReversible):
        units.reverse_entry(
            entry_id=made.entry_id,
            happened_on=date(2024, 5, 6),
            by=APPROVER,
            at=MAY,
            idempotency_key="x",
            reason="r",
        )
    assert farm.held(made) == {"FREE": 100}


def test_only_an_approver_of_the_plants_owner_takes_it_back(farm):
    made = farm.issue(JAN, "100")
    with pytest.raises(NotAllowed):
        take_back(made, by=MAKER)
    with pytest.raises(NotFound):
        take_back(made, by=replace(STRANGER, roles=APPROVER.roles))
    assert farm.held(made) == {"FREE": 100}


def propose(made: Issuance) -> approvals.Proposal:
    payload = {"issuance_id": str(made.pk), "reason": "抄表更正", "key": str(new_id())}
    return approvals.propose(
        operation=approvable.REVERSE_ISSUE,
        payload=payload,
        summary=approvable.describe_reverse_issue(payload),
        party_id=PARK_MANAGER.own_party,
        by=MAKER,
        at=MAY,
    )


def limit(tiers: list[list[int]]) -> None:
    be_known()
    approvals.set_thresholds(
        operation="", tiers=tiers, valid_from=MAY.date(), by=APPROVER, at=MAY, reason="内控"
    )


def test_a_manager_asks_and_another_person_decides_above_the_threshold(farm):
    made = farm.issue(JAN, "100")
    limit([[0, 0], [100, 1]])
    assert propose(made).approval is not None
    assert farm.held(made) == {"FREE": 100}


def test_below_the_threshold_a_manager_takes_it_back_at_once(farm):
    made = farm.issue(JAN, "100")
    limit([[0, 0], [101, 1]])
    assert propose(made).approval is None
    assert farm.held(made) == {}


def test_machines_list_issues_and_propose_their_reversal(farm):
    made = farm.issue(JAN, "100.5")
    be_known()
    ours = machine(PARK_MANAGER.own_party)
    (row,) = ours.get("issuances/", scheme="GEC").json()["items"]
    assert (row["month"], row["unit_count"], row["carried_out_mwh"], row["state"]) == (
        "2024-01-01",
        100,
        "0.500000",
        "STANDING",
    )
    body = {"reason": "抄表更正"}
    address = f"issuances/{made.pk}/reversals/"
    assert ours.post(address, body, key="i-1").status_code == 202
    theirs = machine(STRANGER.own_party)
    assert theirs.post(address, body, key="i-2").status_code == 404
    assert theirs.get("issuances/").json()["items"] == []
    assert farm.held(made) == {"FREE": 100}
    claim_one(farm, made)
    refused = ours.post(address, body, key="i-3")
    assert (refused.status_code, refused.json()["code"]) == (409, "certificates_moved_on")
