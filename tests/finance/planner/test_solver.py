"""The cheapest cover, against every possible cover of small problems."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finance.planner.rules.keeping import document, read_problem
from finance.planner.rules.planning import Act, Plan, Why, make_plan
from finance.planner.rules.problem import (
    CarryOver,
    Cell,
    Demand,
    FinerThanFen,
    NegativeQuantity,
    NotAPrice,
    NothingToPlan,
    Pledge,
    Price,
    Problem,
    ShareOutOfRange,
    Stock,
    TooManyFees,
    YearTwice,
    carry_over_of,
    fen,
)
from finance.planner.rules.scenarios import changed, scenarios

TODAY = date(2026, 11, 21)
DUE_2025 = date(2026, 12, 31)
# R2.25, as the draft plan says
MATRIX = (
    Cell((2019, 2026), (2019, 2024), "draft", True),
    Cell((2025, 9999), (2025, 9999), "draft", True),
)


def problem(**given) -> Problem:
    facts = {
        "on": TODAY,
        "demands": (),
        "stocks": (),
        "prices": (),
        "allowances": ("CEA",),
        "offsets": ("CCER",),
        "cells": MATRIX,
    }
    return Problem(**{**facts, **given})


def demand(year=2025, obligation=1000, **given) -> Demand:
    facts = {"due_on": date(year + 1, 12, 31), "offset_share": Decimal("0.05")}
    return Demand(year=year, obligation=obligation, **{**facts, **given})


def stock(quantity, *, scheme="CEA", vintage=2025, lot="L1", **given) -> Stock:
    return Stock("A", lot, lot, scheme, vintage, quantity, **given)


def pledged(quantity, *, lot="P1", hold="H1", vintage=2025, last_day=None, **given) -> Stock:
    terms = Pledge(hold, **given)
    return stock(
        quantity, lot=lot, vintage=vintage, state="PLEDGED", pledge=terms, last_day=last_day
    )


def price(scheme, vintage, buy, sell=None, **given) -> Price:
    return Price(scheme, vintage, buy, sell, TODAY, "quote", **given)


def told(plan: Plan, *acts: Act) -> list[tuple]:
    return [
        (line.act, line.scheme, line.vintage, line.year, line.quantity, line.amount_fen)
        for line in plan.lines
        if not acts or line.act in acts
    ]


# --- examples


def test_offsets_are_bought_up_to_their_cap_and_allowances_for_the_rest():
    plan = make_plan(
        problem(
            demands=(demand(obligation=1_234_567),),
            prices=(price("CEA", 2025, 7463), price("CCER", None, 7076)),
        )
    )
    assert told(plan, Act.BUY) == [
        (Act.BUY, "CCER", None, 2025, 61_728, 61_728 * 7076),
        (Act.BUY, "CEA", 2025, 2025, 1_172_839, 1_172_839 * 7463),
    ]
    year = plan.years[0]
    assert (year.offset_room, year.cap_binds, year.cap_fen) == (61_728, True, 7463 - 7076)
    assert year.next_tonne_fen == 7463
    assert plan.total_fen == plan.paid_fen == 61_728 * 7076 + 1_172_839 * 7463


def test_a_dear_offset_is_left_and_the_cap_does_not_bind():
    plan = make_plan(
        problem(demands=(demand(),), prices=(price("CEA", 2025, 7000), price("CCER", None, 7001)))
    )
    assert told(plan, Act.BUY) == [(Act.BUY, "CEA", 2025, 2025, 1000, 7_000_000)]
    assert (plan.years[0].cap_binds, plan.years[0].cap_fen) == (False, 0)


def test_old_vintages_do_not_serve_2025_and_lose_their_use():
    plan = make_plan(
        problem(
            demands=(demand(),),
            stocks=(stock(5000, vintage=2023),),
            prices=(price("CEA", 2025, 7463), price("CEA", 2023, 6000, 5900)),
        )
    )
    assert told(plan, Act.USE) == [(Act.USE, "CEA", 2025, 2025, 1000, 0)]
    lost = [line for line in plan.lines if line.act is Act.LOSE]
    assert [(line.quantity, line.by_on, line.full_fen) for line in lost] == [(5000, None, 5900)]


def test_units_that_lose_their_use_serve_arrears_first_and_cost_nothing():
    plan = make_plan(
        problem(
            demands=(demand(2024, 600, due_on=DUE_2025), demand(2025, 1000)),
            stocks=(
                stock(500, vintage=2024, lot="OLD"),
                stock(1200, vintage=2025, lot="NEW"),
            ),
            prices=(price("CEA", 2025, 8000, 7000), price("CEA", 2024, None, 6500)),
        )
    )
    assert [(x.label, x.year, x.quantity, x.unit_fen, x.why) for x in plan.lines] == [
        ("OLD", 2024, 500, 0, Why.LOSES_USE),
        ("NEW", 2024, 100, 7000, Why.CHEAPEST),
        ("NEW", 2025, 1000, 7000, Why.CHEAPEST),
        ("NEW", None, 100, 0, Why.SPARE),
    ]
    assert plan.total_fen == plan.given_up_fen == 1100 * 7000


def test_selling_ageing_units_can_be_weighed_against_using_them():
    facts = problem(
        demands=(demand(2024, 100, due_on=DUE_2025, offset_share=Decimal(1)),),
        stocks=(stock(100, vintage=2024),),
        prices=(price("CEA", 2024, None, 6500), price("CCER", None, 5000)),
        cells=(Cell((2019, 2026), (2019, 2024)),),
    )
    assert told(make_plan(facts), Act.BUY) == []
    weighed = make_plan(replace(facts, sells_ageing=True))
    assert told(weighed, Act.BUY) == [(Act.BUY, "CCER", None, 2024, 100, 500_000)]


def test_a_pledge_is_released_when_that_is_cheaper_and_in_time():
    facts = problem(
        demands=(demand(obligation=100),),
        stocks=(pledged(300, cost_fen=200, fee_fen=50_000, days=10),),
        prices=(price("CEA", 2025, 9000, 8000),),
    )
    plan = make_plan(facts)
    assert told(plan, Act.RELEASE, Act.BUY, Act.USE) == [
        (Act.RELEASE, "CEA", 2025, 2025, 100, 100 * 200 + 50_000),
        (Act.USE, "CEA", 2025, 2025, 100, 100 * 8000),
    ]
    release = plan.lines[0]
    assert (release.by_on, release.hold_id) == (date(2026, 12, 21), "H1")
    assert (release.full_fen, release.next_fen, release.next_origin) == (8200, 9000, "BOUGHT")
    dear = replace(facts, stocks=(pledged(300, cost_fen=200, fee_fen=90_000, days=10),))
    assert told(make_plan(dear), Act.RELEASE) == []


def test_a_release_that_comes_too_late_is_not_in_the_plan():
    stocks = (pledged(300, days=41), pledged(50, hold="H2", lot="P2", ask_until=date(2026, 11, 20)))
    plan = make_plan(problem(demands=(demand(obligation=100),), stocks=stocks))
    assert [(x.act, x.why, x.quantity) for x in plan.lines] == [
        (Act.MISSING, Why.NOTHING_OFFERED, 100),
        (Act.BLOCKED, Why.TOO_LATE, 300),
        (Act.BLOCKED, Why.TOO_LATE, 50),
    ]


def test_a_hold_that_ends_before_the_deadline_costs_nothing():
    stocks = (pledged(100, cost_fen=900, fee_fen=9, days=90, ends_on=date(2026, 12, 1)),)
    plan = make_plan(problem(demands=(demand(obligation=60),), stocks=stocks))
    assert [(x.act, x.why, x.by_on, x.amount_fen) for x in plan.lines[:1]] == [
        (Act.RELEASE, Why.ENDS_ITSELF, date(2026, 12, 1), 0)
    ]


def test_what_is_missing_is_said_with_the_vintages_that_would_serve():
    plan = make_plan(
        problem(
            demands=(demand(obligation=1000),),
            stocks=(stock(300),),
            prices=(price("CEA", 2026, 8000, available=100), price("CCER", None, 7000)),
        )
    )
    missing = plan.lines[-1]
    assert (missing.act, missing.why, missing.quantity) == (Act.MISSING, Why.USED_UP, 550)
    assert (missing.label, missing.by_on) == ("2025–2026", DUE_2025)
    assert plan.missing == plan.years[0].missing == 550
    assert plan.years[0].next_tonne_fen is None
    assert plan.years[0].cap_binds


def test_the_earlier_deadline_is_covered_first_when_units_are_short():
    years = (demand(2026, 100), demand(2025, 100))
    plan = make_plan(problem(demands=years, stocks=(stock(150),)))
    assert [(year.year, year.missing) for year in plan.years] == [(2025, 0), (2026, 50)]


def test_what_was_surrendered_counts_against_the_obligation_and_the_cap():
    one = demand(obligation=1000, surrendered=900, offsets_surrendered=45)
    plan = make_plan(
        problem(demands=(one,), prices=(price("CEA", 2025, 8000), price("CCER", None, 1)))
    )
    assert told(plan, Act.BUY) == [
        (Act.BUY, "CCER", None, 2025, 5, 5),
        (Act.BUY, "CEA", 2025, 2025, 95, 95 * 8000),
    ]


def test_old_units_are_carried_over_rather_than_used_when_that_is_worth_more():
    carry = CarryOver((2019, 2024), 80, 2025, "CEA", date(2026, 12, 20))
    plan = make_plan(
        problem(
            demands=(demand(2024, 50, due_on=DUE_2025),),
            stocks=(stock(100, vintage=2024),),
            prices=(price("CEA", 2025, 9000, 7000), price("CEA", 2024, 6000, 5500)),
            carry_over=carry,
            cells=(*MATRIX[1:], Cell((2019, 2024), (2019, 2024))),
        )
    )
    assert told(plan) == [
        (Act.BUY, "CEA", 2024, 2024, 30, 180_000),
        (Act.USE, "CEA", 2024, 2024, 20, 0),
        (Act.USE, "CEA", 2024, 2024, 30, 0),
        (Act.CARRY_OVER, "CEA", 2024, 2025, 80, 0),
    ]
    assert (plan.gained_fen, plan.total_fen) == (560_000, 180_000 - 560_000)


def test_what_may_be_carried_over_follows_from_the_matrix():
    facts = problem(
        demands=(demand(2025),), stocks=(stock(1, vintage=2021), stock(1, vintage=2025, lot="N"))
    )
    assert carry_over_of(facts, limit=5, apply_by=DUE_2025) == CarryOver(
        (2021, 2021), 5, 2025, "CEA", DUE_2025
    )
    assert carry_over_of(facts, limit=0, apply_by=DUE_2025) is None
    none_old = replace(facts, stocks=facts.stocks[1:])
    assert carry_over_of(none_old, limit=5, apply_by=DUE_2025) is None


def test_units_that_expire_before_the_deadline_are_used_by_their_last_day():
    ccer = stock(10, scheme="CCER", vintage=2024, last_day=date(2026, 12, 1))
    gone = stock(10, scheme="CCER", vintage=2024, last_day=date(2026, 11, 20), lot="GONE")
    plan = make_plan(problem(demands=(demand(obligation=400),), stocks=(ccer, gone)))
    used = [line for line in plan.lines if line.act is Act.USE]
    assert [(line.lot_id, line.by_on) for line in used] == [("L1", date(2026, 12, 1))]


def test_the_same_problem_has_the_same_plan_whatever_the_order_of_its_parts():
    facts = problem(
        demands=(demand(2025, 70), demand(2026, 70)),
        stocks=tuple(stock(20, lot=f"L{n}") for n in range(5)),
        prices=(price("CEA", 2025, 10, 10), price("CEA", 2026, 10, 10)),
    )
    turned = replace(
        facts,
        demands=facts.demands[::-1],
        stocks=facts.stocks[::-1],
        prices=facts.prices[::-1],
    )
    assert make_plan(facts) == make_plan(turned)


def test_a_problem_is_read_back_as_it_was_written_down():
    facts = problem(
        demands=(demand(),),
        stocks=(stock(1, last_day=TODAY), pledged(2, ask_until=TODAY, ends_on=DUE_2025)),
        prices=(price("CEA", 2025, 1, 2, available=3, price_id="p"),),
        carry_over=CarryOver((2019, 2024), 1, 2025, "CEA", TODAY),
        sells_ageing=True,
    )
    assert read_problem(document(facts)) == facts


# --- refusals


@pytest.mark.parametrize("text", ["74.631", "0.001"])
def test_a_price_finer_than_one_fen_is_refused(text):
    with pytest.raises(FinerThanFen):
        fen(Decimal(text))


@pytest.mark.parametrize("text", ["-1", "NaN", "Infinity"])
def test_what_is_no_price_is_refused(text):
    with pytest.raises(NotAPrice):
        fen(Decimal(text))


def test_prices_are_exact_in_fen():
    assert [fen(Decimal(text)) for text in ("74.63", "0.1", "1E2", "0", "5.500")] == [
        7463, 10, 10_000, 0, 550,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({}, NothingToPlan),
        ({"demands": (demand(), demand())}, YearTwice),
        ({"demands": (demand(),), "stocks": (stock(-1),)}, NegativeQuantity),
        ({"demands": (demand(offset_share=Decimal("1.01")),)}, ShareOutOfRange),
        (
            {
                "demands": (demand(),),
                "stocks": tuple(pledged(1, hold=f"H{n}", fee_fen=1) for n in range(9)),
            },
            TooManyFees,
        ),
    ],
)
def test_a_problem_that_makes_no_sense_is_refused_by_name(given, refusal):
    with pytest.raises(refusal):
        make_plan(problem(**given))


# --- what if


def test_scenarios_change_prices_and_emissions_exactly():
    facts = problem(demands=(demand(obligation=1001),), prices=(price("CEA", 2025, 7463, 7001),))
    found = changed(facts, price_bps=-1000, emission_bps=500)
    assert (found.demands[0].obligation, found.demands[0].offset_cap) == (1052, 52)
    assert (found.prices[0].buy_fen, found.prices[0].sell_fen) == (6717, 6301)
    grid = scenarios(facts, price_steps=[-1000, 0], emission_steps=[0, 500])
    assert [(one.price_bps, one.emission_bps, one.open, one.total_fen) for one in grid] == [
        (-1000, 0, 1001, 1001 * 6717),
        (0, 0, 1001, 1001 * 7463),
        (-1000, 500, 1052, 1052 * 6717),
        (0, 500, 1052, 1052 * 7463),
    ]


# --- against every cover there is

YEARS = (2024, 2025)
days = st.sampled_from([None, date(2026, 12, 5), date(2027, 6, 1)])
cells = st.lists(
    st.builds(
        Cell,
        st.sampled_from([(2024, 2024), (2025, 2025), (2024, 2025)]),
        st.sampled_from([(2024, 2024), (2025, 2025), (2024, 2026), (2025, 2027)]),
        allowed=st.sampled_from([True, True, False]),
    ),
    max_size=3,
).map(tuple)
demands = st.lists(
    st.builds(
        Demand,
        year=st.sampled_from(YEARS),
        obligation=st.integers(0, 4),
        due_on=st.sampled_from([date(2026, 10, 31), date(2026, 12, 31), date(2027, 12, 31)]),
        offset_share=st.sampled_from([Decimal(0), Decimal("0.5"), Decimal(1)]),
        surrendered=st.integers(0, 2),
        offsets_surrendered=st.integers(0, 1),
    ),
    min_size=1,
    max_size=2,
    unique_by=lambda one: one.year,
).map(tuple)
pledges = st.builds(
    Pledge,
    hold_id=st.just(""),
    cost_fen=st.integers(0, 4),
    fee_fen=st.sampled_from([0, 0, 3]),
    days=st.sampled_from([0, 30, 60]),
    ask_until=st.sampled_from([None, date(2026, 11, 30), date(2026, 11, 1)]),
    ends_on=st.sampled_from([None, None, date(2026, 12, 10)]),
)
stocks = st.lists(
    st.tuples(
        st.sampled_from(["CEA", "CCER"]),
        st.sampled_from(YEARS),
        st.integers(0, 2),
        days,
        st.none() | pledges,
    ),
    max_size=3,
)
prices = st.lists(
    st.builds(
        price,
        st.sampled_from(["CEA", "CCER"]),
        st.sampled_from(YEARS),
        st.none() | st.integers(0, 9),
        st.none() | st.integers(0, 9),
        available=st.integers(0, 3),
    ),
    max_size=3,
    unique_by=lambda one: (one.scheme, one.vintage),
).map(tuple)
carries = st.none() | st.builds(
    CarryOver,
    st.just((2024, 2024)),
    st.integers(0, 2),
    st.just(2025),
    st.just("CEA"),
    st.sampled_from([date(2026, 12, 1), date(2026, 11, 1)]),
)


def _stocks(rows) -> tuple[Stock, ...]:
    return tuple(
        Stock(
            "A", f"L{n}", f"L{n}", scheme, vintage, quantity,
            state="PLEDGED" if pledge else "FREE",
            last_day=day,
            pledge=replace(pledge, hold_id=f"H{n}") if pledge else None,
        )
        for n, (scheme, vintage, quantity, day, pledge) in enumerate(rows)
    )  # fmt: skip


problems = st.builds(
    problem,
    demands=demands,
    stocks=stocks.map(_stocks),
    prices=prices,
    cells=cells,
    carry_over=carries,
    sells_ageing=st.booleans(),
)


def _eligible(facts: Problem, scheme, vintage, year) -> bool:
    if scheme == "CCER":
        return True
    told = [
        c.allowed
        for c in facts.cells
        if c.vintages[0] <= vintage <= c.vintages[1] and c.years[0] <= year <= c.years[1]
    ]
    return bool(told) and told[0]


def _release(facts: Problem, one: Stock, need: Demand) -> tuple[int, bool] | None:
    """Cost of getting a pledged unit in time, and whether it has to be asked for."""
    terms = one.pledge
    goal = max(need.due_on, TODAY)
    goal = min(goal, one.last_day) if one.last_day else goal
    if terms.ends_on and terms.ends_on <= goal:
        return 0, False
    if terms.ask_until and terms.ask_until < TODAY:
        return None
    if need.due_on < TODAY:
        late = one.last_day and TODAY + timedelta(terms.days) > one.last_day
        return None if late else (terms.cost_fen, True)
    return (terms.cost_fen, True) if goal - timedelta(terms.days) >= TODAY else None


def _value(facts: Problem, one: Stock) -> int:
    end = max(max(need.due_on, TODAY) for need in facts.demands)
    newest = max(need.year for need in facts.demands)
    lives = (one.last_day is None or one.last_day > end) and any(
        _eligible(facts, one.scheme, one.vintage, year) for year in range(newest + 1, 2035)
    )
    known = [
        p.sell_fen
        for p in facts.prices
        if (p.scheme, p.vintage) == (one.scheme, one.vintage) and p.sell_fen is not None
    ]
    return (max(known) if known else 0) if lives or facts.sells_ageing else 0


def _choices(facts: Problem) -> Iterator[list[tuple[tuple[int, ...], int, bool]]]:  # noqa: C901
    """For each source: units for each year and for carrying over, what that costs, its fee."""
    for one in facts.stocks:
        value, options = _value(facts, one), []
        carry = facts.carry_over
        may_carry = (
            carry and not one.pledge and one.scheme == "CEA" and one.vintage == 2024
            and carry.apply_by >= TODAY
        )  # fmt: skip
        gain = next(
            (p.sell_fen or 0 for p in facts.prices if (p.scheme, p.vintage) == ("CEA", 2025)), 0
        )
        for counts in product(range(one.quantity + 1), repeat=len(facts.demands) + 1):
            if sum(counts) > one.quantity or (counts[-1] and not may_carry):
                continue
            cost, fee, possible = sum(counts) * value - counts[-1] * gain, 0, True
            for count, need in zip(counts, facts.demands, strict=False):
                if not count:
                    continue
                alive = one.last_day is None or one.last_day >= TODAY
                way = _release(facts, one, need) if one.pledge else (0, False)
                if not alive or way is None:
                    possible = False
                    break
                if not _eligible(facts, one.scheme, one.vintage, need.year):
                    possible = False
                    break
                cost += count * way[0]
                fee = one.pledge.fee_fen if way[1] else fee
            if possible:
                options.append((counts, cost + fee, one.scheme == "CCER"))
        yield options
    for offer in facts.prices:
        if offer.buy_fen is None:
            continue
        yield [
            ((*counts, 0), sum(counts) * offer.buy_fen, offer.scheme == "CCER")
            for counts in product(range(offer.available + 1), repeat=len(facts.demands))
            if sum(counts) <= offer.available
            and all(
                not count or _eligible(facts, offer.scheme, offer.vintage, need.year)
                for count, need in zip(counts, facts.demands, strict=True)
            )
        ]


def brute_force(facts: Problem) -> tuple[int, int, int]:
    """Least missing, then missing later, then the least money, over every cover."""
    order = sorted(facts.demands, key=lambda need: (need.due_on, need.year))
    rank = {need.year: order.index(need) for need in facts.demands}
    limit = facts.carry_over.limit if facts.carry_over else 0
    # every state that can be reached, with the cheapest way to it
    empty = (0,) * (2 * len(facts.demands) + 1)
    reached = {empty: 0}
    for options in _choices(facts):
        after: dict[tuple[int, ...], int] = {}
        for state, paid in reached.items():
            for counts, cost, is_offset in options:
                years = len(facts.demands)
                total = [a + b for a, b in zip(state[:years], counts, strict=False)]
                offsets = [
                    a + (b if is_offset else 0)
                    for a, b in zip(state[years : 2 * years], counts, strict=False)
                ]
                carried = state[-1] + counts[-1]
                fits = carried <= limit and all(
                    t <= need.open and o <= need.offset_room
                    for t, o, need in zip(total, offsets, facts.demands, strict=True)
                )
                key = (*total, *offsets, carried)
                if fits and paid + cost < after.get(key, 10**9):
                    after[key] = paid + cost
        reached = after
    best = None
    for state, paid in reached.items():
        short = [need.open - t for need, t in zip(facts.demands, state, strict=False)]
        later = -sum(s * rank[need.year] for s, need in zip(short, facts.demands, strict=True))
        found = (sum(short), later, paid)
        best = found if best is None or found < best else best
    assert best is not None
    return best


@settings(max_examples=300)
@given(problems)
def test_no_cover_is_cheaper_than_the_plan(facts):
    plan = make_plan(facts)
    rank = {year.year: n for n, year in enumerate(plan.years)}
    later = -sum(year.missing * rank[year.year] for year in plan.years)
    assert (plan.missing, later, plan.total_fen) == brute_force(facts)


@settings(max_examples=300)
@given(problems)
def test_a_plan_keeps_every_limit_and_its_lines_add_up(facts):
    plan = make_plan(facts)
    offsets = {"CCER"}
    for year in plan.years:
        need = next(one for one in facts.demands if one.year == year.year)
        used = [x for x in plan.lines if x.act is Act.USE and x.year == year.year]
        assert sum(x.quantity for x in used) == year.covered == need.open - year.missing
        assert sum(x.quantity for x in used if x.scheme in offsets) <= need.offset_room
        assert year.own + year.released + year.bought == year.covered
        assert all(_eligible(facts, x.scheme, x.vintage, x.year) for x in used)
    for one in facts.stocks:
        hold = one.pledge.hold_id if one.pledge else ""
        mine = [x for x in plan.lines if x.lot_id == one.lot_id and x.hold_id == hold]
        used = sum(x.quantity for x in mine if x.act is Act.USE)
        released = sum(x.quantity for x in mine if x.act is Act.RELEASE)
        assert used + sum(x.quantity for x in mine if x.act is Act.CARRY_OVER) <= one.quantity
        assert released == (used if one.pledge else 0)
        assert sum(x.fee_fen for x in mine) <= (one.pledge.fee_fen if one.pledge else 0)
    bought = [x for x in plan.lines if x.act is Act.BUY]
    handed = [x for x in plan.lines if x.act is Act.USE and x.origin == "BOUGHT"]
    assert sorted((x.scheme, x.vintage, x.year, x.quantity) for x in bought) == sorted(
        (x.scheme, x.vintage, x.year, x.quantity) for x in handed
    )
    for x in plan.lines:
        assert x.amount_fen == x.unit_fen * x.quantity + x.fee_fen
        assert x.quantity > 0
        assert x.next_fen is None or x.next_fen >= x.full_fen
        assert x.by_on is None or x.act is Act.LOSE or x.by_on >= TODAY
    assert plan.total_fen == plan.paid_fen + plan.given_up_fen - plan.gained_fen


@settings(max_examples=150)
@given(problems)
def test_the_price_of_the_next_tonne_and_of_the_cap_are_what_they_say(facts):
    """Without fees, which come at once, each margin is the difference of two plans."""
    stocks = tuple(
        replace(one, pledge=replace(one.pledge, fee_fen=0)) if one.pledge else one
        for one in facts.stocks
    )
    facts = replace(facts, stocks=stocks)
    plan = make_plan(facts)
    for n, need in enumerate(facts.demands):
        year = next(one for one in plan.years if one.year == need.year)
        if need.surrendered > need.obligation:
            continue
        # as many offsets as before: the share is for all that is owed
        more = replace(need, obligation=need.obligation + 1)
        if more.offset_cap != need.offset_cap:
            continue
        after = make_plan(replace(facts, demands=_with(facts.demands, n, more)))
        if year.next_tonne_fen is None:
            assert after.missing == plan.missing + 1
        else:
            assert after.missing == plan.missing
            assert after.total_fen - plan.total_fen == year.next_tonne_fen
        if (
            year.cap_fen
            and need.offsets_surrendered <= need.offset_cap
            and need.offsets_surrendered
        ):
            looser = replace(need, offsets_surrendered=need.offsets_surrendered - 1)
            freed = make_plan(replace(facts, demands=_with(facts.demands, n, looser)))
            assert plan.total_fen - freed.total_fen == year.cap_fen


def _with(rows: tuple, n: int, row) -> tuple:
    return (*rows[:n], row, *rows[n + 1 :])
