"""A report says where units could move although books and registry differed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ledger.claims import operations as claims
from ledger.kernel.actors import SYSTEM
from ledger.kernel.ids import new_id
from ledger.kernel.periods import Period
from ledger.parameters.operations import load_seeds
from ledger.units import operations as units
from reporting.disclosures import operations as disclosures
from reporting.factors import loading
from reporting.factors import operations as factors
from reporting.inventories import operations as inventories
from reporting.parks import operations as parks
from reporting.parks.states import BoundaryKind
from tests.factories.holdings import open_account
from tests.factories.populated import ROOT
from tests.factories.statements import LATER, compare, line, override, shop, statement
from tests.factories.units import NOON, issued, lot

pytestmark = pytest.mark.django_db


def report_of(by, at):
    seeds = ROOT / "seeds" / "factors"
    factors.load_gwps(
        gwps=loading.read_gwps(seeds), blends=loading.read_blends(seeds), by=SYSTEM, at=NOON
    )
    park = parks.register_park(code="P", name_zh="园", province="330000", by=by, at=NOON)
    parks.draw_boundary(
        park_id=park.id, kind=BoundaryKind.WHOLE, name="全园",
        valid_from=datetime(2025, 1, 1, tzinfo=UTC).date(), by=by, at=NOON,
    )  # fmt: skip
    built = inventories.build_from_gases(
        park_id=park.id,
        period=Period.year(2025),
        gwp_set="AR5",
        tonnes={"CO2": Decimal(1000)},
        source="measured",
        by=by,
        at=NOON,
    )
    frozen = inventories.freeze_inventory(inventory_id=built.id, by=by, at=NOON)
    return disclosures.freeze_statement(frozen_inventory_id=frozen.id, by=SYSTEM, at=at).content


def lifted(content):
    return [one["text"] for one in content["flags"] if one["code"] == "block_lifted"]


def differing():
    """An account of two vintages; of one, books and registry differ and the block is lifted."""
    load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=NOON)
    place = shop()
    statement(place.account_id, line(90, 1, space=place.space), by=place.maker)
    compare(place.account_id)
    override(place, expires_on=(LATER + timedelta(days=2)).date())
    return place


def offset(place, lot_id, count=10, **more):
    """Credits retired and claimed for the year of the report."""
    given = {"account_id": place.account_id, "claimant_id": place.maker.own_party, **more}
    return claims.claim_units(
        lot_id=lot_id,
        unit_count=count,
        use="CONTRIBUTION",
        purpose="自愿贡献",
        period=Period.year(2025),
        by=place.maker,
        at=LATER,
        idempotency_key=str(new_id()),
        **given,
    )


def test_an_override_of_units_that_the_report_counts_is_flagged_in_both_languages():
    place = differing()
    offset(place, place.lot_id)
    (said,) = lifted(report_of(place.maker, LATER))
    assert "1 open differences" in said["en"]
    assert "from 2026-01-06 to 2026-01-07; 0 entries" in said["en"]
    assert "清缴在即" in said["zh"]


def test_an_override_of_units_that_it_does_not_count_is_not():
    place = differing()
    other = lot(scheme="CCER", vintage_year=2024)
    issued(place.account_id, 50, lot_id=other)
    offset(place, other)
    assert lifted(report_of(place.maker, LATER)) == []


def test_where_nothing_is_claimed_nothing_is_flagged():
    assert lifted(report_of(differing().maker, LATER)) == []


def test_units_that_an_override_let_through_are_flagged_where_they_are_claimed():
    place = differing()
    second = open_account("S-2", by=place.maker).pk
    units.transfer_units(
        lot_id=place.lot_id,
        from_account_id=place.account_id,
        to_account_id=second,
        unit_count=30,
        happened_on=LATER.date(),
        by=place.maker,
        at=LATER,
        idempotency_key="through",
    )
    offset(place, place.lot_id, account_id=second)
    (said,) = lifted(report_of(place.maker, LATER))
    assert "1 entries went through" in said["en"]


def test_another_account_of_the_same_vintage_is_not_touched():
    place = differing()
    second = open_account("S-2", by=place.maker).pk
    own = lot(scheme="CCER")
    issued(second, 50, lot_id=own)
    offset(place, own, account_id=second)
    assert lifted(report_of(place.maker, LATER)) == []


def test_without_an_override_nothing_is_said():
    load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=NOON)
    place = shop()
    offset(place, place.lot_id)
    assert lifted(report_of(place.maker, LATER)) == []
