"""Figures that public accounts of parks give: reproduced by our rules, or shown to contradict."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.kernel.measures import Measure
from ledger.kernel.quantities import Quantity
from reporting.factors import queries as factors
from reporting.indicators.rules.energy import Power
from reporting.indicators.rules.verdicts import Tier, core
from reporting.indicators.states import Status
from reporting.inventories.engine.statement import Footing
from reporting.targets.rules.paths import Path, Stage

D = Decimal
TODAY = date(2026, 2, 5)
TIERS = (Tier(D("0.2"), D(200000), D(1000000)), Tier(D("0.3"), D(1000000)))


def grid(year, mwh, region="310000"):
    row = factors.get_factor(
        purpose="CORPORATE", carrier="POWER_GRID_AVERAGE", region=region, year=year, on=TODAY
    )
    return row.emission(Quantity(D(mwh), Measure.MWH)).mass.to(Measure.T).amount


def park_power(mwh):
    row = factors.get_factor(purpose="910", carrier="POWER_OTHER", year=2025, on=TODAY)
    return row.emission(Quantity(D(mwh), Measure.MWH)).mass.to(Measure.T).amount


def test_n2_meishan_2020_misses_its_tier():
    found = core(tco2=D(329700), tce=D(333000), tiers=TIERS)
    assert (round(found.intensity, 4), found.status) == (D("0.9901"), Status.NOT_MET)


def test_n5_shore_power_saves_less_than_it_is_said_to(db, reference):
    """2.67 t gross for 4,300 kWh; net of the power itself little is left, and by the park
    method nothing.
    """
    gross = D("2.67")
    assert round(gross / D("0.85"), 4) == D("3.1412")
    assert round(gross - D("4.3") * D("0.5422"), 4) == D("0.3385")
    assert round(gross - park_power("4.3"), 3) == D("-0.910")


def test_n13_n17_the_tiers_and_the_factor_of_other_power_agree(db, reference):
    assert [tier.threshold for tier in TIERS] == [D("0.2"), D("0.3")]
    assert park_power(1) == D("0.8325")


def test_n14_n15_the_cuts_from_the_reference_level_and_what_they_make_of_a_base():
    base = D("1.95") * 2  # a cut of half is 1.95 Gt
    assert round((1 - D("0.3") / D("2.1")) * base, 3) == D("3.343")
    assert round((1 - D("0.2") / D("2.1")) * base, 3) == D("3.529")


def test_n16_two_thirds_of_the_nation_contradicts_the_same_paragraph():
    """1.95 Gt as a fifth or a sixth makes the nation 9.75 to 11.7 Gt: 3.3 to 3.5 Gt are a third."""
    nation = [D("1.95") * parts for parts in (5, 6)]
    shares = [D(cut) / whole for cut in ("3.343", "3.529") for whole in nation]
    assert max(shares) < D("0.37") < D(2) / D(3)


def test_n19_eighty_percent_direct_and_twenty_traded_are_all_not_near_seventy():
    power = Power(bought=D(20), direct=D(80), certificates=D(20))
    green = power.direct_share(own_counts=True) + power.certificate_share()
    assert green == 1 != D("0.7")
    assert power.other == 0


def test_n20_a_hundred_megatonnes_is_no_park_of_its_output():
    per_wan_cny = D(100_000_000) / (D(300_000_000_000) / 10000)
    assert round(per_wan_cny, 2) == D("3.33")  # thirty times Meishan's 0.11369
    assert per_wan_cny / D("0.11369") > 29


def test_n22_what_is_offset_is_still_emitted():
    told = Footing({"left after measures": D("38.1")}, {"credits": D("38.1")})
    assert (told.gross, told.net) == (D("38.1"), 0)


def test_n24_the_path_of_the_first_seed():
    path = Path(2025, D(1), [Stage(2035, D("0.5")), Stage(2050, D(1))])
    assert (path.at(2035), path.at(2050)) == (D("0.5"), 0)


@pytest.mark.parametrize(("year", "tonnes"), [(2022, "1608.48"), (2023, "1577.68")])
def test_n26_a_roof_saves_by_todays_factors_less_than_the_seed_says(db, reference, year, tonnes):
    assert round(D(2176) / D(2750), 4) == D("0.7913")  # an old factor
    assert round(grid(year, 2750), 2) == D(tonnes)


def test_n26_n42_the_park_method_values_a_megawatt_hour_at_0_8325(db, reference):
    assert round(park_power(2750), 2) == D("2289.38")
    assert round(D(50000) / park_power(1), 0) == D(60060)
