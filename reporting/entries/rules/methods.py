"""Each method: what it asks for, and what it makes of it.

What is told is kept as text, just as it was told ("12.5 t", "0.08"); the quantities made of it are
exact and can be made again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from ledger.kernel.errors import N_, DomainError
from ledger.kernel.measures import Dimension, Measure, MeasureMismatch
from ledger.kernel.quantities import WIDE, Quantity, exact
from reporting.entries.rules import ONE, ZERO, check_share, cogeneration, journeys, processes
from reporting.entries.rules.fuels import Basis, Fuel
from reporting.entries.rules.grids import lost_on_the_way
from reporting.entries.rules.refrigerants import Balance, Equipment
from reporting.entries.states import Method

CO2E = "CO2e"
CO2 = "CO2"


class InputMissing(DomainError):
    code = "input_missing"
    message = N_("The method needs %(name)s.")


class InputUnknown(DomainError):
    code = "input_unknown"
    message = N_("The method does not know %(name)s.")


class InputUnreadable(DomainError):
    code = "input_unreadable"
    message = N_("%(name)s: %(text)s cannot be read as %(wanted)s.")


class OneOrTheOther(DomainError):
    code = "one_or_the_other"
    message = N_("Give either %(one)s or %(other)s.")


class FieldKind(StrEnum):
    """How an input is written."""

    QUANTITY = "QUANTITY"  # "12.5 t"
    NUMBER = "NUMBER"
    SHARE = "SHARE"  # a part of one
    FLOWS = "FLOWS"  # "1000 t @ 0.85; 20 t @ 0.1": quantities, each with its carbon content
    BASIS = "BASIS"  # NET or GROSS


@dataclass(frozen=True, slots=True)
class Field:
    kind: FieldKind
    dimensions: tuple[Dimension, ...] = ()
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Worked:
    """What a method makes: an activity to be multiplied by a factor, or a gas itself."""

    quantity: Quantity
    formula: str
    gas: str = ""


class Told:
    """The inputs of one entry, read as its method's fields say."""

    def __init__(self, fields: Mapping[str, Field], given: Mapping[str, str]) -> None:
        """:raises InputUnknown, InputMissing: a name too many or too few"""
        self.given = {name: text.strip() for name, text in given.items() if text.strip()}
        for name in self.given:
            if name not in fields:
                raise InputUnknown(name=name)
        for name, field in fields.items():
            if field.is_required and name not in self.given:
                raise InputMissing(name=name)
        self.fields = fields

    def has(self, name: str) -> bool:
        return name in self.given

    def quantity(self, name: str, default: Quantity | None = None) -> Quantity:
        """:raises InputUnreadable: no quantity, or one of another dimension"""
        if name not in self.given and default is not None:
            return default
        text, wanted = self.given[name], self.fields[name].dimensions
        try:
            found = Quantity.parse(text)
        except DomainError:
            raise InputUnreadable(name=name, text=text, wanted="12.5 t") from None
        if wanted and found.measure.dimension not in wanted:
            raise MeasureMismatch(left=found.measure.value, right=wanted[0].value)
        return found

    def number(self, name: str, default: Decimal | None = None) -> Decimal:
        """:raises InputUnreadable: no number, or less than nothing"""
        if name not in self.given and default is not None:
            return default
        text = self.given[name]
        try:
            found = exact(text)
        except DomainError:
            raise InputUnreadable(name=name, text=text, wanted="0.5") from None
        if found < 0:
            raise InputUnreadable(name=name, text=text, wanted="0.5")
        return found

    def share(self, name: str, default: Decimal | None = None) -> Decimal:
        """:raises ShareBeyondOne: not a part of one"""
        found = self.number(name, default)
        check_share(found)
        return found

    def flows(self, name: str) -> list[tuple[Quantity, Decimal]]:
        """:raises InputUnreadable: not "quantity @ content; …" """
        found = []
        for one in self.given.get(name, "").split(";"):
            if not one.strip():
                continue
            amount, _at, content = one.partition("@")
            try:
                found.append((Quantity.parse(amount), exact(content)))
            except DomainError:
                raise InputUnreadable(name=name, text=one, wanted="1000 t @ 0.85") from None
        return found

    def basis(self, name: str) -> Basis:
        """:raises InputUnreadable: neither NET nor GROSS"""
        text = self.given.get(name, Basis.NET)
        try:
            return Basis(text.upper())
        except ValueError:
            raise InputUnreadable(name=name, text=text, wanted="NET, GROSS") from None


def _average(told: Told) -> list[Worked]:
    amount = told.quantity("amount")
    return [Worked(amount, str(amount))]


def _emitted(told: Told) -> list[Worked]:
    emission = told.quantity("emission").to(Measure.T)
    return [Worked(emission, str(emission), CO2E)]


def _distance(told: Told) -> list[Worked]:
    if told.has("mass") is told.has("people"):
        raise OneOrTheOther(one="mass", other="people")
    way, uplift = told.quantity("distance"), told.number("uplift", ONE)
    if told.has("mass"):
        mass = told.quantity("mass")
        return [Worked(journeys.freight(mass, way * uplift), f"{mass} × {way} × {uplift:f}")]
    people = told.number("people")
    found = journeys.passage(people, way, uplift=uplift)
    return [Worked(found, f"{people:f} × {way} × {uplift:f}")]


