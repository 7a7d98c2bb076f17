"""Your units in the words of the Climate Action Data Trust, data model 2.

The names are those of its unit sheet as public mappings use them (docs/reference/cad_trust.md says
which of ours fills which). What we do not know is left empty, never made up.
"""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request

from ledger.accounts import queries as accounts
from ledger.doors.rest import READERS, ApiView
from ledger.doors.tabular import RISKY
from ledger.instruments import queries as instruments
from ledger.parties import queries as parties
from ledger.units import queries
from ledger.units.states import LIVE, UnitState

COLUMNS = (
    "projectRegistryName", "projectId", "projectName", "issuanceId", "unitSerialId",
    "unitStartBlock", "unitEndBlock", "unitVintageYear", "unitCount", "unitType", "unitStatus",
    "unitStatusDate", "unitLink", "unitMetric", "unitCurrentOwner", "unitItmosReferenceId",
    "unitRetirementDetail", "cadTrustIssuanceId",
)  # fmt: skip
# Its picklist knows one word for what is used up, and none for what is set aside.
STATUS = {
    **dict.fromkeys(LIVE, "Held"),
    UnitState.RETIRED: "Retired",
    UnitState.SURRENDERED: "Retired",
    UnitState.CANCELLED: "Cancelled",
    UnitState.EXPIRED: "Expired",
    UnitState.CARRIED_OVER: "Cancelled",
}
DETAIL = {
    UnitState.SURRENDERED: "surrendered against a compliance obligation",
    UnitState.CARRIED_OVER: "carried over into a later vintage",
}
METRIC = {"t": "tCO2e", "kg": "kgCO2e", "MWh": "MWh"}


class _Facts:
    """Names that many rows share, looked up once."""

    def __init__(self) -> None:
        self.schemes = {row.code: row for row in instruments.schemes().select_related("registry")}
        self.projects = {row.pk: row for row in instruments.projects()}
        self.holders = dict(accounts.accounts().values_list("pk", "holder_id"))
        self.names = parties.names_of(self.holders.values())

    def row(self, run: queries.UnitRun) -> dict[str, Any]:
        scheme = self.schemes[run.scheme]
        project = self.projects.get(run.project_id) if run.project_id else None
        start, end = _end(run.prefix, run.first), _end(run.prefix, run.last)
        holder = self.holders.get(run.account_id)
        return dict.fromkeys(COLUMNS, "") | {
            "projectRegistryName": scheme.registry.name_en,
            "projectId": project.code if project else "",
            "projectName": (project.name_en or project.name_zh) if project else "",
            "issuanceId": run.lot_code,
            "unitSerialId": f"{start}..{end}" if start else run.lot_code,
            "unitStartBlock": start,
            "unitEndBlock": end,
            "unitVintageYear": run.vintage_year,
            "unitCount": run.unit_count,
            "unitStatus": STATUS[run.state],
            "unitStatusDate": run.since.isoformat(),
            "unitMetric": METRIC.get(scheme.measure, scheme.measure),
            "unitCurrentOwner": self.names.get(holder, "") if holder else "",
            "unitRetirementDetail": DETAIL.get(run.state, ""),
        }


def _end(prefix: str | None, serial: int | None) -> str:
    """A whole serial number; a prefix that ends in a digit is kept apart from the number."""
    if serial is None:
        return ""
    apart = "-" if prefix and prefix[-1].isdigit() else ""
    return f"{prefix or ''}{apart}{serial}"


def _rows(view: ApiView) -> Iterator[dict[str, Any]]:
    facts = _Facts()
    for run in queries.unit_runs(accounts.account_ids_seen_by(view.actor)):
        yield facts.row(run)


def _as_csv(rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    line = io.StringIO()
    writer = csv.DictWriter(line, COLUMNS)
    writer.writeheader()
    yield b"\xef\xbb\xbf"
    for row in rows:
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()
        writer.writerow({name: _tame(value) for name, value in row.items()})
    yield line.getvalue().encode()


def _tame(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(RISKY) else value


def _as_json(rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    before = '{"units": ['
    for row in rows:
        yield (before + json.dumps(row, ensure_ascii=False)).encode()
        before = ",\n"
    yield b"]}" if before == ",\n" else b'{"units": []}'


class CadTrustCsv(ApiView):
    """Your units as a CAD Trust unit sheet (data model 2), CSV."""

    may = {"GET": READERS}
    responses = {("200", "text/csv"): OpenApiTypes.STR}

    def get(self, request: Request) -> StreamingHttpResponse:
        return _file(_as_csv(_rows(self)), "text/csv; charset=utf-8", "cad-trust-units.csv")


class CadTrustJson(ApiView):
    """Your units as a CAD Trust unit sheet (data model 2), JSON."""

    may = {"GET": READERS}
    responses = {("200", "application/json"): OpenApiTypes.OBJECT}

    def get(self, request: Request) -> StreamingHttpResponse:
        return _file(_as_json(_rows(self)), "application/json", "cad-trust-units.json")


def _file(content: Iterator[bytes], kind: str, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
