from typing import Any

from django import template

from ledger.parties import queries
from ledger.parties.models import Party

register = template.Library()


@register.simple_tag
def held_parties(request: Any) -> list[Party]:
    """The parties at which the reader holds a role today, each once."""
    memberships = getattr(request, "memberships", [])
    return list({one.party_id: one.party for one in memberships}.values())


@register.filter
def shown_name(party: Party) -> str:
    return queries.shown_name(party)


@register.filter
def who(identifier: Any) -> str:
    """The name behind an id of a party, user or machine."""
    return queries.name_of(identifier)
