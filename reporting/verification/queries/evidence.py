"""What a verifier looks at: the frozen rows, what they are made of, and the files behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from reporting.activity import queries as activity
from reporting.inventories import queries as inventories
from reporting.verification import models
from reporting.verification.queries.engagements import READING, engagements_for
from reporting.verification.rules import OtherInventory, sampling
from reporting.verification.states import Outcome, SamplingMethod


@dataclass(frozen=True, slots=True)
class Evidence:
    """A row of activity with everything that its emission is made of.

    `lines` are those of the frozen content; `entered`, `evidence` and the file are of the row as it
    was taken in, where it was not measured otherwise. `is_as_frozen`: the row is still that one.
    """

    activity: dict[str, Any]
    lines: list[dict[str, Any]]
    factors: dict[str, dict[str, Any]]
    entered: str = ""
    evidence: str = ""
    note: str = ""
    version: int | None = None
    is_as_frozen: bool | None = None
    file_id: UUID | None = None


def frozen_by_hash(engagement: models.Engagement, content_hash: str) -> inventories.FrozenView:
    """:raises OtherInventory: of no frozen inventory of the engagement's park and period"""
    for one in _frozen_of(engagement):
        if one.content_hash == content_hash:
            return one
    raise OtherInventory


def _frozen_of(engagement: models.Engagement) -> list[inventories.FrozenView]:
    """Of its park, and of its period from the first day to the last; newest first."""
    end = engagement.period_end.isoformat()
    found = inventories.frozen_of(engagement.park_id, engagement.period_start)
    return [one for one in found if one.content["period"]["end"] == end]


def frozen_inventories(engagement: models.Engagement) -> list[inventories.FrozenView]:
    """Those that a verifier may see now, newest first: none before she may read."""
    if engagement.state not in READING:
        return []
    return _frozen_of(engagement)


def population_of(frozen: inventories.FrozenView) -> list[sampling.Row]:
    """The rows of activity of a frozen inventory, each with all its gases."""
    result = frozen.content["result"]
    emitted: dict[str, Decimal] = {}
    for line in result["lines"]:
        amount = Decimal(line["tco2e"])
        emitted[line["activity"]] = emitted.get(line["activity"], Decimal(0)) + amount
    return [
        sampling.Row(
            id=one["id"],
            source_code=one["source"],
            month=one["month"],
            emission_tco2e=emitted.get(one["id"], Decimal(0)),
        )
        for one in result["activities"]
    ]


def samples_for(actor: Actor) -> QuerySet[models.Sample]:
    return models.Sample.objects.select_related("engagement__park").filter(
        engagement__in=engagements_for(actor).values("pk")
    )


def get_sample(sample_id: UUID, actor: Actor) -> models.Sample:
    """:raises NotFound: not there, or not of an engagement that the actor sees"""
    row = samples_for(actor).filter(pk=sample_id).first()
    if row is None:
        raise NotFound
    return row


def get_item(item_id: UUID, actor: Actor) -> models.SampleItem:
    """:raises NotFound: not there, or not of an engagement that the actor sees"""
    rows = models.SampleItem.objects.select_related("sample__engagement__park")
    row = rows.filter(pk=item_id, sample__in=samples_for(actor).values("pk")).first()
    if row is None:
        raise NotFound
    return row


def draw_again(sample: models.Sample) -> list[sampling.Drawn]:
    """The same draw from what is kept: the frozen inventory, the seed and the method."""
    frozen = inventories.get_frozen(sample.frozen_id)
    return sampling.draw(
        population_of(frozen),
        method=SamplingMethod(sample.method),
        size=sample.size,
        seed=sample.seed,
        content_hash=sample.content_hash,
    )


def is_as_drawn(sample: models.Sample, items: Sequence[models.SampleItem]) -> bool:
    """Whether drawing again gives these very rows, in this order."""
    return [one.row.id for one in draw_again(sample)] == [one.activity_id for one in items]


def projection_of(sample: models.Sample, items: Sequence[models.SampleItem]) -> Decimal | None:
    """What a sample by tonnes says of the whole; None for another, or while a row waits."""
    if sample.method != SamplingMethod.WEIGHTED:
        return None
    if any(one.outcome == Outcome.WAITING for one in items):
        return None
    looked = [
        sampling.Looked(one.emission_tco2e, one.difference_tco2e or Decimal(0), one.is_certain)
        for one in items
    ]
    return sampling.project(looked, interval_tco2e=sample.population_tco2e / sample.size)


def evidence_of(item: models.SampleItem) -> Evidence:
    """Everything behind a drawn row."""
    result = inventories.get_frozen(item.sample.frozen_id).content["result"]
    found = next(one for one in result["activities"] if one["id"] == item.activity_id)
    lines = [one for one in result["lines"] if one["activity"] == item.activity_id]
    used = {line["factor"] for line in lines}
    factors = {one["id"]: one for one in result["factors"] if one["id"] in used}
    row = _row_of(item.activity_id)
    if row is None:
        return Evidence(found, lines, factors)
    return Evidence(
        found,
        lines,
        factors,
        entered=row.entered,
        evidence=row.evidence,
        note=row.note,
        version=row.version,
        is_as_frozen=row.digest == found["digest"] and activity.is_current(row),
        file_id=row.upload.file_id if row.upload else None,
    )


def _row_of(activity_id: str) -> Any:
    try:
        key = UUID(activity_id)
    except ValueError:  # masses of gases that a facility measured are no rows
        return None
    return activity.find_row(key)
