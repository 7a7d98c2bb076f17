"""Certificates out of the meter: whole ones, the rest carried on; and their exclusivity."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from ledger.accounts import operations as accounts
from ledger.claims import queries, rules
from ledger.claims.models import Generation, Issuance
from ledger.holds import operations as holds
from ledger.holds.models import Hold
from ledger.holds.rules import FreezeInForce, KeptByAnother
from ledger.instruments import operations as instruments
from ledger.instruments.queries import Expired, NotTransferable
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.errors import IllegalTransition, NotFound
from ledger.kernel.ids import new_id
from ledger.kernel.periods import Period
from ledger.units import operations as units
from ledger.units.queries import get_lot
from ledger.units.rules import NotEnoughUnits, TransferLimit
from tests.factories.farms import BEIJING, FEB, JAN, MAR, MAY, Farm
from tests.factories.holdings import (
    PARK_MANAGER,
    STRANGER,
    open_account,
    reserve,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def farm() -> Farm:
    return Farm()


def test_tv_3_1_whole_certificates_are_issued_and_the_rest_is_carried_on(farm):
    first, second = farm.issue(JAN, "2500.7"), farm.issue(FEB, "1300.6")

    assert (first.unit_count, first.carried_out_mwh) == (2500, Decimal("0.7"))
    assert (second.carried_in_mwh, second.unit_count, second.carried_out_mwh) == (
        Decimal("0.7"),
        1301,
        Decimal("0.3"),
    )
    assert (farm.held(first), farm.held(second)) == ({"FREE": 2500}, {"FREE": 1301})


def test_a_month_below_one_mwh_only_passes_its_rest_on(farm):
    farm.issue(JAN, "0.4")
    second, third = farm.issue(FEB, "0.5"), farm.issue(MAR, "0.2")

    assert (second.unit_count, second.lot_id, second.carried_out_mwh) == (0, None, Decimal("0.9"))
    assert (third.unit_count, third.carried_in_from) == (1, JAN)
    assert farm.claim(third, 1).mwh == 1
    left = Generation.objects.order_by("month").values_list("remaining_mwh", flat=True)
    assert sum(left) == Decimal("0.1")


def test_every_certificate_of_both_months_can_be_claimed_and_none_twice(farm):
    first, second = farm.issue(JAN, "2500.7"), farm.issue(FEB, "1300.6")
    farm.claim(second, 1000)
    farm.claim(second, 301)
    farm.claim(first, 2500)

    left = list(Generation.objects.order_by("month").values_list("remaining_mwh", flat=True))
    assert left == [Decimal("0"), Decimal("0.3")]
    assert list(queries.check_against_retirements()) == []


def test_the_same_month_is_issued_once(farm):
    first, again = farm.issue(JAN, "10.5"), farm.issue(JAN)
    assert first.pk == again.pk and farm.held(first) == {"FREE": 10}
    with pytest.raises(rules.IssuedOtherwise):
        farm.issue(JAN, basis_mwh=Decimal(3))


def test_months_are_issued_in_their_order(farm):
    farm.issue(JAN, "10.5")
    farm.meter(FEB, "5")
    with pytest.raises(rules.EarlierMonthFirst, match="2024-02"):
        farm.issue(MAR, "7")
    farm.issue(FEB)
    farm.issue(MAR)
    farm.meter(date(2023, 12, 1), "9")
    with pytest.raises(rules.LaterMonthIssued):
        farm.issue(date(2023, 12, 1))
    assert Issuance.objects.count() == 3


def test_what_is_not_metered_or_not_ones_own_is_not_issued(farm):
    with pytest.raises(rules.NoGeneration):
        farm.issue(JAN)
    farm.meter(JAN, "5")
    with pytest.raises(NotFound):
        farm.issue(JAN, by=STRANGER)
    with pytest.raises(rules.BasisTooLarge):
        farm.issue(JAN, basis_mwh=Decimal("5.1"))
    with pytest.raises(rules.NotACertificate):
        farm.issue(JAN, scheme="CCER")
    assert Issuance.objects.count() == 0


def test_one_plant_and_month_is_in_one_system(farm):
    """R3.22"""
    farm.issue(JAN, "10")
    with pytest.raises(rules.InAnotherSystem):
        farm.issue(JAN, scheme="IREC")


def test_tv_3_2_two_years_with_the_month_of_generation_counted(farm):
    made = farm.issue(MAR, "100")
    assert made.lot_id is not None
    assert get_lot(made.lot_id).expires_on == date(2026, 3, 1)
    last = datetime(2026, 2, 28, 23, tzinfo=BEIJING)
    assert farm.claim(made, 1, at=last).unit_count == 1
    with pytest.raises(Expired, match="2026-02-28"):
        farm.claim(made, 1, at=last + timedelta(hours=1, minutes=1))
    assert farm.held(made) == {"FREE": 99, "RETIRED": 1}


def buyer(number: str, *, trusted_by: Actor = PARK_MANAGER, by: Actor = STRANGER) -> UUID:
    """An account of another party, on the seller's list long enough."""
    account = open_account(number, by=by)
    accounts.trust_account(
        account_id=account.pk,
        by=replace(trusted_by, roles=frozenset({Role.APPROVER})),
        at=MAY - timedelta(days=30),
        reason="合同",
    )
    return account.pk


