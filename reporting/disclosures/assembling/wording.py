"""Words in both languages, and sums: what every part of a statement is written with."""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from ledger.kernel.quantities import WIDE

Row = Mapping[str, Any]
PARTS = {
    "STATIONARY": ("固定燃烧", "Stationary combustion"),
    "MOBILE": ("移动燃烧", "Mobile combustion"),
    "PROCESS": ("工业过程", "Industrial processes"),
    "FUGITIVE": ("逸散", "Fugitive emissions"),
    "IMPORTED_ELECTRICITY": ("外购电力", "Imported power"),
    "IMPORTED_HEAT": ("外购热力", "Imported heat"),
}
# The categories of the value chain in the order of the GHG Protocol; the last is ISO's alone.
VALUE_CHAIN = {
    "PURCHASED_GOODS": ("1 外购商品和服务", "1 Purchased goods and services"),
    "CAPITAL_GOODS": ("2 资本商品", "2 Capital goods"),
    "FUEL_AND_ENERGY": ("3 燃料和能源相关活动", "3 Fuel- and energy-related activities"),
    "UPSTREAM_TRANSPORT": ("4 上游运输和配送", "4 Upstream transport and distribution"),
    "WASTE": ("5 运营中产生的废物", "5 Waste generated in operations"),
    "BUSINESS_TRAVEL": ("6 商务旅行", "6 Business travel"),
    "COMMUTING": ("7 员工通勤", "7 Employee commuting"),
    "UPSTREAM_LEASED": ("8 上游租赁资产", "8 Upstream leased assets"),
    "DOWNSTREAM_TRANSPORT": ("9 下游运输和配送", "9 Downstream transport and distribution"),
    "PROCESSING": ("10 售出产品的加工", "10 Processing of sold products"),
    "USE_OF_SOLD": ("11 售出产品的使用", "11 Use of sold products"),
    "END_OF_LIFE": ("12 售出产品的报废处理", "12 End-of-life of sold products"),
    "DOWNSTREAM_LEASED": ("13 下游租赁资产", "13 Downstream leased assets"),
    "FRANCHISES": ("14 特许经营", "14 Franchises"),
    "INVESTMENTS": ("15 投资", "15 Investments"),
    "OTHER_INDIRECT": ("其他间接排放（ISO 类别6）", "Other indirect (ISO category 6)"),
}
OPERATOR = ("运营方自有", "The operator itself")


def words(pair: tuple[str, str]) -> dict[str, str]:
    return {"zh": pair[0], "en": pair[1]}


CHINESE = re.compile("[\u3400-\u9fff]")
BETWEEN = re.compile(r"\s+/\s+|\s*\n\s*")


def same(text: Any) -> dict[str, str]:
    """A text that was given in one language only; or in both, "甲 / A" or on a line each."""
    if isinstance(text, Mapping):
        return {"zh": str(text.get("zh", "")), "en": str(text.get("en", ""))}
    told = str(text or "")
    parts = BETWEEN.split(told.strip())
    if len(parts) == 2 and [bool(CHINESE.search(one)) for one in parts] == [True, False]:
        return {"zh": parts[0], "en": parts[1]}
    return {"zh": told, "en": told}


def part_name(code: str) -> dict[str, str]:
    """A part of an inventory; as it stands if a later version of us wrote it."""
    known = PARTS.get(code) or VALUE_CHAIN.get(code)
    return words(known) if known else same(code.replace("_", " ").lower())


def plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def total(rows: Iterable[Row], name: str = "tco2e") -> Decimal:
    whole = Decimal(0)
    for row in rows:
        whole = WIDE.add(whole, Decimal(row[name]))
    return whole


def grouped(rows: Iterable[Row], key: Callable[[Row], Any]) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def name_of(row: Row) -> dict[str, str]:
    return {"zh": row["name_zh"] or row["name_en"], "en": row["name_en"] or row["name_zh"]}
