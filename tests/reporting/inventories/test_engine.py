from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.measures import Measure, MeasureMismatch
from ledger.kernel.quantities import Quantity
from reporting.inventories.engine.calculation import calculate
from reporting.inventories.engine.values import (
    Activity,
    Claim,
    Factor,
    Gwp,
    GwpSet,
    MissingGwp,
    NoFactors,
    PowerMarket,
    UnknownGas,
    gas_group,
    share_of,
)
from reporting.inventories.states import Answer, Consolidation, GasGroup, Rung
from reporting.parks.rules import PLACES
from reporting.parks.states import SourceKind, Subcategory

D = Decimal
AR4 = {"HFC32": "675", "HFC125": "3500", "CH4": "25", "N2O": "298", "HCFC22": "1810"}
AR5 = {"HFC32": "677", "HFC125": "3170", "CH4": "28", "N2O": "265", "HCFC22": "1760"}
AR6 = {"HFC32": "771", "HFC125": "3740", "CH4": "27.9", "N2O": "273", "HCFC22": "1960"}


def gwp_set(values, name="AR5"):
    return GwpSet(name, {gas: Gwp(gas, D(value)) for gas, value in values.items()})


def factor(value, *, gas="CO2", mass=Measure.KG, per=Measure.KWH, key="f"):
    return Factor(key, gas, D(value), mass, per, "a table")


def activity(kind, amount, measure, *factors, share="1", key="a1", tenant=""):
    place = PLACES[kind]
    return Activity(
        id=key,
        digest="",
        source_code="S1",
        kind=kind,
        carrier="ELECTRICITY",
        category=place.category,
        subcategory=place.subcategory,
        month=date(2025, 1, 1),
        quantity=Quantity(D(amount), measure),
        factors=factors,
        tenant_code=tenant,
        share=D(share),
    )


def power(amount, each, **change):
    return activity(SourceKind.PURCHASED_POWER, amount, Measure.MWH, factor(each), **change)


def gec(mwh, key="c1", tenants=(), **answers):
    said = dict.fromkeys(range(1, 9), Answer.YES)
    said |= {int(name[1:]): answer for name, answer in answers.items()}
    return Claim(key, "GEC", D(mwh), answers=said, tenants=tenants)


def run(*activities, claims=(), residual="0.5856", gwp=AR5, **market):
    mix = factor(residual, key="residual") if residual else None
    power_market = PowerMarket(claims=claims, residual_mix=mix, **market)
    return calculate(list(activities), gwp_set=gwp_set(gwp), market=power_market)


def test_tv_4_1_ten_thousand_kwh_of_zhejiang():
    for each, tonnes in (("0.5153", "5.153"), ("0.4974", "4.974")):
        bought = activity(SourceKind.PURCHASED_POWER, "10000", Measure.KWH, factor(each))
        assert run(bought).totals.scope_2_location == D(tonnes)


def test_tv_4_2_a_hundred_tonnes_of_diesel():
    # ETS default: 42.652 GJ/t × 0.0202 tC/GJ × 98 % × 44/12; printed as 309.59 and 316.05
    for each, tonnes in (("3.0959", "309.59"), ("3.1605132", "316.05132")):
        diesel = factor(each, mass=Measure.T, per=Measure.T)
        burnt = activity(SourceKind.MOBILE_FUEL, "100", Measure.T, diesel)
        assert run(burnt).totals.scope_1 == D(tonnes)


@pytest.mark.parametrize(("gwp", "tonnes"), [(AR4, "10.4375"), (AR5, "9.6175"), (AR6, "11.2775")])
def test_tv_4_3_five_kg_of_r410a(gwp, tonnes):
    parts = [
        factor("0.5", gas=gas, mass=Measure.KG, per=Measure.KG, key=gas)
        for gas in ("HFC32", "HFC125")
    ]
    refilled = activity(SourceKind.REFRIGERANT, "5", Measure.KG, *parts)
    totals = run(refilled, gwp=gwp).totals
    assert totals.scope_1 == totals.direct_by_group[GasGroup.HFCS] == D(tonnes)
    assert totals.direct_mass_by_gas == {"HFC32": D("0.0025"), "HFC125": D("0.0025")}


