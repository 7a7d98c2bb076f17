"""A report says where units could move although books and registry differed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ledger.kernel.actors import SYSTEM
from ledger.kernel.periods import Period
from ledger.parameters.operations import load_seeds
from reporting.disclosures import operations as disclosures
from reporting.factors import loading
from reporting.factors import operations as factors
from reporting.inventories import operations as inventories
from reporting.parks import operations as parks
from reporting.parks.states import BoundaryKind
from tests.factories.populated import ROOT
from tests.factories.statements import LATER, compare, line, override, shop, statement
from tests.factories.units import NOON

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


def test_an_override_since_the_period_began_is_flagged_in_both_languages():
    load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=NOON)
    place = shop()
    statement(place.account_id, line(90, 1, space=place.space), by=place.maker)
    compare(place.account_id)
    override(place, expires_on=(LATER + timedelta(days=2)).date())

    (said,) = lifted(report_of(place.maker, LATER))
    assert "1 open differences" in said["en"]
    assert "from 2026-01-06 to 2026-01-07; 0 entries" in said["en"]
    assert "清缴在即" in said["zh"]


def test_without_an_override_nothing_is_said():
    load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=NOON)
    assert lifted(report_of(shop().maker, LATER)) == []
