"""Market-based Scope 2 reads what was claimed in the ledger, and nothing else moves it."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.claims import operations as claims
from ledger.instruments.operations import register_plant
from ledger.kernel.actors import Role
from ledger.kernel.ids import new_id
from ledger.kernel.measures import Measure
from ledger.kernel.periods import Period
from ledger.kernel.quantities import Quantity
from ledger.parties.models import Party
from ledger.units import operations as units
from reporting.activity import operations as activity
from reporting.inventories import operations, queries
from reporting.inventories.states import Consolidation
from reporting.parks import operations as parks
from reporting.parks.states import SourceKind
from tests.factories.holdings import PARK_MANAGER, holdings, open_account
from tests.factories.units import FREE, ISSUER, UNISSUED, leg, lot, post
from tests.ledger.claims.test_claims import certificates, claim
from tests.reporting.inventories.conftest import NOON, START, build, person

D = Decimal
MARCH = date(2025, 3, 1)


@pytest.fixture
def plant(dataset, operator):
    from ledger.instruments.operations import load_schemes
    from ledger.kernel.actors import SYSTEM

    load_schemes(by=SYSTEM, at=NOON)
    made = register_plant(
        code="W-1",
        name_zh="梅山风电场",
        technology="WIND",
        region="CN-ZJ",
        owner_id=PARK_MANAGER.party_id,
        by=PARK_MANAGER,
        at=NOON,
    )
    claims.record_generation(
        plant_id=made.pk,
        month=MARCH,
        metered_mwh=D(9000),
        evidence="抄表单",
        by=PARK_MANAGER,
        at=NOON,
    )
    return made


def certified(plant, operator, count, **given):
    account, lot_id = certificates(plant, count)
    return claim(account, lot_id, count, claimant_id=operator.pk, **given)


def market_of(frozen):
    return {one["rung"]: D(one["mwh"]) for one in frozen.content["result"]["market"]}


def frozen_now(park, manager):
    built = build(park, manager)
    return operations.freeze_inventory(inventory_id=built.id, by=manager, at=NOON)


def test_claimed_certificates_bring_their_mwh_to_zero(plant, park, operator, manager):
    made = certified(plant, operator, 7000)
    frozen = frozen_now(park, manager)
    assert market_of(frozen) == {
        "CERTIFICATE": D(7000),
        "SELF_GENERATED": D(600),
        "RESIDUAL_MIX": D(5000),
    }
    totals = frozen.content["result"]["totals"]
    assert D(totals["power_market_tco2e"]) == D(5000) * D("0.6096")
    assert D(totals["power_location_tco2e"]) == D(12000) * D("0.4974")
    (used,) = frozen.content["result"]["claims"]
    assert (used["id"], used["entry"]) == (str(made.pk), str(made.entry_id))


def test_a_no_to_one_criterion_moves_the_mwh_to_the_residual_mix(plant, park, operator, manager):
    certified(plant, operator, 7000, answers={5: "NO"})
    assert market_of(frozen_now(park, manager))["RESIDUAL_MIX"] == D(12000)


def test_a_later_claim_makes_it_stale(plant, park, operator, manager):
    frozen = frozen_now(park, manager)
    certified(plant, operator, 100)
    assert queries.stale_reasons(frozen.id) == ["CLAIMS"]


def test_a_claim_of_another_year_does_not_count(plant, park, operator, manager):
    certified(plant, operator, 100, period=Period.year(2026))
    assert "CERTIFICATE" not in market_of(frozen_now(park, manager))


@pytest.fixture
def knitwear():
    return Party.objects.create(kind=Party.Kind.COMPANY, name_zh="针织", name_en="Knitwear")


@pytest.fixture
def tenant_power(dataset, park, operator, manager, knitwear):
    """A tenant of four tenths, without operational control, that used 1,000 MWh in January."""
    tenant = parks.admit_tenant(
        park_id=park.id,
        code="KNIT",
        name_zh="针织",
        party_id=knitwear.pk,
        equity_share=D("0.4"),
        has_operational_control=False,
        valid_from=START,
        by=manager,
        at=NOON,
    )
    source = parks.add_source(
        park_id=park.id,
        code="KNIT-GRID",
        name_zh="针织用电",
        kind=SourceKind.PURCHASED_POWER,
        carrier="ELECTRICITY",
        unit="MWh",
        tenant_id=tenant,
        valid_from=START,
        by=manager,
        at=NOON,
    )
    activity.reopen_dataset(dataset_id=dataset.pk, reason="bill", by=manager, at=NOON)
    activity.correct_row(
        dataset_id=dataset.pk,
        source_code=source.code,
        month=date(2025, 1, 1),
        quantity=Quantity(D(1000), Measure.MWH),
        reason="bill",
        by=person(operator, Role.DATA_OFFICER),
        at=NOON,
    )


def test_a_tenants_certificates_count_by_its_share_and_for_its_own_power(
    plant, park, manager, knitwear, tenant_power
):
    made = certified(plant, knitwear, 600)
    built = build(park, manager, consolidation=Consolidation.EQUITY_SHARE)
    frozen = operations.freeze_inventory(inventory_id=built.id, by=manager, at=NOON)
    # 12,000 MWh of the operator and 1,000 × 0.4 of the tenant, of which 600 × 0.4 are certified
    assert market_of(frozen) == {
        "CERTIFICATE": D(240),
        "SELF_GENERATED": D(600),
        "RESIDUAL_MIX": D(12160),
    }
    totals = frozen.content["result"]["totals"]
    assert D(totals["power_market_tco2e"]) == D(12160) * D("0.6096")
    assert D(totals["power_location_tco2e"]) == D(12400) * D("0.4974")
    (used,) = frozen.content["result"]["claims"]
    assert (used["id"], used["tenants"]) == (str(made.pk), ["KNIT"])
    assert (used["mwh"], used["used_mwh"]) == ("600", "240")


def test_a_tenant_outside_the_boundary_brings_neither_power_nor_claims(
    plant, park, manager, knitwear, tenant_power
):
    certified(plant, knitwear, 600)
    frozen = frozen_now(park, manager)  # by operational control, which nobody has over it
    assert market_of(frozen) == {"SELF_GENERATED": D(600), "RESIDUAL_MIX": D(12000)}
    assert frozen.content["result"]["claims"] == []


def test_tv_5_2_credits_stand_apart_and_change_no_total(plant, park, operator, manager):
    before = frozen_now(park, manager).content
    account, lot_id = holdings(5000, scheme="CCER")
    made = claim(account, lot_id, 4000, claimant_id=operator.pk, use="OFFSET", purpose="年会")
    after = frozen_now(park, manager).content
    assert before["credits"] == []
    assert after["result"] == before["result"]
    (credit,) = after["credits"]
    assert (credit["scheme"], credit["tco2e"], credit["use"]) == ("CCER", "4000", "OFFSET")
    assert (credit["claim"], credit["entry"]) == (str(made.pk), str(made.entry_id))


def test_credits_cancelled_without_a_claim_are_told_too(plant, park, operator, manager):
    account = open_account("CCER-1", by=manager)
    lot_id = lot(scheme="CCER", vintage_year=2024)
    into = leg(lot_id, (ISSUER, UNISSUED), (account.pk, FREE), 5000)
    post(into, kind="ISSUE", on=date(2025, 6, 1))
    receipt = units.cancel_units(
        lot_id=lot_id,
        account_id=account.pk,
        unit_count=5000,
        reason="自愿",
        happened_on=date(2025, 12, 30),
        by=manager,
        at=NOON,
        idempotency_key=str(new_id()),
    )
    (credit,) = frozen_now(park, manager).content["credits"]
    assert (credit["use"], credit["tco2e"], credit["on"]) == ("CANCELLED", "5000", "2025-12-30")
    assert (credit["vintage_year"], credit["entry"]) == (2024, str(receipt.entry_id))


def test_offsetting_what_was_verified_does_not_make_it_stale(plant, park, operator, manager):
    frozen = frozen_now(park, manager)
    account, lot_id = holdings(100, scheme="CCER")
    claim(account, lot_id, 100, claimant_id=operator.pk, use="OFFSET")
    assert queries.stale_reasons(frozen.id) == []


def test_the_ledger_says_how_many_certificates_of_own_plants_are_with_others(
    plant, park, operator, manager
):
    plant.owner_id = operator.pk
    plant.save()
    certificates(plant, 120)  # in an account of another party
    frozen = frozen_now(park, manager)
    assert frozen.content["sold_certificates"] == {"entered_mwh": "0", "ledger_mwh": "120"}
    assert market_of(frozen)["SELF_GENERATED"] == D(600)  # told, not corrected
    assert open_account("X").holder_id != operator.pk


def test_tv_4_5_power_in_tibet_takes_its_grid_region_and_says_so(dataset, operator, manager, park):
    from reporting.parks.models import Park

    Park.objects.filter(pk=park.id).update(province="540000")
    frozen = frozen_now(park, manager)
    totals = frozen.content["result"]["totals"]
    assert D(totals["power_location_tco2e"]) == D(12000) * D("0.2472")
    grid = next(one for one in frozen.content["result"]["factors"] if one["region"] == "SOUTHWEST")
    assert (grid["asked_region"], grid["is_fallback"]) == ("540000", True)
    about = [one["about"] for one in frozen.content["result"]["flags"] if one["id"] == grid["id"]]
    assert any("540000 → SOUTHWEST" in text for text in about)
