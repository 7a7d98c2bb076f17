"""Opening lots: the facts that never change afterwards (I7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ledger.audit.operations import BODY_VERSION
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.canonical import canonical_json
from ledger.kernel.ids import new_id
from ledger.units import engine


@dataclass(frozen=True, slots=True)
class LotFacts:
    """`code` names the lot for ever. `space` is (registry, programme, prefix) of its serials.

    `generated_to` and `expires_on` are exclusive and the first day on which it is expired.
    """

    code: str
    scheme: str
    vintage_year: int
    space: tuple[str, str, str] | None = None
    project_id: UUID | None = None
    plant_id: UUID | None = None
    generated_from: date | None = None
    generated_to: date | None = None
    expires_on: date | None = None
    traits: Mapping[str, Any] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "scheme": self.scheme,
            "vintage_year": self.vintage_year,
            "space": self.space,
            "project": self.project_id,
            "plant": self.plant_id,
            "generated_from": self.generated_from,
            "generated_to": self.generated_to,
            "expires_on": self.expires_on,
            "traits": dict(self.traits),
        }


def _compose(facts: LotFacts, *, by: Actor, at: datetime) -> bytes:
    lot_id = new_id()
    return canonical_json(
        {
            "v": BODY_VERSION,
            "event": new_id(),
            "verb": "lot.opened",
            "subject": f"units.Lot:{lot_id}",
            "actor": by.user_id,
            "party": by.party_id,
            "at": at,
            "reason": "",
            "data": {"lot": lot_id, **facts.as_data()},
        }
    )


@operation
def open_lot(*, facts: LotFacts, by: Actor, at: datetime) -> UUID:
    """Open a lot; it holds nothing until units are issued into it.

    :raises LotExists: the code is taken
    """
    return engine.open_lots([_compose(facts, by=by, at=at)])[0]


@operation
def open_lots(*, facts: Sequence[LotFacts], by: Actor, at: datetime) -> list[UUID]:
    """Many lots in one statement, in their order. All of them, or none.

    :raises LotExists: a code is taken
    """
    return engine.open_lots([_compose(each, by=by, at=at) for each in facts])
