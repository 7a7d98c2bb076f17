from typing import Any

from django import template

from ledger.notices import queries
from ledger.notices.queries import Unread
from ledger.notices.rules import beijing_day

register = template.Library()


@register.simple_tag
def unread_notices(request: Any) -> Unread:
    """How many notices wait for the reader: the bell on every page."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return Unread(0, False)
    return queries.unread(actor, on=beijing_day(request.at))


@register.simple_tag
def pressing_notices(request: Any) -> list[dict[str, Any]]:
    """The few that press most, for the home page."""
    rows = queries.most_urgent(request.actor, on=beijing_day(request.at), limit=3)
    return [queries.shown(row) for row in rows]
