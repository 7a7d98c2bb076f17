"""Paths, peaks and reasons (TV-9), and the choice among measures."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.targets.rules import measures, reasons
from reporting.targets.rules.paths import (
    CutOutOfRange,
    Path,
    Stage,
    StagesOutOfOrder,
    TargetBeforeBase,
    along,
    check_stages,
    least_cut,
    peak_standing,
)
from reporting.targets.states import Reason, Standing

D = Decimal


@pytest.mark.parametrize(
    ("base", "target", "cut"),
    [(2019, 2030, "0.462"), (2020, 2030, "0.42"), (2022, 2030, "0.42"), (2023, 2033, "0.546")],
)
def test_tv_9_1_the_least_cut_by_contraction(base, target, cut):
    found = least_cut(base_year=base, target_year=target, rate=D("0.042"), counted_from=2020)
    assert found == D(cut)


def test_a_cut_is_never_more_than_everything_and_a_target_comes_after_its_base():
    whole = least_cut(base_year=2020, target_year=2060, rate=D("0.042"), counted_from=2020)
    assert whole == 1
    with pytest.raises(TargetBeforeBase, match="2030"):
        least_cut(base_year=2030, target_year=2030, rate=D("0.042"), counted_from=2020)


def test_tv_9_2_a_year_above_the_path_is_off_track_by_a_thousand():
    path = Path(2022, D(100000), [Stage(2030, D("0.42"))])
    assert path.at(2026) == D(79000)
    year = {one.year: one for one in along(path, {2026: D(80000), 2025: D(80000)})}
    assert (year[2026].standing, year[2026].over) == (Standing.OFF_TRACK, D(1000))
    assert (year[2025].standing, year[2025].over) == (Standing.ON_TRACK, D(-4250))
    assert year[2027].standing is Standing.NO_DATA
    assert path.at(2031) is None


def test_tv_9_3_half_the_intensity_by_2035_and_no_year_above_the_peak():
    path = Path(2025, D("1.2"), [Stage(2035, D("0.5"))])
    assert path.at(2035) == D("0.6")
    assert peak_standing(peak_year=2028, actual={2028: D(10), 2029: D(9)}) == (
        Standing.ON_TRACK,
        [],
    )
    broken = peak_standing(peak_year=2028, actual={2027: D(12), 2028: D(10), 2030: D("10.01")})
    assert broken == (Standing.BROKEN, [2030])
    assert peak_standing(peak_year=2028, actual={2027: D(12)}) == (Standing.NO_DATA, [])


def test_stages_are_linear_between_and_refused_out_of_order():
    stages = [Stage(2030, D("0.2")), Stage(2035, D("0.5"))]
    path = Path(2025, D(100), stages)
    assert [path.at(year) for year in (2025, 2028, 2030, 2032)] == [100, 88, 80, D("68")]
    check_stages(base_year=2025, stages=stages)
    for wrong in ([], [Stage(2025, D("0.1"))], list(reversed(stages))):
        with pytest.raises(StagesOutOfOrder):
            check_stages(base_year=2025, stages=wrong)
    with pytest.raises(CutOutOfRange):
        check_stages(base_year=2025, stages=[Stage(2030, D("1.01"))])


amounts = st.integers(0, 10**9).map(lambda n: D(n) / 1000)
sources = st.dictionaries(
    st.sampled_from("ABCD"), st.builds(reasons.SourceYear, amounts, amounts), max_size=4
)
years = st.builds(reasons.Year, sources, amounts.map(lambda n: -n))


@given(years, years)
def test_the_reasons_add_up_to_the_change_to_the_last_digit(before, after):
    found = reasons.effects(before, after)
    assert sum((one.tco2e for one in found), D(0)) == after.total - before.total
    assert sum(reasons.by_reason(found).values()) == after.total - before.total


def test_reasons_are_told_apart():
    before = reasons.Year({"GRID": reasons.SourceYear(D(1000), D(500)),
                           "OLD": reasons.SourceYear(D(1), D(30))}, D(-100))  # fmt: skip
    after = reasons.Year({"GRID": reasons.SourceYear(D(1200), D(480)),
                          "NEW": reasons.SourceYear(D(2), D(10))}, D(-300))  # fmt: skip
    sums = reasons.by_reason(reasons.effects(before, after))
    assert sums == {
        Reason.ACTIVITY: D(90),  # 200 × (0.5 + 0.4) / 2
        Reason.FACTOR: D(-110),
        Reason.STRUCTURE: D(-20),
        Reason.INSTRUMENT: D(-200),
    }


def measure(name, capex, net, abatement, *, needs=(), life=10):
    return measures.Measure(name, D(capex), D(net), life, D(abatement), needs)


def test_the_cheapest_choice_that_meets_the_target_else_the_one_that_cuts_most():
    pair = [measure("A", 100, 30, 60), measure("B", 100, 10, 60), measure("C", 170, 5, 120)]
    choice = measures.Choice(pair, budget=D(200), target=D(120), rate=D("0.05"))
    assert measures.best(choice).names == ["A", "B"]
    poor = measures.best(measures.Choice(pair, budget=D(100), target=D(120)))
    assert (poor.names, poor.meets_target) == (["A"], False)


def test_a_measure_that_needs_another_is_never_taken_alone_and_rivals_never_together():
    among = [measure("BASE", 10, 1, 5), measure("UP", 20, 2, 40, needs=["BASE"]),
             measure("X1", 15, 2, 30), measure("X2", 15, 2, 35)]  # fmt: skip
    choice = measures.Choice(
        among, budget=D(45), target=D(70), never_both=[frozenset({"X1", "X2"})]
    )
    names = set(measures.best(choice).names)
    assert not {"X1", "X2"} <= names
    assert "UP" not in names or "BASE" in names
    with pytest.raises(measures.TooManyMeasures):
        measures.best(measures.Choice([measure(str(n), 1, 1, 1) for n in range(19)], D(1), D(1)))
    with pytest.raises(measures.NoLife):
        measure("Z", 1, 1, 1, life=0).npv_cost(D("0.05"))
