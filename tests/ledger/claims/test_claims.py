from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from ledger.claims import operations, queries, rules
from ledger.claims.models import Claim, ClaimedRange, Generation
from ledger.instruments import queries as instruments
from ledger.instruments.operations import load_schemes, register_plant
from ledger.kernel.actors import SYSTEM
from ledger.kernel.errors import IllegalTransition, NotFound
from ledger.kernel.ids import new_id
from ledger.kernel.keys import KeyUsedOtherwise
from ledger.kernel.periods import Period
from ledger.units import operations as units
from ledger.units.rules import NotEnoughUnits
from tests.factories.holdings import (
    NOON,
    PARK_MANAGER,
    STRANGER,
    holdings,
    open_account,
    pledge,
    quantities,
)
from tests.factories.units import issued, lot

pytestmark = pytest.mark.django_db
MARCH = Period.month(2025, 3)
YEAR = Period.year(2025)
PARK = PARK_MANAGER.party_id


def clean():
    return [*queries.check_against_retirements(), *queries.check_rows_match_events()] == []


@pytest.fixture
def plant():
    load_schemes(by=SYSTEM, at=NOON)
    return register_plant(
        code="W-1",
        name_zh="梅山风电场",
        technology="WIND",
        region="CN-ZJ",
        owner_id=PARK,
        by=PARK_MANAGER,
        at=NOON,
    )


def metered(plant, mwh, month=date(2025, 3, 1)):
    return operations.record_generation(
        plant_id=plant.pk,
        month=month,
        metered_mwh=Decimal(mwh),
        evidence="电网抄表单 2025-03",
        by=PARK_MANAGER,
        at=NOON,
    )


def certificates(plant, count=100, *, scheme="GEC", first=1, **facts):
    given = {
        "plant_id": plant.pk if plant else None,
        "generated_from": MARCH.start,
        "generated_to": MARCH.end,
        "expires_on": date(2027, 3, 1),
    }
    account = open_account(f"G-{new_id()}")
    lot_id = lot(space=True, scheme=scheme, **{**given, **facts})
    issued(account.pk, count, lot_id=lot_id, first=first)
    return account, lot_id


def claim(account, lot_id, count, **given):
    wanted = {
        "claimant_id": PARK,
        "purpose": "2025年用电",
        "country": "CN",
        "period": YEAR,
        "by": PARK_MANAGER,
        "at": NOON,
        "idempotency_key": str(new_id()),
    }
    return operations.claim_units(
        account_id=account.pk, lot_id=lot_id, unit_count=count, **{**wanted, **given}
    )


def self_use(plant, mwh, **given):
    wanted = {
        "period": MARCH,
        "claimant_id": PARK,
        "by": PARK_MANAGER,
        "at": NOON,
        "idempotency_key": str(new_id()),
    }
    return operations.claim_self_use(plant_id=plant.pk, mwh=Decimal(mwh), **{**wanted, **given})


def left(plant):
    return Generation.objects.get(plant=plant, month=MARCH.start).remaining_mwh


def test_a_claim_retires_its_units_and_says_what_for(plant):
    metered(plant, "100.7")
    account, lot_id = certificates(plant)
    made = claim(account, lot_id, 60)

    assert quantities(account.pk, lot_id) == {"FREE": 40, "RETIRED": 60}
    assert left(plant) == Decimal("40.7")
    (seen,) = queries.energy_claims(PARK, YEAR)
    assert (seen.claim_id, seen.instrument, seen.mwh) == (made.pk, "GEC", Decimal(60))
    assert seen.generation == MARCH
    assert seen.entry_id == made.entry_id
    assert (ClaimedRange.objects.get().first_serial, ClaimedRange.objects.get().last_serial) == (
        1,
        60,
    )
    assert clean()


def test_the_eight_criteria_are_answered_or_said_to_be_open(plant):
    """R5.8"""
    metered(plant, 100)
    account, lot_id = certificates(plant)
    claim(account, lot_id, 10, answers={5: "NO", 8: "YES"})
    (seen,) = queries.energy_claims(PARK, YEAR)
    assert seen.answers == {
        1: "YES",
        2: "YES",
        3: "YES",
        4: "YES",
        5: "NO",
        6: "YES",
        7: "YES",
        8: "YES",
    }


