"""Lists of prices and of exchange rates, day by day: our own columns, in Chinese and in English.

A source's own list has other headings: a person writes them over, or maps the columns once.
"""

from ledger.imports.layouts.cells import Cells, plain
from ledger.imports.layouts.registry import Layout, register
from ledger.imports.records import Act, Record, Row, record_of_a_day
from ledger.kernel.errors import N_

MARKS_CHINESE = {
    "scheme": "品种",
    "vintage": "年份",
    "source": "来源",
    "day": "日期",
    "price": "价格",
    "currency": "币种",
    "mode": "交易方式",
    "volume": "成交量",
    "reason": "理由",
}
MARKS_ENGLISH = {
    "scheme": "instrument",
    "vintage": "vintage",
    "source": "source",
    "day": "day",
    "price": "price",
    "currency": "currency",
    "mode": "mode",
    "volume": "volume",
    "reason": "reason",
}
RATES_CHINESE = {
    "priced": "原币种",
    "currency": "目标币种",
    "source": "来源",
    "day": "日期",
    "price": "汇率",
    "reason": "理由",
}
RATES_ENGLISH = {
    "priced": "from",
    "currency": "to",
    "source": "source",
    "day": "day",
    "price": "rate",
    "reason": "reason",
}
MARKS_NEEDED = ("scheme", "source", "day", "price")
RATES_NEEDED = ("priced", "source", "day", "price")


class Days:
    """One language of one of the two lists."""

    def __init__(self, act: Act, names: dict[str, str]) -> None:
        self.act, self.names = act, names

    def read(self, row: Row) -> list[Record]:
        """:raises RowFaults: every cell of the row that cannot be"""
        cells, names = Cells(row), self.names
        day = cells.day(names["day"], required=True)
        cells.required(names["price"])
        price = cells.exact(names["price"])
        told = {
            "source": cells.identifier(names["source"], required=True),
            "currency": self._upper(cells, "currency"),
            "reason": self._text(cells, "reason"),
        }
        scheme, vintage, volume = "", None, None
        if self.act is Act.RATED:
            told["priced_currency"] = self._upper(cells, "priced", required=True)
        else:
            scheme = self._upper(cells, "scheme", required=True)
            vintage, volume = cells.year(names["vintage"]), cells.whole_or_none(names["volume"])
            told["mode"] = self._text(cells, "mode")
        cells.check()
        record = record_of_a_day(
            self.act,
            price=f"{cells.sure(price):f}",
            happened_on=cells.sure(day),
            scheme=scheme,
            vintage_year=vintage,
            volume=volume,
            told=told,
        )
        return [record]

    def _text(self, cells: Cells, name: str) -> str:
        return plain(cells.text(self.names[name]))

    def _upper(self, cells: Cells, name: str, *, required: bool = False) -> str:
        column = self.names[name]
        return plain(cells.required(column) if required else cells.text(column)).upper()


for code, name, act, names, needed in (
    (
        "marks_zh", N_("Prices of days: our list, Chinese headings"),
        Act.PRICED, MARKS_CHINESE, MARKS_NEEDED,
    ),
    (
        "marks_en", N_("Prices of days: our list, English headings"),
        Act.PRICED, MARKS_ENGLISH, MARKS_NEEDED,
    ),
    (
        "rates_zh", N_("Exchange rates of days: our list, Chinese headings"),
        Act.RATED, RATES_CHINESE, RATES_NEEDED,
    ),
    (
        "rates_en", N_("Exchange rates of days: our list, English headings"),
        Act.RATED, RATES_ENGLISH, RATES_NEEDED,
    ),
):  # fmt: skip
    register(
        Layout(
            code=code,
            name=name,
            scheme="",
            required_headers=frozenset(names[one] for one in needed),
            read=Days(act, names).read,
            columns=tuple(names.values()),
        )
    )
