"""The accounts of a party and those it trusts, for machines."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers

from ledger.accounts import approvable, queries
from ledger.accounts.models import TYPES
from ledger.accounts.states import AccountState
from ledger.approvals import operations as approvals
from ledger.approvals import queries as requests
from ledger.doors.idempotency import Answer
from ledger.doors.rest import (
    AskedFor,
    DetailView,
    Listing,
    ListView,
    WriteView,
    answer_of,
)
from ledger.kernel.actors import Role


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


# --- trusted counterparties


class TrustedAccount(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    account_id = serializers.UUIDField()
    registry = serializers.CharField(source="account.registry_id")
    number = serializers.CharField(source="account.number")
    trusted_from = serializers.DateField(help_text="Until then transfers to it wait.")
    reason = serializers.CharField()
    approval_id = serializers.UUIDField(allow_null=True)
    added_at = serializers.DateTimeField()


class _OnTheList(WriteView):
    """A change of the list: asked for by one, let happen by another."""

    also = frozenset({Role.CARBON_MANAGER})
    gives = AskedFor

    def ask(self, payload: Mapping[str, Any]) -> Answer:
        made = approvals.propose(
            operation=self.operation,
            payload=payload,
            summary=requests.describe(self.operation, payload),
            party_id=self.actor.own_party,
            by=self.actor,
            at=self.at,
        )
        return answer_of(self.operation, made)


class TrustedAccounts(ListView, _OnTheList):
    """Counterparties' accounts that transfers go to at once; or propose to trust one."""

    row = TrustedAccount
    operation: ClassVar[str] = approvable.TRUST

    class AccountToTrust(serializers.Serializer[Any]):
        registry = serializers.CharField(max_length=30)
        number = serializers.CharField(max_length=80)
        reason = serializers.CharField(max_length=200)

        def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
            found = queries.find_account(registry=attrs["registry"], number=attrs["number"])
            if found is None:
                fault = serializers.ErrorDetail(
                    _("There is no account of this number."), code="unknown"
                )
                raise serializers.ValidationError({"number": [fault]})
            return {"account_id": str(found.pk), "reason": attrs["reason"]}

    body = AccountToTrust

    def rows(self, asked: Mapping[str, Any]) -> QuerySet[Any]:
        return queries.trusted_accounts_seen_by(self.actor)

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        return self.ask({**asked, "key": key})


class TrustRemovals(_OnTheList):
    """Propose that an account goes off the list of trusted accounts, at once."""

    operation: ClassVar[str] = approvable.DISTRUST

    class AccountToDistrust(serializers.Serializer[Any]):
        reason = serializers.CharField(max_length=200)

    body = AccountToDistrust

    def act(self, asked: Mapping[str, Any], *, key: str, **path: Any) -> Answer:
        row = queries.get_trusted(path["trusted_id"], by=self.actor)
        return self.ask({"trusted_id": str(row.pk), "reason": asked["reason"], "key": key})
