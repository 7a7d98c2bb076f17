from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from ledger.kernel.actors import SYSTEM, Role
from ledger.kernel.errors import IllegalTransition
from ledger.kernel.measures import Measure
from ledger.kernel.periods import Period
from ledger.kernel.quantities import Quantity
from reporting.activity import operations, queries
from reporting.activity.models import Dataset
from reporting.activity.rules import DatasetIncomplete, DatasetNotOpen, MakerIsChecker
from tests.reporting.activity.conftest import (
    APPROVER,
    MANAGER,
    NOON,
    OFFICER,
    SOURCES,
    person,
)
from tests.reporting.activity.test_upload import HEAD, upload


@pytest.fixture
def year(park):
    rows = [
        f"{code},2025-{month:02d},{100 + month},{unit},,\n"
        for code, _, _, unit in SOURCES
        for month in range(1, 13)
    ]
    return upload(park, HEAD + "".join(rows)).dataset


def move(step, dataset, by, **more):
    return step(dataset_id=dataset.pk, by=by, at=NOON, **more)


def test_a_year_goes_from_draft_to_locked(park, year):
    move(operations.submit_dataset, year, OFFICER)
    move(operations.check_dataset, year, MANAGER)
    move(operations.mark_verified, year, person(Role.VERIFIER), opinion_id=uuid4())
    move(operations.lock_dataset, year, APPROVER)

    assert queries.state_of(park.id, Period.year(2025)) == "LOCKED"


def test_a_year_with_a_gap_cannot_be_submitted(park):
    dataset = upload(park, HEAD + "GRID,2025-01,1,MWh,,\n").dataset

    with pytest.raises(DatasetIncomplete, match="35 source-months, the first is BOILER 2025-01"):
        move(operations.submit_dataset, dataset, OFFICER)
    assert Dataset.objects.get().state == "DRAFT"


def test_whoever_recorded_a_row_may_not_check_it(park, year):
    both = person(Role.DATA_OFFICER, Role.CARBON_MANAGER)
    operations.correct_row(
        dataset_id=year.pk, source_code="GRID", month=date(2025, 1, 1),
        quantity=Quantity(Decimal(5), Measure.MWH), reason="typo", by=both, at=NOON,
    )  # fmt: skip
    move(operations.submit_dataset, year, OFFICER)

    with pytest.raises(MakerIsChecker):
        move(operations.check_dataset, year, both)


def test_a_draft_cannot_jump_to_verified(year):
    with pytest.raises(IllegalTransition):
        move(operations.mark_verified, year, SYSTEM, opinion_id=uuid4())


def test_a_locked_year_is_corrected_only_after_re_opening(park, year):
    move(operations.submit_dataset, year, OFFICER)
    change = {
        "source_code": "GRID",
        "month": date(2025, 1, 1),
        "quantity": Quantity(Decimal(5), Measure.MWH),
        "reason": "bill",
    }
    with pytest.raises(DatasetNotOpen):
        move(operations.correct_row, year, OFFICER, **change)
    move(operations.reopen_dataset, year, MANAGER, reason="bill corrected")

    assert move(operations.correct_row, year, OFFICER, **change).version == 2


def test_completeness_counts_only_months_that_have_passed(park):
    upload(park, HEAD + "GRID,2025-01,1,MWh,,\n")

    found = queries.completeness(park.id, 2025, until=date(2025, 3, 15))
    assert (found.expected, found.percent) == (6, 16)
    assert found.missing[0] == ("BOILER", date(2025, 1, 1))


def test_a_month_far_from_the_others_is_pointed_out(park, year):
    operations.correct_row(
        dataset_id=year.pk, source_code="TRUCKS", month=date(2025, 6, 1),
        quantity=Quantity(Decimal(9999), Measure.T), reason="?", by=OFFICER, at=NOON,
    )  # fmt: skip

    assert [(s.source_code, s.month.month) for s in queries.spikes(park.id, 2025)] == [
        ("TRUCKS", 6)
    ]
