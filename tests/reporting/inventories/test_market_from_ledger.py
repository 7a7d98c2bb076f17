"""Market-based Scope 2 reads what was claimed in the ledger, and nothing else moves it."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.claims import operations as claims
from ledger.instruments.operations import register_plant
from ledger.kernel.periods import Period
from reporting.inventories import operations, queries
from tests.factories.holdings import PARK_MANAGER
from tests.ledger.claims.test_claims import certificates, claim
from tests.reporting.inventories.conftest import NOON, build

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
