"""Market-based Scope 2 reads what was claimed in the ledger, and nothing else moves it."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.claims import operations as claims
from ledger.instruments.operations import register_plant
from ledger.kernel.actors import Role
from ledger.kernel.canonical import digest
from ledger.kernel.ids import new_id
from ledger.kernel.measures import Measure
from ledger.kernel.periods import Period
from ledger.kernel.quantities import Quantity
from ledger.parties.models import Party
from ledger.units import operations as units
from reporting.activity import operations as activity
from reporting.inventories import operations, queries, rules
from reporting.inventories.queries import inputs
from reporting.inventories.states import Consolidation
from reporting.parks import operations as parks
from reporting.parks.states import SourceKind
from tests.factories.holdings import PARK_MANAGER, holdings, open_account
from tests.factories.units import FREE, ISSUER, UNISSUED, leg, lot, post
from tests.ledger.claims.test_claims import certificates, claim
from tests.reporting.inventories.conftest import NOON, START, build, checked_year, person

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


def certified(plant, operator, count, *, first=1, facts=None, **given):
    account, lot_id = certificates(plant, count, first=first, **(facts or {}))
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
def second_park(dataset, operator, manager):
    """The same operator's other park, with a checked year of its own."""
    made = parks.register_park(code="BL", name_zh="北仑", province="330000", by=manager, at=NOON)
    checked_year(made, operator, manager)
    return made


def test_a_claim_serves_the_park_that_froze_first_and_the_other_names_it(
    plant, park, second_park, operator, manager
):
    made = certified(plant, operator, 7000)
    first = frozen_now(park, manager)
    second = frozen_now(second_park, manager)
    assert market_of(first)["CERTIFICATE"] == 7000
    assert market_of(second) == {"SELF_GENERATED": D(600), "RESIDUAL_MIX": D(12000)}
    assert second.content["result"]["claims"] == []
    flag = {"code": "claim_of_another_park", "about": str(made.pk), "id": str(made.pk)}
    assert flag in second.content["result"]["flags"]
    assert queries.stale_reasons(first.id) == queries.stale_reasons(second.id) == []


def test_two_parks_calculated_with_one_claim_and_the_second_must_calculate_again(
    plant, park, second_park, operator, manager
):
    certified(plant, operator, 7000)
    ours, theirs = build(park, manager), build(second_park, manager)
    operations.freeze_inventory(inventory_id=ours.id, by=manager, at=NOON)
    with pytest.raises(rules.DataChangedSinceCalculation):
        operations.freeze_inventory(inventory_id=theirs.id, by=manager, at=NOON)
    assert queries.get_inventory(theirs.id).state == "CALCULATED"
    again = operations.calculate_inventory(inventory_id=theirs.id, by=manager, at=NOON)
    frozen = operations.freeze_inventory(inventory_id=again.id, by=manager, at=NOON)
    assert "CERTIFICATE" not in market_of(frozen)


def test_a_claim_that_the_first_park_could_not_use_serves_the_second(
    plant, park, second_park, operator, manager
):
    """12,000 MWh are used: the second claim is beyond them."""
    claims.record_generation(
        plant_id=plant.pk,
        month=date(2025, 4, 1),
        metered_mwh=D(9000),
        evidence="抄表单",
        by=PARK_MANAGER,
        at=NOON,
    )
    certified(plant, operator, 9000)
    april = {"generated_from": date(2025, 4, 1), "generated_to": date(2025, 5, 1)}
    certified(plant, operator, 3000, first=10001, facts=april)
    spare = certified(plant, operator, 500, first=20001, facts=april)
    assert market_of(frozen_now(park, manager))["CERTIFICATE"] == 12000
    other = frozen_now(second_park, manager)
    assert market_of(other)["CERTIFICATE"] == 500
    assert [one["id"] for one in other.content["result"]["claims"]] == [str(spare.pk)]


def test_a_restated_park_keeps_its_claim(plant, park, second_park, operator, manager):
    certified(plant, operator, 7000)
    old = frozen_now(park, manager)
    frozen_now(second_park, manager)
    new = operations.restate_inventory(
        inventory_id=old.inventory_id, reason="账单更正", by=manager, at=NOON
    )
    frozen = operations.freeze_inventory(inventory_id=new.id, by=manager, at=NOON)
    assert market_of(frozen)["CERTIFICATE"] == 7000


# --- a newer version of the product


def shape(content):
    """Names of fields, however deep; of rows, all that any row has."""
    if isinstance(content, dict):
        return {name: shape(value) for name, value in content.items()}
    if isinstance(content, list):
        rows = [shape(one) for one in content]
        return sorted({name for row in rows if isinstance(row, dict) for name in row})
    return None


# When the shape changes, so does the number: older contents are then compared in what both know.
SHAPES = {"tanzhang.inventory/2": "?"}


def test_a_change_of_the_frozen_shape_counts_the_schema_up(plant, park, operator, manager):
    certified(plant, operator, 7000)
    content = frozen_now(park, manager).content
    result = {**content["result"], "totals": sorted(content["result"]["totals"])}
    assert digest(shape(result)).hex()[:16] == SHAPES[content["schema"]]


def test_an_upgrade_of_the_product_makes_no_report_stale(
    plant, park, operator, manager, monkeypatch
):
    certified(plant, operator, 7000)
    frozen = frozen_now(park, manager)
    result_content = inputs.result_content

    def newer(result, gwp_set):
        told = result_content(result, gwp_set)
        factors = [{**one, "basis": "NCV"} for one in told["factors"]]
        claims = [{**one, "issued_by": "NEA"} for one in told["claims"]]
        return {**told, "factors": factors, "claims": claims, "regions": []}

    monkeypatch.setattr(inputs, "result_content", newer)
    assert queries.stale_reasons(frozen.id) == ["FACTORS", "CLAIMS"]  # under the same schema
    monkeypatch.setattr("reporting.inventories.queries.frozen.SCHEMA", "tanzhang.inventory/3")
    assert queries.stale_reasons(frozen.id) == []
    certified(plant, operator, 100, first=20001)
    assert queries.stale_reasons(frozen.id) == ["CLAIMS"]


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
