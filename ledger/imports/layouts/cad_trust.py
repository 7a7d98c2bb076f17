"""CAD Trust: the units sheet of data model 1, and its names in version 2."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ledger.imports.layouts.cells import Cells, some
from ledger.imports.layouts.registry import Layout, register
from ledger.imports.layouts.serials import Serial, two_ends
from ledger.imports.records import Act, Record, Row
from ledger.kernel.errors import N_

# unitStatus of the picklist: what it says of the units, and the state of those still held
STATUSES: Mapping[str, tuple[Act, str]] = {
    "held": (Act.HELD, "FREE"),
    "retired": (Act.RETIRED, ""),
    "cancelled": (Act.CANCELLED, ""),
    "expired": (Act.HELD, "EXPIRED"),
    "buffer": (Act.BUFFERED, ""),
    "exported": (Act.TRANSFERRED, ""),
    "pending export": (Act.HELD, "IN_TRANSIT"),
}
# A unit names its registry by its link or its name only.
REGISTRIES = {
    "verra": "VCS", "goldstandard": "GS", "gold standard": "GS", "acr": "ACR", "acr2": "ACR",
    "american carbon registry": "ACR", "climateactionreserve": "CAR", "thereserve2": "CAR",
    "climate action reserve": "CAR", "art": "ART", "ecoregistry": "CERCARBONO",
    "cercarbono": "CERCARBONO", "isometric": "ISOMETRIC", "unfccc": "CDM_CER",
}  # fmt: skip
_NAMED = re.compile(r"\b(" + "|".join(REGISTRIES) + r")\b")


@dataclass(frozen=True, slots=True)
class Names:
    """What one version of the data model calls its columns."""

    key: str
    start: str
    end: str
    count: str
    vintage: str
    status: str
    owner: str
    link: str
    registry: str = ""
    status_on: str = ""
    project: str = ""
    project_name: str = ""
    issuance: str = ""
    reason: str = ""


V1 = Names(
    key="warehouseunitid", start="unitblockstart", end="unitblockend", count="unitcount",
    vintage="vintageyear", status="unitstatus", owner="unitowner", link="unitregistrylink",
    issuance="issuanceid", reason="unitstatusreason",
)  # fmt: skip
V2 = Names(
    key="unitserialid", start="unitstartblock", end="unitendblock", count="unitcount",
    vintage="unitvintageyear", status="unitstatus", owner="unitcurrentowner", link="unitlink",
    registry="projectregistryname", status_on="unitstatusdate", project="projectid",
    project_name="projectname", issuance="cadtrustissuanceid", reason="unitretirementdetail",
)  # fmt: skip


def scheme_of(*texts: str) -> str:
    """The scheme of the registry that a link or a name speaks of; "" when of none known here."""
    found = _NAMED.search(" ".join(texts).lower())
    return REGISTRIES[found[1]] if found else ""


def read_units(row: Row, names: Names) -> list[Record]:
    cells = Cells(row)
    key = cells.identifier(names.key, required=True)
    start = cells.identifier(names.start, required=True)
    end = cells.identifier(names.end, required=True)
    scheme = scheme_of(cells.text(names.registry), cells.text(names.link))
    block = _block(cells, names, start, end, scheme) if start and end else None
    quantity = cells.units_in(names.count, block)
    status = cells.required(names.status)
    act, state = STATUSES.get(status.lower(), (None, ""))
    if status and act is None:
        message = N_("%(text)s is not a status of CAD Trust.")
        cells.fault(names.status, "unknown_status", message, text=status)
    vintage = cells.year(names.vintage, required=True)
    happened_on = cells.day(names.status_on)
    cells.check()
    block, act = cells.sure(block), cells.sure(act)
    return [
        Record(
            act=act,
            scheme=scheme,
            quantity=quantity,
            vintage_year=vintage,
            project_code=cells.identifier(names.project),
            project_name=cells.text(names.project_name),
            space=block.space,
            first=block.first,
            last=block.last,
            happened_on=happened_on,
            account=cells.text(names.owner),
            state=state,
            reason=cells.text(names.reason),
            natural_key=f"{act}:CADT:{key}",
            extra=some(
                unit=key,
                issuance=cells.identifier(names.issuance),
                status=status,
                unit_type=cells.text("unittype"),
                link=cells.text(names.link),
                adjustment=cells.text("correspondingadjustmentstatus"),
                measure_told=cells.text("unitmetric"),
            ),
        )
    ]


def _block(cells: Cells, names: Names, start: str, end: str, scheme: str) -> Serial | None:
    return cells.range_of(
        names.start,
        f"{start} – {end}",
        lambda: two_ends(start, end, registry="CAD_TRUST", programme=scheme),
    )


def read_v1(row: Row) -> list[Record]:
    return read_units(row, V1)


def read_v2(row: Row) -> list[Record]:
    return read_units(row, V2)


register(
    Layout(
        code="cad_trust_v1_units",
        name=N_("CAD Trust 1: units"),
        scheme="",
        required_headers=frozenset(
            {V1.key, V1.start, V1.end, V1.count, V1.vintage, V1.status, V1.owner}
        ),
        read=read_v1,
    )
)
register(
    Layout(
        code="cad_trust_v2_units",
        name=N_("CAD Trust 2: units"),
        scheme="",
        required_headers=frozenset({V2.key, V2.start, V2.end, V2.count, V2.vintage, V2.status}),
        read=read_v2,
    )
)
