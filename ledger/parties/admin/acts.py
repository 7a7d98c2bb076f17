"""What the acts and pages of this room have in common."""

from typing import Any
from uuid import UUID

from ledger.doors.admin import ConfirmedAction, actor_of
from ledger.kernel.actors import Role

NOBODY = UUID(int=0)
KEEPERS = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})


class Act(ConfirmedAction):
    """An act of this room."""

    def who_and_when(self, request: Any) -> dict[str, Any]:
        return {"by": actor_of(request), "at": request.at}
