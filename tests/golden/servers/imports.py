"""Serial numbers and registries' tables, through the layouts of the importer."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from ledger.imports import layouts
from ledger.imports.layouts.serials import gold_standard, kyoto, verra
from ledger.imports.records import Act, Record, Row, RowFault, RowFaults
from tests.golden.running import Case, Dataset, NotCovered, serves
from tests.golden.servers import compliance, inventories


def read(layout: str, cells: Mapping[str, str]) -> list[Record]:
    """A line of a file under a layout; its other headings are there and empty."""
    made = layouts.get(layout)
    everything = {**dict.fromkeys(made.required_headers, ""), **cells}
    return made.read(Row(2, everything, made.dates))


def faults_of(layout: str, cells: Mapping[str, str]) -> Sequence[RowFault]:
    """None when the line is taken."""
    try:
        read(layout, cells)
    except RowFaults as refused:
        return refused.faults
    return ()


@serves("ledger_goldstandard_serials")
def gold_standard_serials(case: Case) -> dict[str, object]:
    serial = gold_standard(case.inputs["serial"])
    cells = {
        "serial number": case.inputs["serial"],
        "quantity": str(serial.count),
        "vintage": case.inputs["vintage"],
        "gsid": case.inputs["project_id"],
        "poa gsid": serial.project,
        "credit status": case.inputs["status"],
        "issuance date": "2021-04-01",
    }
    (record,) = read("gold_standard_issuances", cells)
    wrong = {**cells, "quantity": str(serial.count + 1)}
    (fault,) = faults_of("gold_standard_issuances", wrong)
    assert fault.code == "quantity_not_serials"
    return {
        "first": record.first,
        "last": record.last,
        "quantity": record.quantity,
        "country_code": record.extra["country"],
        "project_in_serial": serial.project,
    }


@serves("ledger_cdm_cer_serials")
def kyoto_serials(case: Case) -> dict[str, object]:
    serial = kyoto(case.inputs["serial"])
    cells = {
        "serial number": case.inputs["serial"],
        "quantity": str(serial.count),
        "vintage": "2019",
        "gsid": "1",
        "issuance date": "2021-04-01",
    }
    (record,) = read("gold_standard_issuances", cells)
    assert record.scheme == "CDM_CER"
    return {
        "party": serial.country,
        "first": record.first,
        "last": record.last,
        "original_cp": int(serial.parts["original"]),
        "applicable_cp": int(serial.parts["applicable"]),
        "cdm_project": int(serial.project),
        "quantity": record.quantity,
    }


@serves("ledger_registry_serials_mixed")
def mixed_serials(case: Case) -> dict[str, object]:
    registry = case.inputs["registry"].split()[0]
    return {"Verra": _verra, "Cercarbono": _cercarbono, "Isometric": _isometric}[registry](case)


def _verra(case: Case) -> dict[str, object]:
    serial = verra(case.inputs["serial"])
    cells = {
        "serial number": case.inputs["serial"],
        "quantity issued": f"{serial.count:,}",
        "id": f"{serial.project}.0",
        "issuance date": "2024-01-01",
        "retirement/cancellation date": case.inputs["retired_on"] or "",
    }
    (record,) = read("verra_vcu_transactions", cells)
    ended = record.act is Act.RETIRED
    return {
        "batch": int(serial.parts["batch"]),
        "first": record.first,
        "last": record.last,
        "quantity": record.quantity,
        "country": record.extra["country"],
        "project_id": int(record.project_code),
        "vintage_start": str(record.period_from),
        "vintage_end": str(record.period_to),
        "status": "retired/cancelled" if ended else "active",
    }


def _cercarbono(case: Case) -> dict[str, object]:
    told = case.inputs
    count = told["range_to"] - told["range_from"] + 1
    cells = {
        "serial": told["serial"],
        "from": str(told["range_from"]),
        "to": str(told["range_to"]),
        "quantity": str(count),
        "vintage": told["vintage"],
        "date": "2024-01-01",
        "project_id": "1",
    }
    (record,) = read("cercarbono_retirements", cells)
    return {"quantity": record.quantity}


def _isometric(case: Case) -> dict[str, object]:
    told = case.inputs
    total = Decimal(told["supplier_credits_t"]) + Decimal(told["buffer_pool_credits_t"])
    cells = {
        "credit_batch_size_total.credits": str(total),
        "credit_batch_size_total.credit_kgs": str(told["credit_kg"]),
        "retirement_id": case.id,
        "retired_at": "2024-01-01",
    }
    (record,) = read("isometric_retirements", cells)
    tonnes = (Decimal(record.quantity) / 1000).normalize()
    return {"total_kg": record.quantity, "total_credits_t": f"{tonnes:f}"}


def _sums(records: Iterable[Record], key: str) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for record in records:
        counted[str(getattr(record, key))] += record.quantity
    return dict(counted)


# VROD's own totals of what is retired count conversions that its files do not hold.
@serves("offsets_ACR", "offsets_CAR", prose=["vrod_total_retired", "vrod_remaining"])
def offsets(dataset: Dataset) -> dict[str, object]:
    """VROD's tables under the registries' own headings. No two ranges of one prefix overlap."""
    registry = "ACR" if "acr" in dataset.name.lower() else "CAR"
    total, day = {
        "ACR": ("total credits issued", "date issued (gmt)"),
        "CAR": ("total offset credits issued", "date issued"),
    }[registry]
    buffer = {
        "ACR": "credits transferred to buffer pool",
        "CAR": "offset credits intended for compliance buffer pool",
    }[registry]
    issued = [
        record
        for row in dataset.rows("issuances.csv")
        for record in read(
            f"{registry.lower()}_issuances",
            {
                total: row["quantity"], day: row["issuance_date"], buffer: row["buffer_quantity"],
                "vintage": row["vintage"], "project id": row["project_id"],
            },
        )
    ]  # fmt: skip
    retired = _retired(dataset, registry)
    _check_no_overlap(retired)
    issues = [record for record in issued if record.act is Act.ISSUED]
    by_project = _sums(issues, "project_code"), _sums(retired, "project_code")
    years: Counter[str] = Counter()
    for record in retired:
        years[str(record.happened_on)[:4]] += record.quantity
    return {
        "rows_issued": len(issues),
        "rows_retired": len(retired),
        "total_issued": sum(record.quantity for record in issues),
        "total_retired_in_file": sum(record.quantity for record in retired),
        "issued_by_vintage": _sums(issues, "vintage_year"),
        "retired_by_year": dict(years),
        "projects": [
            {
                "project_id": project,
                "issued": by_project[0].get(project, 0),
                "vrod_total_issued": by_project[0].get(project, 0),
                "retired_in_file": by_project[1].get(project, 0),
            }
            for project in sorted(by_project[0] | by_project[1])
        ],
    }


def _retired(dataset: Dataset, registry: str) -> list[Record]:
    serial, quantity, day = {
        "ACR": ("credit serial numbers", "quantity of credits", "status effective (gmt)"),
        "CAR": ("offset credit serial numbers", "quantity of offset credits", "status effective"),
    }[registry]
    return [
        record
        for row in dataset.rows("retirements.csv")
        for record in read(
            f"{registry.lower()}_retirements",
            {
                serial: row["serial_range"], quantity: row["quantity"], day: row["retired_on"],
                "vintage": row["vintage"], "project id": row["project_id"],
                "retirement reason": row["reason"],
            },
        )
    ]  # fmt: skip


def _check_no_overlap(records: list[Record]) -> None:
    runs = sorted((record.space or (), record.first or 0, record.last or 0) for record in records)
    for (space, _, last), (other, first, _) in pairwise(runs):
        assert space != other or last < first, f"{space}: {last} and {first}"


ARB_HEADINGS = {
    "issued": "arb offset credits issued",
    "buffer_contribution": "forest buffer account contribution",
    "issuance_id": "carb issuance id",
    "issuance_date": "issuance date",
    "period_start": "reporting period start date",
    "period_end": "reporting period end date",
    "opr_project_id": "opr project id",
    "project_name": "offset project name",
    "project_type": "project type",
    "ea_or_cop": "early action/ compliance",
}


def arb_cells(row: Mapping[str, str]) -> dict[str, str]:
    """A line of the golden table under the government's own headings."""
    return {ARB_HEADINGS.get(name, name.lower()): text for name, text in row.items()}


