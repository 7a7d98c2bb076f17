"""Issues and retirements of two registries, from file to ledger."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise

from ledger.imports.records import Act, Record
from tests.golden.cells import read, sums_by
from tests.golden.loading import FREE, USED, Importer
from tests.golden.running import Dataset, serves

OFFSETS = {
    "ACR": {
        "quantity": "total credits issued",
        "issuance_date": "date issued (gmt)",
        "serial_range": "credit serial numbers",
        "retired": "quantity of credits",
        "retired_on": "status effective (gmt)",
    },
    "CAR": {
        "quantity": "total offset credits issued",
        "issuance_date": "date issued",
        "serial_range": "offset credit serial numbers",
        "retired": "quantity of offset credits",
        "retired_on": "status effective",
    },
}


# VROD's own totals of what is retired count conversions that its files do not hold.
@serves("offsets_ACR", "offsets_CAR", prose=["vrod_total_retired", "vrod_remaining"])
def offsets(dataset: Dataset) -> dict[str, object]:
    """VROD's tables under the registries' own headings, through the importer into the ledger.

    Its column of the buffer is left out: it does not tell which retirements took from the buffer.
    """
    registry = "ACR" if "acr" in dataset.name.lower() else "CAR"
    issuances = _issuance_cells(dataset.rows("issuances.csv"), OFFSETS[registry])
    retirements = _retirement_cells(dataset.rows("retirements.csv"), OFFSETS[registry])
    issues, retired = (
        [one for row in rows for one in read(f"{registry.lower()}_{name}", row) if one.act is act]
        for name, rows, act in (
            ("issuances", issuances, Act.ISSUED), ("retirements", retirements, Act.RETIRED)
        )
    )  # fmt: skip
    _check_no_overlap(retired)
    importer = Importer.of(registry)
    for name, rows in (("issuances", issuances), ("retirements", retirements)):
        assert importer.take_in(rows, layout=f"{registry.lower()}_{name}") == {}
    ended = importer.sums(*USED)
    held = importer.sums(FREE)
    years: Counter[str] = Counter()
    for record in retired:
        years[str(record.happened_on)[:4]] += record.quantity
    by_project = sums_by(issues, "project_code"), sums_by(retired, "project_code")
    vintages = {year: held.get(year, 0) + ended.get(year, 0) for year in sorted({*held, *ended})}
    return {
        "rows_issued": len(issues),
        "rows_retired": len(retired),
        "total_issued": sum(vintages.values()),
        "total_retired_in_file": sum(ended.values()),
        "issued_by_vintage": vintages,
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


def _issuance_cells(
    rows: Iterable[Mapping[str, str]], headings: Mapping[str, str]
) -> list[dict[str, str]]:
    return [
        {
            headings["quantity"]: row["quantity"],
            headings["issuance_date"]: row["issuance_date"],
            "vintage": row["vintage"],
            "project id": row["project_id"],
        }
        for row in rows
    ]


def _retirement_cells(
    rows: Iterable[Mapping[str, str]], headings: Mapping[str, str]
) -> list[dict[str, str]]:
    return [
        {
            headings["serial_range"]: row["serial_range"],
            headings["retired"]: row["quantity"],
            headings["retired_on"]: row["retired_on"],
            "vintage": row["vintage"],
            "project id": row["project_id"],
            "retirement reason": row["reason"],
        }
        for row in rows
    ]


def _check_no_overlap(records: list[Record]) -> None:
    runs = sorted((record.space or (), record.first or 0, record.last or 0) for record in records)
    for (space, _, last), (other, first, _) in pairwise(runs):
        assert space != other or last < first, f"{space}: {last} and {first}"
