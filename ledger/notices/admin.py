"""The delivery log, for administrators: what went out to whom, what did not, and why."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.doors.admin import ConfirmedAction, ReadOnlyAdmin, actor_of, named, site
from ledger.kernel.actors import Role
from ledger.kernel.transitions import allows, check_transition
from ledger.notices import operations, queries
from ledger.notices.models import Delivery
from ledger.notices.states import TRANSITIONS, DeliveryState

COLOURS = {
    DeliveryState.WAITING: "info",
    DeliveryState.QUEUED: "info",
    DeliveryState.SENDING: "warning",
    DeliveryState.SENT: "success",
    DeliveryState.FAILED: "danger",
    DeliveryState.INTERRUPTED: "danger",
    DeliveryState.SKIPPED: "",
}


class KindFilter(admin.SimpleListFilter):
    title = gettext_lazy("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return queries.kind_choices()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(notice__kind=self.value()) if self.value() else queryset


class SendAgain(ConfirmedAction):
    name = "again"
    title = gettext_lazy("Send again")
    operation = "notices.try_again"
    icon = "forward_to_inbox"

    def is_offered(self, request: HttpRequest, obj: Delivery) -> bool:
        state = DeliveryState(obj.state)
        stuck = state in {DeliveryState.FAILED, DeliveryState.INTERRUPTED}
        return stuck and allows(check_transition, TRANSITIONS, state, DeliveryState.WAITING)

    def describe(self, request: HttpRequest, obj: Delivery, data: Mapping[str, Any]) -> list[str]:
        said = [_("The whole mail is sent again, with all notices that were in it.")]
        if obj.state == DeliveryState.INTERRUPTED:
            said.append(_("It may have arrived already; then it arrives twice."))
        return said

    def perform(
        self, request: HttpRequest, obj: Delivery, data: Mapping[str, Any], key: str
    ) -> str:
        operations.try_again(delivery_id=obj.pk, by=actor_of(request), at=timezone.now())
        return _("The mail goes out within a minute.")


@admin.register(Delivery, site=site)
class DeliveryAdmin(ReadOnlyAdmin):
    """What a notice says stays with those whom it concerns: the log names its kind only."""

    readers = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
    confirmed_actions = (SendAgain,)
    list_display = (
        "show_kind",
        named("user_id", gettext_lazy("recipient")),
        "show_state",
        "reason",
        "attempt_count",
        "created_at",
        "next_try_at",
        "sent_at",
    )
    list_filter = ("state", "reason", KindFilter, "created_at")
    search_fields = ("error", "user_id", "mail_id")
    list_select_related = ("notice__party",)
    ordering = ("-created_at", "-id")
    fields = (
        "show_kind",
        "show_party",
        "user_id",
        "state",
        "reason",
        "error",
        "attempt_count",
        "round",
        "created_at",
        "next_try_at",
        "handed_at",
        "sent_at",
        "mail_id",
    )
    export_fields = (
        "user_id", "state", "reason", "error", "attempt_count", "created_at", "sent_at", "mail_id",
    )  # fmt: skip

    @display(description=gettext_lazy("kind"), ordering="notice__kind")
    def show_kind(self, row: Delivery) -> str:
        return queries.title_of(row.notice.kind)

    @display(description=gettext_lazy("party"))
    def show_party(self, row: Delivery) -> str:
        return str(row.notice.party)

    @display(description=gettext_lazy("state"), label=COLOURS)
    def show_state(self, row: Delivery) -> tuple[str, str]:
        return row.state, row.get_state_display()
