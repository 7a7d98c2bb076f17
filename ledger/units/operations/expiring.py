"""The job's operation: what is still free when its validity is over ends."""

from datetime import datetime
from uuid import UUID

from ledger.doors.operation import Overtaken, operation
from ledger.kernel.actors import Actor
from ledger.kernel.ids import new_id
from ledger.units import queries
from ledger.units.operations.moving import expire_units
from ledger.units.rules import NotEnoughUnits, RangeNotHeld, beijing_day
from ledger.units.states import UnitState


@operation(retry=True)
def expire_free_units(*, lot_id: UUID, account_id: UUID, by: Actor, at: datetime) -> int:
    """End all free units of a lot in an account; answers how many. Safe to call twice.

    Units under a hold stay: given back they are free, and the next run ends them.

    :raises NotExpiredYet: the lot is valid today, or without an end
    :raises NotFound, AccountNotOpen: of the account
    """
    count = queries.quantity_of(account_id=account_id, lot_id=lot_id, state=UnitState.FREE)
    if count <= 0:
        return 0
    try:
        expire_units(
            lot_id=lot_id,
            account_id=account_id,
            unit_count=count,
            happened_on=beijing_day(at),
            by=by,
            at=at,
            idempotency_key=f"expiry:{new_id()}",
        )
    except (NotEnoughUnits, RangeNotHeld) as moved:
        raise Overtaken from moved  # somebody took some in between; count anew
    return count