def _asset(told: Told) -> list[Worked]:
    whole, share = told.quantity("emission").to(Measure.T), told.share("share")
    return [Worked(whole * share, f"{whole} × {share:f}", CO2E)]


def _fuel(told: Told) -> list[Worked]:
    heat = told.quantity("heat_value", Quantity(ZERO, Measure.GJ))
    fuel = Fuel(
        heat=heat if told.has("heat_value") else None,
        per=Measure.T,
        basis=told.basis("heat_value_basis"),
        gross_to_net=told.number("gross_to_net") if told.has("gross_to_net") else None,
        density_kg_per_l=told.number("kg_per_litre") if told.has("kg_per_litre") else None,
    )
    amount, oxidation = told.quantity("amount"), told.share("oxidation", ONE)
    energy = fuel.energy(amount, basis=told.basis("basis")) * oxidation
    return [Worked(energy.to(Measure.GJ), f"{amount} → {energy.to(Measure.GJ)}")]


def _grid_losses(told: Told) -> list[Worked]:
    used, loss = told.quantity("power").to(Measure.MWH), told.share("loss")
    lost = lost_on_the_way(ONE, loss)
    formula = f"{used} × {loss:f} / (1 − {loss:f})"
    return [Worked(Quantity(WIDE.multiply(used.amount, lost), Measure.MWH), formula)]


def _kg(told: Told, name: str) -> Decimal:
    return told.quantity(name, Quantity(ZERO, Measure.KG)).to(Measure.KG).amount


def _balance(told: Told) -> list[Worked]:
    names = ("bought_for_new", "capacity_new", "serviced", "capacity_retired", "recovered")
    balance = Balance(**{name: _kg(told, name) for name in names})
    formula = (
        "({bought_for_new} − {capacity_new}) + {serviced} + ({capacity_retired} − {recovered})"
    )
    shown = {name: format(getattr(balance, name), "f") for name in names}
    return [Worked(Quantity(balance.lost_kg, Measure.KG), formula.format(**shown))]


def _screening(told: Told) -> list[Worked]:
    equipment = Equipment(
        charge_kg=_kg(told, "charge"),
        at_installation=told.share("at_installation", ZERO),
        a_year=told.share("a_year", ZERO),
        left_at_disposal=told.share("left_at_disposal", ZERO),
        recovered=told.share("recovered", ZERO),
    )
    lost = equipment.lost_kg(
        new_units=told.number("new_units", ZERO),
        units=told.number("units", ZERO),
        years=told.number("years", ONE),
        disposed_units=told.number("disposed_units", ZERO),
    )
    parts = " + ".join(f"{kilograms:f}" for kilograms in lost.values())
    return [Worked(Quantity(sum(lost.values(), ZERO), Measure.KG), parts)]


def _product(told: Told) -> list[Worked]:
    output, reused = told.quantity("output"), told.share("reused", ZERO)
    made = processes.of_new_material(output, reused=reused)
    return [Worked(made, f"{output} × (1 − {reused:f})" if reused else str(output))]


def _clinker(told: Told) -> list[Worked]:
    none = Quantity(ZERO, Measure.T)
    cement, share = told.quantity("cement"), told.share("clinker_share")
    clinker = processes.clinker_made(
        cement,
        clinker_share=share,
        imported=told.quantity("imported", none),
        exported=told.quantity("exported", none),
        kiln_dust=told.number("kiln_dust", ONE),
    )
    return [Worked(clinker, f"{cement} × {share:f} → {clinker}")]


def _anode_effects(told: Told) -> list[Worked]:
    cell = processes.AnodeEffects(
        slope=told.number("slope"),
        c2f6_per_cf4=told.number("c2f6_per_cf4"),
        minutes_per_cell_day=told.number("minutes_per_cell_day"),
    )
    made = told.quantity("aluminium")
    formula = f"{made} × {cell.slope:f} × {cell.minutes_per_cell_day:f}"
    return [Worked(mass, formula, gas) for gas, mass in cell.gases(made).items()]


def _carbon_balance(told: Told) -> list[Worked]:
    found = processes.carbon_balance(told.flows("put_in"), told.flows("taken_out"))
    formula = f"({told.given['put_in']}) − ({told.given.get('taken_out', '')}) × 44/12"
    return [Worked(found, formula[:250], CO2)]


def _shared_plant(told: Told) -> list[Worked]:
    """The heat's part of the emissions of a plant that also makes power."""
    heat, power = (told.quantity(name).to(Measure.GJ).amount for name in ("heat", "power"))
    weights = cogeneration.by_efficiency(
        heat=heat,
        power=power,
        heat_efficiency=told.number("heat_efficiency"),
        power_efficiency=told.number("power_efficiency"),
    )
    whole = told.quantity("emission").to(Measure.T)
    share = cogeneration.share_emission(whole.amount, weights)[cogeneration.HEAT]
    taken = told.share("taken", ONE)
    formula = f"{whole} · {heat:f} GJ / {power:f} GJ · {taken:f}"
    return [Worked(Quantity(WIDE.multiply(share, taken), Measure.T), formula, CO2E)]


