"""What machines tell and ask for: facts, allocation by formula, carry-over."""

import pytest
from django.utils import timezone

from ledger.approvals import operations as approvals
from ledger.approvals.models import Approval
from ledger.compliance import operations as compliance
from ledger.compliance.models import Allocation, CarryOver, Entity, Fact, Obligation
from ledger.parties.queries import get_party
from tests.factories.holdings import open_account, quantities
from tests.factories.machines import machine
from tests.factories.people import make_actor, make_party
from tests.factories.units import issued, lot, manager
from tests.ledger.compliance.test_years import HASH, NOON

pytestmark = pytest.mark.usefixtures("rule_book")
EMISSIONS = {
    "year": 2025,
    "parts": {"1号机组": "1500000.4", "2号机组": "1099999.6"},
    "purpose": "ETS",
    "verification": "V-2026-1",
    "content_hash": HASH,
    "evidence": "核查报告 2026-0601",
    "told_on": "2026-06-30",
}
UNIT = {
    "unit_class": "I",
    "power_mwh": "3000000",
    "heat_gj": "1000000",
    "load_percent": "80",
    "verified": 2_600_000,
    "evidence": "E",
}


@pytest.fixture
def maker():
    return make_actor("CARBON_MANAGER", party=make_party())


def entity(maker, sector="POWER", first_year=2025, code="91330000X"):
    return compliance.enter_entity(
        party_id=maker.party_id, regime="CN_NATIONAL", code=code, sector=sector,
        first_year=first_year, told_on=NOON.date(), by=maker, at=NOON,
    )  # fmt: skip


@pytest.fixture
def row(maker):
    return entity(maker)


@pytest.fixture
def mine(row):
    return machine(row.party_id)


@pytest.fixture
def other():
    return machine(make_party(name_zh="别家").id)


def year_of(row, year=2025):
    return Obligation.objects.get(entity=row, year=year)


# --- entities and facts


def test_an_entity_is_entered_once(mine):
    body = {
        "regime": "CN_NATIONAL", "code": "91330000Y", "sector": "STEEL", "first_year": 2024,
        "told_on": "2026-01-05", "evidence": "list of 2024",
    }  # fmt: skip
    made = mine.post("compliance/entities/", body, key="e-1")
    assert made.status_code == 201
    assert mine.post("compliance/entities/", body, key="e-1").json() == made.json()
    assert mine.post("compliance/entities/", body, key="e-2").status_code == 409
    assert Entity.objects.filter(code="91330000Y").count() == 1
    assert mine.get(made.headers["Location"]).json()["sector"] == "STEEL"


def test_verified_emissions_are_recorded_and_make_the_obligation(row, mine, other):
    path = f"compliance/entities/{row.pk}/emissions/"
    told = mine.post(path, EMISSIONS, key="f-1")
    assert (told.status_code, told.json()["tonnes"]) == (201, 2_600_000)
    assert mine.post(path, EMISSIONS, key="f-1").json() == told.json()
    assert year_of(row).owed_t == 2_600_000
    (fact,) = mine.get(f"compliance/entities/{row.pk}/facts/", kind="EMISSIONS").json()["items"]
    assert fact["parts"] == EMISSIONS["parts"]
    assert other.post(path, EMISSIONS, key="f-1").status_code == 404
    assert other.get(f"compliance/entities/{row.pk}/facts/").status_code == 404


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"purpose": "ISO14064-1"}, 409),
        ({"content_hash": "ab"}, 409),
        ({"parts": {}}, 400),
        ({"parts": {"1": "12,5"}}, 400),
        ({"parts": {"1": "-1"}}, 400),
    ],
)
def test_what_is_no_verified_emission_of_the_system_is_not_recorded(row, mine, changed, status):
    answer = mine.post(f"compliance/entities/{row.pk}/emissions/", EMISSIONS | changed, key="f-1")
    assert answer.status_code == status
    assert not Fact.objects.filter(kind="EMISSIONS").exists()


