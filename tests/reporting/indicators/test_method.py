"""The sums of the national method, by the vectors of the rule book (TV-1.1 to TV-1.6)."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.measures import Measure
from ledger.kernel.quantities import Quantity
from reporting.indicators.engine.assessing import assess, content, is_paper
from reporting.indicators.engine.values import Flow, Inputs, Method
from reporting.indicators.rules import verdicts
from reporting.indicators.rules.energy import (
    CalorificElectricity,
    NegativeEnergy,
    Power,
    check_equivalent,
    heat_tco2,
)
from reporting.indicators.rules.verdicts import NothingUsed, Tier, Used
from reporting.indicators.states import EmissionPart, Indicator, Status

D = Decimal
TIERS = (Tier(D("0.2"), D(200000), D(1000000)), Tier(D("0.3"), D(1000000)))
LEAST = {
    Indicator.CLEAN_ENERGY: D("0.9"),
    Indicator.SOLID_WASTE: D("0.8"),
    Indicator.WASTE_HEAT: D("0.5"),
    Indicator.WATER_REUSE: D("0.8"),
    Indicator.DIRECT_SHARE: D("0.5"),
}
METHOD = Method(
    tiers=TIERS,
    other_power=D("0.8325"),
    other_power_id="p",
    kwh_kgce=D("0.3024"),
    least=LEAST,
    clean=frozenset({"POWER_DIRECT", "POWER_CERTIFIED", "POWER_SELF", "POWER_SENT_GREEN"}),
    own_counts_as_direct=True,
)
NATIONAL, ETS = D("21.840291"), D("21.650152")  # tCO2 per 10⁴ Nm³ of natural gas


def gas(amount, each=NATIONAL):
    quantity = Quantity(D(amount), Measure.WAN_NM3)
    tce = Quantity(D(amount) * D("389.310"), Measure.GJ).to(Measure.TCE).amount
    return Flow(EmissionPart.FUEL, "GAS", "NATURAL_GAS", quantity, each, tce=tce)


def heat(gigajoules):
    amount = D(gigajoules)
    return Flow(
        EmissionPart.HEAT, "H", "HEAT_FOSSIL", Quantity(amount, Measure.GJ), D("0.11"),
        tce=amount * D("0.03412"),
    )  # fmt: skip


def park(*flows, method=METHOD, used=None, excluded=None, **power):
    told = {name: D(amount) for name, amount in power.items()}
    return Inputs(flows, Power(**told), method, used or {}, excluded or {})


def failing(each=NATIONAL, method=METHOD):
    """TV-1.1: 1,000 GWh, of which 600 direct and 250 with certificates."""
    return park(
        gas(2000, each), heat(100000), direct=600000, bought=400000, certificates=250000,
        method=method,
    )  # fmt: skip


def of(assessed, indicator):
    return next(one for one in assessed.verdicts if one.indicator is indicator)


@pytest.mark.parametrize(
    ("each", "total", "intensity"),
    [(NATIONAL, "179555.58", "0.5402"), (ETS, "179175.30", "0.5391")],
)
def test_tv_1_1_a_park_that_fails(each, total, intensity):
    found = assess(failing(each))
    assert found.parts[EmissionPart.POWER] == D("124875")
    assert found.parts[EmissionPart.HEAT] == D("11000")
    assert round(found.core.tco2, 2) == D(total)
    assert round(found.core.tce, 2) == D("332379.17")
    assert round(found.energy["NATURAL_GAS"], 2) == D("26567.17")
    assert round(found.core.intensity, 4) == D(intensity)
    assert (found.core.threshold, found.core.status) == (D("0.2"), Status.NOT_MET)
    assert of(found, Indicator.DIRECT_SHARE).value == D("0.6")
    assert of(found, Indicator.DIRECT_SHARE).status is Status.MET
    assert of(found, Indicator.CERTIFICATE_SHARE).value == D("0.25")


def test_tv_1_2_the_calorific_value_of_electricity_is_refused():
    with pytest.raises(CalorificElectricity, match=r"0\.1229"):
        check_equivalent(D("0.1229"), D("0.1229"))
    wrong = assess(failing(method=replace(METHOD, kwh_kgce=D("0.1229"))))
    assert round(wrong.core.tce, 2) == D("152879.17")  # what must never come out
    assert wrong.core.status is Status.NO_TIER
    assert round(wrong.core.intensity, 4) == D("1.1745")
    assert assess(failing()).core.tce != wrong.core.tce


def test_tv_1_3_a_park_that_passes():
    found = assess(
        park(gas(200), heat("18181.82"), direct=600000, bought=400000, certificates=380000)
    )
    assert found.parts[EmissionPart.POWER] == D("16650")
    assert round(found.core.tco2, 2) == D("23018.06")
    assert round(found.core.tce, 2) == D("305677.08")
    assert round(found.core.intensity, 4) == D("0.0753")
    assert found.core.status is Status.MET


@pytest.mark.parametrize(
    ("tce", "tco2", "threshold", "status"),
    [
        ("199999.99", "1", None, Status.NO_TIER),
        ("200000", "40000", "0.2", Status.MET),
        ("1000000", "300000", "0.3", Status.MET),
        ("999999", "300000", "0.2", Status.NOT_MET),
        ("1000000", "300000.000001", "0.3", Status.NOT_MET),
    ],
)
def test_tv_1_4_the_edges_of_the_tiers(tce, tco2, threshold, status):
    found = verdicts.core(tco2=D(tco2), tce=D(tce), tiers=TIERS)
    assert found.status is status
    assert found.threshold == (None if threshold is None else D(threshold))


def test_below_the_first_tier_a_park_never_passes_however_clean():
    found = verdicts.core(tco2=D(0), tce=D(199999), tiers=TIERS)
    assert found.status is Status.NO_TIER
    assert found.to_cut_tco2 == 0


def test_tv_1_5_what_is_sent_out_is_credited_with_the_factor_of_its_own_kind():
    green = Power(bought=D(100000), own=D(10000), sent_green=D(10000))
    fossil = Power(bought=D(100000), own=D(10000), sent_fossil=D(10000))
    assert green.tco2(D("0.8325")) == D("83250")
    assert fossil.tco2(D("0.8325")) == D("74925")


@pytest.mark.parametrize(("to", "cut"), [("0.2", "90.48"), ("0.3", "85.71")])
def test_tv_1_6_from_the_reference_level_to_the_tiers(to, cut):
    assert round((D("2.1") - D(to)) / D("2.1") * 100, 2) == D(cut)


def test_seed_002_meishan_fails_by_263_100_tonnes():
    found = verdicts.core(tco2=D(329700), tce=D(333000), tiers=TIERS)
    assert round(found.intensity, 4) == D("0.9901")
    assert (found.status, found.to_cut_tco2) == (Status.NOT_MET, D(263100))
    assert round(found.to_cut_tco2 / found.tco2 * 100, 2) == D("79.80")


def test_r1_27_certificates_bring_power_to_nought_and_never_raise_the_direct_share():
    found = assess(park(bought=1000000, certificates=1000000))
    assert (found.core.tco2, found.core.status) == (0, Status.MET)
    assert of(found, Indicator.DIRECT_SHARE).status is Status.NOT_MET
    assert of(found, Indicator.DIRECT_SHARE).value == 0
    assert of(found, Indicator.CERTIFICATE_SHARE).value == 1
    assert is_paper(found)
    flags = content(park(bought=1000000, certificates=1000000), found)["flags"]
    assert {"code": "paper_zero_carbon", "about": ""} in flags


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 10**6))
def test_more_certificates_change_no_direct_share_and_never_make_it_negative(extra, direct, bought):
    without = Power(bought=D(bought), direct=D(direct))
    with_them = Power(bought=D(bought), direct=D(direct), certificates=D(extra))
    for counts in (True, False):
        assert with_them.direct_share(own_counts=counts) == without.direct_share(own_counts=counts)
    assert with_them.tco2(D("0.8325")) >= 0
    assert with_them.certified + with_them.unused_certificates == extra


def test_r1_28_own_power_in_the_direct_share_is_a_choice():
    power = Power(bought=D(500), direct=D(300), own=D(200))
    assert power.direct_share(own_counts=True) == D("0.5")
    assert power.direct_share(own_counts=False) == D("0.375")


def test_r1_29_measured_heat_goes_before_the_default():
    assert heat_tco2(fossil_gj=D(1000), default=D("0.11")) == D(110)
    assert heat_tco2(fossil_gj=D(1000), default=D("0.11"), measured=D("0.09")) == D(90)


def test_r1_20_transformation_counts_what_went_in_less_what_came_out():
    put_in = replace(gas(10), part=EmissionPart.TRANSFORMATION)
    out = replace(gas(4), part=EmissionPart.TRANSFORMATION, sign=-1)
    found = assess(park(put_in, out, direct=10))
    assert found.parts[EmissionPart.TRANSFORMATION] == NATIONAL * 6
    assert found.parts[EmissionPart.FUEL] == 0
    assert round(found.energy["NATURAL_GAS"], 6) == round(gas(6).tce, 6)


def test_r1_13_the_four_statuses_of_the_guiding_indicators():
    used = {
        Indicator.SOLID_WASTE: [Used(D(80), D(100))],
        Indicator.WASTE_HEAT: [Used(D(40), D(100)), Used(D(5), D(10))],
        Indicator.PRODUCT_ENERGY: [Used(D("1.1"), D("1.2")), Used(D("3.1"), D("3.0"))],
    }
    told = {Indicator.WATER_REUSE: "no industrial water"}
    found = assess(park(direct=100, used=used, excluded=told))
    assert {
        one.indicator: one.status
        for one in found.verdicts
        if one.indicator not in {Indicator.DIRECT_SHARE, Indicator.CERTIFICATE_SHARE}
    } == {
        Indicator.CLEAN_ENERGY: Status.MET,
        Indicator.PRODUCT_ENERGY: Status.NOT_MET,
        Indicator.SOLID_WASTE: Status.MET,
        Indicator.WASTE_HEAT: Status.NOT_MET,
        Indicator.WATER_REUSE: Status.EXCLUDED,
    }
    assert of(found, Indicator.WATER_REUSE).reason == "no industrial water"
    assert round(of(found, Indicator.WASTE_HEAT).value, 6) == round(D(45) / D(110), 6)
    none = assess(park(direct=100))
    assert of(none, Indicator.SOLID_WASTE).status is Status.NO_DATA
    nought = assess(park(direct=100, used={Indicator.SOLID_WASTE: [Used(D(0), D(50))]}))
    assert of(nought, Indicator.SOLID_WASTE).status is Status.NOT_MET


def test_a_park_without_energy_and_negative_energy_are_refused():
    with pytest.raises(NothingUsed):
        assess(park())
    with pytest.raises(NegativeEnergy, match="bought"):
        Power(bought=D(-1))
