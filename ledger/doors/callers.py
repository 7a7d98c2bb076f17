"""Who asks through the API, and whether she may. The framework loads this before any view."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from ledger.kernel.actors import Actor

BOTH = frozenset({"read", "write"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as the framework wants to see it: a machine, or a person in the browser."""

    actor: Actor
    scopes: frozenset[str]
    is_authenticated: ClassVar[bool] = True
    is_active: ClassVar[bool] = True

    @property
    def pk(self) -> UUID:
        return self.actor.user_id


class Permitted(BasePermission):
    """The caller's scope covers the method, and a role of hers stands in the view's line."""

    def has_permission(self, request: Request, view: Any) -> bool:
        caller = request.user
        if not isinstance(caller, Caller):
            return False
        usual = "read" if request.method in SAFE_METHODS else "write"
        scope = getattr(view, "scope", "") or usual
        return scope in caller.scopes and caller.actor.has(*view.roles_for(request.method))
