"""A broker's or an exchange's list of deals: what was bought and sold, at what price and fee.

No exchange publishes its columns: these are ours, in Chinese and in English, and a person who has
another list writes its headings over. A deal moves no units here; it is held against trades.
"""

import re
from decimal import Decimal

from ledger.imports.layouts.cells import Cells, plain, some
from ledger.imports.layouts.registry import Layout, register
from ledger.imports.records import Act, Record, Row
from ledger.kernel.errors import N_

SIDES = {
    "BUY": ("buy", "b", "bought", "purchase", "买", "买入"),
    "SELL": ("sell", "s", "sold", "sale", "卖", "卖出"),
}
CODE = re.compile(r"([A-Z_]+)[- ]?((?:20)?\d{2})?")
CHINESE = {
    "day": "成交日期",
    "number": "成交编号",
    "side": "买卖方向",
    "code": "产品代码",
    "vintage": "年度",
    "units": "成交数量",
    "price": "成交价格",
    "amount": "成交金额",
    "fee": "手续费",
    "currency": "币种",
}
ENGLISH = {
    "day": "trade date",
    "number": "deal number",
    "side": "side",
    "code": "instrument",
    "vintage": "vintage",
    "units": "units",
    "price": "price",
    "amount": "amount",
    "fee": "fee",
    "currency": "currency",
}
MOST = Decimal("1e14")
NEEDED = ("day", "side", "code", "units", "price")


class Deals:
    """One language of the list."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def read(self, row: Row) -> list[Record]:
        """:raises RowFaults: every cell of the row that cannot be"""
        cells, names = Cells(row), self.names
        day = cells.day(names["day"], required=True)
        side = _side(cells, names["side"])
        scheme, vintage = _instrument(cells, names["code"])
        units = cells.positive(names["units"])
        price = _money(cells, names["price"], places=4, required=True)
        amount, fee = (_money(cells, names[one], places=2) for one in ("amount", "fee"))
        vintage = cells.year(names["vintage"]) or vintage
        number = cells.identifier(names["number"])
        cells.check()
        told = some(
            side=side, number=number, price=price, amount=amount, fee=fee,
            currency=plain(cells.text(names["currency"])).upper() or "CNY",
        )  # fmt: skip
        said = number or f"{day}:{side}:{scheme}:{vintage or ''}:{units}:{price}"
        return [
            Record(
                act=Act.TRADED,
                scheme=scheme,
                quantity=units,
                vintage_year=vintage,
                happened_on=day,
                natural_key=f"{Act.TRADED}:{said}",
                extra=told,
            )
        ]


def _side(cells: Cells, column: str) -> str:
    text = plain(cells.required(column)).lower()
    for side, words in SIDES.items():
        if text in words:
            return side
    if text:
        cells.fault(column, "not_a_side", N_("%(text)s is neither buy nor sell."), text=text)
    return ""


def _instrument(cells: Cells, column: str) -> tuple[str, int | None]:
    """CEA25, CEA 2025, CCER: a scheme, and the vintage where the code says it."""
    text = plain(cells.required(column)).upper()
    found = CODE.fullmatch(text)
    if found is None:
        if text:
            message = N_("%(text)s is no instrument's code, like CEA25.")
            cells.fault(column, "not_an_instrument", message, text=text)
        return "", None
    year = found[2]
    return found[1], None if year is None else int(year) + (2000 if len(year) == 2 else 0)


def _money(cells: Cells, column: str, *, places: int, required: bool = False) -> str:
    """An amount as text, not below zero; empty where there is none."""
    if required:
        cells.required(column)
    amount = cells.exact(column)
    if amount is None:
        return ""
    finest = -int(amount.normalize().as_tuple().exponent)
    if amount < 0 or finest > places or amount >= MOST:
        message = N_("%(text)s is below zero, too large, or finer than %(places)s decimals.")
        cells.fault(column, "not_an_amount", message, text=cells.text(column), places=places)
        return ""
    return f"{amount:f}"


for code, name, names in (
    ("broker_deals_zh", N_("Broker: list of deals, Chinese headings"), CHINESE),
    ("broker_deals_en", N_("Broker: list of deals, English headings"), ENGLISH),
):
    register(
        Layout(
            code=code,
            name=name,
            scheme="",
            required_headers=frozenset(names[one] for one in NEEDED),
            read=Deals(names).read,
        )
    )