@dataclass(frozen=True, slots=True)
class Spec:
    """`takes` says where the factor comes from: the library or what was given, or nowhere."""

    fields: Mapping[str, Field]
    work: Callable[[Told], list[Worked]]
    takes_factor: bool = True


_MASS = Field(FieldKind.QUANTITY, (Dimension.MASS,))
_MASS_MAYBE = Field(FieldKind.QUANTITY, (Dimension.MASS,), is_required=False)
_ENERGY = Field(FieldKind.QUANTITY, (Dimension.ENERGY,))
_EMISSION = Field(FieldKind.QUANTITY, (Dimension.MASS,))
_NUMBER = Field(FieldKind.NUMBER)
_NUMBER_MAYBE = Field(FieldKind.NUMBER, is_required=False)
_SHARE = Field(FieldKind.SHARE)
_SHARE_MAYBE = Field(FieldKind.SHARE, is_required=False)

METHODS: Mapping[Method, Spec] = {
    Method.AVERAGE: Spec({"amount": Field(FieldKind.QUANTITY)}, _average),
    Method.SPEND: Spec({"amount": Field(FieldKind.QUANTITY, (Dimension.MONEY,))}, _average),
    Method.SUPPLIER: Spec({"emission": _EMISSION}, _emitted, takes_factor=False),
    Method.DISTANCE: Spec(
        {
            "mass": _MASS_MAYBE,
            "people": _NUMBER_MAYBE,
            "distance": Field(FieldKind.QUANTITY, (Dimension.DISTANCE,)),
            "uplift": _NUMBER_MAYBE,
        },
        _distance,
    ),
    Method.ASSET: Spec({"emission": _EMISSION, "share": _SHARE}, _asset, takes_factor=False),
    Method.FUEL: Spec(
        {
            "amount": Field(
                FieldKind.QUANTITY, (Dimension.MASS, Dimension.VOLUME, Dimension.ENERGY)
            ),
            "basis": Field(FieldKind.BASIS, is_required=False),
            "heat_value": Field(FieldKind.QUANTITY, (Dimension.ENERGY,), is_required=False),
            "heat_value_basis": Field(FieldKind.BASIS, is_required=False),
            "gross_to_net": _NUMBER_MAYBE,
            "kg_per_litre": _NUMBER_MAYBE,
            "oxidation": _SHARE_MAYBE,
        },
        _fuel,
    ),
    Method.GRID_LOSSES: Spec({"power": _ENERGY, "loss": _SHARE}, _grid_losses),
    Method.REFRIGERANT_BALANCE: Spec(
        dict.fromkeys(
            ("bought_for_new", "capacity_new", "serviced", "capacity_retired", "recovered"),
            _MASS_MAYBE,
        ),
        _balance,
    ),
    Method.REFRIGERANT_SCREENING: Spec(
        {
            "charge": _MASS,
            **dict.fromkeys(("units", "years", "new_units", "disposed_units"), _NUMBER_MAYBE),
            **dict.fromkeys(
                ("at_installation", "a_year", "left_at_disposal", "recovered"), _SHARE_MAYBE
            ),
        },
        _screening,
    ),
    Method.PRODUCT: Spec({"output": _MASS, "reused": _SHARE_MAYBE}, _product),
    Method.CLINKER: Spec(
        {
            "cement": _MASS,
            "clinker_share": _SHARE,
            "imported": _MASS_MAYBE,
            "exported": _MASS_MAYBE,
            "kiln_dust": _NUMBER_MAYBE,
        },
        _clinker,
    ),
    Method.ANODE_EFFECTS: Spec(
        {
            "aluminium": _MASS,
            "slope": _NUMBER,
            "c2f6_per_cf4": _NUMBER,
            "minutes_per_cell_day": _NUMBER,
        },
        _anode_effects,
        takes_factor=False,
    ),
    Method.CARBON_BALANCE: Spec(
        {"put_in": Field(FieldKind.FLOWS), "taken_out": Field(FieldKind.FLOWS, is_required=False)},
        _carbon_balance,
        takes_factor=False,
    ),
    Method.SHARED_PLANT: Spec(
        {
            "emission": _EMISSION,
            "heat": _ENERGY,
            "power": _ENERGY,
            "heat_efficiency": _NUMBER,
            "power_efficiency": _NUMBER,
            "taken": _SHARE_MAYBE,
        },
        _shared_plant,
        takes_factor=False,
    ),
}
REFRIGERANTS = frozenset({Method.REFRIGERANT_BALANCE, Method.REFRIGERANT_SCREENING})


def work(method: Method, given: Mapping[str, str]) -> list[Worked]:
    """What the method makes of what was told.

    :raises InputUnknown, InputMissing, InputUnreadable, OneOrTheOther: the inputs do not fit it
    :raises ShareBeyondOne, LessThanNothing, NoUnitPath, NothingProduced, MeasureMismatch: likewise
    """
    spec = METHODS[method]
    return spec.work(Told(spec.fields, given))
