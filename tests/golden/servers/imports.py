"""California's table of offset credits, and the errors in government tables: reported by name."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ledger.imports import layouts
from ledger.imports.records import Act, Record, RowFault, RowFaults
from tests.golden.cells import faults_of, read, sums_by
from tests.golden.loading import FREE, USED, Importer
from tests.golden.running import Case, Dataset, NotCovered, serves
from tests.golden.servers import compliance, inventories

ENDS = {Act.RETIRED, Act.SURRENDERED, Act.CANCELLED}
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
    _check_the_ledger_holds(records, [arb_cells(row) for row in rows], overused)
    return _figures(records, rows, not_numeric, overused)


def _check_the_ledger_holds(
    records: list[Record], cells: list[dict[str, str]], overused: list[dict[str, Any]]
) -> None:
    """What the importer takes in is all but the issues that were used more than they are."""
    importer = Importer.of("CITSS")
    refused = importer.take_in(cells, layout="arb_issuance_table")
    assert refused.get("more_used_than_issued", 0) == len(overused), refused
    aside = {str(one["row_key"]).split("#")[0] for one in overused}
    kept = [one for one in records if one.extra.get("issuance") and one.vintage_year]
    issued = [one for one in kept if one.act is Act.ISSUED and one.extra["issuance"] not in aside]
    used = [one for one in kept if one.act in ENDS and one.extra["issuance"] not in aside]
    held, ended = importer.sums(FREE), importer.sums(*USED)
    assert ended == sums_by(used, "vintage_year"), "used"
    whole = {year: held.get(year, 0) + ended.get(year, 0) for year in {*held, *ended}}
    assert whole == sums_by(issued, "vintage_year"), "issued"


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
        "issued_by_vintage": sums_by(issues, "vintage_year"),
        "retired_by_purpose": {
            **dict.fromkeys((why for _, _, why in layouts.california.USES), 0),
            **sums_by(uses, "reason"),
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