@serves("arb_offset_issuance")
def arb_issuance(dataset: Dataset) -> dict[str, object]:
    """What is wrong with a line is reported. An over-used issue is issued all the same.

    The published sums hold the uses of the over-used issue, so they are added here from its fault.
    """
    rows = dataset.rows(".csv")
    records: list[Record] = []
    not_numeric, overused = [], []
    for row in rows:
        try:
            records += read("arb_issuance_table", arb_cells(row))
        except RowFaults as refused:
            (fault,) = refused.faults
            if not fault.blocking:
                not_numeric.append(row["row_key"])
                continue
            told = {"issued": int(fault.params["issued"]), "retired": int(fault.params["gone"])}
            overused.append({"row_key": row["row_key"], **told})
            records += read("arb_issuance_table", {**arb_cells(row), **_without_uses()})
            records += _uses(row)
    return _figures(records, rows, not_numeric, overused)


def _without_uses() -> dict[str, str]:
    return {column: "" for column, _, _ in layouts.california.USES}


def _uses(row: Mapping[str, str]) -> list[Record]:
    return [
        Record(act=act, scheme="ARB", quantity=int(row[reason]), reason=reason)
        for _, act, reason in layouts.california.USES
        if row.get(reason, "0") not in {"", "0"}
    ]


def _figures(
    records: list[Record],
    rows: list[dict[str, str]],
    not_numeric: list[str],
    overused: list[object],
) -> dict[str, object]:
    issues = [record for record in records if record.act is Act.ISSUED]
    uses = [record for record in records if record.act in {Act.RETIRED, Act.SURRENDERED}]
    buffer = [record for record in records if record.act is Act.BUFFERED]
    kinds: Counter[str] = Counter()
    for record in issues:
        kinds[f"{record.extra['type']}/{record.extra['programme']}"] += record.quantity
    issued, used = (sum(one.quantity for one in some) for some in (issues, uses))
    ids = Counter(row["issuance_id"] for row in rows)
    return {
        "rows": len(rows),
        "projects": len({row["opr_project_id"] for row in rows}),
        "total_issued": issued,
        "total_buffer_contribution": sum(record.quantity for record in buffer),
        "issued_by_type_and_program": dict(kinds),
        "issued_by_vintage": _sums(issues, "vintage_year"),
        "retired_by_purpose": {
            **dict.fromkeys((why for _, _, why in layouts.california.USES), 0),
            **_sums(uses, "reason"),
        },
        "retired_total": used,
        "outstanding_total": issued - used,
        "exceptions": {
            "issued_not_numeric": not_numeric,
            "duplicate_issuance_ids": sorted(name for name, times in ids.items() if times > 1),
            "retired_exceeds_issued": overused,
        },
    }


