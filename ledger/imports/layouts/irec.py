"""I-REC: exports of the API (version 1), and the delivery sheet that comes with purchases in China.

Evident's own CSV is not here: its columns are not public, so its users map them themselves.
"""

from datetime import date, timedelta
from decimal import Decimal

from ledger.imports.layouts.cells import Cells, some
from ledger.imports.layouts.registry import Layout, register
from ledger.imports.records import Act, Record, Row
from ledger.kernel.errors import N_

TRANSACTIONS = {
    "issue": Act.ISSUED,
    "transfer": Act.TRANSFERRED,
    "redemption": Act.RETIRED,
}
# The largest power station on Earth, in MW: no device delivers more.
LARGEST_MW = Decimal(22_500)
WH_IN_MWH = 1_000_000


def _whole_mwh(cells: Cells, column: str) -> int:
    """A certificate is one whole MWh; the API may print it with decimals that are zero."""
    return cells.positive(column)


def read_item(row: Row) -> list[Record]:
    """What an account holds: one item for each device and month."""
    cells = Cells(row)
    item = cells.identifier("code", required=True)
    volume = _whole_mwh(cells, "volume")
    period_from, period_to = _period(cells, "start_date", "end_date")
    cells.check()
    return [
        Record(
            act=Act.HELD,
            scheme="IREC",
            quantity=volume,
            measure="MWh",
            vintage_year=period_from.year if period_from else None,
            period_from=period_from,
            period_to=period_to,
            project_code=cells.identifier("device"),
            account=cells.identifier("account") or cells.identifier("account_code"),
            state="FREE",
            natural_key=f"HELD:IREC:{item}",
            extra=some(item=item, fuel=cells.text("fuel"), type=cells.text("type")),
        )
    ]


def _period(cells: Cells, start: str, end: str) -> tuple[date | None, date | None]:
    first, last = cells.day(start, required=True), cells.day(end, required=True)
    if first and last and last < first:
        cells.fault(end, "ends_before_start", N_("The period ends before it starts."))
    return first, last


def read_issue(row: Row) -> list[Record]:
    cells = Cells(row)
    status = cells.required("status")
    if status and status.lower() != "issued":
        message = N_("The issue is %(status)s: no certificates exist yet.")
        cells.brings_nothing("status", message, status=status)
        cells.check()
    production = _whole_mwh(cells, "production")
    period_from, period_to = _period(cells, "start", "end")
    device = cells.identifier("device", required=True)
    cells.check()
    return [
        Record(
            act=Act.ISSUED,
            scheme="IREC",
            quantity=production,
            measure="MWh",
            vintage_year=period_from.year if period_from else None,
            period_from=period_from,
            period_to=period_to,
            project_code=device,
            account=cells.identifier("recipient"),
            natural_key=f"ISSUED:IREC:{device}:{period_from}:{period_to}:{production}",
            extra=some(fuel=cells.text("fuel"), notes=cells.text("notes")),
        )
    ]


def read_transaction(row: Row) -> list[Record]:
    cells = Cells(row)
    code = cells.identifier("code", required=True)
    kind = cells.required("transactiontype")
    act = TRANSACTIONS.get(kind.lower())
    if kind and act is None:
        message = N_("%(text)s is not a kind of transaction that is known here.")
        cells.fault("transactiontype", "unknown_kind", message, text=kind)
    volume = _whole_mwh(cells, "volume")
    happened_on = cells.day("time", required=True)
    cells.check()
    act = cells.sure(act)
    return [
        Record(
            act=act,
            scheme="IREC",
            quantity=volume,
            measure="MWh",
            happened_on=happened_on,
            account=cells.identifier("sender"),
            counter_account=cells.identifier("recipient"),
            natural_key=f"IREC:{code}",
            extra=some(transaction=code, notes=cells.text("notes")),
        )
    ]


