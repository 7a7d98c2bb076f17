"""Rule book 8.4: the emission rows of the Meishan case, by the factors and the engine of ours."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.kernel.actors import SYSTEM
from ledger.kernel.errors import NotFound
from reporting.factors import operations as factors
from reporting.inventories import queries
from tests.factories.ppas import NOON, company, meishan, person
from tests.reporting.inventories.conftest import SEEDS

pytestmark = pytest.mark.django_db
D = Decimal
TODAY = date(2026, 11, 1)


@pytest.fixture
def bargain():
    factors.load_seeds(folder=SEEDS, by=SYSTEM, at=NOON)
    made = meishan()
    made.settle()
    return made


def effect(bargain, **given):
    asked = {"by": bargain.manager, "on": TODAY, **given}
    return queries.effect_of_contract(bargain.contract.pk, 2020, **asked)


def test_the_park_method_counts_what_has_no_certificates(bargain):
    found = effect(bargain)
    assert found.uncovered_mwh == 6_000
    assert (found.park_tco2, found.park_before_tco2) == (4_995, 16_650)
    assert found.avoided_tco2 == 11_655


def test_location_and_market_rows_under_every_published_year(bargain):
    found = {one.year: one for one in effect(bargain).years}
    location = {year: one.location_tco2 for year, one in found.items()}
    assert location == {2021: 10_844, 2022: 10_306, 2023: 9_948}
    market = {year: one.market_tco2 for year, one in found.items()}
    assert market == {2021: D("3565.2"), 2022: D("3513.6"), 2023: D("3657.6")}
    assert found[2022].market_before_tco2 == 11_712  # TV-5.1, nothing claimed


def test_a_year_without_a_factor_takes_the_nearest_and_says_so(bargain):
    found = effect(bargain)
    assert found.nearest_year == 2021
    assert [one.year for one in found.years if one.is_own_year] == [2021]


def test_a_stranger_sees_nothing(bargain):
    with pytest.raises(NotFound):
        effect(bargain, by=person(company("陌生公司")))
