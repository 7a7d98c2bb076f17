"""California: allowances that an entity surrendered for a period, a column for each vintage.

Drawn from the published reports, whose headings change from period to period: unconfirmed.
"""

import re

from ledger.imports.layouts.cells import Cells, some
from ledger.imports.layouts.registry import Layout, register
from ledger.imports.records import Act, Record, Row
from ledger.kernel.errors import N_

TOTAL = "total allowances"
_VINTAGE = re.compile(r"(\d{4}) vintage")


def read_entity(row: Row) -> list[Record]:
    """One record for each vintage. A row whose vintages do not make its total is reported.

    The published status is kept and never believed: who is covered is computed.
    """
    cells = Cells(row)
    entity = cells.identifier("entity id", required=True)
    columns = {int(m[1]): name for name in row.cells if (m := _VINTAGE.fullmatch(name))}
    counts = {year: cells.whole_or_none(name) for year, name in sorted(columns.items())}
    total = cells.whole_or_none(TOTAL)
    offsets = cells.whole_or_none("total offsets")
    if total is not None and not cells.faults:
        _check_foots(cells, {year: count or 0 for year, count in counts.items()}, total)
    cells.check()
    period = cells.text("period")
    vintages = [
        Record(
            act=Act.SURRENDERED,
            scheme="CCA",
            quantity=count,
            vintage_year=year,
            account=entity,
            natural_key=f"{Act.SURRENDERED}:CCA:{entity}:{period}:{year}",
            extra=some(
                name=cells.text("legal name"),
                obligation=cells.text("obligation"),
                published_status=cells.text("status"),
            ),
        )
        for year, count in counts.items()
        if count
    ]
    if not offsets:
        return vintages
    key = f"{Act.SURRENDERED}:ARB:{entity}:{period}"
    used = Record(
        act=Act.SURRENDERED, scheme="ARB", quantity=offsets, account=entity, natural_key=key
    )
    return [*vintages, used]


def _check_foots(cells: Cells, counts: dict[int, int], total: int) -> None:
    """Names the column that holds the sum of all others, when one does: a subtotal slipped in."""
    found = sum(counts.values())
    if found == total:
        return
    slipped = [year for year, count in counts.items() if count and 2 * count == found == 2 * total]
    if slipped:
        message = N_("The vintages make %(parts)s, the total %(total)s: %(year)s holds a subtotal.")
        told = {"parts": found, "total": total, "year": slipped[0]}
        cells.fault(f"{slipped[0]} vintage", "subtotal_in_column", message, **told)
        return
    message = N_("The parts make %(parts)s, the total says %(total)s.")
    cells.fault(TOTAL, "does_not_foot", message, parts=found, total=total)


register(
    Layout(
        code="arb_compliance_detail",
        name=N_("California ARB: surrenders of entities by vintage"),
        scheme="CCA",
        required_headers=frozenset({"entity id", TOTAL}),
        read=read_entity,
        unconfirmed=True,
    )
)
