"""Transfers that wait before they go out to a new counterparty."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.accounts import queries as accounts
from ledger.doors.admin import ConfirmedAction, ReadOnlyAdmin, actor_of, site
from ledger.doors.wording import number_format
from ledger.holds import forms, operations
from ledger.holds.models import PendingTransfer
from ledger.holds.states import TransferState
from ledger.kernel.actors import Actor

COLOURS = {
    TransferState.WAITING: "warning",
    TransferState.DONE: "success",
    TransferState.CANCELLED: "",
}


class CancelTransfer(ConfirmedAction):
    name = "cancel"
    title = gettext_lazy("Cancel the transfer")
    operation = "holds.cancel_transfer"
    form_class = forms.CancelTransfer
    icon = "undo"
    dangerous = True

    def is_offered(self, request: HttpRequest, obj: PendingTransfer) -> bool:
        return obj.state == TransferState.WAITING

    def describe(
        self, request: HttpRequest, obj: PendingTransfer, data: Mapping[str, Any]
    ) -> list[str]:
        about = {
            "count": number_format(obj.hold.remaining_count),
            "account": obj.to_account.number,
        }
        return [
            _("The transfer of %(count)s units to account %(account)s does not happen.") % about,
            _("The units are free again."),
        ]

    def perform(
        self, request: HttpRequest, obj: PendingTransfer, data: Mapping[str, Any], key: str
    ) -> str:
        operations.cancel_transfer(
            transfer_id=obj.pk,
            by=actor_of(request),
            at=timezone.now(),
            reason=data["reason"],
        )
        return _("The transfer is cancelled.")


@admin.register(PendingTransfer, site=site)
class PendingTransferAdmin(ReadOnlyAdmin):
    list_display = (
        "lot",
        "units",
        "from_account",
        "to_account",
        "executes_on",
        "show_state",
        "refusal",
    )
    list_filter = ("state", "executes_on")
    list_select_related = ("hold__lot", "hold__account", "to_account")
    search_fields = ("hold__lot__code", "to_account__number", "reason")
    ordering = ("-asked_at",)
    confirmed_actions = (CancelTransfer,)

    def scope(self, queryset: QuerySet[PendingTransfer], actor: Actor) -> QuerySet[PendingTransfer]:
        own = accounts.account_ids_of(actor.own_party)
        return queryset.filter(hold__account_id__in=own)

    @display(description=gettext_lazy("lot"))
    def lot(self, obj: PendingTransfer) -> str:
        return str(obj.hold.lot)

    @display(description=gettext_lazy("units"))
    def units(self, obj: PendingTransfer) -> str:
        return number_format(obj.hold.unit_count)

    @display(description=gettext_lazy("account"))
    def from_account(self, obj: PendingTransfer) -> str:
        return str(obj.hold.account)

    @display(description=gettext_lazy("state"), label=COLOURS, ordering="state")
    def show_state(self, obj: PendingTransfer) -> tuple[str, str]:
        return obj.state, obj.get_state_display()
