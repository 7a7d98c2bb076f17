"""Amounts with their measure: exact, and never mixed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.gases import GasAmount, GasMismatch
from ledger.kernel.measures import Dimension, Measure, MeasureMismatch, UnknownMeasure
from ledger.kernel.quantities import NotANumber, Quantity, exact, total, whole

amounts = st.decimals(
    min_value=-(10**12), max_value=10**12, places=6, allow_nan=False, allow_infinity=False
)
measures = st.sampled_from(list(Measure))


def of(amount, measure):
    return Quantity(Decimal(amount), measure)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (of(1, Measure.MWH), of(1000, Measure.KWH)),
        (of(1, Measure.WAN_KWH), of(10, Measure.MWH)),
        (of(1, Measure.GWH), of(100, Measure.WAN_KWH)),
        (of(1, Measure.MWH), of("3.6", Measure.GJ)),
        (of(1, Measure.TJ), of(1000, Measure.GJ)),
        (of(1, Measure.TCE), of("29.3076", Measure.GJ)),
        (of(1, Measure.TCE), of(7000000, Measure.KCAL)),
        (of(1, Measure.T), of(1000, Measure.KG)),
        (of(1, Measure.M3), of(1000, Measure.L)),
        (of(1, Measure.WAN_NM3), of(10000, Measure.NM3)),
        (of(1, Measure.TCO2E), of(1000, Measure.KGCO2E)),
        (of(1, Measure.WAN_CNY), of(10000, Measure.CNY)),
    ],
)
def test_a_conversion_is_exact(left, right):
    assert left.to(right.measure) == right
    assert left.same_as(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Measure.T, Measure.GJ),
        (Measure.M3, Measure.NM3),
        (Measure.TCO2, Measure.TCO2E),
        (Measure.T, Measure.TCO2),
        (Measure.L, Measure.KG),
        (Measure.MWH, Measure.UNIT),
        (Measure.TKM, Measure.KM),
    ],
)
def test_what_does_not_mix_is_refused_everywhere(left, right):
    one, other = of(1, left), of(1, right)
    for act in (
        lambda: one.to(right),
        lambda: one + other,
        lambda: one - other,
        lambda: one < other,
        lambda: one >= other,
        lambda: total([one, other], left),
    ):
        with pytest.raises(MeasureMismatch, match="cannot be mixed"):
            act()


def test_a_conversion_that_does_not_end_stops_at_34_digits():
    assert str(of(1, Measure.GJ).to(Measure.KWH).amount) == "277.7777777777777777777777777777778"


@given(amounts, measures, measures)
def test_there_and_back_is_the_same_to_thirty_digits(amount, measure, other):
    if measure.dimension is not other.dimension:
        return
    start = Quantity(amount, measure)
    back = start.to(other).to(measure)
    assert abs(back.amount - amount) <= abs(amount) * Decimal("1e-30")


@given(st.lists(amounts), st.sampled_from([Measure.KWH, Measure.MWH]))
def test_a_sum_loses_nothing(parts, measure):
    whole = total([Quantity(part, Measure.MWH) for part in parts], measure)
    assert whole.same_as(Quantity(sum(parts, Decimal(0)), Measure.MWH))


@given(amounts, amounts)
def test_adding_and_taking_away_is_nothing(first, second):
    one, other = Quantity(first, Measure.GJ), Quantity(second, Measure.TCE)
    assert (one + other - other).same_as(one)


@given(amounts, measures)
def test_a_quantity_reads_back_as_written(amount, measure):
    start = Quantity(amount, measure)
    assert Quantity.parse(str(start)) == start


def test_many_digits_are_not_rounded_by_the_default_context():
    long = Decimal("123456789012345678901234567890.000001")
    assert (Quantity(long, Measure.T) + of(1, Measure.KG)).amount == Decimal(
        "123456789012345678901234567890.001001"
    )


@pytest.mark.parametrize("amount", [0.5, True, None])
def test_a_float_is_no_amount(amount):
    with pytest.raises(TypeError):
        Quantity(amount, Measure.T)
    with pytest.raises(TypeError):
        of(1, Measure.T) * amount


@pytest.mark.parametrize("text", ["", "abc", "NaN", "Infinity", "1.2.3"])
def test_text_that_is_no_number_is_refused(text):
    with pytest.raises(NotANumber):
        exact(text)


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("kwh", Measure.KWH), ("千瓦时", Measure.KWH), ("万kWh", Measure.WAN_KWH),
        ("万千瓦时", Measure.WAN_KWH), (" MWh ", Measure.MWH), ("m³", Measure.M3),
        ("万Nm3", Measure.WAN_NM3), ("10^4 Nm3", Measure.WAN_NM3), ("吨", Measure.T),
        ("tCO₂e", Measure.TCO2E), ("吨标准煤", Measure.TCE), ("元", Measure.CNY),
    ],
)  # fmt: skip
def test_a_measure_as_people_write_it(text, measure):
    assert Measure.parse(text) is measure


@pytest.mark.parametrize("text", ["", "barrel", "立方", "kW"])
def test_an_unknown_measure_is_refused(text):
    with pytest.raises(UnknownMeasure):
        Measure.parse(text)


def test_every_measure_has_a_positive_factor_and_each_dimension_a_base():
    assert all(measure.factor > 0 for measure in Measure)
    assert {m.dimension for m in Measure if m.factor == 1} == set(Dimension)


def test_gases_add_up_only_by_their_weight_as_co2e():
    methane = GasAmount("CH4", of(2, Measure.T))
    assert (methane + GasAmount("CH4", of(500, Measure.KG))).mass == of("2.500", Measure.T)
    assert methane.co2e(Decimal("27.9")) == of("55.8", Measure.TCO2E)
    with pytest.raises(GasMismatch):
        methane + GasAmount("N2O", of(1, Measure.T))
    with pytest.raises(MeasureMismatch):
        GasAmount("CH4", of(1, Measure.TCO2E))


def test_a_sum_of_long_parts_is_not_rounded():
    """A statement's total once had two digits less than its lines, and a stranger was told NO."""
    parts = [Decimal("3719.509004264770469517933702812925"), Decimal("16588.05099360000000000001")]
    assert whole(parts) == Decimal("20307.559997864770469517943702812925")
    assert whole([]) == 0
