"""Gold Standard: issuances and retirements. A serial number may be a labelled Kyoto block."""

from ledger.imports.layouts.cells import Cells, some
from ledger.imports.layouts.registry import Layout, register
from ledger.imports.layouts.serials import Serial, gold_standard
from ledger.imports.records import Act, Record, Row
from ledger.kernel.errors import N_

COMMON = frozenset(
    {
        "vintage", "credit status", "quantity", "gsid", "project name", "product type",
        "issuance date", "monitoring period start", "monitoring period end", "serial number",
    }
)  # fmt: skip


def project_of(gsid: str) -> str:
    """10789 and GS10789 are one project."""
    return gsid if not gsid or gsid.upper().startswith("GS") else f"GS{gsid}"


def read_block(row: Row, *, act: Act, day: str) -> list[Record]:
    cells = Cells(row)
    serial = cells.serial("serial number", gold_standard)
    quantity = cells.units_in("quantity", serial)
    vintage = cells.year("vintage", required=True)
    happened_on = cells.day(day, required=True)
    issued_on = cells.day("issuance date")
    period_from = cells.day("monitoring period start")
    period_to = cells.day("monitoring period end")
    project = project_of(cells.identifier("gsid", required=True))
    if serial:
        _check_agrees(cells, serial, project, vintage)
    cells.check()
    serial = cells.sure(serial)
    return [
        Record(
            act=act,
            scheme="CDM_CER" if serial.space[0] == "CDM" else "GS",
            quantity=quantity,
            vintage_year=vintage,
            period_from=period_from,
            period_to=period_to,
            project_code=project,
            project_name=cells.text("project name"),
            space=serial.space,
            first=serial.first,
            last=serial.last,
            happened_on=happened_on,
            beneficiary=cells.text("using entity"),
            reason=cells.text("use case") or cells.text("note"),
            natural_key=f"{act}:{serial.key}",
            extra=some(
                serial=cells.text("serial number"),
                country=serial.country,
                credit_status=cells.text("credit status"),
                note=cells.text("note"),
                label=cells.text("label"),
                article_six=cells.text("article six authorization"),
                programme=cells.identifier("poa gsid"),
                issued_on=issued_on.isoformat() if issued_on and act is not Act.ISSUED else "",
            ),
        )
    ]


def _check_agrees(cells: Cells, serial: Serial, project: str, vintage: int | None) -> None:
    """A serial of Gold Standard's own names vintage and project; a Kyoto block has its own."""
    if serial.space[0] != "GOLD_STANDARD":
        return
    if vintage and vintage != serial.vintage_year:
        message = N_("The serial number is of vintage %(there)s, the row of %(here)s.")
        there = serial.vintage_year
        cells.fault("vintage", "other_vintage", message, there=there, here=vintage)
    programme = project_of(cells.identifier("poa gsid"))
    if project and project_of(serial.project) not in {project, programme}:
        message = N_("The serial number belongs to project %(there)s, the row to %(here)s.")
        cells.fault("gsid", "other_project", message, there=serial.project, here=project)


def read_issuance(row: Row) -> list[Record]:
    return read_block(row, act=Act.ISSUED, day="issuance date")


def read_retirement(row: Row) -> list[Record]:
    return read_block(row, act=Act.RETIRED, day="retirement date")


register(
    Layout(
        code="gold_standard_issuances",
        name=N_("Gold Standard: issuances"),
        scheme="GS",
        required_headers=COMMON,
        read=read_issuance,
    )
)
register(
    Layout(
        code="gold_standard_retirements",
        name=N_("Gold Standard: retirements"),
        scheme="GS",
        required_headers=COMMON | {"retirement date"},
        read=read_retirement,
    )
)
