"""Blocks lifted by two persons, and what went through meanwhile."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.accounts import queries as accounts
from ledger.doors.admin import Choices, ConfirmedAction, ReadOnlyAdmin, actor_of, site
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor
from ledger.reconciliation import approvable, forms, models, operations, queries
from ledger.reconciliation.admin.statements import own
from ledger.reconciliation.operations.overrides import check_liftable, payload_of


class LiftBlock(ConfirmedAction):
    name = "lift"
    title = gettext_lazy("Lift a block for some days")
    operation = "reconciliation.request_override"
    form_class = forms.LiftBlock
    icon = "lock_open"
    dangerous = True

    def initial(self, request: HttpRequest, obj: Any) -> Mapping[str, Any]:
        today = timezone.localdate()
        near = queries.next_deadline(actor_of(request).own_party, today)
        return {"expires_on": today + timedelta(days=2), "deadline_on": near}

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        mine = {one.pk: one for one in accounts.accounts_of(actor_of(request).own_party)}
        blocked = (
            queries.open_breaks_in(mine)
            .order_by("account_id", "scheme", "vintage_year")
            .values_list("account_id", "scheme", "vintage_year")
            .distinct()
        )
        return {
            "vintage": [
                (
                    f"{account_id}:{scheme}:{year}",
                    f"{mine[account_id].number} · {instruments.scheme_name(scheme)} {year}",
                )
                for account_id, scheme, year in blocked
            ]
        }

    @staticmethod
    def _asked(data: Mapping[str, Any]) -> dict[str, Any]:
        account_id, scheme, vintage_year = data["vintage"].split(":")
        return {
            "account_id": UUID(account_id),
            "scheme": scheme,
            "vintage_year": int(vintage_year),
            "expires_on": data["expires_on"],
            "deadline_on": data["deadline_on"],
            "reason": data["reason"],
        }

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        asked = self._asked(data)
        check_liftable(
            (asked["account_id"], asked["scheme"], asked["vintage_year"]),
            expires_on=asked["expires_on"],
            deadline_on=asked["deadline_on"],
            by=actor_of(request),
            at=timezone.now(),
        )
        said = approvable.describe_override(payload_of(**asked, key=""))
        return [*said, _("Nothing is lifted yet: another person decides.")]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        asked = self._asked(data)
        operations.request_override(
            **asked,
            summary=approvable.describe_override(payload_of(**asked, key=key)),
            by=actor_of(request),
            at=timezone.now(),
            idempotency_key=key,
        )
        return _("The request waits for an approver. The block stands until then.")


@admin.register(models.Override, site=site)
class OverrideAdmin(ReadOnlyAdmin):
    list_display = (
        "account",
        "scheme",
        "vintage_year",
        "valid_from",
        "expires_on",
        "deadline_on",
        "reason",
        "asked_by",
        "granted_by",
    )
    list_filter = ("scheme", "vintage_year", "valid_from")
    list_select_related = ("account",)
    search_fields = ("account__number", "reason")
    ordering = ("-granted_at",)
    exclude = ("break_ids",)
    list_actions = (LiftBlock,)
    empty_text = _("No block was ever lifted. Two persons may lift one near a deadline.")

    def scope(self, queryset: QuerySet[models.Override], actor: Actor) -> QuerySet[models.Override]:
        return queryset.filter(account_id__in=own(actor))

    def object_context(self, request: HttpRequest, obj: models.Override | None) -> dict[str, Any]:
        if obj is None:
            return {}
        view = queries.view_of(obj)
        return {
            "links": [
                (_("Entry %(number)s") % {"number": n}, _entry(entry_id))
                for n, entry_id in enumerate(view.entry_ids, 1)
            ]
        }


def _entry(entry_id: UUID) -> str:
    return reverse("admin:ledger_units_entry_change", args=[entry_id])
