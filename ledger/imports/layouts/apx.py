"""ACR, CAR and ART: reports of one family of registry software.

Days are American, with or without a time; serial numbers end "… -30932 to 35143" and restart with
each batch; a separator at the end of each line makes a nameless last column.
"""

from functools import partial

from ledger.imports.layouts.cells import Cells, some
from ledger.imports.layouts.registry import Layout, register
from ledger.imports.layouts.serials import from_to
from ledger.imports.records import Act, DateOrder, Record, Row
from ledger.kernel.errors import N_


def read_ended(
    row: Row, *, registry: str, act: Act, serial: str, quantity: str, day: str
) -> list[Record]:
    """A retirement or a cancellation. `serial`, `quantity` and `day` are the columns' names."""
    cells = Cells(row)
    block = cells.serial(serial, partial(from_to, registry=registry))
    count = cells.units_in(quantity, block)
    vintage = cells.year("vintage", required=True)
    happened_on = cells.day(day, required=True)
    issued_on = cells.day("date issued (gmt)")
    programme = cells.identifier("program id")
    project = programme or cells.identifier("project id", required=True)
    period_from = cells.day("vintage assignment period start date")
    period_to = cells.day("vintage assignment period end date")
    cells.check()
    block = cells.sure(block)
    cancelled = act is Act.CANCELLED
    return [
        Record(
            act=act,
            scheme=registry,
            quantity=count,
            vintage_year=vintage,
            period_from=period_from,
            period_to=period_to,
            project_code=project,
            project_name=cells.text("project name") or cells.text("program name"),
            space=block.space,
            first=block.first,
            last=block.last,
            happened_on=happened_on,
            account=cells.text("account holder"),
            beneficiary=cells.text("retired on behalf of"),
            reason=_cancelled(cells) if cancelled else cells.text("retirement reason"),
            natural_key=f"{act}:{block.key}",
            extra=some(
                serial=cells.text(serial),
                issued_on=issued_on.isoformat() if issued_on else "",
                purpose=cells.text("purpose of retirement"),
                details=cells.text("retirement reason details")
                or cells.text("cancellation details"),
                notes=cells.text("export notes"),
            ),
        )
    ]


def _cancelled(cells: Cells) -> str:
    return cells.text("cancellation type") or cells.text("cancellation reason")


ACR_PARTS = (
    (Act.BUFFERED, "credits issued to buffer pool", "issued to buffer pool"),
    (Act.BUFFERED, "credits transferred to buffer pool", "transferred to buffer pool"),
)
CAR_PARTS = (
    (Act.BUFFERED, "offset credits currently in reserve buffer pool", "reserve buffer pool"),
    (
        Act.BUFFERED,
        "offset credits intended for compliance buffer pool",
        "compliance buffer pool",
    ),
    (Act.CONVERTED, "offset credits converted to vcus", "converted to VCUs"),
    (Act.CONVERTED, "canceled for compliance", "converted to ARB offset credits"),
    (Act.CANCELLED, "canceled", "cancelled"),
)


def read_issuance(
    row: Row, *, registry: str, total: str, day: str, parts: tuple[tuple[Act, str, str], ...]
) -> list[Record]:
    """What was issued, and what of it went to a buffer, was converted or cancelled. No serials."""
    cells = Cells(row)
    issued = cells.whole(total)
    counts = [(act, column, why, cells.whole_or_none(column) or 0) for act, column, why in parts]
    vintage = cells.year("vintage", required=True)
    happened_on = cells.day(day, required=True)
    project = cells.identifier("project id", required=True)
    period_from = cells.day("reportingperiodbegin")
    period_to = cells.day("reportingperiodend")
    _check_foots(cells, total, issued, counts)
    if not issued and not cells.faults:
        cells.brings_nothing(total, N_("No credits were issued for this period."))
    cells.check()
    told = [(Act.ISSUED, "issued", issued), *((act, why, n) for act, _, why, n in counts if n)]
    return [
        Record(
            act=act,
            scheme=registry,
            quantity=count,
            vintage_year=vintage,
            period_from=period_from,
            period_to=period_to,
            project_code=project,
            project_name=cells.text("project name"),
            happened_on=happened_on,
            account=cells.text("project developer"),
            reason="" if act is Act.ISSUED else reason,
            # no serial: the line is known by project, vintage, day and size of the issue
            natural_key=f"{act}:{registry}:{project}:{vintage}:{happened_on}:{issued}:{reason}",
            extra=some(
                aggregate=cells.identifier("cooperative/ aggregate id"),
                type=cells.text("project type"),
                arb_eligible=cells.text("arb eligible"),
            ),
        )
        for act, reason, count in told
    ]


