"""Isometric: retirements of removal credits, counted in kilograms, without serial numbers."""

import re
from decimal import Decimal

from ledger.imports.layouts.cells import Cells, some
from ledger.imports.layouts.registry import Layout, register
from ledger.imports.records import Act, Record, Row
from ledger.kernel.errors import N_

KILOGRAMS = "credit_batch_size_total.credit_kgs"
CREDITS = "credit_batch_size_total.credits"
THOUSAND = Decimal(1000)
_QUOTED = re.compile(r"""['"]([^'"]+)['"]""")


def read_retirement(row: Row) -> list[Record]:
    """The whole kilograms count; the credits (tonnes, a float as printed) only confirm them."""
    cells = Cells(row)
    kilograms = cells.positive(KILOGRAMS)
    tonnes = cells.exact(CREDITS)
    if tonnes is not None and kilograms and round(tonnes * THOUSAND) != kilograms:
        message = N_("%(credits)s credits are not %(kilograms)s kilograms.")
        cells.fault(CREDITS, "does_not_foot", message, credits=tonnes, kilograms=kilograms)
    retirement = cells.identifier("retirement_id", required=True)
    happened_on = cells.day("retired_at", required=True)
    sequestered_on = cells.day("sequestered_on")
    project = cells.identifier("project_id")
    cells.check()
    day = sequestered_on.isoformat() if sequestered_on else ""
    return [
        Record(
            act=Act.RETIRED,
            scheme="ISOMETRIC",
            quantity=kilograms,
            measure="kg",
            vintage_year=sequestered_on.year if sequestered_on else None,
            project_code=project,
            happened_on=happened_on,
            account=cells.text("owner.name"),
            beneficiary=cells.text("beneficiary.name"),
            reason=", ".join(_QUOTED.findall(cells.text("purposes"))) or cells.text("purposes"),
            # one retirement has a row for each batch that it took from
            natural_key=f"{Act.RETIRED}:ISOMETRIC:{retirement}:{project}:{day}:{kilograms}",
            extra=some(
                retirement=retirement,
                sequestered_on=day,
                url=cells.text("url"),
                notes=cells.text("notes"),
                beneficiary_id=cells.text("beneficiary.id"),
                owner_id=cells.text("owner.id"),
            ),
        )
    ]


register(
    Layout(
        code="isometric_retirements",
        name=N_("Isometric: retirements (kilograms)"),
        scheme="ISOMETRIC",
        required_headers=frozenset({"retirement_id", "retired_at", KILOGRAMS}),
        read=read_retirement,
    )
)
