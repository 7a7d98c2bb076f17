"""What an amount is measured in. Each measure has a dimension and an exact factor to its base.

Two measures of different dimensions never mix: a tonne of coal is not energy (that takes a
calorific value), a cubic metre as metered is not a normal cubic metre (that takes pressure and
temperature), and a tonne of CO2 is not a tonne of CO2e (that takes the other gases and a GWP set).
"""

from decimal import Decimal
from enum import StrEnum

from ledger.kernel.errors import N_, DomainError


class Dimension(StrEnum):
    MASS = "mass"
    ENERGY = "energy"
    VOLUME = "volume"
    NORMAL_VOLUME = "normal volume"  # of a gas at 0 °C or 20 °C and 101.325 kPa, as its factor says
    CO2 = "CO2"
    CO2E = "CO2e"
    DISTANCE = "distance"
    FREIGHT = "freight"
    PASSAGE = "passage"
    AREA = "area"
    TIME = "time"
    COUNT = "count"
    MONEY = "money"


class MeasureMismatch(DomainError):
    code = "measure_mismatch"
    message = N_("%(left)s and %(right)s cannot be mixed.")


class UnknownMeasure(DomainError):
    code = "unknown_measure"
    message = N_("%(text)s is not a measure we know.")


class Measure(StrEnum):
    """The value is the symbol people write; `dimension` and `factor` (to the base) go with it."""

    dimension: Dimension
    factor: Decimal

    # The dimension has a default only so that `Measure("kWh")`, a look-up, passes the type check.
    def __new__(
        cls, symbol: str, dimension: Dimension = Dimension.COUNT, factor: str = "1"
    ) -> "Measure":
        member = str.__new__(cls, symbol)
        member._value_ = symbol
        member.dimension = dimension
        member.factor = Decimal(factor)
        return member

    # mass, in kg
    KG = "kg", Dimension.MASS
    G = "g", Dimension.MASS, "0.001"
    T = "t", Dimension.MASS, "1000"
    WAN_T = "1e4 t", Dimension.MASS, "10000000"
    LB = "lb", Dimension.MASS, "0.45359237"
    SHORT_TON = "short ton", Dimension.MASS, "907.18474"
    LONG_TON = "long ton", Dimension.MASS, "1016.0469088"

    # energy, in kJ. 1 tce = 7,000 kcal/kg of the international calorie (4.1868 J) = 29.3076 GJ, a
    # definition (GB/T 2589-2020); the statistical equivalents of R1.6 are parameters, not measures.
    KJ = "kJ", Dimension.ENERGY
    MJ = "MJ", Dimension.ENERGY, "1000"
    GJ = "GJ", Dimension.ENERGY, "1000000"
    TJ = "TJ", Dimension.ENERGY, "1000000000"
    KWH = "kWh", Dimension.ENERGY, "3600"
    MWH = "MWh", Dimension.ENERGY, "3600000"
    GWH = "GWh", Dimension.ENERGY, "3600000000"
    WAN_KWH = "1e4 kWh", Dimension.ENERGY, "36000000"
    KCAL = "kcal", Dimension.ENERGY, "4.1868"
    KGCE = "kgce", Dimension.ENERGY, "29307.6"
    TCE = "tce", Dimension.ENERGY, "29307600"
    WAN_TCE = "1e4 tce", Dimension.ENERGY, "293076000000"
    THERM = "therm", Dimension.ENERGY, "105505.585262"
    MMBTU = "mmBtu", Dimension.ENERGY, "1055055.85262"
    TOE = "toe", Dimension.ENERGY, "41868000"

    # volume, in litres
    L = "L", Dimension.VOLUME
    M3 = "m3", Dimension.VOLUME, "1000"
    WAN_M3 = "1e4 m3", Dimension.VOLUME, "10000000"
    CU_FT = "ft3", Dimension.VOLUME, "28.316846592"
    US_GALLON = "US gal", Dimension.VOLUME, "3.785411784"
    IMP_GALLON = "imp gal", Dimension.VOLUME, "4.54609"
    BARREL = "bbl", Dimension.VOLUME, "158.987294928"
    NM3 = "Nm3", Dimension.NORMAL_VOLUME
    WAN_NM3 = "1e4 Nm3", Dimension.NORMAL_VOLUME, "10000"

    # greenhouse gas, in kg
    KGCO2 = "kgCO2", Dimension.CO2
    TCO2 = "tCO2", Dimension.CO2, "1000"
    WAN_TCO2 = "1e4 tCO2", Dimension.CO2, "10000000"
    KGCO2E = "kgCO2e", Dimension.CO2E
    TCO2E = "tCO2e", Dimension.CO2E, "1000"

    # the rest
    KM = "km", Dimension.DISTANCE
    M = "m", Dimension.DISTANCE, "0.001"
    CM = "cm", Dimension.DISTANCE, "0.00001"
    INCH = "in", Dimension.DISTANCE, "0.0000254"
    FOOT = "ft", Dimension.DISTANCE, "0.0003048"
    YARD = "yd", Dimension.DISTANCE, "0.0009144"
    MILE = "mi", Dimension.DISTANCE, "1.609344"
    NAUTICAL_MILE = "nmi", Dimension.DISTANCE, "1.852"
    TKM = "tkm", Dimension.FREIGHT
    PKM = "pkm", Dimension.PASSAGE
    M2 = "m2", Dimension.AREA
    HOUR = "h", Dimension.TIME
    UNIT = "unit", Dimension.COUNT
    CNY = "CNY", Dimension.MONEY
    WAN_CNY = "1e4 CNY", Dimension.MONEY, "10000"

    @classmethod
    def parse(cls, text: str) -> "Measure":
        """The measure of a symbol as people type it ("kWh", "万kWh", "吨", "m³").

        :raises UnknownMeasure: no such symbol
        """
        wanted = _folded(text)
        try:
            return _SPELLINGS[wanted]
        except KeyError:
            raise UnknownMeasure(text=text.strip()) from None


