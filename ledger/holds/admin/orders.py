"""Orders of courts, their renewal, and certificates that registered reductions cancel."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.accounts import queries as accounts
from ledger.doors.admin import Choices, ConfirmedAction, ReadOnlyAdmin, actor_of, site
from ledger.doors.wording import day, number_format
from ledger.holds import approvable, forms, operations, queries
from ledger.holds.admin.asking import place_of
from ledger.holds.models import Hold, Renewal
from ledger.holds.states import LIVE, HoldKind
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor, Role
from ledger.units import queries as units


def _order(data: Mapping[str, Any]) -> operations.Order:
    return operations.Order(
        number=data["order_number"],
        body=data["order_body"],
        begins_on=data["begins_on"],
        expires_on=data["expires_on"],
        evidence=data["evidence"],
    )


class FreezeByOrder(ConfirmedAction):
    name = "freeze"
    title = gettext_lazy("Record an order to freeze")
    operation = "holds.freeze_by_order"
    form_class = forms.FreezeByOrder
    icon = "ac_unit"
    dangerous = True

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        return {"place": units.place_choices(actor_of(request).own_party)}

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        account_id, lot_id = place_of(actor_of(request), data)
        about = {
            "count": number_format(data["unit_count"]),
            "lot": units.get_lot(lot_id).code,
            "account": accounts.get_account(account_id).number,
            **{name: data[name] for name in ("order_number", "order_body")},
            "expires_on": day(data["expires_on"]),
        }
        return [
            _("%(order_body)s orders by %(order_number)s:") % about,
            _("%(count)s units of %(lot)s in account %(account)s are frozen.") % about,
            _("What is free is frozen at once; the rest waits in line behind the holds before it."),
            _("The order ends on %(expires_on)s by itself, unless it is renewed.") % about,
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        by = actor_of(request)
        account_id, lot_id = place_of(by, data)
        made = operations.freeze_by_order(
            account_id=account_id,
            lot_id=lot_id,
            unit_count=data["unit_count"],
            order=_order(data),
            by=by,
            at=timezone.now(),
            idempotency_key=key,
        )
        frozen = sum(hold.controlled_count for hold in made)
        return _("Frozen: %(frozen)s; waiting in line: %(waiting)s.") % {
            "frozen": number_format(frozen),
            "waiting": number_format(data["unit_count"] - frozen),
        }


class RenewHold(ConfirmedAction):
    name = "renew"
    title = gettext_lazy("Renew the freeze")
    operation = "holds.renew_hold"
    form_class = forms.Order
    icon = "update"

    def is_offered(self, request: HttpRequest, obj: Hold) -> bool:
        return obj.kind == HoldKind.FREEZE and obj.state in LIVE and bool(obj.order_body)

    def initial(self, request: HttpRequest, obj: Hold) -> Mapping[str, Any]:
        return {"order_body": obj.order_body, "begins_on": timezone.localdate()}

    def describe(self, request: HttpRequest, obj: Hold, data: Mapping[str, Any]) -> list[str]:
        about = {
            "old": "–" if obj.expires_on is None else day(obj.expires_on),
            "new": day(data["expires_on"]),
            "number": data["order_number"],
        }
        return [
            _("By %(number)s the freeze ends on %(new)s instead of %(old)s.") % about,
            _("Its rank and its units stay as they are."),
        ]

    def perform(self, request: HttpRequest, obj: Hold, data: Mapping[str, Any], key: str) -> str:
        operations.renew_hold(
            hold_id=obj.pk,
            order=_order(data),
            by=actor_of(request),
            at=timezone.now(),
            idempotency_key=key,
        )
        return _("The freeze is renewed.")


class CancelCertificates(ConfirmedAction):
    name = "registered"
    title = gettext_lazy("Cancel certificates of registered reductions")
    operation = approvable.CANCEL_CERTIFICATES
    form_class = forms.CancelCertificates
    icon = "delete_forever"
    dangerous = True

    def may(self, actor: Actor) -> bool:
        """A carbon manager may ask for what only an approver lets happen."""
        return actor.has(Role.CARBON_MANAGER) or super().may(actor)

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        found = instruments.projects_of_plants(owner_id=actor_of(request).own_party)
        return {"project": [(str(one.pk), str(one)) for one in found]}

    @staticmethod
    def payload(data: Mapping[str, Any], key: str) -> dict[str, Any]:
        return {
            "project_id": data["project"],
            "first_day": data["first_day"].isoformat(),
            "last_day": data["last_day"].isoformat(),
            "reason": data["reason"],
            "key": key,
        }

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        payload = self.payload(data, "")
        said = approvable.describe_cancelling(payload)
        return [*said, site.who_decides(request, self.operation, payload)]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        payload = self.payload(data, key)
        return site.propose(
            request, self.operation, payload, approvable.describe_cancelling(payload)
        )


@admin.register(Renewal, site=site)
class RenewalAdmin(ReadOnlyAdmin):
    list_display = (
        "hold",
        "order_number",
        "order_body",
        "expired_on",
        "expires_on",
        "renewed_at",
    )
    list_filter = ("renewed_at",)
    list_select_related = ("hold",)
    search_fields = ("order_number", "order_body")
    exclude = ("idempotency_key", "request_digest")

    def scope(self, queryset: QuerySet[Renewal], actor: Actor) -> QuerySet[Renewal]:
        return queryset.filter(hold__in=queries.holds_seen_by(actor.own_party).values("pk"))
