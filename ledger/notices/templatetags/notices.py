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