def test_what_the_ledger_judges_nobody_talks_up():
    grounds = rules.Grounds(
        is_certificate=True,
        has_generation_slice=False,
        generation=Period.month(2022, 1),
        period=YEAR,
        is_same_market=None,
    )
    said = rules.quality_answers(grounds, {2: "YES", 4: "YES"})
    assert (said["2"], said["4"], said["5"]) == ("NOT_CHECKED", "NO", "NOT_CHECKED")


def test_one_mwh_is_claimed_once_over_all_instruments(plant):
    """R3.11, I20: GEC, I-REC, CCER, self-use of one plant-month"""
    metered(plant, 100)
    gec = certificates(plant, 60)
    irec = certificates(plant, 60, scheme="IREC")
    ccer = certificates(plant, 40, scheme="CCER", expires_on=None, traits={"mwh_per_unit": "2"})
    claim(*gec, 60)
    with pytest.raises(rules.AlreadyClaimed, match="2025-03, 41 MWh are wanted and 40 MWh"):
        claim(*irec, 41)
    claim(*irec, 30)
    with pytest.raises(rules.AlreadyClaimed, match="12 MWh are wanted and 10 MWh"):
        claim(*ccer, 6)
    claim(*ccer, 5)

    assert left(plant) == 0
    with pytest.raises(rules.AlreadyClaimed, match="1 MWh are wanted and 0 MWh"):
        self_use(plant, 1)
    assert quantities(irec[0].pk, irec[1]) == {"FREE": 30, "RETIRED": 30}
    assert Claim.objects.count() == 3
    assert clean()


def test_self_use_leaves_room_for_the_certificates_that_were_issued(plant):
    """R5.10, TV-3.4"""
    metered(plant, 100)
    gec = certificates(plant, 60)
    with pytest.raises(rules.CertificatesIssued, match="60 MWh of 2025-03"):
        self_use(plant, 41)
    assert left(plant) == 100
    self_use(plant, 40)
    claim(*gec, 60)
    assert left(plant) == 0
    assert [c.instrument for c in queries.energy_claims(PARK, YEAR)] == ["SELF_USE", "GEC"]
    assert clean()


def test_without_a_meter_there_is_no_claim(plant):
    """I14"""
    gec = certificates(plant, 60)
    with pytest.raises(rules.NoGeneration, match="2025-03"):
        claim(*gec, 1)
    assert quantities(gec[0].pk, gec[1]) == {"FREE": 60}


def test_a_meter_reading_is_not_rewritten(plant):
    metered(plant, 100)
    metered(plant, 100)
    with pytest.raises(rules.GenerationDiffers, match="100 MWh"):
        metered(plant, 101)
    with pytest.raises(DatabaseError), transaction.atomic():
        Generation.objects.update(metered_mwh=200)
    with pytest.raises(IntegrityError), transaction.atomic():
        Generation.objects.update(remaining_mwh=-1)


@pytest.mark.parametrize("mwh", ["0", "-1", "0.0000001", "NaN"])
def test_a_meter_reads_above_zero_to_the_milliwatt_hour(plant, mwh):
    with pytest.raises(rules.NotPositive):
        metered(plant, mwh)


def test_a_certificate_offsets_nothing_and_a_credit_is_no_energy(plant):
    """R3.23, R5.1"""
    metered(plant, 100)
    gec = certificates(plant)
    with pytest.raises(rules.CertificateIsNoOffset):
        claim(*gec, 1, use="OFFSET")
    account, credit = holdings(10, scheme="CCER")
    with pytest.raises(rules.CreditIsNoEnergy):
        claim(account, credit, 1, use="SCOPE_2")
    claim(account, credit, 4, use="OFFSET")
    assert queries.energy_claims(PARK, YEAR) == []
    (seen,) = queries.credit_retirements(PARK, YEAR)
    assert (seen.scheme, seen.unit_count, seen.use) == ("CCER", 4, "OFFSET")
    assert clean()


def test_an_expired_certificate_is_not_claimed(plant):
    """I22, TV-3.2"""
    metered(plant, 100)
    gec = certificates(plant, expires_on=date(2026, 1, 5))
    with pytest.raises(instruments.Expired, match="2026-01-04"):
        claim(*gec, 1)
    assert left(plant) == 100


