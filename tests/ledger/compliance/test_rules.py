"""The test vectors of rule book section 2, exact, with the numbers of the rule book's own table."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.compliance import queries as compliance
from ledger.compliance.queries import allocating
from ledger.compliance.rules import allocation, carryover, penalties, regimes
from ledger.parameters.queries import get_parameter

D = Decimal
TODAY = date(2026, 11, 21)


def unit(**facts):
    given = {"power_mwh": D(0), "heat_gj": D(0), "load_percent": D(80), "verified": 0}
    return allocation.PowerUnit(**{**given, **facts})


def test_tv_2_1_a_conventional_unit_of_2025(rule_book):
    numbers, used = allocating.power_numbers(2025, "I", "COAL")
    made = allocation.power_allocation(
        unit(power_mwh=D(3_000_000), heat_gj=D(1_000_000), verified=2_600_000), numbers
    )
    assert (made.for_power, made.for_heat) == (D(2_370_600), D(102_700))
    assert (made.initial, made.allowances, made.gap) == (2_473_300, 2_473_300, 126_700)
    assert round(D(made.gap) / 26_000, 2) == D("4.87")
    assert allocating.has_draft(used)


def test_what_is_not_a_draft_is_not_called_one(rule_book):
    _numbers, used = allocating.power_numbers(2024, "II", "COAL")
    assert not allocating.has_draft(used)


LOADS = {
    2024: {"30": "1.160541", "40": "1.126493", "50": "1.093443", "60": "1.061364", "65": "1"},
    2025: {"30": "1.281146", "40": "1.160254", "45": "1.126059", "49.99": "1.100321", "50": "1"},
}


@pytest.mark.parametrize(
    ("year", "load"), [(year, load) for year, found in LOADS.items() for load in found]
)
def test_tv_2_2_load_correction(rule_book, year, load):
    numbers, _used = allocating.power_numbers(year, "I", "COAL")
    assert allocation.load_correction(D(load), numbers.load_rule) == D(LOADS[year][load])


def test_tv_2_3_the_gap_of_a_unit_is_capped(rule_book):
    numbers, _used = allocating.power_numbers(2024, "I", "COAL")
    made = allocation.power_allocation(
        unit(power_mwh=D(750_000) / D("0.7910"), verified=1_000_000), numbers
    )
    assert (made.allowances, made.raised_to_cap) == (800_000, True)
    assert allocation.gap_capped(750_000, verified=1_000_000, gap_cap=D("0.2")) == 800_000
    assert allocation.gap_capped(800_001, verified=1_000_000, gap_cap=D("0.2")) == 800_001


def test_gas_is_topped_up_to_what_was_verified(rule_book):
    numbers, _used = allocating.power_numbers(2024, "IV", "GAS")
    made = allocation.power_allocation(unit(power_mwh=D(1000), verified=400, is_gas=True), numbers)
    assert (made.initial, made.allowances, made.topped_up, made.gap) == (328, 400, True, 0)


@pytest.mark.parametrize(
    ("deviation", "allowances"),
    [("0.05", 1_007_500), ("0.20", 1_030_000), ("0.1999", 1_029_985), ("-0.25", 970_000)],
)
def test_tv_2_4_steel(rule_book, deviation, allowances):
    numbers, _used = allocating.industry_numbers(2025)
    made = allocation.industry_allocation(1_000_000, deviation=D(deviation), numbers=numbers)
    assert made.allowances == allowances


def test_an_intensity_has_four_decimals_before_it_is_compared(rule_book):
    x = allocation.deviation_of(emissions=D(100), output=D(3), balance=D(40))
    assert x == (D(40) - D("33.3333")) / D(40)
    with pytest.raises(allocation.NoBalanceValue):
        allocation.deviation_of(emissions=D(1), output=D(0), balance=D(1))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((120_000, 20_000, 140_000), (100_000, 160_000, 140_000, 0)),
        ((120_000, 20_000, 200_000), (100_000, 160_000, 160_000, 16_000)),
        ((0, 50_000, 30_000), (0, 10_000, 10_000, 8_000)),
        ((33_333, 0, 1_000_000), (33_333, 59_999, 59_999, 376_001)),
        ((0, 0, 6_000), (0, 10_000, 6_000, 0)),
    ],
)
def test_tv_2_5_carry_over(rule_book, given, expected):
    sold, purchased, held = given
    on = date(2026, 3, 1)
    made = carryover.carry_over(
        sold=sold,
        purchased=purchased,
        held=held,
        base=get_parameter("ets.carryover.base", on=on).number,
        ratio=get_parameter("ets.carryover.ratio", on=on).number,
    )
    assert (made.net_sold, made.formula, made.limit, made.extra_sales) == expected
    assert made.lost == held - made.limit


def test_after_the_extra_sales_everything_left_can_be_carried_over():
    for held in range(0, 60_000, 777):
        base, ratio = D(10_000), D("1.5")
        first = carryover.carry_over(sold=900, purchased=0, held=held, base=base, ratio=ratio)
        x = first.extra_sales
        after = carryover.carry_over(
            sold=900 + x, purchased=0, held=held - x, base=base, ratio=ratio
        )
        assert after.lost == 0
        if x:
            short = carryover.carry_over(
                sold=900 + x - 1, purchased=0, held=held - x + 1, base=base, ratio=ratio
            )
            assert short.lost > 0


def test_tv_2_6_penalty_of_article_24(rule_book):
    number = get_parameter("ets.penalty.undersurrender", on=date(2026, 1, 1))
    made = penalties.penalty(
        shortfall=1000, average_price=D("75.00"), times=(number.value.low, number.value.high)
    )
    assert (made.low, made.high) == (D(375_000), D(750_000))


def test_tv_2_8_offsets_cover_a_twentieth_rounded_down(rule_book):
    regime = compliance.get_regime("CN_NATIONAL")
    assert compliance.offset_cap_of(regime, {2025: 1_234_567}) == 61_728
    assert compliance.offset_cap_of(regime, {2025: 2_600_000}) == 130_000


def test_californias_cap_follows_the_year_of_the_emissions(rule_book):
    regime = compliance.get_regime("CA_CAP_AND_TRADE")
    assert compliance.offset_cap_of(regime, {2020: 1000, 2021: 1000}) == 80 + 40


def test_tv_2_9_old_vintages_do_not_serve_2025(rule_book):
    regime = compliance.get_regime("CN_NATIONAL")
    with pytest.raises(regimes.VintageRefused):
        regimes.check_eligible(regime, scheme="CEA", vintage=2023, year=2025, on=TODAY)
    cell = regimes.check_eligible(regime, scheme="CEA", vintage=2025, year=2024, on=TODAY)
    assert cell.is_draft
    with pytest.raises(regimes.NotEligible):
        regimes.check_eligible(regime, scheme="GEC", vintage=2025, year=2025, on=TODAY)


def test_a_later_vintage_in_california_is_taken_and_flagged(rule_book):
    regime = compliance.get_regime("CA_CAP_AND_TRADE")
    cell = regimes.check_eligible(regime, scheme="CCA", vintage=2020, year=2018, on=TODAY)
    assert cell.verdict is regimes.Verdict.FLAGGED


def test_a_published_label_is_held_against_the_units(rule_book):
    ladder = compliance.get_regime("CA_CAP_AND_TRADE").year_ladder
    short = compliance.Cover(owed=45_261, allowances=39_122, offsets=0)
    over = compliance.Cover(owed=10, allowances=9, offsets=2)
    rows = [
        compliance.Published("CA1850", short, "Fulfilled"),
        compliance.Published("CA1821", over, "Fulfilled"),
        compliance.Published("CA1677", short, "Unfulfilled"),
    ]
    assert compliance.contradicted(rows, ladder) == ["CA1850"]


def test_years_side_by_side_tell_what_had_to_be_bought():
    told = compliance.summarise(
        [compliance.YearLine(2014, 10, 15, 14), compliance.YearLine(2013, 12, 10, 10)]
    )
    assert (told.net_free_position, told.to_acquire, told.bought_year_by_year) == (-3, 3, 5)
    assert (told.cumulative, told.years_short, told.years_long) == ((2, -3), 1, 1)
    assert (told.years_surrendered_differs, told.is_met_every_year) == ((2014,), False)
    assert compliance.running([5, -2, 4]) == (5, 3, 7)
