from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.accounts import forms, operations
from ledger.accounts.models import Account
from ledger.accounts.states import TRANSITIONS, AccountState
from ledger.doors.admin import ConfirmedAction, ReadOnlyAdmin, actor_of, named, site
from ledger.kernel.actors import Actor
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