def test_a_year_is_excluded_and_only_the_last_year_may_be_open(row, mine):
    path = f"compliance/entities/{row.pk}/facts/"
    fact = {"kind": "EXCLUDED", "year": 2025, "told_on": "2026-01-05", "reason": "r"}
    assert mine.post(path, fact | {"evidence": "E"}, key="x-1").status_code == 201
    assert year_of(row).status == "EXCLUDED"
    endless = fact | {"kind": "FIRST_YEAR", "year": None, "evidence": "E"}
    assert mine.post(path, endless, key="x-2").status_code == 400
    on = fact | {"kind": "LAST_YEAR", "year": None, "evidence": "E"}
    assert mine.post(path, on, key="x-3").status_code == 201


# --- allocation by formula


def test_a_power_units_allocation_is_calculated_and_kept_with_its_numbers(row, mine, other):
    path = f"compliance/years/{year_of(row).pk}/allocations/"
    made = mine.post(f"{path}of-power-unit/", UNIT, key="a-1")
    assert made.status_code == 201
    told = made.json()
    assert (told["unit_count"], told["step"], told["is_draft"]) == (2_473_300, "ENTITLED", True)
    assert "alloc.power.benchmark" in {one["key"] for one in told["calculation"]["numbers"]}
    assert mine.post(f"{path}of-power-unit/", UNIT, key="a-1").json() == told
    assert Allocation.objects.count() == 1
    assert mine.get(path).json()["items"] == [told]
    assert other.post(f"{path}of-power-unit/", UNIT, key="a-1").status_code == 404


def test_low_load_and_a_wide_gap_raise_the_allocation(row, mine):
    path = f"compliance/years/{year_of(row).pk}/allocations/of-power-unit/"
    low = mine.post(path, UNIT | {"load_percent": "40"}, key="a-1").json()
    assert low["calculation"]["result"]["load_factor"] == "1.160254"
    wide = mine.post(path, UNIT | {"power_mwh": "0", "heat_gj": "0"}, key="a-2").json()
    assert (wide["unit_count"], wide["calculation"]["result"]["raised_to_cap"]) == (2_080_000, True)
    assert mine.post(path, UNIT | {"load_percent": "101"}, key="a-3").status_code == 400


def test_industry_and_pre_allocation_are_calculated(maker, mine):
    steel = entity(maker, sector="STEEL", code="91330000S")
    path = f"compliance/years/{year_of(steel).pk}/allocations"
    intensity = {"emissions_t": "95", "output": "50", "balance": "2"}
    body = {"verified": 1_000_000, "deviation": intensity, "evidence": "E"}
    assert mine.post(f"{path}/of-industry/", body, key="i-1").json()["unit_count"] == 1_007_500
    special = {"verified": 1_000_000, "evidence": "E"}
    assert mine.post(f"{path}/of-industry/", special, key="i-2").json()["unit_count"] == 1_000_000
    pre = mine.post(f"{path}/pre-allocation/", {"basis": 2_600_001, "evidence": "E"}, key="p-1")
    assert (pre.json()["unit_count"], pre.json()["table"]) == (1_300_000, "PRE")


def test_no_cut_is_recorded_where_nothing_is_short(row, mine):
    path = f"compliance/years/{year_of(row).pk}/allocations/cuts/"
    answer = mine.post(path, {"decided_on": "2026-03-01", "evidence": "E"}, key="c-1")
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_short")
    assert not Allocation.objects.exists()


# --- the penalty


def test_the_penalty_of_an_open_year_is_told_with_its_law(row, mine, other):
    mine.post(f"compliance/entities/{row.pk}/emissions/", EMISSIONS, key="f-1")
    path = f"compliance/years/{year_of(row).pk}/penalty/"
    told = mine.get(path, average_price="75.00").json()
    assert (told["low_amount"], told["high_amount"]) == ("975000000.00", "1950000000.00")
    assert told["last_day"] == "2026-08-14"
    assert mine.get(path).json()["low_amount"] is None
    assert mine.get(path, average_price="cheap").status_code == 400
    assert other.get(path).status_code == 404


# --- carry-over