def read_redemption(row: Row) -> list[Record]:
    """One row for each item of a redemption."""
    cells = Cells(row)
    item = cells.identifier("items.code", required=True)
    amount = _whole_mwh(cells, "items.amount")
    period_from, period_to = _period(cells, "start", "end")
    beneficiary = cells.required("beneficiary")
    cells.check()
    return [
        Record(
            act=Act.RETIRED,
            scheme="IREC",
            quantity=amount,
            measure="MWh",
            vintage_year=period_from.year if period_from else None,
            period_from=period_from,
            period_to=period_to,
            account=cells.identifier("sender"),
            beneficiary=beneficiary,
            reason=cells.text("purpose"),
            natural_key=f"RETIRED:IREC:{item}:{beneficiary}:{period_from}:{period_to}:{amount}",
            extra=some(item=item, notes=cells.text("notes")),
        )
    ]


def read_delivery(row: Row) -> list[Record]:
    """The column is headed volume_Wh and holds MWh: each cell is judged by what a plant makes."""
    cells = Cells(row)
    volume = cells.positive("volume_wh")
    period_from, period_to = _period(cells, "generationstart", "generationend")
    generator = cells.required("generatorname")
    report_from, report_to = cells.text("reportingstart"), cells.text("reportingend")
    mwh, read_as = _in_mwh(cells, volume, period_from, period_to)
    cells.check()
    return [
        Record(
            act=Act.TRANSFERRED,
            scheme="IREC",
            quantity=mwh,
            measure="MWh",
            vintage_year=period_from.year if period_from else None,
            period_from=period_from,
            period_to=period_to,
            project_name=generator,
            account=cells.text("selleraddress") or cells.text("sellername"),
            natural_key=f"IREC:{generator}:{period_from}:{period_to}:{report_from}:{mwh}",
            extra=some(
                volume_read_as=read_as,
                seller=cells.text("sellername"),
                country=cells.text("country"),
                region=cells.text("region"),
                product=cells.text("producttype"),
                source=cells.text("energysource"),
                reporting=f"{report_from}/{report_to}",
                offset=cells.text("generationstarttimezoneoffset"),
            ),
        )
    ]


def _in_mwh(cells: Cells, volume: int, start: date | None, end: date | None) -> tuple[int, str]:
    """The volume in MWh and how it was read; a fault when both or neither reading can be."""
    if not volume or not start or not end or end < start:
        return 0, ""
    hours = 24 * ((end - start) // timedelta(days=1) + 1)
    as_mwh = Decimal(volume) / hours <= LARGEST_MW
    as_wh = volume % WH_IN_MWH == 0 and Decimal(volume // WH_IN_MWH) / hours <= LARGEST_MW
    if as_mwh and not as_wh:
        return volume, "MWh"
    if as_wh and not as_mwh:
        return volume // WH_IN_MWH, "Wh"
    message = N_("%(volume)s may be Wh or MWh: the heading says Wh, the registry means MWh.")
    cells.fault("volume_wh", "unit_unclear", message, volume=volume)
    return 0, ""


def _layout(code: str, name: str, headers: set[str], read: object) -> None:
    register(
        Layout(
            code=code,
            name=name,
            scheme="IREC",
            required_headers=frozenset(headers),
            read=read,  # type: ignore[arg-type]
        )
    )


_layout(
    "irec_items", N_("I-REC API: items of an account"),
    {"code", "volume", "start_date", "end_date", "fuel", "type"}, read_item,
)  # fmt: skip
_layout(
    "irec_issues", N_("I-REC API: issues"),
    {"device", "fuel", "start", "end", "production", "recipient", "status"}, read_issue,
)  # fmt: skip
_layout(
    "irec_transactions", N_("I-REC API: transactions"),
    {"code", "sender", "recipient", "time", "volume", "transactiontype"}, read_transaction,
)  # fmt: skip
_layout(
    "irec_redemptions", N_("I-REC API: redemptions"),
    {"sender", "beneficiary", "start", "end", "purpose", "items.code", "items.amount"},
    read_redemption,
)  # fmt: skip
_layout(
    "irec_china_delivery", N_("I-REC: delivery sheet (China)"),
    {
        "reportingstart", "reportingend", "sellername", "volume_wh", "generatorname",
        "generationstart", "generationend", "energysource",
    },
    read_delivery,
)  # fmt: skip
