"""Verra: the transactions of Verified Carbon Units. One file holds live and ended units."""

from ledger.imports.layouts.cells import Cells, some
from ledger.imports.layouts.registry import Layout, register
from ledger.imports.layouts.serials import verra
from ledger.imports.records import Act, Record, Row
from ledger.kernel.errors import N_

ENDED_ON = "retirement/cancellation date"


def read_transaction(row: Row) -> list[Record]:
    """A filled date means gone. Whether retired or cancelled the file does not tell (`extra`).

    "Total vintage quantity" repeats on each row of a vintage: it is kept, and never added up.
    """
    cells = Cells(row)
    serial = cells.serial("serial number", verra)
    quantity = cells.units_in("quantity issued", serial)
    issued_on = cells.day("issuance date", required=True)
    ended_on = cells.day(ENDED_ON)
    cells.day("vintage start")
    cells.day("vintage end")
    total = cells.whole_or_none("total vintage quantity")
    project = cells.identifier("id", required=True)
    if serial and project and project != serial.project:
        message = N_("The serial number belongs to project %(there)s, the row to %(here)s.")
        cells.fault("id", "other_project", message, there=serial.project, here=project)
    cells.check()
    serial, issued_on = cells.sure(serial), cells.sure(issued_on)
    act = Act.RETIRED if ended_on else Act.HELD
    return [
        Record(
            act=act,
            scheme="VCS",
            quantity=quantity,
            vintage_year=serial.vintage_year,
            period_from=serial.period_from,
            period_to=serial.period_to,
            project_code=project,
            project_name=cells.text("name"),
            space=serial.space,
            first=serial.first,
            last=serial.last,
            happened_on=ended_on or issued_on,
            state="" if ended_on else "FREE",
            beneficiary=cells.text("retirement beneficiary"),
            reason=cells.text("retirement reason"),
            natural_key=f"{act}:{serial.key}",
            extra=some(
                serial=cells.text("serial number"),
                country=serial.country,
                issued_on=issued_on.isoformat(),
                total_vintage_quantity="" if total is None else str(total),
                end="RETIRED_OR_CANCELLED" if ended_on else "",
                details=cells.text("retirement details"),
                certifications=cells.text("additional certifications"),
            ),
        )
    ]


register(
    Layout(
        code="verra_vcu_transactions",
        name=N_("Verra: VCU transactions"),
        scheme="VCS",
        required_headers=frozenset(
            {
                "issuance date", "vintage start", "vintage end", "id", "total vintage quantity",
                "quantity issued", "serial number", ENDED_ON,
            }
        ),
        read=read_transaction,
    )
)  # fmt: skip
