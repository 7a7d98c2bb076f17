"""The margin follows verified figures; a subsidy pays part of the interest."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from finance.facilities import models, queries
from finance.facilities.operations.books import borrowed, check_evidence, day_of, lock
from finance.facilities.rules import interest as rules
from finance.facilities.rules import margins
from ledger.audit.keeping import find_kept, keep
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound


@operation(retry=True)
def set_margin_step(
    *,
    facility_id: UUID,
    indicator: str,
    year: int,
    comparison: str,
    target: Decimal,
    measure: str,
    met_bps: int,
    missed_bps: int,
    applies_on: date,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
) -> models.MarginStep:
    """A target of the contract and what it does to the margin; from a day still to come.

    :raises NotFound: not there, or not yours
    :raises OutsideTheTerm: it would change interest of the past, or of no day
    """
    row = borrowed(facility_id, by)
    if done := find_kept(models.MarginStep, idempotency_key, by=by):
        return done
    first = max(day_of(at), row.starts_on) if row.lines.exists() else row.starts_on
    if not first <= applies_on < row.matures_on:
        last = row.matures_on.isoformat()
        raise rules.OutsideTheTerm(day=applies_on.isoformat(), first=first.isoformat(), last=last)
    step = models.MarginStep(
        facility=row, indicator=indicator, year=year, comparison=comparison, target=target,
        measure=measure, met_bps=met_bps, missed_bps=missed_bps, applies_on=applies_on,
        evidence=evidence,
    )  # fmt: skip
    keep(step, "facility.margin_step", key=idempotency_key, by=by, at=at)
    return step


@operation(retry=True)
def draw_figure(
    *,
    facility_id: UUID,
    step_id: UUID,
    source: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
) -> models.Figure:
    """What an indicator was, out of an inventory of the borrower that a verifier has assured.

    :raises NotFound: not there, or not yours
    :raises NotVerified: no opinion that stands today vouches for it
    :raises OtherYear, OtherMeasure: the step is about something else
    """
    row = lock(facility_id, by=by)
    if done := find_kept(models.Figure, idempotency_key, by=by):
        return done
    step = row.steps.filter(pk=step_id).first()
    if step is None:
        raise NotFound
    known = {one.source: one for one in queries.verified_figures(row)}
    if (found := known.get(source)) is None:
        raise margins.NotVerified
    margins.check_fits(found, year=step.year, measure=step.measure)
    figure = models.Figure(
        facility=row, indicator=step.indicator, year=step.year, value=found.value,
        verified_by=found.verified_by, opinion=found.opinion, source=found.source,
        source_sha256=found.sha256,
    )  # fmt: skip
    keep(figure, "facility.figure", key=idempotency_key, by=by, at=at)
    return figure


@operation(retry=True)
def record_figure(
    *,
    facility_id: UUID,
    indicator: str,
    year: int,
    value: Decimal,
    verified_by: str,
    opinion: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    approval_id: UUID | None = None,
) -> models.Figure:
    """What a verifier found of an indicator that no inventory here has; once for a year.

    :raises NotFound: not there, or not yours
    :raises NotEvidenced: nobody verified it, or no document says so
    :raises NotDecidedByTwo: nobody else has looked at the document
    """
    row = lock(facility_id, by=by)
    if done := find_kept(models.Figure, idempotency_key, by=by):
        return done
    check_evidence(verified_by)
    check_evidence(opinion)
    if approval_id is None:
        raise margins.NotDecidedByTwo
    figure = models.Figure(
        facility=row, indicator=indicator, year=year, value=value, verified_by=verified_by,
        opinion=opinion, approval_id=approval_id,
    )  # fmt: skip
    keep(figure, "facility.figure", key=idempotency_key, by=by, at=at)
    return figure


@operation(retry=True)
def promise_subsidy(
    *,
    facility_id: UUID,
    bps: int,
    starts_on: date,
    ends_on: date,
    granted_by: str,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
) -> models.Subsidy:
    """Somebody pays part of the interest of a time.

    :raises NotFound: not there, or not yours
    :raises OddTerms, NotEvidenced: of time and document
    """
    row = lock(facility_id, by=by)
    if done := find_kept(models.Subsidy, idempotency_key, by=by):
        return done
    if ends_on <= starts_on:
        raise rules.OddTerms
    check_evidence(evidence)
    made = models.Subsidy(
        facility=row, bps=bps, starts_on=starts_on, ends_on=ends_on, granted_by=granted_by,
        evidence=evidence,
    )  # fmt: skip
    keep(made, "facility.subsidy", key=idempotency_key, by=by, at=at)
    return made
