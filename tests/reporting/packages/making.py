"""A verified year of a park with data, and its reports under any framework."""

import io
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from ledger.files import operations as files
from ledger.jobs.models import Job
from ledger.jobs.states import JobState
from ledger.kernel.actors import Actor, Role
from ledger.kernel.periods import Period
from reporting.activity import operations as activity
from reporting.activity.states import AnswerKind, FindingState
from reporting.disclosures import operations as disclosures
from reporting.disclosures.models import Entry
from reporting.inventories import operations as inventories
from reporting.packages import operations, tasks
from reporting.packages.models import Report
from reporting.parks import queries as parks
from tests.factories import readings
from tests.reporting.inventories.conftest import NOON, build

WORDS = {"text_zh": "说明。", "text_en": "As it is."}


def frozen_year(park: Any, manager: Actor) -> Any:
    """The park's year, built and frozen."""
    built = build(park, manager)
    return inventories.freeze_inventory(inventory_id=built.id, by=manager, at=NOON)


def metered_february(park: Any, officer: Actor) -> None:
    """Two meters of the grid, read each hour of February; the month's row is their sum."""
    (grid,) = (one for one in parks.sources_of(park.id) if one.code == "GRID")
    for number, multiplier in (("E-1", 40), ("E-2", 1)):
        more = {"multiplier": Decimal(multiplier)}
        readings.add_meter(grid.id, number, 60, **more)
    readings.upload(park, officer, readings.lines(_february("E-1", 500)))
    readings.upload(park, officer, readings.lines(_february("E-2", 70)))
    for _again in range(2):  # taking a month may find something odd about it
        for row in activity.run_checks(park_id=park.id, year=2025, by=officer, at=NOON):
            if row.state == FindingState.OPEN:
                activity.answer_finding(
                    finding_id=row.pk, kind=AnswerKind.EXPLAINED, answer="抄表核对", by=officer,
                    at=NOON,
                )  # fmt: skip
        if not _again:
            readings.take_month(park.id, date(2025, 2, 1), by=officer, at=NOON)


def _february(number: str, base: int) -> list[tuple[str, str, object]]:
    return [
        (number, f"2025-02-{day:02d} {hour:02d}:00", base + (day * 7 + hour) % 5)
        for day in range(1, 29)
        for hour in range(24)
    ]


def evidence(by: Actor, content: bytes = b"what shows the figure\n") -> Any:
    """A file that somebody stored."""
    return files.store_file(
        content=io.BytesIO(content),
        name="shown.txt",
        purpose="disclosure",
        party_id=by.own_party,
        by=by,
        at=NOON,
    )


def approver_of(manager: Actor) -> Actor:
    return Actor(uuid4(), manager.party_id, frozenset({Role.APPROVER, Role.CARBON_MANAGER}))


def tell(
    park: Any, manager: Actor, point: str, *, year: int = 2025, at: Any = NOON, **told: Any
) -> Entry:
    """One data point, as the operation writes it once it is approved."""
    given: dict[str, Any] = {"kind": "TEXT", **WORDS, **told}
    period = Period.year(year)
    return disclosures.tell_point(
        park_id=park.id,
        period_start=period.start,
        period_end=period.end,
        point=point,
        by=approver_of(manager),
        at=at,
        idempotency_key=str(uuid4()),
        **given,
    )


def figure(park: Any, manager: Actor, point: str, amount: str, **more: Any) -> Entry:
    shown = evidence(manager, f"{point} {amount}\n".encode())
    return tell(
        park, manager, point, kind="FIGURE", amount=Decimal(amount), evidence_id=shown.pk, **more
    )


def make(
    frozen: Any, manager: Actor, framework: str = "ISO14064-1", language: str = "en"
) -> Report:
    """Through the job, as people ask for it."""
    job_id = operations.request_report(
        frozen_inventory_id=frozen.id,
        framework=framework,
        language=language,
        by=manager,
        at=NOON,
    )
    tasks.make_report(job_id=str(job_id))
    job = Job.objects.get(pk=job_id)
    assert job.state == JobState.DONE, job.error
    return Report.objects.select_related("statement").get(pk=job.result["report"])
