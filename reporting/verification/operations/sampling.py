"""Drawing a sample, and saying what looking at its rows showed."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.kernel.transitions import check_transition
from reporting.verification import models, queries, rules
from reporting.verification.operations.common import at_work, next_number, record
from reporting.verification.rules import sampling
from reporting.verification.states import OUTCOME_MOVES, Outcome, SamplingMethod


@operation
def draw_sample(
    *,
    engagement_id: UUID,
    content_hash: str,
    method: SamplingMethod,
    size: int,
    seed: str,
    reason: str,
    by: Actor,
    at: datetime,
) -> UUID:
    """Draw rows of a frozen inventory by a seed that is kept: anybody can draw them again.

    A sample is never redrawn in place: another draw is another sample, and both stay.

    :raises NotFound, IllegalTransition, NotDeclared, OtherInventory, TextMissing: as they say
    :raises OddSeed, SampleTooLarge, NothingToWeigh: nothing can be drawn so
    """
    rules.check_text(reason)
    engagement = at_work(engagement_id, by)
    frozen = queries.frozen_by_hash(engagement, content_hash)
    rows = queries.population_of(frozen)
    drawn = sampling.draw(
        rows, method=SamplingMethod(method), size=size, seed=seed, content_hash=content_hash
    )
    sample = models.Sample.objects.create(
        engagement=engagement,
        frozen_id=frozen.id,
        number=next_number(engagement.samples),
        method=method,
        size=size,
        seed=seed,
        content_hash=content_hash,
        population_count=len(rows),
        population_tco2e=sum((abs(one.emission_tco2e) for one in rows), Decimal(0)),
        population_hash=sampling.population_hash(rows),
        reason=reason,
        drawn_at=at,
        drawn_by=by.user_id,
    )
    record("sample.drawn", sample, by, at)
    for number, one in enumerate(drawn, 1):
        _add_item(sample, number, one, by, at)
    return sample.pk


def _add_item(
    sample: models.Sample, number: int, drawn: sampling.Drawn, by: Actor, at: datetime
) -> None:
    item = models.SampleItem.objects.create(
        sample=sample,
        number=number,
        activity_id=drawn.row.id,
        source_code=drawn.row.source_code,
        month=drawn.row.month,
        emission_tco2e=drawn.row.emission_tco2e,
        is_certain=drawn.is_certain,
        outcome=Outcome.WAITING,
    )
    record("sample_item.drawn", item, by, at)


@operation
def record_outcome(
    *,
    item_id: UUID,
    outcome: Outcome,
    note: str,
    by: Actor,
    at: datetime,
    difference_tco2e: Decimal | None = None,
) -> None:
    """What the evidence of a row shows; the difference is what is stated less what is right.

    :raises NotFound, IllegalTransition, NotDeclared: as they say
    :raises TextMissing: a row that does not agree says why
    """
    outcome = Outcome(outcome)
    if outcome is not Outcome.AGREES:
        rules.check_text(note)
    found = queries.get_item(item_id, by)
    at_work(found.sample.engagement_id, by)
    item = models.SampleItem.objects.select_for_update(of=("self",)).filter(pk=item_id).first()
    if item is None:
        raise NotFound
    check_transition(OUTCOME_MOVES, item.outcome, outcome)
    item.outcome, item.note = outcome, note
    item.difference_tco2e = difference_tco2e if outcome is Outcome.DIFFERS else None
    item.looked_at, item.looked_by = at, by.user_id
    item.save(update_fields=["outcome", "note", "difference_tco2e", "looked_at", "looked_by"])
    record("sample_item.looked_at", item, by, at)
