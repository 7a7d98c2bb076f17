"""What operator and verifier should know of an engagement; registered in `config/noticing.py`."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.kernel.actors import Role
from ledger.kernel.notices import Fact, Told
from reporting.parks import queries as parks
from reporting.verification import queries
from reporting.verification.states import EngagementState

OPERATORS, VERIFIERS = "verification.operators", "verification.verifiers"
ANSWERING = frozenset({Role.CARBON_MANAGER, Role.DATA_OFFICER})
VERIFYING = frozenset({Role.VERIFIER})


def for_operators(*, on: date) -> Iterator[Fact]:
    """Findings and requests that wait for the operator's answer."""
    rows = list(queries.open_engagements())
    waiting = queries.waiting_for_operator([one.pk for one in rows])
    for row in rows:
        count = waiting.get(row.pk, 0)
        if count:
            yield Fact(
                key=f"{row.pk}:{count}",
                party_id=row.party_id,
                roles=ANSWERING,
                params=_params(row, count),
                subject=f"verification.Engagement:{row.pk}",
            )


def for_verifiers(*, on: date) -> Iterator[Fact]:
    """Engagements that are new, and answers and facts that wait for the verifier."""
    rows = list(queries.open_engagements())
    waiting = queries.waiting_for_verifier([one.pk for one in rows])
    for row in rows:
        count = waiting.get(row.pk, 0)
        is_new = row.state == EngagementState.PLANNED
        if count or is_new:
            yield Fact(
                key=f"{row.pk}:{'new' if is_new else count}",
                party_id=row.verifier_id,
                roles=frozenset() if row.team else VERIFYING,
                users=frozenset(UUID(one) for one in row.team),
                params=_params(row, count),
                subject=f"verification.Engagement:{row.pk}",
            )


def _params(row: Any, count: int) -> dict[str, str | int]:
    return {
        "engagement": str(row.pk),
        "park": str(row.park_id),
        "year": row.period_start.year,
        "count": count,
    }


def _about(params: Mapping[str, Any]) -> dict[str, Any]:
    park = parks.get_park(UUID(params["park"]))
    return {"park": parks.shown_name(park), "year": str(params["year"]), "count": params["count"]}


def tell_operators(params: Mapping[str, Any]) -> Told:
    said = ngettext(
        "The verifier of %(park)s %(year)s waits for %(count)s answer.",
        "The verifier of %(park)s %(year)s waits for %(count)s answers.",
        params["count"],
    )
    address = reverse("admin:reporting_verification_engagement_change", args=[params["engagement"]])
    return Told(said % _about(params), address)


def tell_verifiers(params: Mapping[str, Any]) -> Told:
    if params["count"]:
        said = ngettext(
            "%(park)s %(year)s: %(count)s thing waits for you as its verifier.",
            "%(park)s %(year)s: %(count)s things wait for you as their verifier.",
            params["count"],
        )
    else:
        said = _("You are engaged to verify %(park)s %(year)s; declare your independence first.")
    return Told(said % _about(params), reverse("verifier_engagement", args=[params["engagement"]]))