def _check_foots(
    cells: Cells, total: str, issued: int, counts: list[tuple[Act, str, str, int]]
) -> None:
    used = sum(count for *_, count in counts)
    if used > issued:
        message = N_("%(used)s of %(issued)s issued units are said to be gone.")
        cells.fault(total, "more_used_than_issued", message, used=used, issued=issued)
    to_project = cells.whole_or_none("credits issued to project")
    at_issue = cells.whole_or_none("credits issued to buffer pool") or 0
    if to_project is not None and issued not in {to_project + at_issue, to_project + used}:
        message = N_("Project and buffer pool make %(parts)s, the total says %(total)s.")
        cells.fault(total, "does_not_foot", message, parts=to_project + at_issue, total=issued)


def _ended(code: str, name: str, act: Act, *, quantity: str, day: str, serial: str) -> None:
    registry = code.split("_", maxsplit=1)[0].upper()
    of_act = "retirement reason" if act is Act.RETIRED else _cancellation_column(registry)
    project = "program id" if registry == "ART" else "project id"
    register(
        Layout(
            code=code,
            name=name,
            scheme=registry,
            required_headers=frozenset({"vintage", serial, quantity, day, project, of_act}),
            read=partial(
                read_ended, registry=registry, act=act, serial=serial, quantity=quantity, day=day
            ),
            dates=DateOrder.MONTH_FIRST,
        )
    )


def _cancellation_column(registry: str) -> str:
    return "cancellation type" if registry == "ACR" else "cancellation reason"


ACR = {
    "serial": "credit serial numbers",
    "quantity": "quantity of credits",
    "day": "status effective (gmt)",
}
CAR = {
    "serial": "offset credit serial numbers",
    "quantity": "quantity of offset credits",
    "day": "status effective",
}
ART = {**ACR, "day": "status effective"}
_ended("acr_retirements", N_("ACR: retirements"), Act.RETIRED, **ACR)
_ended("acr_cancellations", N_("ACR: cancellations"), Act.CANCELLED, **ACR)
_ended("car_retirements", N_("CAR: retirements"), Act.RETIRED, **CAR)
_ended("car_cancellations", N_("CAR: cancellations"), Act.CANCELLED, **CAR)
_ended("art_retirements", N_("ART: retirements"), Act.RETIRED, **ART)

register(
    Layout(
        code="acr_issuances",
        name=N_("ACR: issuances"),
        scheme="ACR",
        required_headers=frozenset(
            {
                "date issued (gmt)", "vintage", "total credits issued", "project id",
                "credits issued to project", "credits issued to buffer pool",
            }
        ),
        read=partial(
            read_issuance,
            registry="ACR",
            total="total credits issued",
            day="date issued (gmt)",
            parts=ACR_PARTS,
        ),
        dates=DateOrder.MONTH_FIRST,
    )
)  # fmt: skip
register(
    Layout(
        code="car_issuances",
        name=N_("CAR: issuances"),
        scheme="CAR",
        required_headers=frozenset(
            {
                "date issued", "vintage", "total offset credits issued", "project id",
                "offset credits currently in reserve buffer pool", "canceled for compliance",
            }
        ),
        read=partial(
            read_issuance,
            registry="CAR",
            total="total offset credits issued",
            day="date issued",
            parts=CAR_PARTS,
        ),
        dates=DateOrder.MONTH_FIRST,
    )
)  # fmt: skip
