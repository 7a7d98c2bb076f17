"""Files of published conversion factors, one factor a line: what they hold, and what is odd.

The flat form that governments publish: scope, headings, unit, gas and factor. The lines of one
thing in one unit are a group; the gases of a whole group must make its CO2e.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from ledger.kernel.measures import Measure
from reporting.factors.rules import OddFactor

KEY = ("scope", "level1", "level2", "level3", "level4", "column_text", "uom")
WHOLE = "CO2e"
PARTS = ("CO2", "CH4", "N2O")
PLACES = Decimal("1e-8")  # beyond what any such file prints: what is left of a float goes

Key = tuple[str, ...]

# Units as these files write them. A rate on a gross or net basis says so beside it.
_UNITS: Mapping[str, Measure] = {
    "tonnes": Measure.T,
    "tonne": Measure.T,
    "tonne, t (metric ton)": Measure.T,
    "ton (US)": Measure.SHORT_TON,
    "ton (US, short ton)": Measure.SHORT_TON,
    "ton (UK)": Measure.LONG_TON,
    "ton (UK, long ton)": Measure.LONG_TON,
    "litres": Measure.L,
    "cubic metres": Measure.M3,
    "cubic feet": Measure.CU_FT,
    "cu ft": Measure.CU_FT,
    "kWh (Net CV)": Measure.KWH,
    "kWh (Gross CV)": Measure.KWH,
    "miles": Measure.MILE,
    "kilometres": Measure.KM,
    "metre": Measure.M,
    "centimetres": Measure.CM,
    "feet": Measure.FOOT,
    "inch": Measure.INCH,
    "yard": Measure.YARD,
    "nautical miles": Measure.NAUTICAL_MILE,
    "tonne.km": Measure.TKM,
    "passenger.km": Measure.PKM,
    "Barrel (US, petroleum)": Measure.BARREL,
    "Bbl (US,P)": Measure.BARREL,
    "US gallon": Measure.US_GALLON,
    "Imp. gallon": Measure.IMP_GALLON,
    "Imperial gallon": Measure.IMP_GALLON,
    "Gigajoule": Measure.GJ,
    "Kilocalorie": Measure.KCAL,
    "Kilogram": Measure.KG,
    "Kilowatt-hour": Measure.KWH,
    "Pound": Measure.LB,
    "Tonne oil equivalent": Measure.TOE,
}
_FOLDED = {name.casefold(): measure for name, measure in _UNITS.items()}


def read_unit(text: str) -> Measure:
    """The measure of a unit in words ("passenger.km", "Kilocalorie, kcal").

    :raises UnknownMeasure: no unit of that name
    """
    plain = text.strip()
    for name in (plain, plain.rpartition(",")[0].strip()):
        if found := _FOLDED.get(name.casefold()):
            return found
    return Measure.parse(plain)


@dataclass(slots=True)
class FlatFile:
    """What was read. `complete` are groups with all four figures; odd places are line numbers."""

    row_count: int = 0
    groups: dict[Key, dict[str, Decimal]] = field(default_factory=dict)
    blank: list[int] = field(default_factory=list)
    not_numbers: list[int] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    rows_by_scope: Counter[str] = field(default_factory=Counter)
    headings: set[str] = field(default_factory=set)
    units: set[str] = field(default_factory=set)

    @property
    def complete(self) -> list[Key]:
        return [key for key, gases in self.groups.items() if {WHOLE, *PARTS} <= set(gases)]

    @property
    def not_summing(self) -> list[Key]:
        """Groups whose gases do not make their CO2e, beyond what the printed places explain."""
        return [key for key in self.complete if not gases_sum(self.groups[key])]

    def factor(self, key: Key, gas: str = WHOLE) -> Decimal:
        """:raises OddFactor: the file has no such figure"""
        try:
            return self.groups[key][gas]
        except KeyError:
            raise OddFactor(place=" / ".join(filter(None, key)), why=f"no {gas}") from None


def gases_sum(gases: Mapping[str, Decimal]) -> bool:
    """Whether the three gases make the CO2e, each figure up to half of its last digit off."""
    told = {gas: gases[gas].quantize(PLACES).normalize() for gas in (WHOLE, *PARTS)}
    parts = sum((told[gas] for gas in PARTS), Decimal(0))
    allowed = sum((_half_a_digit(value) for value in told.values()), Decimal(0))
    return abs(parts - told[WHOLE]) <= allowed


def _half_a_digit(value: Decimal) -> Decimal:
    exponent = value.as_tuple().exponent
    return Decimal("0.5").scaleb(min(0, exponent if isinstance(exponent, int) else 0))


def read_flat_file(rows: Iterable[Mapping[str, str]]) -> FlatFile:
    """Every line is counted; what cannot be taken is named by its place and left out."""
    found = FlatFile()
    for number, row in enumerate(rows, 2):
        found.row_count += 1
        found.rows_by_scope[row["scope"]] += 1
        found.headings.add(row["level1"])
        found.units.add(row["uom"])
        group = found.groups.setdefault(tuple(row[name] for name in KEY), {})
        _take(found, group, row, number)
    return found


def _take(found: FlatFile, group: dict[str, Decimal], row: Mapping[str, str], number: int) -> None:
    told = row["factor"].strip()
    if not told:
        found.blank.append(number)
        return
    try:
        value = Decimal(told)
    except InvalidOperation:
        found.not_numbers.append(number)
        return
    gas = _gas(row["ghg"])
    if gas in group:
        found.repeated.append(number)
    group[gas] = value


def _gas(text: str) -> str:
    """ "kg CO2e of CH4 per unit" and "kg CH4" are both CH4; "kg CO2e" is the whole."""
    words = text.split()
    if "of" in words:
        return words[words.index("of") + 1]
    return words[1] if len(words) > 1 and words[0] == "kg" else text