def sell(farm: Farm, issuance: Issuance, source: UUID, target: UUID, **more: Any) -> None:
    assert issuance.lot_id is not None
    units.transfer_units(
        lot_id=issuance.lot_id,
        from_account_id=source,
        to_account_id=target,
        unit_count=1,
        happened_on=date(2024, 5, 6),
        **{"by": PARK_MANAGER, "at": MAY, "idempotency_key": str(new_id()), **more},
    )


def test_tv_3_3_a_sold_certificate_is_not_sold_again(farm):
    made = farm.issue(MAR, "100")
    first = buyer("GEC-2")
    second = buyer("GEC-3", trusted_by=STRANGER, by=PARK_MANAGER)
    sell(farm, made, farm.account, first)
    with pytest.raises(TransferLimit):
        sell(farm, made, first, second, by=STRANGER)
    assert farm.held(made) == {"FREE": 99}


def test_a_move_between_ones_own_accounts_is_no_trade(farm):
    made = farm.issue(MAR, "100")
    own = open_account("GEC-9")
    sell(farm, made, farm.account, own.pk)
    sell(farm, made, own.pk, buyer("GEC-2"))
    assert farm.held(made) == {"FREE": 99}


def test_tv_3_4_self_use_certificates_are_claimed_and_never_traded(farm):
    made = farm.issue(MAR, "100", kind="SELF_USE", basis_mwh=Decimal("40.5"))
    rest = farm.issue(MAR)
    assert (made.unit_count, rest.unit_count, rest.basis_mwh) == (40, 59, Decimal("59.5"))
    with pytest.raises(NotTransferable):
        sell(farm, made, farm.account, buyer("GEC-2"))
    assert farm.claim(made, 40).unit_count == 40


def test_old_hydro_is_known_by_its_plant():
    farm = Farm(technology="HYDRO", commissioned_on=date(2022, 12, 31))
    made = farm.issue(MAR, "100")
    assert made.kind == "OLD_HYDRO"
    with pytest.raises(NotTransferable):
        sell(farm, made, farm.account, buyer("GEC-2"))
    younger = Farm.__new__(Farm)
    younger.__dict__ = {**farm.__dict__}
    younger.plant = instruments.register_plant(
        code="H-2",
        name_zh="水电",
        technology="HYDRO",
        commissioned_on=date(2023, 1, 1),
        by=PARK_MANAGER,
        at=MAY,
    )
    assert younger.issue(MAR, "10").kind == ""


# --- CCER and GEC exclude each other


def test_tv_3_5_registering_a_project_freezes_the_untraded_certificates_of_its_period(farm):
    before, during = farm.issue(date(2023, 12, 1), "50"), farm.issue(JAN, "100")
    sell(farm, during, farm.account, buyer("GEC-2"))
    farm.register()

    assert farm.held(before) == {"FREE": 50}
    assert farm.held(during) == {"FROZEN": 99}
    with pytest.raises(NotEnoughUnits):
        farm.claim(during, 1)


