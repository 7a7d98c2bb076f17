"""Quantities, money and certificates out of values alone."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.ppas.rules import money, quantities, refusals, terms
from finance.ppas.rules.money import Price, Rule
from finance.ppas.rules.quantities import WH_PER_MWH, Curve, Volumes

D = Decimal
MWH = WH_PER_MWH


def volumes(contracted: int, generated: int, consumed: int) -> Volumes:
    return Volumes(contracted * MWH, {"": generated * MWH}, {"": consumed * MWH})


def price(kind: str, amount: str, tariff: str = "") -> Price:
    return Price(f"{kind}{tariff}", kind, tariff, D(amount))


MEISHAN = volumes(20_000, 14_000, 20_000)
PREMIUM = price("ENVIRONMENT", "0.01")
ENERGY = price("ENERGY", "0.39")


def lines_of(found, prices, rules=()):
    return money.statement_lines(found, prices=prices, rules=rules, month="2020-12")


def test_the_meishan_case_settles_the_least_of_three():
    found = quantities.quantities(MEISHAN, rule="THREE_WAY")
    assert (found.settled_wh, found.shortfall_wh) == (14_000 * MWH, 6_000 * MWH)
    assert (found.seller_short_wh, found.buyer_short_wh) == (6_000 * MWH, 0)
    assert found.surplus_wh == 0
    (line,) = lines_of(found, [PREMIUM])
    assert line.amount_cny == D("140000.00")
    assert quantities.certificates(found.settled_wh, carried_in_wh=0).unit_count == 14_000


def test_a_tenth_of_the_contract_price_is_paid_for_what_the_generator_lacks():
    found = quantities.quantities(MEISHAN, rule="THREE_WAY")
    rule = Rule("r", "SELLER", "SHARE_OF_PRICE", rate_bps=1000)
    *_parts, penalty = lines_of(found, [PREMIUM, ENERGY], [rule])
    assert (penalty.kind, penalty.payer, penalty.payee) == ("SHORTFALL_SELLER", "SELLER", "BUYER")
    assert penalty.amount_cny == D("240000.00")


def test_within_its_free_band_a_shortfall_costs_nothing():
    found = quantities.quantities(MEISHAN, rule="THREE_WAY")
    rule = Rule("r", "SELLER", "SHARE_OF_PRICE", rate_bps=1000, tolerance_bps=3000)
    *_parts, penalty = lines_of(found, [PREMIUM, ENERGY], [rule])
    assert (penalty.energy_wh, penalty.amount_cny) == (0, D("0.00"))


def test_a_replacement_below_the_contract_price_owes_nothing():
    found = quantities.quantities(MEISHAN, rule="THREE_WAY")
    for other, owed in (("0.45", D("300000.00")), ("0.35", D("0.00"))):
        rule = Rule("r", "SELLER", "REPLACEMENT", price_cny_per_kwh=D(other))
        *_parts, penalty = lines_of(found, [PREMIUM, ENERGY], [rule])
        assert penalty.amount_cny == owed


def test_what_both_sides_lack_neither_owes():
    found = quantities.quantities(volumes(100, 70, 80), rule="THREE_WAY")
    assert (found.settled_wh, found.shortfall_wh) == (70 * MWH, 30 * MWH)
    assert (found.seller_short_wh, found.buyer_short_wh) == (10 * MWH, 0)
    found = quantities.quantities(volumes(100, 90, 60), rule="THREE_WAY")
    assert (found.seller_short_wh, found.buyer_short_wh) == (0, 30 * MWH)


def test_certificates_alone_are_settled_without_the_users_meter():
    found = quantities.quantities(volumes(100, 120, 0), rule="CONTRACTED")
    assert (found.settled_wh, found.surplus_wh) == (100 * MWH, 20 * MWH)
    assert found.buyer_short_wh == 0


def test_power_on_site_is_settled_as_it_is_used():
    found = quantities.quantities(volumes(0, 120, 90), rule="METERED")
    assert (found.settled_wh, found.shortfall_wh, found.surplus_wh) == (90 * MWH, 0, 0)


def test_a_surplus_is_paid_at_the_contract_price_up_to_its_band_and_then_at_its_own():
    found = quantities.quantities(volumes(100, 120, 130), rule="THREE_WAY")
    rule = Rule("r", "SURPLUS", "AT_PRICE", tolerance_bps=500, price_cny_per_kwh=D("0.20"))
    grid = price("TRANSMISSION", "0.10")
    lines = lines_of(found, [ENERGY, grid], [rule])
    paid = [(line.kind, line.energy_wh // MWH, line.amount_cny) for line in lines]
    assert paid == [
        ("ENERGY", 100, D("39000.00")),
        ("TRANSMISSION", 120, D("12000.00")),
        ("SURPLUS", 5, D("1950.00")),
        ("SURPLUS", 15, D("3000.00")),
    ]


def test_a_contract_by_the_hour_settles_each_hour():
    hour = Volumes(
        contracted_wh=100,
        generated_wh={"": 120},
        consumed_wh={"": 110},
        matched_wh={"": 90},
        curve=Curve({"": 70}, seller_short_wh=20, buyer_short_wh=5),
    )
    found = quantities.quantities(hour, rule="THREE_WAY")
    assert (found.settled_wh, found.surplus_wh, found.delivered_wh) == (70, 20, 90)
    assert (found.seller_short_wh, found.buyer_short_wh) == (20, 5)


def test_tv_3_1_certificates_are_whole_and_the_rest_is_carried():
    first = quantities.certificates(2_500_700_000, carried_in_wh=0)
    assert (first.unit_count, first.carried_out_wh) == (2500, 700_000)
    second = quantities.certificates(1_300_600_000, carried_in_wh=first.carried_out_wh)
    assert (second.unit_count, second.carried_out_wh) == (1301, 300_000)


def test_certificates_delivered_ahead_are_made_up_for_later():
    """An adjustment takes 0.9 MWh from a month whose certificates are issued."""
    after = quantities.certificates(1_300_600_000, carried_in_wh=-200_000)
    assert (after.unit_count, after.carried_out_wh) == (1300, 400_000)
    none = quantities.certificates(100_000, carried_in_wh=-200_000)
    assert (none.unit_count, none.carried_out_wh) == (0, -100_000)


@given(st.lists(st.integers(0, 10**10), min_size=1, max_size=24))
def test_no_watt_hour_of_certificates_is_lost_or_made(months):
    carried, issued = 0, 0
    for settled in months:
        one = quantities.certificates(settled, carried_in_wh=carried)
        carried, issued = one.carried_out_wh, issued + one.unit_count
    assert issued * MWH + carried == sum(months)
    assert 0 <= carried < MWH


energies = st.integers(0, 10**12)
prices_of = st.decimals(0, 3, places=6)
LETTERS = "SPFVD"


@st.composite
def tariffs(draw):
    letters = draw(st.lists(st.sampled_from(LETTERS), min_size=1, max_size=5, unique=True))
    return {letter: draw(energies) for letter in letters}


@given(
    sides=st.tuples(tariffs(), tariffs()), contracted=energies,
    asked=st.tuples(prices_of, prices_of, prices_of),
    rate=st.integers(1, 20_000), band=st.integers(0, 10_000),
)  # fmt: skip
def test_the_parts_of_a_settlement_sum_to_its_total(sides, contracted, asked, rate, band):
    (generated, consumed), (peak, flat, premium) = sides, asked
    found = quantities.quantities(Volumes(contracted, generated, consumed), rule="THREE_WAY")
    agreed = [
        Price("p", "ENERGY", "P", peak),
        *(Price(f"f{x}", "ENERGY", x, flat) for x in "SFVD"),
        Price("e", "ENVIRONMENT", "", premium),
        Price("t", "TRANSMISSION", "", flat),
        Price("u", "FUNDS", "", premium),
    ]
    rules = [
        Rule("s", "SELLER", "SHARE_OF_PRICE", rate_bps=rate, tolerance_bps=band),
        Rule("b", "BUYER", "SHARE_OF_PRICE", rate_bps=rate, tolerance_bps=band),
        Rule("u", "SURPLUS", "SHARE_OF_PRICE", rate_bps=rate, tolerance_bps=band),
    ]
    lines = lines_of(found, agreed, rules)
    totals = money.totals(lines)
    others = totals.seller_gets_cny + totals.grid_gets_cny + totals.treasury_gets_cny
    assert totals.buyer_pays_cny == others
    assert all(line.amount_cny == line.amount_cny.quantize(D("0.01")) for line in lines)
    energy = [line for line in lines if line.kind == "ENERGY"]
    assert sum(line.energy_wh for line in energy) == found.settled_wh
    exact = sum((money.amount_of(x.energy_wh, x.cny_per_kwh) for x in energy), D(0))
    rounded = sum((line.amount_cny for line in energy), D(0))
    assert abs(rounded - exact) <= D("0.005")
    assert found.settled_wh <= min(contracted, sum(generated.values()), sum(consumed.values()))


@given(st.integers(1, 10_000), st.lists(st.integers(1, 4000), max_size=6))
def test_bands_of_a_meter_never_overlap(wanted, others):
    taken = []
    for share in others:
        try:
            taken += terms.free_bands(share, taken)
        except refusals.ShareTaken:
            continue
    before = sum(high - low for low, high in taken)
    try:
        taken += terms.free_bands(wanted, taken)
    except refusals.ShareTaken:
        assert wanted > 10_000 - before
        return
    edges = sorted(taken)
    assert all(one[1] <= two[0] for one, two in pairwise(edges))
    assert sum(high - low for low, high in edges) == before + wanted


def test_a_year_is_shared_out_over_its_months_to_the_watt_hour():
    found = terms.read_volumes("2025 20000")
    assert len(found) == 12
    assert sum(one.energy_wh for one in found) == 20_000 * MWH
    assert found[1].energy_wh == 1_534_246_575


def test_lines_of_volumes_are_read_and_bad_ones_named():
    found = terms.read_volumes("2025-01 1,240\n\n2025-02: 980.5")
    assert [(one.month, one.energy_wh) for one in found] == [
        (date(2025, 1, 1), 1_240_000_000),
        (date(2025, 2, 1), 980_500_000),
    ]
    for text, number in (("2025-01 1\n2025-01 2", 2), ("x 1", 1), ("2025-13 1", 1), ("2025 a", 1)):
        with pytest.raises(refusals.OddVolume) as refused:
            terms.read_volumes(text)
        assert refused.value.params["number"] == number


def test_a_premium_takes_no_part_in_peak_and_valley():
    with pytest.raises(refusals.PremiumHasNoTariff):
        terms.check_price("ENVIRONMENT", "P", D("0.02"), has_tariff=True)
    with pytest.raises(refusals.TariffPriceWithoutTariff):
        terms.check_price("ENERGY", "P", D("0.4"), has_tariff=False)


def test_hours_without_a_price_are_refused():
    found = quantities.quantities(
        Volumes(100 * MWH, {"P": 60 * MWH, "V": 40 * MWH}, {"P": 60 * MWH, "V": 40 * MWH}),
        rule="THREE_WAY",
    )
    with pytest.raises(refusals.PriceMissing, match="2020-12"):
        lines_of(found, [price("ENERGY", "0.6", "P")])
    both = [price("ENERGY", "0.6", "P"), price("ENERGY", "0.2", "V"), PREMIUM]
    lines = lines_of(found, both)
    assert [line.amount_cny for line in lines] == [D("36000.00"), D("8000.00"), D("1000.00")]
    assert money.contract_price(found.weights, both) == D("0.45")