def test_tv_4_4_steam_bought_as_heat():
    heat = factor("0.11", mass=Measure.T, per=Measure.GJ)
    totals = run(activity(SourceKind.PURCHASED_HEAT, "2716.26", Measure.GJ, heat)).totals
    assert totals.scope_2_heat == totals.scope_2_location == totals.scope_2_market == D("298.7886")
    assert totals.by_subcategory == {Subcategory.IMPORTED_HEAT: D("298.7886")}


def test_tv_5_1_twenty_gwh_with_fourteen_certified():
    result = run(power("20000", "0.5153"), claims=[gec("14000")])
    assert result.totals.scope_2_location == D("10306")
    assert result.totals.scope_2_market == D("3513.6")
    assert [(line.rung, line.mwh) for line in result.market] == [
        (Rung.CERTIFICATE, D(14000)),
        (Rung.RESIDUAL_MIX, D(6000)),
    ]


def test_tv_5_1_a_criterion_that_fails_moves_all_to_the_residual_mix():
    result = run(power("20000", "0.5153"), claims=[gec("14000", c3=Answer.NO)])
    assert result.totals.scope_2_market == D("11712")
    assert ("claim_not_usable", "c1") in result.flags
    assert result.claims[0].used_mwh == 0


@pytest.mark.parametrize(
    ("average", "mix", "located", "market"),
    [
        ("0.5422", "0.5942", "10844", "3565.2"),
        ("0.5153", "0.5856", "10306", "3513.6"),
        ("0.4974", "0.6096", "9948", "3657.6"),
    ],
)
def test_the_worked_case_of_meishan_wind(average, mix, located, market):
    result = run(power("20000", average), claims=[gec("14000")], residual=mix)
    assert result.totals.scope_2_location == D(located)
    assert result.totals.scope_2_market == D(market)


@given(
    st.lists(st.tuples(st.sampled_from(["CCER", "VCS", "CEA"]), st.integers(1, 10**7)), max_size=5)
)
def test_tv_5_2_no_credit_ever_changes_a_scope_total(credits_held):
    claims = [gec("14000")]
    bought = power("20000", "0.5153")
    before = run(bought, claims=claims).totals
    more = [Claim(f"x{n}", kind, D(mwh)) for n, (kind, mwh) in enumerate(credits_held)]
    assert run(bought, claims=[*more, *claims]).totals == before


def test_claims_beyond_consumption_give_no_negative_emissions():
    result = run(power("100", "0.5"), claims=[gec("80"), gec("80", key="c2")])
    assert result.totals.scope_2_market == 0
    assert [use.used_mwh for use in result.claims] == [D(80), D(20)]
    assert ("claim_beyond_consumption", "c2") in result.flags


def test_a_contract_stands_on_the_rung_below_certificates():
    contract = Claim("p1", "PPA", D(50), answers={})
    line = activity(SourceKind.DIRECT_GREEN_POWER, "20", Measure.MWH, key="d")
    result = run(power("100", "0.5"), line, claims=[contract, gec("60")], residual="0.6")
    assert [(one.rung, one.mwh, one.tco2e) for one in result.market] == [
        (Rung.CERTIFICATE, D(60), 0),
        (Rung.DIRECT_SUPPLY, D(50), 0),  # 20 by a line of their own, 30 by the grid
        (Rung.RESIDUAL_MIX, D(10), D(6)),
    ]


