"""Cercarbono (EcoRegistry): the range stands in columns of its own, under the serial as prefix."""

from ledger.imports.layouts.cells import Cells, some
from ledger.imports.layouts.registry import Layout, register
from ledger.imports.layouts.serials import Serial
from ledger.imports.records import Act, Record, Row
from ledger.kernel.errors import N_
from ledger.kernel.serials import InvalidSerialRange


def _block(prefix: str, first: int, last: int) -> Serial:
    if not 0 <= first <= last:
        raise InvalidSerialRange(text=f"{prefix} {first}–{last}")
    return Serial(("CERCARBONO", "CDC", prefix), first, last)


def read_retirement(row: Row) -> list[Record]:
    cells = Cells(row)
    prefix = cells.required("serial")
    first, last = cells.whole("from"), cells.whole("to")
    text = f"{prefix} {first}–{last}"
    block = cells.range_of("from", text, lambda: _block(prefix, first, last)) if prefix else None
    quantity = cells.units_in("quantity", block)
    vintage = cells.year("vintage", required=True)
    happened_on = cells.day("date", required=True)
    project = cells.identifier("project_id", required=True)
    cells.check()
    block = cells.sure(block)
    return [
        Record(
            act=Act.RETIRED,
            scheme="CERCARBONO",
            quantity=quantity,
            vintage_year=vintage,
            project_code=project,
            project_name=cells.text("project_name"),
            space=block.space,
            first=block.first,
            last=block.last,
            happened_on=happened_on,
            beneficiary=cells.text("end_user"),
            reason=cells.text("certificate_destination"),
            natural_key=f"{Act.RETIRED}:{block.key}",
            extra=some(
                passive_subject=cells.text("passive_subject"),
                industry=cells.text("industry"),
                public_consult=cells.text("public_consult"),
            ),
        )
    ]


def read_issuance(row: Row) -> list[Record]:
    """Issued under a serial whose range is not printed; a buffer issue is a row of its own."""
    cells = Cells(row)
    serial = cells.required("serial")
    quantity = cells.positive("issued_quantity")
    happened_on = cells.day("issuance_date", required=True)
    vintage = cells.year("vintage_of_credits", required=True)
    buffer = cells.text("is_buffer").lower() in {"true", "1", "yes", "si", "sí"}
    cells.check()
    acts = [Act.ISSUED, Act.BUFFERED] if buffer else [Act.ISSUED]
    return [
        Record(
            act=act,
            scheme="CERCARBONO",
            quantity=quantity,
            vintage_year=vintage,
            happened_on=happened_on,
            natural_key=f"{act}:CERCARBONO:{serial}:{vintage}:{happened_on}:{quantity}",
            extra=some(
                serial=serial,
                verification=cells.text("verification"),
                eligible=cells.text("elegible"),
            ),
        )
        for act in acts
    ]


register(
    Layout(
        code="cercarbono_retirements",
        name=N_("Cercarbono: retirements"),
        scheme="CERCARBONO",
        required_headers=frozenset(
            {"project_id", "serial", "vintage", "certificate_destination", "quantity", "from", "to"}
        ),
        read=read_retirement,
    )
)
register(
    Layout(
        code="cercarbono_issuances",
        name=N_("Cercarbono: issuances"),
        scheme="CERCARBONO",
        required_headers=frozenset(
            {"serial", "issued_quantity", "issuance_date", "is_buffer", "vintage_of_credits"}
        ),
        read=read_issuance,
    )
)
