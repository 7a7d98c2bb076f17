"""Says who asks and when: sets `request.actor`, `request.at`, `request.memberships`.

The actor carries the roles held today at one party only, the one chosen in the session. It stays
None for strangers, for people without a role, and until a required second factor was shown.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from ledger.kernel.actors import Actor, Role
from ledger.parties import queries, rules
from ledger.parties.models import Membership

PARTY, SIGNED_IN_AT, SEEN_AT = "party_id", "signed_in_at", "seen_at"
# Pages that must work before the second factor is there.
OPEN = (
    "/sign-in/",
    "/sign-out/",
    "/language/",
    "/password/",
    "/second-factor/",
    "/livez",
    "/readyz",
)
SEEN_EVERY_SECONDS = 300


class ActorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.at, request.actor, request.memberships = timezone.now(), None, []
        if not request.user.is_authenticated:
            return self.get_response(request)
        if _is_over(request):
            logout(request)
            return redirect("sign-in")
        _keep_alive(request)
        request.memberships = _memberships(request)
        if _lacks_second_factor(request):
            if not request.path.startswith(OPEN):
                return redirect("second-factor")
            return self.get_response(request)
        request.actor = _actor(request)
        return self.get_response(request)


def _is_over(request: Any) -> bool:
    """However busy, a session ends after some hours; being idle ends it sooner (settings)."""
    since = request.session.get(SIGNED_IN_AT)
    if since is None:
        return True
    begun = datetime.fromisoformat(since)
    over: bool = request.at - begun > rules.SESSION_AT_MOST
    return over


def _keep_alive(request: Any) -> None:
    seen = request.session.get(SEEN_AT, 0)
    now = int(request.at.timestamp())
    if now - seen >= SEEN_EVERY_SECONDS:  # not at each request: it is a write
        request.session[SEEN_AT] = now


def _memberships(request: Any) -> list[Membership]:
    day = timezone.localdate(request.at)
    return list(queries.memberships_on(user_id=request.user.pk, on=day))


def _lacks_second_factor(request: Any) -> bool:
    needs = queries.needs_second_factor(one.role for one in request.memberships)
    return needs and not request.user.is_verified()


def _actor(request: Any) -> Actor | None:
    if not request.memberships:
        return None
    wanted = request.session.get(PARTY)
    parties = [one.party_id for one in request.memberships]
    party_id = UUID(wanted) if wanted and UUID(wanted) in parties else parties[0]
    roles = frozenset(Role(one.role) for one in request.memberships if one.party_id == party_id)
    return Actor(user_id=request.user.pk, party_id=party_id, roles=roles)
