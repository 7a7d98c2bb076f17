"""Suppliers' rung, doubt by drawing, significance, restatement, shares held, gross and net."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.measures import Measure
from reporting.inventories.engine.calculation import calculate
from reporting.inventories.engine.judging import (
    Change,
    NoDenominator,
    SignificanceUnanswered,
    UnknownPart,
    check_denominators,
    check_significance,
    intensity_content,
    needs_recalculation,
    restatement_content,
    significance_content,
)
from reporting.inventories.engine.montecarlo import by_factor, simulate
from reporting.inventories.engine.statement import Footing
from reporting.inventories.engine.uncertainty import HalfWidths, Part, combine
from reporting.inventories.engine.values import Factor, PowerMarket, Supplier, share_of
from reporting.inventories.states import Answer, Consolidation, GasGroup, HeldAs, Rung
from reporting.parks.states import SourceKind, Subcategory
from tests.reporting.inventories.test_engine import AR5, activity, factor, gec, gwp_set, power

D = Decimal


def supplier(mwh, each, **answers):
    said = {int(name[1:]): answer for name, answer in answers.items()}
    own = Factor("s", "CO2e", D(each), Measure.T, Measure.MWH, "disclosure of the utility")
    return Supplier("utility", D(mwh), own, said)


def market(*suppliers, claims=()):
    mix = factor("0.6", key="residual")
    given_market = PowerMarket(claims=claims, suppliers=suppliers, residual_mix=mix)
    return calculate([power("1000", "0.5")], gwp_set=gwp_set(AR5), market=given_market)


def test_r5_6_a_suppliers_factor_stands_below_certificates_and_above_the_residual_mix():
    result = market(supplier("500", "0.4"), claims=[gec("300")])
    assert [(one.rung, one.mwh, one.tco2e) for one in result.market] == [
        (Rung.CERTIFICATE, D(300), 0),
        (Rung.SUPPLIER, D(500), D(200)),
        (Rung.RESIDUAL_MIX, D(200), D(120)),
    ]
    assert result.totals.scope_2_location == D(500)


def test_r5_8_a_supplier_that_fails_a_criterion_falls_to_the_next_rung():
    result = market(supplier("500", "0.4", c6=Answer.NO))
    assert [one.rung for one in result.market] == [Rung.RESIDUAL_MIX]
    assert ("supplier_not_usable", "utility") in result.flags


def test_a_factor_in_co2e_is_not_warmed_twice():
    told = Factor("f", "CH4", D("2"), Measure.T, Measure.T, "table", is_in_co2e=True)
    burnt = activity(SourceKind.STATIONARY_FUEL, "10", Measure.T, told)
    totals = calculate([burnt], gwp_set=gwp_set(AR5)).totals
    assert totals.scope_1 == totals.direct_by_group[GasGroup.CH4] == D(20)
    assert totals.direct_mass_by_gas == {}  # tonnes of CO2e are no tonnes of methane


def test_the_same_seed_draws_the_same_and_another_seed_nearly_so():
    parts = [Part(D(1000), D("0.03"), D("0.05")), Part(D(500), D("0.05"), D("0.1"))]
    first, again = (simulate(parts, seed=7) for _ in range(2))
    assert first == again
    assert first.content() == again.content()
    other = simulate(parts, seed=8)
    assert other != first
    assert abs(other.half_width - first.half_width) < D("0.005")


def test_drawing_agrees_with_approach_1_where_errors_are_small_and_normal():
    parts = [Part(D(1000), D("0.03"), D("0.05")), Part(D(500), D("0.05"), D("0.1"))]
    drawn = simulate(parts, seed=1, draws=20000)
    assert abs(drawn.half_width - combine(parts)) < D("0.002")
    assert drawn.low < 0 < drawn.high


def test_sources_that_share_a_factor_err_together():
    widths = {Subcategory.IMPORTED_ELECTRICITY: HalfWidths(D("0.02"), D("0.1"))}
    shared = [power("100", "0.5", key=f"a{n}") for n in range(4)]
    lines = calculate(shared, gwp_set=gwp_set(AR5)).lines
    one_factor = combine(list(by_factor(lines, widths).values()))
    alone = combine([Part(line.tco2e, D("0.02"), D("0.1")) for line in lines])
    assert one_factor > alone
    assert D("0.1") < one_factor < D("0.103")


def test_nothing_emitted_has_no_doubt():
    assert simulate([], seed=1).half_width == 0


@pytest.mark.parametrize(
    ("change", "effect", "needed"),
    [
        (Change.ERROR, "5.01", True),
        (Change.ERROR, "-5.01", True),
        (Change.STRUCTURE, "5", False),
        (Change.ORGANIC, "60", False),
    ],
)
def test_r5_14_only_a_change_above_the_threshold_moves_the_base_year(change, effect, needed):
    found = needs_recalculation(change, effect=D(effect), base=D(100), threshold=D("0.05"))
    assert found is needed


def test_a_restatement_says_what_it_moved():
    told = restatement_content(
        before=D(100), after=D(110), change=Change.METHOD, threshold=D("0.05")
    )
    assert (told["effect_tco2e"], told["share"], told["is_above_threshold"]) == ("10", "0.1", True)


def test_r5_12_each_judgement_has_criteria_and_each_no_its_reason():
    good = {"part": "COMMUTING", "criteria": "size", "is_significant": False, "reason": "small"}
    check_significance([good])
    with pytest.raises(SignificanceUnanswered, match="COMMUTING"):
        check_significance([{**good, "reason": " "}])
    with pytest.raises(SignificanceUnanswered):
        check_significance([{**good, "criteria": ""}])
    with pytest.raises(UnknownPart):
        check_significance([{**good, "part": "STATIONARY"}])
    totals = calculate([power("1", "1")], gwp_set=gwp_set(AR5)).totals
    told = significance_content([good], totals)
    assert told["significance"][0]["is_quantified"] is False
    assert "COMMUTING" not in told["not_quantified"]
    assert len(told["not_quantified"]) == 15


def test_an_intensity_needs_something_to_be_of():
    totals = calculate([power("1000", "0.5")], gwp_set=gwp_set(AR5)).totals
    given_one = {"name_zh": "产值", "amount": "250", "unit": "1e4 CNY"}
    assert intensity_content([given_one], totals)[0]["scope_1_2_location"] == "2"
    for wrong in ({"amount": "0"}, {"unit": ""}, {"name_zh": " "}):
        with pytest.raises(NoDenominator):
            check_denominators([{**given_one, **wrong}])


@pytest.mark.parametrize(
    ("held", "way", "part"),
    [
        (HeldAs.JOINT, Consolidation.FINANCIAL_CONTROL, "0.4"),
        (HeldAs.GROUP, Consolidation.FINANCIAL_CONTROL, "0"),
        (HeldAs.FRANCHISE, Consolidation.EQUITY_SHARE, "0"),
        (HeldAs.FRANCHISE, Consolidation.OPERATIONAL_CONTROL, "1"),
        (HeldAs.INVESTMENT, Consolidation.OPERATIONAL_CONTROL, "0"),
    ],
)
def test_how_somebody_is_held_decides_what_counts(held, way, part):
    found = share_of(
        way, equity_share=D("0.4"), has_operational_control=True, has_financial_control=False,
        held_as=held,
    )  # fmt: skip
    assert found == D(part)


amounts = st.integers(0, 10**9).map(D)


@given(
    st.dictionaries(st.sampled_from("abcd"), amounts | st.none()),
    st.dictionaries(st.sampled_from(["CCER", "VCS", "CEA", "sold power"]), amounts),
)
def test_r5_1_nothing_below_the_line_changes_the_gross_total(rows, below):
    assert Footing(rows, below).gross == Footing(rows).gross
    assert Footing(rows, below).net == Footing(rows).gross - sum(below.values())
    assert set(Footing(rows).not_quantified) == {name for name, x in rows.items() if x is None}
