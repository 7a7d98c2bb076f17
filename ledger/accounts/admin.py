from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.accounts import approvable, forms, operations, queries
from ledger.accounts.models import Account, TrustedAccount
from ledger.accounts.states import TRANSITIONS, AccountState
from ledger.approvals import operations as approvals
from ledger.approvals import queries as asked
from ledger.doors.admin import ConfirmedAction, ReadOnlyAdmin, actor_of, named, site
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound
from ledger.kernel.transitions import allows, check_transition


class OpenAccount(ConfirmedAction):
    name = "open"
    title = gettext_lazy("Open an account")
    operation = "accounts.open_account"
    form_class = forms.OpenAccount
    icon = "add"

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        return [
            _("The account %(number)s in the registry %(registry)s is opened for your party.")
            % data
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        by = actor_of(request)
        operations.open_account(holder_id=by.own_party, by=by, at=timezone.now(), **data)
        return _("The account is open.")


class _Move(ConfirmedAction):
    """One move of the account's state, with a reason."""

    form_class = forms.Reason
    leads_to: AccountState
    sentence: Any
    done: Any

    def is_offered(self, request: HttpRequest, obj: Account) -> bool:
        return allows(check_transition, TRANSITIONS, obj.state, self.leads_to)

    def describe(self, request: HttpRequest, obj: Account, data: Mapping[str, Any]) -> list[str]:
        return [str(self.sentence)]

    def perform(self, request: HttpRequest, obj: Account, data: Mapping[str, Any], key: str) -> str:
        call = getattr(operations, self.operation.split(".")[1])
        call(account_id=obj.pk, by=actor_of(request), at=timezone.now(), reason=data["reason"])
        return str(self.done)


class BlockAccount(_Move):
    name = "block"
    title = gettext_lazy("Block the account")
    operation = "accounts.block_account"
    icon = "block"
    leads_to = AccountState.BLOCKED
    sentence = gettext_lazy("Nothing enters or leaves the account until it is opened again.")
    done = gettext_lazy("The account is blocked.")


class UnblockAccount(_Move):
    name = "unblock"
    title = gettext_lazy("Open the account again")
    operation = "accounts.unblock_account"
    icon = "lock_open"
    leads_to = AccountState.OPEN
    sentence = gettext_lazy("Units can enter and leave the account again.")
    done = gettext_lazy("The account is open.")

    def is_offered(self, request: HttpRequest, obj: Account) -> bool:
        return obj.state == AccountState.BLOCKED


class CloseAccount(_Move):
    name = "close"
    title = gettext_lazy("Close the account")
    operation = "accounts.close_account"
    icon = "close"
    dangerous = True
    leads_to = AccountState.CLOSED
    sentence = gettext_lazy("The account is closed for ever; it must be empty.")
    done = gettext_lazy("The account is closed.")


def _propose(
    request: HttpRequest, operation: str, payload: Mapping[str, Any], summary: list[str]
) -> str:
    by = actor_of(request)
    made = approvals.propose(
        operation=operation,
        payload=payload,
        summary=summary,
        party_id=by.own_party,
        by=by,
        at=timezone.now(),
    )
    return asked.what_came_of(made.approval is None)


class _OnTheList(ConfirmedAction):
    """A change of the list of trusted accounts: asked for by one, let happen by another."""

    def may(self, actor: Actor) -> bool:
        return actor.has(Role.CARBON_MANAGER) or super().may(actor)

    def payload(self, obj: Any, data: Mapping[str, Any], key: str) -> dict[str, Any]:
        raise NotImplementedError

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        payload = self.payload(obj, data, "")
        at = timezone.now()
        decides = asked.who_decides(self.operation, payload, by=actor_of(request), at=at)
        return [*asked.describe(self.operation, payload), decides]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        payload = self.payload(obj, data, key)
        return _propose(request, self.operation, payload, asked.describe(self.operation, payload))


class TrustAccount(_OnTheList):
    name = "trust"
    title = gettext_lazy("Trust an account")
    operation = approvable.TRUST
    form_class = forms.TrustAccount
    icon = "handshake"

    def payload(self, obj: Any, data: Mapping[str, Any], key: str) -> dict[str, Any]:
        found = queries.find_account(registry=data["registry"], number=data["number"])
        if found is None:
            raise NotFound
        return {"account_id": str(found.pk), "reason": data["reason"], "key": key}


class DistrustAccount(_OnTheList):
    name = "distrust"
    title = gettext_lazy("Take off the list")
    operation = approvable.DISTRUST
    form_class = forms.Reason
    icon = "block"
    dangerous = True

    def is_offered(self, request: HttpRequest, obj: TrustedAccount) -> bool:
        return obj.removed_at is None

    def payload(self, obj: TrustedAccount, data: Mapping[str, Any], key: str) -> dict[str, Any]:
        return {"trusted_id": str(obj.pk), "reason": data["reason"], "key": key}


@admin.register(TrustedAccount, site=site)
class TrustedAccountAdmin(ReadOnlyAdmin):
    list_display = ("account", "trusted_from", "reason", "added_at", "removed_at")
    list_filter = ("trusted_from",)
    list_select_related = ("account",)
    search_fields = ("account__number", "account__name", "reason")
    ordering = ("-added_at",)
    confirmed_actions = (DistrustAccount,)
    list_actions = (TrustAccount,)

    def scope(self, queryset: QuerySet[TrustedAccount], actor: Actor) -> QuerySet[TrustedAccount]:
        return queryset.filter(party_id=actor.own_party)


@admin.register(Account, site=site)
class AccountAdmin(ReadOnlyAdmin):
    list_display = (
        "number",
        "name",
        named("holder_id", gettext_lazy("holder")),
        "type",
        "registry",
        "show_state",
        "opened_at",
    )
    list_filter = ("type", "registry", "state")
    list_select_related = ("registry",)
    search_fields = ("number", "name")
    confirmed_actions = (BlockAccount, UnblockAccount, CloseAccount)
    list_actions = (OpenAccount,)

    def scope(self, queryset: QuerySet[Account], actor: Actor) -> QuerySet[Account]:
        return queryset.filter(holder_id=actor.own_party)

    @display(
        description=gettext_lazy("state"),
        label={"OPEN": "success", "BLOCKED": "warning", "CLOSED": ""},
        ordering="state",
    )
    def show_state(self, obj: Account) -> tuple[str, str]:
        return obj.state, obj.get_state_display()
