"""The park as a trader, and a newcomer's figure: assumptions in, exact figures out."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from reporting.disclosures.rules import entry_figure, simulate

TONNES = st.dictionaries(
    st.sampled_from("ABCDE"), st.decimals(0, 10**6, places=3), min_size=1, max_size=5
)


def test_neighbours_settle_what_one_lacks_and_another_has() -> None:
    found = simulate(
        {"A": Decimal("1200.2"), "B": Decimal(700)},
        base={"A": Decimal(1000), "B": Decimal(1000)},
        share=Decimal("0.97"),
        price=Decimal("74.63"),
    )
    assert [(one.emitted, one.free, one.over, one.short) for one in found.positions] == [
        (1201, 970, 0, 231),
        (700, 970, 270, 0),
    ]
    assert (found.short_alone, found.short_together, found.kept_inside) == (231, 0, 231)
    assert found.saved_cny == Decimal("17239.53")


def test_a_newcomer_without_a_year_before_gets_its_share_of_its_own() -> None:
    found = simulate({"A": Decimal(100)}, base={}, share=Decimal("0.5"), price=Decimal(1))
    assert (found.positions[0].free, found.short_together) == (50, 50)


@given(TONNES, TONNES, st.decimals(0, 2, places=3))
def test_together_nobody_lacks_more_than_alone(emitted, base, share) -> None:
    found = simulate(emitted, base=base, share=share, price=Decimal(1))
    assert 0 <= found.short_together <= found.short_alone
    assert found.kept_inside >= 0
    assert found.balance_together == sum(one.over - one.short for one in found.positions)


def test_an_entry_figure_is_the_plan_times_the_parks_factors() -> None:
    made = entry_figure(
        direct_tco2e=Decimal(100),
        power_mwh=Decimal(2000),
        heat_gj=Decimal(500),
        revenue=Decimal(8000),
        power_factor=Decimal("0.5"),
        heat_factor=Decimal("0.06"),
    )
    assert made.total_tco2e == Decimal(1130)
    assert made.intensity == Decimal("0.1413")  # 0.14125, half up
    nothing = {"direct_tco2e": 0, "power_mwh": 0, "heat_gj": 0, "revenue": 0}
    none = entry_figure(
        **{name: Decimal(x) for name, x in nothing.items()},
        power_factor=Decimal(1),
        heat_factor=Decimal(1),
    )
    assert none.intensity is None