PROSE = ["finding", "rule", "likely_cause", "must_not", "explained_by", "note"]


@serves("ledger_arb_anomalies", prose=PROSE, absolute="0.01")
def arb_anomalies(case: Case) -> dict[str, object]:
    """Real errors of published tables: each is reported, none is taken in silence."""
    kinds = {
        "batch": _overused_batch,
        "import_row": _entity_row,
        "footing": _footing,
        "plausibility": inventories.facility_anomaly,
        "cross_entity": compliance.contradicted_entities,
        "status": compliance.settled_entity,
    }
    if case.inputs["kind"] not in kinds:
        raise NotCovered
    return kinds[case.inputs["kind"]](case)


def _overused_batch(case: Case) -> dict[str, object]:
    told = case.inputs
    row = {
        "issued": str(told["issued"]),
        "buffer_contribution": str(told["buffer_contribution_included_in_issued"]),
        "issuance_id": told["issuance_id"],
        "vintage": "2014",
        "issuance_date": "2014-06-10",
        "comment": told["comment"],
        **{purpose: str(count) for purpose, count in told["retirements"].items()},
    }
    faults = faults_of("arb_issuance_table", arb_cells(row))
    if not faults:
        return {"import_accepted_silently": True}
    (fault,) = faults
    gone, issued = int(fault.params["gone"]), int(fault.params["issued"])
    return {"retired_total": gone, "balance": issued - gone, "import_accepted_silently": False}


def _entity_row(case: Case) -> dict[str, object]:
    """A row of a compliance report; what the fault names is enough to set it right."""
    told = case.inputs
    cells = _entity_cells(told)
    faults = faults_of("arb_compliance_detail", cells)
    observed: dict[str, object] = {"import_accepted_silently": not faults}
    vintages = {year: str(count) for year, count in told["allowance_detail_by_vintage"].items()}
    codes = {fault.code for fault in faults}
    if codes == {"subtotal_in_column"}:
        (fault,) = faults
        parts, total = int(fault.params["parts"]), int(fault.params["total"])
        del vintages[fault.params["year"]]
        observed |= {
            "detail_sum": parts,
            "difference": parts - total,
            "reconciled_by_vintage": {year: int(count) for year, count in vintages.items()},
            "reconciled_total": sum(map(int, vintages.values())),
            "position_from_summary": told["summary_total"] - told["obligation_t"],
        }
    if codes == {"two_values"}:
        observed |= _corrected(cells, faults, told)
    return observed


def _entity_cells(told: Mapping[str, Any]) -> dict[str, str]:
    vintages = told["allowance_detail_by_vintage"]
    return {
        "entity id": told["entity_id"],
        "total allowances": str(told["allowance_detail_total_column"]),
        "total offsets": str(told["summary_offsets"]),
        "obligation": str(told["obligation_t"]),
        **{f"{year} vintage": str(count) for year, count in vintages.items()},
    }


def _corrected(
    cells: dict[str, str], faults: Sequence[RowFault], told: Mapping[str, Any]
) -> dict[str, object]:
    """With the second of each two values the row is taken: it foots, and covers what is owed."""

    def named(which: str) -> dict[str, int]:
        values = {fault.column: int(fault.params[which].replace(",", "")) for fault in faults}
        return {name.split()[0]: value for name, value in values.items()}

    fixed = {**cells, **{fault.column: fault.params["second"] for fault in faults}}
    records = read("arb_compliance_detail", fixed)
    surrendered = sum(record.quantity for record in records)
    return {
        "superseded": named("first"),
        "corrected": named("second"),
        "corrected_foots": True,
        "position": surrendered - told["obligation_t"],
    }


def _footing(case: Case) -> dict[str, object]:
    """A totals line is a row like any other: its columns must make its total."""
    columns = case.inputs["sum_of_published_vintage_column_totals"]
    total = case.inputs["published_grand_total"]
    cells = {"entity id": "TOTAL", "2013 vintage": str(columns), "total allowances": str(total)}
    (fault,) = faults_of("arb_compliance_detail", cells)
    difference = int(fault.params["parts"]) - int(fault.params["total"])
    return {"foots": False, "difference": difference}
