"""Chinese green certificates: screens of the platforms, as one user's helper copied them.

Unconfirmed against the platforms: the person who imports is told so. 1 certificate is 1 MWh.
"""

from functools import partial

from ledger.imports.layouts.cells import Cells, some
from ledger.imports.layouts.days import NotADay, read_month
from ledger.imports.layouts.registry import Layout, register
from ledger.imports.layouts.serials import Serial
from ledger.imports.records import Act, Record, Row
from ledger.kernel.errors import N_
from ledger.kernel.serials import SerialRange

PARTS = ("已上架", "未上架", "已出售")


def read_ledger(row: Row) -> list[Record]:
    """A month of a plant on the national platform: issued = listed + not listed + sold."""
    cells = Cells(row)
    issued = cells.positive("核发量")
    sold = cells.whole_or_none("已出售") or 0
    parts = [cells.whole_or_none(name) for name in PARTS]
    if issued and None not in parts and sum(part or 0 for part in parts) != issued:
        message = N_("The parts make %(parts)s, the total says %(total)s.")
        told = sum(part or 0 for part in parts)
        cells.fault("核发量", "does_not_foot", message, parts=told, total=issued)
    months = Months(cells, "电量生产年月")
    cells.check()
    place = f"{cells.text('省份')}{cells.text('城市')}"
    told_parts = {
        name: cells.text(name) for name in ("可交易量", "不可交易量", "普通绿证", "绿电绿证")
    }
    return [
        Record(
            act=act,
            scheme="GEC",
            quantity=count,
            measure="MWh",
            vintage_year=months.first.year,
            period_from=months.first,
            period_to=months.last,
            natural_key=f"{act}:GEC:{place}:{months.first}",
            extra=some(place=place, **told_parts),
        )
        for act, count in ((Act.ISSUED, issued), (Act.TRANSFERRED, sold))
        if count
    ]


class Months:
    """First and last day of a month's cell, once it was read without fault."""

    def __init__(self, cells: Cells, column: str) -> None:
        text = cells.required(column)
        try:
            self.first, self.last = read_month(text or "2000-01")
        except NotADay:
            self.first, self.last = read_month("2000-01")
            cells.fault(column, "not_a_month", N_("%(text)s is not a month."), text=text)


def read_trade(
    row: Row, *, quantity: str, month: str, day: str, buyer: str, number: str
) -> list[Record]:
    """A sale on a platform; with a certificate number the quantity is recomputed from it."""
    cells = Cells(row)
    codes = cells.text("绿证编码")
    block = cells.range_of("绿证编码", codes, partial(_certificates, codes)) if codes else None
    count = cells.units_in(quantity, block)
    months = Months(cells, month)
    happened_on = cells.day(day, required=True)
    order = cells.identifier(number) if number else ""
    cells.check()
    key = block.key if block else order
    return [
        Record(
            act=Act.TRANSFERRED,
            scheme="GEC",
            quantity=count,
            measure="MWh",
            vintage_year=months.first.year,
            period_from=months.first,
            period_to=months.last,
            space=block.space if block else None,
            first=block.first if block else None,
            last=block.last if block else None,
            happened_on=happened_on,
            counter_account=cells.text(buyer),
            natural_key=f"{Act.TRANSFERRED}:GEC:{key}:{happened_on}:{months.first}:{count}",
            extra=some(
                order=order,
                subsidy=cells.text("补贴类型"),
                kind=cells.text("交易类型"),
                status=cells.text("订单状态"),
            ),
        )
    ]


def _certificates(text: str) -> Serial:
    told = SerialRange.parse(text[:200])
    return Serial(("GEC_PLATFORM", "GEC", told.prefix), told.first, told.last)


register(
    Layout(
        code="gec_platform_ledger",
        name=N_("Green certificates: national platform, ledger of issues"),
        scheme="GEC",
        required_headers=frozenset({"电量生产年月", "核发量", *PARTS}),
        read=read_ledger,
        unconfirmed=True,
    )
)
register(
    Layout(
        code="gec_platform_orders",
        name=N_("Green certificates: national platform, orders"),
        scheme="GEC",
        required_headers=frozenset({"订单号", "订单时间", "电量生产年月", "交易量(张)"}),
        read=partial(
            read_trade,
            quantity="交易量(张)",
            month="电量生产年月",
            day="订单时间",
            buyer="交易方名称",
            number="订单号",
        ),
        unconfirmed=True,
    )
)
register(
    Layout(
        code="gec_beijing",
        name=N_("Green certificates: Beijing power exchange"),
        scheme="GEC",
        required_headers=frozenset(
            {"成交时间", "购方主体名称", "生产年月", "绿证编码", "成交数量(个)"}
        ),
        read=partial(
            read_trade,
            quantity="成交数量(个)",
            month="生产年月",
            day="成交时间",
            buyer="购方主体名称",
            number="",
        ),
        unconfirmed=True,
    )
)
register(
    Layout(
        code="gec_guangzhou",
        name=N_("Green certificates: Guangzhou power exchange"),
        scheme="GEC",
        required_headers=frozenset({"订单编号", "成交时间", "电力生产年月", "交易量(张)"}),
        read=partial(
            read_trade,
            quantity="交易量(张)",
            month="电力生产年月",
            day="成交时间",
            buyer="买方名称",
            number="订单编号",
        ),
        unconfirmed=True,
    )
)