def test_r5_2_a_tenants_claim_covers_its_own_power_and_counts_by_its_share():
    of_tenant = power("1000", "0.5", share="0.4", tenant="T1", key="t")
    own = power("500", "0.5", key="o")
    result = run(of_tenant, own, claims=[gec("600", tenants=["T1"])], residual="0.6")
    assert result.totals.scope_2_location == D("450")  # (1000 × 0.4 + 500) × 0.5
    assert [(one.rung, one.mwh, one.tco2e) for one in result.market] == [
        (Rung.CERTIFICATE, D(240), 0),  # 600 × 0.4
        (Rung.RESIDUAL_MIX, D(660), D(396)),
    ]
    assert (result.claims[0].spent_mwh, result.claims[0].used_mwh) == (D(600), D(240))
    assert result.flags == []


def test_a_tenants_claim_covers_nobody_elses_power():
    of_tenant = power("1000", "0.5", share="0.4", tenant="T1", key="t")
    other = power("1000", "0.5", tenant="T2", key="u")
    result = run(of_tenant, other, claims=[gec("5000", tenants=["T1"])], residual="0.6")
    assert [(one.rung, one.mwh) for one in result.market] == [
        (Rung.CERTIFICATE, D(400)),
        (Rung.RESIDUAL_MIX, D(1000)),
    ]
    assert ("claim_beyond_consumption", "c1") in result.flags
    nobody = run(other, claims=[gec("5000", tenants=["GONE"])], residual="0.6")
    assert nobody.totals.scope_2_market == D(600)


def test_the_operators_claims_cover_what_the_tenants_left():
    of_tenant = power("1000", "0.5", share="0.5", tenant="T1", key="t")
    own = power("100", "0.5", key="o")
    both = [gec("550", key="operator"), gec("400", key="tenant", tenants=["T1"])]
    result = run(of_tenant, own, claims=both, residual="0.6")
    # the tenant's 400 × 0.5 first; then 400 of 600 MWh are left for the operator's 550
    assert {use.claim.id: use.used_mwh for use in result.claims} == {
        "operator": D(400),
        "tenant": D(200),
    }
    assert result.totals.scope_2_market == 0
    assert [use.claim.id for use in result.claims] == ["operator", "tenant"]


def test_a_tenants_contract_stands_below_its_certificates():
    line = activity(SourceKind.DIRECT_GREEN_POWER, "20", Measure.MWH, key="d", tenant="T1")
    contract = Claim("p1", "PPA", D(50), answers={}, tenants=["T1"])
    bought = power("100", "0.5", tenant="T1")
    result = run(bought, line, claims=[contract, gec("60", tenants=["T1"])], residual="0.6")
    assert [(one.rung, one.mwh, one.tco2e) for one in result.market] == [
        (Rung.CERTIFICATE, D(60), 0),
        (Rung.DIRECT_SUPPLY, D(50), 0),
        (Rung.RESIDUAL_MIX, D(10), D(6)),
    ]


def test_a_party_that_is_two_tenants_covers_the_power_of_both():
    first = power("100", "0.5", share="0.5", tenant="T1", key="t")
    second = power("100", "0.5", share="1", tenant="T2", key="u")
    result = run(first, second, claims=[gec("150", tenants=["T1", "T2"])], residual="0.6")
    assert [(one.rung, one.mwh) for one in result.market] == [
        (Rung.CERTIFICATE, D(100)),  # 100 × 0.5 and 50 × 1
        (Rung.RESIDUAL_MIX, D(50)),
    ]


def test_unverified_and_stand_in_factors_are_flagged_wherever_a_figure_stands_on_them():
    weak = replace(factor("0.5", key="grid"), confidence="C", year=2023, asked_year=2025)
    mix = replace(factor("0.6", key="mix"), region="CN", asked_region="540000")
    bought = activity(SourceKind.PURCHASED_POWER, "1", Measure.MWH, weak)
    market = PowerMarket(residual_mix=mix)
    result = calculate([bought], gwp_set=gwp_set(AR5), market=market)
    assert result.flags == [
        ("factor_fallback", "grid"),
        ("factor_fallback", "mix"),
        ("factor_unverified", "grid"),
    ]
    assert [one.note for one in result.factors()] == ["2025 → 2023", "540000 → CN"]


