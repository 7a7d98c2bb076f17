"""Who you are to the API."""

from typing import Any

from rest_framework import serializers

from ledger.doors.rest import DetailView
from ledger.kernel.actors import GRANTABLE
from ledger.parties import queries


class Me(DetailView):
    """Who you are to this API: your party, your roles, how far you may go."""

    may = {"GET": GRANTABLE}

    class Person(serializers.Serializer[Any]):
        id = serializers.UUIDField()
        name = serializers.CharField()
        party_id = serializers.UUIDField(allow_null=True)
        party = serializers.CharField()
        roles = serializers.ListField(child=serializers.CharField())
        scopes = serializers.ListField(child=serializers.CharField())

    row = Person

    def find(self, **path: Any) -> Any:
        actor, caller = self.actor, self.request.user
        return {
            "id": actor.user_id,
            "name": queries.name_of(actor.user_id),
            "party_id": actor.party_id,
            "party": queries.name_of(actor.party_id),
            "roles": sorted(actor.roles),
            "scopes": sorted(caller.scopes),  # type: ignore[union-attr]
        }
