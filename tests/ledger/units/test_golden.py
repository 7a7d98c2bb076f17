"""California's public table of offset credits goes through the bulk path; its totals come out."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from ledger.kernel.errors import DomainError
from ledger.units import operations as units
from ledger.units import queries, rules
from ledger.units.operations import Draft, Leg, LotFacts
from ledger.units.states import UnitState as S
from tests.factories.units import DAY, FREE, ISSUER, MANAGER, NOON, UNISSUED

CASES = Path(__file__).parents[2] / "golden" / "cases"
PURPOSES = [
    "Buffer Pool Retired",
    "Retired for Intentional Reversal",
    "Retired Voluntarily",
    "Retired 1st Compliance Period (CA)",
    "Retired 2nd Compliance Period (CA)",
    "Retired 3rd Compliance Period (CA)",
    "Retired 4th Compliance Period (CA)",
    "Retired for Compliance in Quebec",
]
HOLDER, BUFFER = UUID(int=0xA1), UUID(int=0xA2)
RETIREMENTS = {purpose: UUID(int=0xB0 + n) for n, purpose in enumerate(PURPOSES)}

Row = dict[str, str]


def whole(text: str) -> int | None:
    return int(text) if text.strip().isdigit() else None


def drafts_of(row: Row, lot_id: UUID) -> Iterator[Draft]:
    """Issue, contribution to the buffer pool, retirements by purpose."""
    key, issued = row["row_key"], int(row["issued"])
    buffer = whole(row["buffer_contribution"]) or 0

    def draft(kind: str, leg: Leg) -> Draft:
        return Draft(kind, [leg], DAY, f"{key}:{kind}:{leg.to_account_id}")

    yield draft("ISSUE", Leg(lot_id, ISSUER, UNISSUED, HOLDER, FREE, issued))
    if buffer:
        yield draft("TRANSFER", Leg(lot_id, HOLDER, FREE, BUFFER, FREE, buffer))
    for purpose in PURPOSES:
        count = whole(row[purpose]) or 0
        source = BUFFER if purpose == "Buffer Pool Retired" else HOLDER
        if count:
            account = RETIREMENTS[purpose]
            yield draft("RETIRE", Leg(lot_id, source, FREE, account, S.RETIRED, count))


@pytest.fixture(scope="module")
def table() -> tuple[list[Row], dict[str, object]]:
    with (CASES / "arb_offset_issuance.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return rows, json.loads((CASES / "arb_offset_issuance.expected.json").read_text())


@pytest.mark.django_db
def test_californias_totals_come_out_as_published(table):
    rows, expected = table
    numeric = [row for row in rows if whole(row["issued"])]
    odd = [row["row_key"] for row in rows if whole(row["issued"]) is None]
    facts = [
        LotFacts(
            code=row["row_key"],
            scheme="VCS",
            vintage_year=int(row["vintage"]),
            traits={"type": row["project_type"], "programme": row["ea_or_cop"]},
        )
        for row in numeric
    ]
    lots = dict(
        zip(numeric_keys(numeric), units.open_lots(facts=facts, by=MANAGER, at=NOON), strict=True)
    )
    refused = {}
    whole_rows = []
    for row in numeric:
        drafts = list(drafts_of(row, lots[row["row_key"]]))
        if row["row_key"] in {one["row_key"] for one in over_retired(expected)}:
            refused[row["row_key"]] = load_alone(drafts)
        else:
            whole_rows += drafts
    for start in range(0, len(whole_rows), 1000):
        units.post_entries(drafts=whole_rows[start : start + 1000], by=MANAGER, at=NOON)

    assert odd == expected["exceptions"]["issued_not_numeric"]
    assert refused == {"CAFR5253-C": rules.NotEnoughUnits}
    check_totals(rows, expected)
    assert list(queries.check_against_events()) == []


def numeric_keys(rows: list[Row]) -> list[str]:
    return [row["row_key"] for row in rows]


def over_retired(expected: dict) -> list[dict]:
    return expected["exceptions"]["retired_exceeds_issued"]


def load_alone(drafts: list[Draft]) -> type[DomainError] | None:
    """The row that cannot be is refused as a whole; what is true of it, its issue, is loaded."""
    try:
        units.post_entries(drafts=drafts, by=MANAGER, at=NOON)
    except DomainError as refusal:
        units.post_entries(drafts=drafts[:1], by=MANAGER, at=NOON)
        return type(refusal)
    return None


def check_totals(rows: list[Row], expected: dict) -> None:
    holdings = queries.positions_in([HOLDER, BUFFER, ISSUER, *RETIREMENTS.values()])
    issued: Counter[int] = Counter()
    retired: Counter[UUID] = Counter()
    for view in holdings:
        if view.state is S.UNISSUED:
            issued[view.vintage_year] -= view.unit_count
        if view.state is S.RETIRED:
            retired[view.account_id] += view.unit_count
    assert sum(issued.values()) == expected["total_issued"]
    assert {str(year): units for year, units in issued.items()} == expected["issued_by_vintage"]
    # the refused row's retirements are in the published sums, and not in the ledger
    (missing,) = [row for row in rows if row["row_key"] == "CAFR5253-C"]
    published = {
        purpose: expected["retired_by_purpose"][purpose] - (whole(missing[purpose]) or 0)
        for purpose in PURPOSES
    }
    assert {purpose: retired[RETIREMENTS[purpose]] for purpose in PURPOSES} == published