def test_without_a_residual_mix_the_grid_average_stands_in_and_says_so():
    result = run(power("100", "0.5"), power("300", "0.7", key="a2"), residual=None)
    assert result.market[0].rung is Rung.GRID_AVERAGE
    assert result.totals.scope_2_market == result.totals.scope_2_location == D("260")
    assert ("no_residual_mix", "") in result.flags


def test_r5_10_own_power_whose_certificates_were_sold_counts_at_the_residual_mix():
    own = activity(SourceKind.SELF_GENERATED_POWER, "1000", Measure.MWH)
    assert run(own).totals.scope_2_market == 0
    result = run(own, sold_certificates_mwh=D(400))
    assert result.totals.scope_2_market == D("234.24")
    assert result.totals.scope_2_location == 0


def test_directly_supplied_green_power_is_zero_on_both_sides():
    totals = run(activity(SourceKind.DIRECT_GREEN_POWER, "600", Measure.MWH)).totals
    assert (totals.scope_2_location, totals.scope_2_market) == (0, 0)


def test_biogenic_co2_stands_apart_unless_a_programme_puts_it_inside():
    wood = activity(
        SourceKind.STATIONARY_FUEL,
        "10",
        Measure.T,
        factor("1.8", gas="CO2_BIOGENIC", mass=Measure.T, per=Measure.T),
    )
    apart = run(wood).totals
    assert (apart.scope_1, apart.biogenic_co2_t) == (0, D(18))
    inside = calculate([wood], gwp_set=gwp_set(AR5), biogenic_inside=True).totals
    assert (inside.scope_1, inside.biogenic_co2_t) == (D(18), D(18))


def test_r4_4_hcfc_stands_outside_the_scopes():
    leak = factor("1", gas="HCFC22", mass=Measure.KG, per=Measure.KG)
    totals = run(activity(SourceKind.REFRIGERANT, "10", Measure.KG, leak)).totals
    assert (totals.scope_1, totals.not_kyoto_tco2e) == (0, D("17.6"))


def test_a_missing_gwp_stops_the_calculation():
    leak = factor("1", gas="HFC134a", mass=Measure.KG, per=Measure.KG)
    with pytest.raises(MissingGwp, match="HFC134a"):
        run(activity(SourceKind.REFRIGERANT, "10", Measure.KG, leak))


def test_activity_without_a_factor_and_a_factor_of_another_dimension_are_refused():
    with pytest.raises(NoFactors):
        run(activity(SourceKind.STATIONARY_FUEL, "10", Measure.T))
    with pytest.raises(MeasureMismatch):
        run(activity(SourceKind.STATIONARY_FUEL, "10", Measure.T, factor("1")))


@pytest.mark.parametrize(
    ("way", "share"),
    [
        (Consolidation.OPERATIONAL_CONTROL, "1"),
        (Consolidation.FINANCIAL_CONTROL, "0"),
        (Consolidation.EQUITY_SHARE, "0.4"),
    ],
)
def test_r5_2_a_tenant_counts_by_the_way_of_consolidating(way, share):
    given_share = share_of(
        way,
        equity_share=D("0.4"),
        has_operational_control=True,
        has_financial_control=False,
    )
    assert given_share == D(share)
    totals = run(power("1000", "0.5", share=given_share)).totals
    assert totals.scope_2_location == D(500) * D(share)


def test_the_sum_is_never_rounded():
    thirds = [power("0.0000000001", "0.3333333333333333", key=f"a{n}") for n in range(3)]
    assert run(*thirds).totals.scope_2_location == D("9.999999999999999E-11")


def test_a_gas_nobody_knows_is_refused():
    assert gas_group("HCFC141b") is GasGroup.NOT_KYOTO
    assert gas_group("cC4F8") is GasGroup.PFCS
    with pytest.raises(UnknownGas):
        gas_group("XENON")