def test_certificates_issued_later_are_frozen_at_once(farm):
    farm.register()
    assert farm.held(farm.issue(JAN, "100")) == {"FROZEN": 100}


def test_held_certificates_are_frozen_in_line_behind_their_hold(farm):
    made = farm.issue(JAN, "100")
    assert made.lot_id is not None
    kept = reserve(farm.account, made.lot_id, 30, at=MAY)
    farm.register()
    assert farm.held(made) == {"FROZEN": 70, "RESERVED": 30}
    with pytest.raises(FreezeInForce):
        holds.capture_hold(
            hold_id=kept.pk,
            to_account_id=open_account("GEC-2").pk,
            by=SYSTEM,
            at=MAY,
            idempotency_key="x",
        )
    holds.release_hold(hold_id=kept.pk, by=SYSTEM, at=MAY, idempotency_key="r")
    assert farm.held(made) == {"FROZEN": 100}


def test_a_withdrawn_project_releases_what_it_froze(farm):
    made = farm.issue(JAN, "100")
    project = farm.register()
    instruments.withdraw_project(project_id=project, by=PARK_MANAGER, at=MAY, reason="不再申请")
    assert farm.held(made) == {"FREE": 100}
    assert farm.held(farm.issue(FEB, "10")) == {"FREE": 10}
    with pytest.raises(IllegalTransition):
        instruments.withdraw_project(project_id=project, by=PARK_MANAGER, at=MAY, reason="x")


def test_registered_reductions_cancel_the_certificates_of_their_months(farm):
    january, march = farm.issue(JAN, "100"), farm.issue(MAR, "80")
    project = farm.register()
    done = holds.cancel_certificates(
        project_id=project,
        period=Period(JAN, MAR),
        by=SYSTEM,
        at=MAY,
        reason="减排量登记 2024-17",
    )
    assert len(done) == 1
    assert farm.held(january) == {"CANCELLED": 100}
    assert farm.held(march) == {"FROZEN": 80}


def test_a_freeze_by_rule_is_not_lifted_by_hand(farm):
    farm.issue(JAN, "100")
    farm.register()
    hold = Hold.objects.get()
    for by in (PARK_MANAGER, SYSTEM):
        with pytest.raises(KeptByAnother):
            holds.release_hold(
                hold_id=hold.pk, by=by, at=MAY, idempotency_key="x", order_number="自行解除"
            )
    hold.refresh_from_db()
    assert hold.state == "ACTIVE"


def test_a_stranger_registers_no_project_on_anothers_plant(farm):
    made = farm.issue(JAN, "100")
    with pytest.raises(NotFound):
        instruments.register_project(
            scheme="CCER",
            code="X",
            name_zh="他人项目",
            plant_id=farm.plant.pk,
            by=STRANGER,
            at=MAY,
        )
    assert farm.held(made) == {"FREE": 100}


# --- redemption of I-REC


def test_a_redemption_names_beneficiary_purpose_period_and_country(farm):
    """R3.20"""
    made = farm.issue(JAN, "100", scheme="IREC")
    with pytest.raises(rules.CountryNeeded):
        farm.claim(made, 10)
    claim = farm.claim(made, 10, country="CN")
    told = queries.redemption_statement(claim.pk, by=PARK_MANAGER)

    assert (told.mwh, told.country, told.purpose, told.period) == (
        10,
        "CN",
        "用电",
        Period.year(2024),
    )
    assert told.serials == [(f"EVIDENT/IREC/IREC-{farm.plant.code}-2024-01", 1, 10)]
    assert (told.number, told.entry_id, told.redeemed_on) == (
        claim.pk,
        claim.entry_id,
        date(2024, 5, 6),
    )
    with pytest.raises(NotFound):
        queries.redemption_statement(claim.pk, by=STRANGER)


def test_the_rows_are_those_of_their_events(farm):
    farm.issue(JAN, "10.5")
    farm.register()
    assert list(queries.check_rows_match_events()) == []
