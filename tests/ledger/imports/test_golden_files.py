"""Public tables of registries go from file to ledger; their published sums come out."""

import csv
import io
import json
from collections import Counter
from pathlib import Path

import pytest

from ledger.imports import operations as imports
from ledger.imports import queries
from ledger.imports.states import ImportState as S
from ledger.units import queries as units
from ledger.units.states import UnitState
from tests.factories import imports as files
from tests.golden.servers.imports import arb_cells

pytestmark = pytest.mark.django_db
CASES = Path(__file__).parents[2] / "golden" / "cases"
REGISTRIES = {
    "ACR": {
        "issued": {
            "project_id": "Project ID",
            "vintage": "Vintage",
            "issuance_date": "Date Issued (GMT)",
            "quantity": "Total Credits Issued",
            "none": "Credits Issued to Project",
            "zero": "Credits Issued to Buffer Pool",
        },
        "retired": {
            "project_id": "Project ID",
            "vintage": "Vintage",
            "serial_range": "Credit Serial Numbers",
            "quantity": "Quantity of Credits",
            "retired_on": "Status Effective (GMT)",
            "reason": "Retirement Reason",
        },
    },
    "CAR": {
        "issued": {
            "project_id": "Project ID",
            "vintage": "Vintage",
            "issuance_date": "Date Issued",
            "quantity": "Total Offset Credits Issued",
            "none": "Offset Credits Currently in Reserve Buffer Pool",
            "zero": "Canceled for Compliance",
        },
        "retired": {
            "project_id": "Project ID",
            "vintage": "Vintage",
            "serial_range": "Offset Credit Serial Numbers",
            "quantity": "Quantity of Offset Credits",
            "retired_on": "Status Effective",
            "reason": "Retirement Reason",
        },
    },
}


def rows_of(name):
    with (CASES / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def as_file(rows, headings):
    """The table under the registry's own headings."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings.values())
    writer.writerows([row.get(name, "") for name in headings] for row in rows)
    return out.getvalue().encode()


def sums(account, state):
    found = Counter()
    for view in units.positions_in([account]):
        if view.state is state:
            found[view.vintage_year] += view.unit_count
    return found


@pytest.mark.parametrize("registry", ["ACR", "CAR"])
def test_issues_and_retirements_of_a_registry_add_up(registry):
    by = files.manager()
    account = files.account(by, registry=registry)
    expected = json.loads((CASES / f"offsets_{registry}.expected.json").read_text())
    headings = REGISTRIES[registry]
    for kind, name in (("issued", "issuances"), ("retired", "retirements")):
        row = files.read(
            as_file(rows_of(f"offsets_{registry}_{name}.csv"), headings[kind]), by=by,
            account_id=account, is_one_account=True, name=f"{name}.csv",
            layout=f"{registry.lower()}_{name}",
        )  # fmt: skip
        assert row.state == S.READY, list(queries.problem_counts(row))
        assert row.line_count == expected[f"rows_{kind}"]
        files.take_in(row, by=by)
    free, retired = sums(account, UnitState.FREE), sums(account, UnitState.RETIRED)
    pools = Counter()
    from ledger.accounts import queries as accounts

    pool = accounts.find_account(registry=registry, number=f"BUFFER-{registry}")
    if pool is not None:
        pools = sums(pool.pk, UnitState.FREE)
    issued = free + retired + pools
    assert {str(year): count for year, count in issued.items()} == expected["issued_by_vintage"]
    assert issued.total() == expected["total_issued"]
    assert retired.total() == expected["total_retired_in_file"]
    assert list(units.check_against_events()) == []


def test_californias_table_is_loaded_and_its_impossible_row_is_reported():
    by = files.manager()
    account = files.account(by, registry="CITSS")
    expected = json.loads((CASES / "arb_offset_issuance.expected.json").read_text())
    cells = [arb_cells(row) for row in rows_of("arb_offset_issuance.csv")]
    headings = list(dict.fromkeys(name for one in cells for name in one))
    row = files.read(
        as_file(cells, dict(zip(headings, headings, strict=True))), by=by, account_id=account,
        layout="arb_issuance_table", name="arb.csv",
    )  # fmt: skip
    told = queries.standing_problems(row).filter(is_blocking=True)
    assert [one.code for one in told] == ["more_used_than_issued"]
    assert told[0].params == {"gone": "248989", "issued": "178528", "more": "70461"}
    assert row.state == S.FAULTY
    odd = queries.standing_problems(row).filter(code="brings_no_units")
    assert odd.count() == len(expected["exceptions"]["issued_not_numeric"])

    imports.set_aside_lines(
        import_id=row.pk, reason="a reversal booked against one vintage", by=by, at=files.NOON
    )
    row = files.check(row.pk)
    assert row.state == S.READY, list(queries.problem_counts(row))
    files.take_in(row, by=by)

    from ledger.accounts import queries as accounts

    pool = accounts.find_account(registry="CITSS", number="BUFFER-CITSS").pk
    ended = sum(
        (sums(one, state) for one in (account, pool)
         for state in (UnitState.RETIRED, UnitState.SURRENDERED)),
        Counter(),
    )  # fmt: skip
    outstanding = sums(account, UnitState.FREE) + sums(pool, UnitState.FREE)
    # the row that was set aside is in the published sums, and not in the ledger
    assert ended.total() == expected["retired_total"] - 248_989
    assert (ended + outstanding).total() == expected["total_issued"] - 178_528
    assert list(units.check_against_events()) == []
