"""What each method makes of what is told, and what it refuses."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.measures import Measure, MeasureMismatch
from ledger.kernel.quantities import Quantity
from reporting.entries.rules import LessThanNothing, ShareBeyondOne, cogeneration, methods
from reporting.entries.rules.fuels import Basis, Fuel, NoUnitPath
from reporting.entries.rules.methods import InputMissing, InputUnknown, InputUnreadable, work
from reporting.entries.rules.standing import MethodDoesNotFit, check_fits, parts_of
from reporting.entries.states import CATEGORY, SCOPE_3_NUMBER, Method, Part, ValueChain

D = Decimal


def made(method, **inputs):
    return [(one.quantity, one.gas) for one in work(method, inputs)]


def test_freight_people_and_their_uplift():
    assert made(Method.DISTANCE, mass="5 t", distance="100 km") == [(Quantity.parse("500 tkm"), "")]
    flown = made(Method.DISTANCE, people="2", distance="1000 km", uplift="1.08")
    assert flown == [(Quantity.parse("2160 pkm"), "")]
    with pytest.raises(methods.OneOrTheOther):
        made(Method.DISTANCE, distance="1 km")
    with pytest.raises(MeasureMismatch):
        made(Method.DISTANCE, mass="5 km", distance="100 km")


def test_losses_of_the_grid_are_of_what_was_generated():
    [(lost, _)] = made(Method.GRID_LOSSES, power="950 MWh", loss="0.05")
    assert lost.measure is Measure.MWH
    assert round(lost.amount, 12) == D(50)


def test_refrigerants_by_balance_and_by_screening():
    lost = made(Method.REFRIGERANT_BALANCE, bought_for_new="10 kg", capacity_new="8 kg",
                serviced="3 kg", capacity_retired="5 kg", recovered="4 kg")  # fmt: skip
    assert lost == [(Quantity.parse("6 kg"), "")]
    with pytest.raises(LessThanNothing):
        made(Method.REFRIGERANT_BALANCE, recovered="4 kg")
    screened = made(Method.REFRIGERANT_SCREENING, charge="1.5 kg", units="6", years="0.75",
                    a_year="0.17", new_units="1", at_installation="0.02", disposed_units="1",
                    left_at_disposal="1", recovered="0.92")  # fmt: skip
    assert screened == [(Quantity(D("1.2975"), Measure.KG), "")]


def test_a_fuel_by_gross_energy_by_volume_and_by_mass_is_one_net_energy():
    gross = made(Method.FUEL, amount="111 GJ", basis="GROSS", gross_to_net="1.11")
    by_mass = made(Method.FUEL, amount="2 t", heat_value="50 GJ")
    by_volume = made(Method.FUEL, amount="2.5 m3", heat_value="50 GJ", kg_per_litre="0.8")
    assert gross == by_mass == by_volume == [(Quantity.parse("100 GJ"), "")]
    half = made(Method.FUEL, amount="100 GJ", oxidation="0.99")
    assert half == [(Quantity(D("99.00"), Measure.GJ), "")]


def test_a_fuel_whose_path_is_not_known_is_refused_and_never_guessed():
    with pytest.raises(NoUnitPath, match="calorific value"):
        made(Method.FUEL, amount="2 t")
    with pytest.raises(NoUnitPath, match="density"):
        made(Method.FUEL, amount="2 m3", heat_value="50 GJ")
    with pytest.raises(NoUnitPath, match="gross to net"):
        made(Method.FUEL, amount="2 GJ", basis="GROSS")


@given(st.integers(1, 10**9), st.decimals("1.01", "1.2", places=4))
def test_net_to_gross_and_back_is_the_same_energy(gigajoules, ratio):
    fuel = Fuel(gross_to_net=ratio)
    told = Quantity(D(gigajoules), Measure.GJ)
    gross = fuel.energy(told, wanted=Basis.GROSS)
    assert round(fuel.energy(gross, basis=Basis.GROSS).amount, 9) == told.amount


def test_processes():
    clinker = made(Method.CLINKER, cement="500000 t", clinker_share="0.75", imported="10000 t",
                   exported="2000 t")  # fmt: skip
    assert clinker == [(Quantity(D("367000.00"), Measure.T), "")]
    with pytest.raises(LessThanNothing):
        made(Method.CLINKER, cement="1 t", clinker_share="0.5", imported="2 t")
    effects = made(Method.ANODE_EFFECTS, aluminium="80000 t", slope="0.143", c2f6_per_cf4="0.121",
                   minutes_per_cell_day="0.35")  # fmt: skip
    assert [(mass.amount, gas) for mass, gas in effects] == [
        (D("4004"), "CF4"),
        (D("484.484"), "C2F6"),
    ]
    glass = made(Method.PRODUCT, output="25000 t", reused="0.175")
    assert glass == [(Quantity(D("20625.000"), Measure.T), "")]


def test_a_carbon_balance_is_what_stayed_in_the_air():
    kept = made(Method.CARBON_BALANCE, put_in="1000 t @ 0.85; 20 t @ 0.1", taken_out="900 t @ 0.9")
    assert kept == [(Quantity(D(42) * 44 / 12, Measure.T), "CO2")]
    with pytest.raises(LessThanNothing):
        made(Method.CARBON_BALANCE, put_in="1 t @ 0.1", taken_out="1 t @ 0.2")
    with pytest.raises(InputUnreadable):
        made(Method.CARBON_BALANCE, put_in="1000 t of coal")
    with pytest.raises(ShareBeyondOne):
        made(Method.CARBON_BALANCE, put_in="1 t @ 1.2")


def test_heat_of_a_plant_that_also_makes_power_takes_its_part():
    [(part, gas)] = made(Method.SHARED_PLANT, emission="1000 t", heat="6000000 kWh",
                         power="3000000 kWh", heat_efficiency="0.66", power_efficiency="0.33",
                         taken="0.5")  # fmt: skip
    assert (round(part.amount, 15), part.measure, gas) == (D(250), Measure.T, "CO2e")


@given(st.integers(0, 10**9), st.integers(0, 10**6), st.integers(1, 10**6))
def test_shared_emissions_add_up_to_the_whole_exactly(total, heat, power):
    weights = cogeneration.by_efficiency(
        heat=D(heat), power=D(power), heat_efficiency=D("0.8"), power_efficiency=D("0.35")
    )
    assert sum(cogeneration.share_emission(D(total), weights).values()) == total


def test_a_plant_that_gave_nothing_has_nothing_to_share():
    with pytest.raises(cogeneration.NothingProduced):
        cogeneration.share_emission(D(1), {"HEAT": D(0), "POWER": D(0)})


def test_what_is_missing_unknown_or_unreadable_is_named():
    with pytest.raises(InputMissing, match="amount"):
        made(Method.AVERAGE)
    with pytest.raises(InputUnknown, match="colour"):
        made(Method.AVERAGE, amount="1 t", colour="blue")
    with pytest.raises(InputUnreadable, match="much"):
        made(Method.AVERAGE, amount="much")
    with pytest.raises(MeasureMismatch):
        made(Method.SPEND, amount="1 t")
    with pytest.raises(ShareBeyondOne):
        made(Method.ASSET, emission="10 t", share="1.1")


def test_each_method_fits_somewhere_and_each_part_has_a_category():
    assert all(parts_of(method) for method in Method)
    assert set(CATEGORY) == set(Part)
    assert list(SCOPE_3_NUMBER.values()) == list(range(1, 16))
    assert {CATEGORY[Part(one.value)] for one in ValueChain} == {3, 4, 5, 6}
    with pytest.raises(MethodDoesNotFit):
        check_fits(Method.CLINKER, Part.COMMUTING)