def test_power_is_not_claimed_for_a_time_before_it_was_made(plant):
    """R3.21"""
    metered(plant, 100)
    gec = certificates(plant)
    with pytest.raises(rules.GenerationAfterPeriod):
        claim(*gec, 1, period=Period.year(2024))


def test_pledged_units_are_not_claimed(plant):
    """I11"""
    metered(plant, 100)
    account, lot_id = certificates(plant)
    pledge(account.pk, lot_id, 100, expires_on=date(2026, 6, 1))
    with pytest.raises(NotEnoughUnits):
        claim(account, lot_id, 1)
    assert Claim.objects.count() == 0
    assert left(plant) == 100


def test_the_same_request_is_one_claim(plant):
    """I40"""
    metered(plant, 100)
    gec = certificates(plant)
    first = claim(*gec, 10, idempotency_key="k")
    assert claim(*gec, 10, idempotency_key="k").pk == first.pk
    with pytest.raises(KeyUsedOtherwise):
        claim(*gec, 11, idempotency_key="k")
    assert left(plant) == 90


def test_another_partys_units_and_plants_are_not_there(plant):
    metered(plant, 100)
    gec = certificates(plant)
    with pytest.raises(NotFound):
        claim(*gec, 1, by=STRANGER)
    with pytest.raises(NotFound):
        self_use(plant, 1, by=STRANGER)


def reverse(made, **given):
    asked = {"by": PARK_MANAGER, "at": NOON, "idempotency_key": "u", "reason": "wrong year"}
    return operations.reverse_claim(claim_id=made.pk, **{**asked, **given})


def test_a_claim_goes_back_with_its_retirement_once(plant):
    """I18"""
    metered(plant, 100)
    gec = certificates(plant)
    made = claim(*gec, 60)
    gone = reverse(made)

    assert gone.reversal_entry_id is not None
    assert quantities(gec[0].pk, gec[1]) == {"FREE": 100}
    assert left(plant) == 100
    assert queries.energy_claims(PARK, YEAR) == []
    with pytest.raises(IllegalTransition):
        reverse(made)
    claim(*gec, 60)
    assert clean()


def test_a_retirement_reversed_behind_its_claim_is_named(plant):
    metered(plant, 100)
    made = claim(*certificates(plant), 60)
    units.reverse_entry(
        entry_id=made.entry_id,
        happened_on=date(2026, 1, 5),
        by=PARK_MANAGER,
        at=NOON,
        idempotency_key="r",
        reason="alone",
    )
    (fault,) = queries.check_against_retirements()
    assert fault.subject == f"claims.Claim:{made.pk}"


@pytest.mark.parametrize(
    "change",
    [{"purpose": "other"}, {"claimant_id": new_id()}, {"unit_count": 1}, {"period_to": MARCH.end}],
)
def test_a_claim_is_not_editable(plant, change):
    """I19"""
    metered(plant, 100)
    claim(*certificates(plant), 60)
    with pytest.raises(DatabaseError), transaction.atomic():
        Claim.objects.update(**change)


def test_the_database_keeps_claimed_serials_apart(plant):
    metered(plant, 100)
    made = claim(*certificates(plant), 60)
    space = ClaimedRange.objects.get().space
    with pytest.raises(IntegrityError, match="overlap"), transaction.atomic():
        ClaimedRange.objects.create(claim=made, space=space, first_serial=60, last_serial=61)


def test_what_is_left_of_a_month_changed_behind_the_log_is_named(plant):
    row = metered(plant, 100)
    Generation.objects.update(remaining_mwh=1)
    (fault,) = queries.check_against_retirements()
    assert fault.subject == f"claims.Generation:{row.pk}"


def test_a_lot_over_two_months_uses_them_in_order(plant):
    metered(plant, 50)
    metered(plant, 50, date(2025, 4, 1))
    gec = certificates(plant, 80, generated_to=date(2025, 5, 1))
    claim(*gec, 70)
    rows = Generation.objects.order_by("month").values_list("remaining_mwh", flat=True)
    assert list(rows) == [0, 30]