def test_the_calculator_answers_without_recording(mine):
    asked = {"sold": 120_000, "purchased": 20_000, "held": 200_000, "on": "2026-03-01"}
    told = mine.get("compliance/carry-over-limit/", **asked).json()
    assert [told[name] for name in ("net_sold_t", "formula_t", "limit_t", "extra_sales_t")] == [
        100_000, 160_000, 160_000, 16_000,
    ]  # fmt: skip
    late = mine.get("compliance/carry-over-limit/", **{**asked, "on": "2026-07-01"})
    assert (late.status_code, late.json()["code"]) == (409, "carry_over_closed")
    assert not CarryOver.objects.exists()


@pytest.fixture
def books(maker):
    """The account with 200 old units in it, the issuer's, the old lot and the new one."""
    account, old = open_account("A-1", by=maker).pk, lot(vintage_year=2023)
    issued(account, 200, lot_id=old)
    return account, open_account("I-1", kind="ISSUER").pk, old, lot(vintage_year=2025)


def application(row, books, **more):
    account, _issuer, old, _new = books
    return {
        "entity_id": str(row.pk),
        "to_year": 2025,
        "sold": 0,
        "purchased": 0,
        "held": 200,
        "unit_count": 150,
        "applied_on": "2026-03-01",
        "evidence": "A-1",
        "account_id": str(account),
        "parts": [{"lot_id": str(old), "unit_count": 150}],
    } | more


def test_an_application_freezes_and_its_withdrawal_frees(row, books, mine, other):
    account, _issuer, old, _new = books
    made = mine.post("compliance/carry-overs/", application(row, books), key="o-1")
    assert made.status_code == 201
    again = mine.post("compliance/carry-overs/", application(row, books), key="o-1")
    assert again.json() == made.json()
    assert quantities(account, old) == {"FREE": 50, "FROZEN": 150}
    twice = mine.post("compliance/carry-overs/", application(row, books), key="o-2")
    assert (twice.status_code, twice.json()["code"]) == (409, "carried_over_already")
    address = made.headers["Location"]
    assert other.get(address).status_code == 404
    assert other.get("compliance/carry-overs/").json()["items"] == []
    path = address.removeprefix("/api/v1/")
    assert other.post(f"{path}withdrawals/", {"reason": "x"}, key="w-1").status_code == 404
    gone = mine.post(f"{path}withdrawals/", {"reason": "error"}, key="w-1")
    assert gone.json()["state"] == "WITHDRAWN"
    assert quantities(account, old) == {"FREE": 200}


def test_units_to_freeze_need_their_account_and_it_is_ones_own(row, books, mine):
    nowhere = application(row, books, account_id=None)
    assert mine.post("compliance/carry-overs/", nowhere, key="o-1").status_code == 400
    theirs = open_account("X-1", by=manager()).pk
    foreign = application(row, books, account_id=str(theirs))
    assert mine.post("compliance/carry-overs/", foreign, key="o-2").status_code == 404
    assert not CarryOver.objects.exists()


def test_what_was_granted_is_only_proposed_and_goes_over_by_an_approver(row, books, mine):
    account, issuer, old, new = books
    made = mine.post("compliance/carry-overs/", application(row, books), key="o-1").json()
    path = f"compliance/carry-overs/{made['id']}/completions/"
    body = {
        "account_id": str(account),
        "issuer_account_id": str(issuer),
        "into_lot_id": str(new),
        "parts": [{"lot_id": str(old), "unit_count": 150}],
        "happened_on": NOON.date().isoformat(),
    }
    fewer = {**body, "parts": [{"lot_id": str(old), "unit_count": 149}]}
    assert mine.post(path, fewer, key="k-0").status_code == 409
    anothers = {**body, "frozen": [str(row.pk)]}
    assert mine.post(path, anothers, key="k-1").status_code == 404
    assert not Approval.objects.exists()
    asked = mine.post(path, body, key="k-2")
    assert asked.status_code == 202
    assert quantities(account, old) == {"FREE": 50, "FROZEN": 150}
    checker = make_actor("APPROVER", party=get_party(row.party_id))
    approvals.approve(approval_id=asked.json()["approval_id"], by=checker, at=timezone.now())
    assert quantities(account, new) == {"FREE": 150}
