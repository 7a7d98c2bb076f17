"""The accounts of a party, for machines."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from ledger.accounts import queries
from ledger.accounts.models import TYPES
from ledger.accounts.states import AccountState
from ledger.doors.rest import DetailView, Listing, ListView


class Account(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    holder_id = serializers.UUIDField()
    registry = serializers.CharField(source="registry_id")
    number = serializers.CharField()
    name = serializers.CharField()
    type = serializers.CharField()
    state = serializers.CharField()
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)


class Accounts(ListView):
    """Accounts of your party."""

    row = Account
    orders = {"id": ("id",), "-id": ("id",), "number": ("number", "id")}

    class AccountFilters(Listing):
        registry = serializers.CharField(required=False)
        number = serializers.CharField(required=False)
        type = serializers.ChoiceField(choices=[code for code, _name in TYPES], required=False)
        state = serializers.ChoiceField(choices=AccountState.values, required=False)

    filters = AccountFilters

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        named = {"registry": "registry_id", "number": "number", "type": "type", "state": "state"}
        wanted = {named[name]: value for name, value in asked.items() if name in named}
        return queries.accounts_seen_by(self.actor).filter(**wanted)


class OneAccount(DetailView):
    """An account of your party."""

    row = Account

    def find(self, **path: Any) -> Any:
        return queries.get_own_account(path["account_id"], by=self.actor)
