"""One MWh is not both a green certificate and a credit: freezes by rule (R3.9–R3.11).

A registered project freezes the untraded certificates of its plant and crediting period. They are
released when it is withdrawn, and cancelled when reductions are registered for their months.
"""

from datetime import datetime
from uuid import UUID

from ledger.doors.operation import operation
from ledger.holds import queries
from ledger.holds.models import Hold
from ledger.holds.operations.capturing import capture_hold
from ledger.holds.operations.placing import place_hold
from ledger.holds.operations.resolving import release_hold
from ledger.holds.states import HoldKind
from ledger.instruments import queries as instruments
from ledger.kernel.actors import SYSTEM, Actor
from ledger.kernel.ids import new_id
from ledger.kernel.periods import Period
from ledger.units import queries as units
from ledger.units.states import UnitState


def _freeze(
    untraded: units.Untraded, project_id: UUID, code: str, *, at: datetime, reason: str
) -> Hold:
    return place_hold(
        kind=HoldKind.FREEZE,
        account_id=untraded.account_id,
        lot_id=untraded.lot_id,
        unit_count=untraded.unit_count,
        ranges=untraded.ranges,
        behind=untraded.hold_id,
        order_number=code,
        purpose=reason[:200],
        kept_by=queries.kept_by_project(project_id),
        by=SYSTEM,  # a rule freezes, in whoever's account
        at=at,
        idempotency_key=f"exclusive:{new_id()}",
        reason=reason,
    )


@operation(retry=True)
def freeze_certificates(*, project_id: UUID, by: Actor, at: datetime) -> list[Hold]:
    """Freeze what is untraded of the certificates of a project's plant and crediting period.

    The free ones at once; behind other holds in line. Called again it freezes what is new.
    """
    project = instruments.get_project(project_id)
    schemes = instruments.certificate_schemes_excluded_by(project)
    if project.plant_id is None or not schemes:
        return []
    found = units.untraded_certificates(
        plant_id=project.plant_id,
        schemes=schemes,
        since=project.crediting_from,
        until=project.crediting_to,
    )
    waiting = {hold.stack_id for hold in queries.holds_kept_by(queries.kept_by_project(project_id))}
    return [
        _freeze(one, project_id, project.code, at=at, reason="R3.10")
        for one in found
        if one.hold_id is None or queries.get_hold(one.hold_id).stack_id not in waiting
    ]


@operation(retry=True)
def release_certificates(*, project_id: UUID, by: Actor, at: datetime, reason: str) -> list[Hold]:
    """Give back what a withdrawn project had frozen (R3.10)."""
    return [
        release_hold(
            hold_id=hold.pk,
            by=SYSTEM,
            at=at,
            idempotency_key=f"withdrawn:{hold.pk}",
            reason=reason,
            kept_by=queries.kept_by_project(project_id),
        )
        for hold in queries.holds_kept_by(queries.kept_by_project(project_id))
    ]


@operation(retry=True)
def cancel_certificates(
    *, project_id: UUID, period: Period, by: Actor, at: datetime, reason: str
) -> list[Hold]:
    """Cancel the frozen certificates of months whose reductions are registered as credits (R3.10).

    Those that wait behind another hold stay in line.

    :raises NotFound: no such project, or of another party's plant
    """
    instruments.check_own_project(project_id, by=by)
    return [
        capture_hold(
            hold_id=hold.pk,
            to_account_id=hold.account_id,
            to_state=UnitState.CANCELLED,
            by=SYSTEM,
            at=at,
            idempotency_key=f"registered:{hold.pk}",
            reason=reason,
            kept_by=queries.kept_by_project(project_id),
        )
        for hold in queries.certificates_kept(project_id, period)
    ]
