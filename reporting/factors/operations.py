"""Loading factors and warming potentials from the seeds. Idempotent; every new row is sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ledger.audit import operations as audit
from ledger.audit.operations import Happening
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from reporting.factors import loading, models, queries, rules
from reporting.factors.rules import BlendFact, FactorFact, GwpFact


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did, for the operator."""

    kind: str
    new_count: int
    ended_count: int
    unchanged_count: int
    notes: tuple[str, ...] = ()


def _happening(verb: str, subject: str, fact: FactorFact | GwpFact | BlendFact) -> Happening:
    return Happening(verb, subject, {"row": {**fact.content(), "digest": fact.digest}})


def _check_unchanged(fact: FactorFact, known: FactorFact) -> None:
    """:raises FactorChanged: more than a first end differs"""
    same = fact.lasting() == known.lasting()
    if not same or (known.valid_to is not None and fact.valid_to != known.valid_to):
        raise rules.FactorChanged(place=" ".join(str(one) for one in fact.place if one))


def _end(row: models.Factor, fact: FactorFact) -> Happening:
    models.Factor.objects.filter(pk=row.pk).update(valid_to=fact.valid_to, digest=fact.digest)
    return _happening("factor.ended", f"factors.Factor:{row.pk}", fact)


def _row(fact: FactorFact) -> models.Factor:
    values: Mapping[str, Any] = {name: getattr(fact, name) for name in fact.__slots__}
    return models.Factor(**values, digest=fact.digest)


@operation
def load_factors(*, facts: Sequence[FactorFact], by: Actor, at: datetime) -> Loaded:
    """Bring the table up to the facts: add new rows, end rows that got an end. Nothing is removed.

    :raises FactorChanged: a loaded row reads differently now; nothing is loaded
    :raises IntegrityError: two rows of one place hold on the same day; nothing is loaded
    """
    known = {queries.fact_of(row).place: row for row in models.Factor.objects.all()}
    happenings = []
    for fact in facts:
        if (row := known.get(fact.place)) is None:
            continue
        _check_unchanged(fact, queries.fact_of(row))
        if row.valid_to != fact.valid_to:
            happenings.append(_end(row, fact))
    ended = len(happenings)
    new = [(_row(fact), fact) for fact in facts if fact.place not in known]
    models.Factor.objects.bulk_create([row for row, _ in new])
    happenings += [_happening("factor.loaded", f"factors.Factor:{r.pk}", f) for r, f in new]
    audit.record_many(happenings, by=by, at=at)
    return Loaded("factors", len(new), ended, len(facts) - len(new) - ended)


def _add_missing(
    kind: str,
    table: type[models.Gwp] | type[models.Blend],
    facts: Mapping[str, GwpFact | BlendFact],
    known: Mapping[str, str],
) -> list[Happening]:
    """:raises FactorChanged: a loaded row reads differently now"""
    for subject, fact in facts.items():
        if known.get(subject, fact.digest) != fact.digest:
            raise rules.FactorChanged(place=subject)
    new = {subject: fact for subject, fact in facts.items() if subject not in known}
    rows: Any = [
        table(**{name: getattr(fact, name) for name in fact.__slots__}, digest=fact.digest)
        for fact in new.values()
    ]
    table._default_manager.bulk_create(rows)
    return [_happening(f"{kind}.loaded", subject, fact) for subject, fact in new.items()]


@operation
def load_gwps(
    *, gwps: Sequence[GwpFact], blends: Sequence[BlendFact], by: Actor, at: datetime
) -> list[Loaded]:
    """Add the warming potentials and refrigerants that are not there yet.

    :raises FactorChanged: a loaded row reads differently now; nothing is loaded
    :raises OddFactor: the components of a refrigerant are not 100 percent
    """
    rules.check_blends_whole(blends)
    new_gwps = _add_missing(
        "gwp",
        models.Gwp,
        {queries.gwp_subject(one): one for one in gwps},
        {queries.gwp_subject(row): row.digest for row in models.Gwp.objects.all()},
    )
    new_blends = _add_missing(
        "blend",
        models.Blend,
        {queries.blend_subject(one): one for one in blends},
        {queries.blend_subject(row): row.digest for row in models.Blend.objects.all()},
    )
    audit.record_many([*new_gwps, *new_blends], by=by, at=at)
    return [
        Loaded("warming potentials", len(new_gwps), 0, len(gwps) - len(new_gwps)),
        Loaded("refrigerant components", len(new_blends), 0, len(blends) - len(new_blends)),
    ]


def load_seeds(*, folder: Path, by: Actor, at: datetime) -> list[Loaded]:
    """Everything of `seeds/factors/`, as `manage.py load_reference` wants it."""
    place = folder / "factors"
    gwps, blends = loading.read_gwps(place), loading.read_blends(place)
    return [
        load_factors(facts=loading.read_factors(place), by=by, at=at),
        *load_gwps(gwps=gwps, blends=blends, by=by, at=at),
    ]
