"""Loading rule numbers and calendars from the seeds. Idempotent; every new row is sealed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ledger.audit import operations as audit
from ledger.audit.operations import Happening
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.parameters import loading, models, queries, rules
from ledger.parameters.rules import CalendarFact, ParameterFact

__all__ = ["CalendarFact"]

DEMONSTRATION = "demonstration"  # source of calendar years that the demonstration drafts


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did; `notes` are sentences for the operator (gaps)."""

    kind: str
    new_count: int
    ended_count: int = 0
    unchanged_count: int = 0
    notes: tuple[str, ...] = ()


def _said(fact: ParameterFact) -> dict[str, object]:
    return {"row": {**fact.content(), "digest": fact.digest}}


def _check_unchanged(fact: ParameterFact, known: ParameterFact) -> None:
    """:raises ParameterChanged: more than a first end differs"""
    same = fact.lasting() == known.lasting()
    if not same or (known.valid_to is not None and fact.valid_to != known.valid_to):
        raise rules.ParameterChanged(key=fact.key, valid_from=fact.valid_from)


def _end(row: models.Parameter, fact: ParameterFact) -> Happening:
    models.Parameter.objects.filter(pk=row.pk).update(valid_to=fact.valid_to, digest=fact.digest)
    return Happening("parameter.ended", f"parameters.Parameter:{row.pk}", _said(fact))


def _add(fact: ParameterFact) -> Happening:
    row = models.Parameter.objects.create(**fact.content(), digest=fact.digest)
    return Happening("parameter.loaded", f"parameters.Parameter:{row.pk}", _said(fact))


@operation
def load_parameters(*, facts: Sequence[ParameterFact], by: Actor, at: datetime) -> Loaded:
    """Bring the table up to the facts: add new rows, end rows that got an end. Nothing is removed.

    :raises ParametersOverlap: two rows of one key hold on the same day; nothing is loaded
    :raises ParameterChanged: a loaded row reads differently now; nothing is loaded
    """
    known = {queries.fact_of(row).place: row for row in models.Parameter.objects.all()}
    rules.check_no_overlap(
        [
            *facts,
            *(queries.fact_of(known[place]) for place in known.keys() - {f.place for f in facts}),
        ]
    )
    happenings, ended = [], 0
    # Ends first, so that a following row finds its place free.
    for fact in facts:
        if (row := known.get(fact.place)) is None:
            continue
        _check_unchanged(fact, queries.fact_of(row))
        if row.valid_to != fact.valid_to:
            happenings.append(_end(row, fact))
            ended += 1
    new = [fact for fact in facts if fact.place not in known]
    happenings += [_add(fact) for fact in new]
    audit.record_many(happenings, by=by, at=at)
    notes = tuple(f"{gap.key} {gap.scope}: {gap.start} – {gap.end}" for gap in rules.gaps(facts))
    return Loaded("parameters", len(new), ended, len(facts) - len(new) - ended, notes)


@operation
def load_calendars(*, facts: Sequence[CalendarFact], by: Actor, at: datetime) -> Loaded:
    """Add the calendar years that are not there yet. What the demonstration drafted stays drafted.

    :raises ParameterChanged: a loaded year reads differently now; nothing is loaded
    """
    known = {(row.calendar, row.year): row for row in models.CalendarYear.objects.all()}
    happenings = []
    for fact in facts:
        row = known.get((fact.calendar, fact.year))
        if row is None:
            models.CalendarYear.objects.create(**fact.content(), digest=fact.digest)
            subject = f"parameters.CalendarYear:{fact.calendar}-{fact.year}"
            told = {**fact.content(), "digest": fact.digest}
            happenings.append(Happening("calendar.loaded", subject, {"row": told}))
        elif row.digest != fact.digest and row.source != DEMONSTRATION:
            raise rules.ParameterChanged(key=fact.calendar, valid_from=fact.year)
    audit.record_many(happenings, by=by, at=at)
    return Loaded("calendars", len(happenings), 0, len(facts) - len(happenings))


def load_seeds(*, folder: Path, by: Actor, at: datetime) -> list[Loaded]:
    """Parameters and calendars of `seeds/`, as `manage.py load_reference` wants them."""
    place = folder / "parameters"
    return [
        load_parameters(facts=loading.read_parameters(place), by=by, at=at),
        load_calendars(facts=loading.read_calendars(place), by=by, at=at),
    ]
