"""Setting and withdrawing targets. A target is never edited: another takes its place."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from ledger.audit import operations as audit
from ledger.audit.keeping import content_of, find_kept, keep, subject_of
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.kernel.quantities import exact
from ledger.kernel.transitions import check_transition
from ledger.parameters import queries as parameters
from reporting.parks import queries as parks
from reporting.targets import models
from reporting.targets.rules import setting
from reporting.targets.rules.paths import Stage, check_stages
from reporting.targets.states import TRANSITIONS, Coverage, TargetKind, TargetState

EARLIEST_BASE = "sbti.base_year.earliest"


@operation(retry=True)
def set_target(
    *,
    park_id: UUID,
    name_zh: str,
    kind: TargetKind,
    coverage: Coverage,
    base_year: int,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    base: Decimal | None = None,
    stages: Sequence[Mapping[str, str | int]] = (),
    per: str = "",
    name_en: str = "",
    standard: str = "",
    validation_id: str = "",
) -> models.Target:
    """Set a target of a park: a base and stages, or (PEAK) the year after which nothing is higher.

    `stages` hold year and cut, a part of the base; an intensity names its denominator in `per`.
    For a standard with an earliest base year, an earlier one is refused (R9.4).

    :raises NotFound: the park is not there or not the actor's
    :raises StagesOutOfOrder, CutOutOfRange, BaseMissing, DenominatorMissing, ValidationUnnamed,
        BaseYearTooEarly, TargetEvidenceMissing: as they say
    """
    if found := find_kept(models.Target, idempotency_key, by=by):
        return found
    park = parks.get_park(park_id, by)
    told = [Stage(int(one["year"]), exact(str(one["cut"]))) for one in stages]
    setting.check_target(
        kind=TargetKind(kind), base=base, per=per, standard=standard,
        validation_id=validation_id, evidence=evidence, coverage=Coverage(coverage),
    )  # fmt: skip
    if kind != TargetKind.PEAK:
        check_stages(base_year=base_year, stages=told)
    if standard:
        earliest = parameters.get_parameter(EARLIEST_BASE, date(base_year, 12, 31)).number
        setting.check_base_year(base_year, int(earliest))
    row = models.Target(
        park_id=park.id,
        party_id=park.operator_id,
        name_zh=name_zh,
        name_en=name_en,
        kind=kind,
        coverage=coverage,
        base_year=base_year,
        base=base,
        per=per,
        stages=[{"year": one.year, "cut": format(one.cut, "f")} for one in told],
        standard=standard,
        validation_id=validation_id,
        evidence=evidence,
        state=TargetState.ACTIVE,
        moved_at=at,
        moved_by=by.user_id,
    )
    keep(row, "target.set", key=idempotency_key, by=by, at=at)
    return row


@operation
def withdraw_target(*, target_id: UUID, reason: str, by: Actor, at: datetime) -> models.Target:
    """Say that a target no longer holds. It stays to be read, with the reason.

    :raises NotFound: not there, or not the actor's
    :raises WithdrawnWithoutReason: say why
    :raises IllegalTransition: withdrawn already
    """
    row = models.Target.objects.select_for_update().filter(pk=target_id).first()
    if row is None or not parks.may_see(by, row.party_id):
        raise NotFound
    setting.check_reason(reason)
    check_transition(TRANSITIONS, row.state, TargetState.WITHDRAWN)
    row.state, row.moved_at, row.moved_by = TargetState.WITHDRAWN, at, by.user_id
    row.save(update_fields=["state", "moved_at", "moved_by"])
    audit.record(
        verb="target.withdrawn",
        subject=subject_of(row),
        by=by,
        at=at,
        reason=reason,
        data={"row": content_of(row)},
    )
    return row