def _folded(text: str) -> str:
    """One spelling: no blanks, no case, digits that are raised or lowered written plainly."""
    plain = (
        text.translate(str.maketrans("³²₂⁴", "3224")).replace("10^4", "1e4").replace("104", "1e4")
    )
    return "".join(plain.casefold().split())


_CHINESE = {
    "吨": Measure.T, "万吨": Measure.WAN_T, "千克": Measure.KG, "公斤": Measure.KG, "克": Measure.G,
    "千瓦时": Measure.KWH, "度": Measure.KWH, "兆瓦时": Measure.MWH, "万千瓦时": Measure.WAN_KWH,
    "万kWh": Measure.WAN_KWH, "万度": Measure.WAN_KWH, "吉瓦时": Measure.GWH,
    "千焦": Measure.KJ, "兆焦": Measure.MJ, "吉焦": Measure.GJ, "百万千焦": Measure.GJ,
    "太焦": Measure.TJ, "大卡": Measure.KCAL, "千卡": Measure.KCAL,
    "吨标准煤": Measure.TCE, "吨标煤": Measure.TCE, "千克标准煤": Measure.KGCE,
    "万吨标准煤": Measure.WAN_TCE, "升": Measure.L, "立方米": Measure.M3,
    "万立方米": Measure.WAN_M3, "万m3": Measure.WAN_M3,
    "标准立方米": Measure.NM3, "标立方米": Measure.NM3, "标方": Measure.NM3,
    "万标准立方米": Measure.WAN_NM3, "万标立方米": Measure.WAN_NM3, "万标方": Measure.WAN_NM3,
    "万Nm3": Measure.WAN_NM3, "吨二氧化碳": Measure.TCO2, "吨二氧化碳当量": Measure.TCO2E,
    "公里": Measure.KM, "千米": Measure.KM, "吨公里": Measure.TKM, "人公里": Measure.PKM,
    "平方米": Measure.M2, "小时": Measure.HOUR, "元": Measure.CNY, "万元": Measure.WAN_CNY,
}  # fmt: skip
_SPELLINGS = {
    **{_folded(measure.value): measure for measure in Measure},
    **{_folded(spelling): measure for spelling, measure in _CHINESE.items()},
}
