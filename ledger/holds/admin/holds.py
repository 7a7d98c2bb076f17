from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.accounts import queries as accounts
from ledger.audit import queries as audit
from ledger.doors.admin import (
    Choices,
    ConfirmedAction,
    actor_of,
    link_to,
    named,
    site,
)
from ledger.doors.watched import Watched
from ledger.doors.wording import looked_at, moment, number_format
from ledger.holds import approvable, forms, operations, queries
from ledger.holds.admin.asking import place_of
from ledger.holds.admin.orders import CancelCertificates, FreezeByOrder, RenewHold
from ledger.holds.models import Hold, Resolution
from ledger.holds.states import LIVE, HoldKind, HoldState
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import NotFound
from ledger.parties import queries as parties
from ledger.units import operations as moving
from ledger.units import queries as units

COLOURS = {
    HoldState.WAITING: "info",
    HoldState.ACTIVE: "warning",
    HoldState.RELEASED: "success",
    HoldState.CAPTURED: "danger",
    HoldState.EXPIRED: "",
    HoldState.LAPSED: "",
}


class PlaceHold(ConfirmedAction):
    name = "place"
    title = gettext_lazy("Place a hold")
    operation = "holds.place_hold"
    form_class = forms.PlaceHold
    icon = "lock"

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        return {"place": units.place_choices(actor_of(request).own_party)}

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        account_id, lot_id = place_of(actor_of(request), data)
        about = {
            "unit_count": number_format(data["unit_count"]),
            "lot_code": units.get_lot(lot_id).code,
            "account_number": accounts.get_account(account_id).number,
        }
        said = [
            _("%(unit_count)s units of lot %(lot_code)s of %(account_number)s are set aside.")
            % about,
            _("They cannot be transferred, surrendered, retired or cancelled until released."),
        ]
        if data["kind"] == HoldKind.PLEDGE:
            # say at once what would be refused at the end
            moving.check_guards(
                kind=HoldKind.PLEDGE,
                account_id=account_id,
                lot=units.get_lot(lot_id),
                on=timezone.localdate(),
                by=actor_of(request),
                at=timezone.now(),
            )
            creditor = parties.name_of(data["in_favour_of"])
            said.append(_("Only %(creditor)s can release them.") % {"creditor": creditor})
        return said

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        by = actor_of(request)
        account_id, lot_id = place_of(by, data)
        operations.place_hold(
            kind=data["kind"],
            account_id=account_id,
            lot_id=lot_id,
            unit_count=data["unit_count"],
            in_favour_of=UUID(data["in_favour_of"]) if data["in_favour_of"] else None,
            order_number=data["order_number"],
            purpose=data["purpose"],
            expires_on=data["expires_on"],
            by=by,
            at=timezone.now(),
            idempotency_key=key,
        )
        return _("The hold is placed.")


class ReleaseHold(ConfirmedAction):
    name = "release"
    title = gettext_lazy("Release")
    operation = "holds.release_hold"
    form_class = forms.ReleaseHold
    icon = "lock_open"

    def is_offered(self, request: HttpRequest, obj: Hold) -> bool:
        return obj.state in LIVE and not obj.kept_by

    @staticmethod
    def payload(obj: Hold, data: Mapping[str, Any], key: str) -> dict[str, Any]:
        return {
            "hold_id": str(obj.pk),
            "unit_count": data["unit_count"],
            "order_number": data["order_number"],
            "reason": data["reason"],
            "key": key,
        }

    def describe(self, request: HttpRequest, obj: Hold, data: Mapping[str, Any]) -> list[str]:
        payload = self.payload(obj, data, "")
        said = approvable.describe_release(payload)
        return [*said, site.who_decides(request, self.operation, payload)]

    def perform(self, request: HttpRequest, obj: Hold, data: Mapping[str, Any], key: str) -> str:
        payload = self.payload(obj, data, key)
        return site.propose(request, self.operation, payload, approvable.describe_release(payload))


class CaptureHold(ConfirmedAction):
    name = "capture"
    title = gettext_lazy("Enforce")
    operation = "holds.capture_hold"
    form_class = forms.CaptureHold
    icon = "gavel"
    dangerous = True

    def choices(self, request: HttpRequest, obj: Hold) -> Mapping[str, Choices]:
        return {"registry": instruments.registry_choices()}

    def is_offered(self, request: HttpRequest, obj: Hold) -> bool:
        return obj.state == HoldState.ACTIVE and not obj.kept_by

    @staticmethod
    def _target(data: Mapping[str, Any]) -> UUID:
        found = accounts.find_account(registry=data["registry"], number=data["account_number"])
        if found is None:
            raise NotFound
        return found.pk

    def may(self, actor: Actor) -> bool:
        """A carbon manager may ask for what only an approver lets happen."""
        return actor.has(Role.CARBON_MANAGER) or super().may(actor)

    def payload(self, obj: Hold, data: Mapping[str, Any], key: str) -> dict[str, Any]:
        target = {"to_account_id": str(self._target(data))}
        return {**ReleaseHold.payload(obj, data, key), **target}

    def describe(self, request: HttpRequest, obj: Hold, data: Mapping[str, Any]) -> list[str]:
        payload = self.payload(obj, data, "")
        said = approvable.describe_capture(payload)
        return [*said, site.who_decides(request, self.operation, payload)]

    def perform(self, request: HttpRequest, obj: Hold, data: Mapping[str, Any], key: str) -> str:
        payload = self.payload(obj, data, key)
        return site.propose(request, self.operation, payload, approvable.describe_capture(payload))


def _reads(obj: Hold) -> dict[str, Any]:
    """Who in whose favour the units are held has looked, and where; the newest first."""
    rows = audit.reads_of(f"holds.Hold:{obj.pk}", verb="hold.read")
    names = parties.names_of({one.by for one in rows})
    return {
        "title": _("Looked at by the creditor, the newest"),
        "headings": [_("time"), _("who"), _("what she looked at")],
        "rows": [[moment(one.at), names.get(one.by, "–"), looked_at(one.what)] for one in rows],
    }


@admin.register(Hold, site=site)
class HoldAdmin(Watched):
    list_display = (
        "show_kind",
        "account",
        "lot",
        "unit_count",
        "remaining_count",
        "rank",
        named("in_favour_of", gettext_lazy("in favour of")),
        "expires_on",
        "show_state",
    )
    list_filter = ("kind", "state")
    list_select_related = ("account", "lot")
    search_fields = ("lot__code", "account__number", "purpose", "order_number")
    exclude = ("idempotency_key", "request_digest", "kept_by")
    readonly_fields = ("show_keeper",)
    confirmed_actions = (ReleaseHold, CaptureHold, RenewHold)
    list_actions = (PlaceHold, FreezeByOrder, CancelCertificates)

    def scope(self, queryset: QuerySet[Hold], actor: Actor) -> QuerySet[Hold]:
        seen = queries.holds_seen_by(actor.own_party).values("pk")
        return queryset.filter(pk__in=seen)

    def looked(self, request: HttpRequest, rows: Iterable[Any], what: str) -> None:
        operations.record_reads(rows, what=what, by=actor_of(request), at=timezone.now())

    def object_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        told = super().object_context(request, obj)
        is_hers = obj is not None and obj.account.holder_id == actor_of(request).party_id
        return {**told, "related": [_reads(obj)]} if is_hers else told

    @display(description=gettext_lazy("kind"), ordering="kind")
    def show_kind(self, obj: Hold) -> str:
        return obj.get_kind_display()

    @display(description=gettext_lazy("kept by"))
    def show_keeper(self, obj: Hold) -> str:
        return link_to(obj.kept_by)

    @display(description=gettext_lazy("state"), label=COLOURS, ordering="state")
    def show_state(self, obj: Hold) -> tuple[str, str]:
        return obj.state, obj.get_state_display()


@admin.register(Resolution, site=site)
class ResolutionAdmin(Watched):
    list_display = (
        "hold",
        "state",
        "unit_count",
        "is_last",
        "order_number",
        "reason",
        "resolved_at",
    )
    list_filter = ("state", "is_last")
    list_select_related = ("hold",)
    search_fields = ("order_number", "reason")
    exclude = ("idempotency_key", "request_digest")

    def looked(self, request: HttpRequest, rows: Iterable[Any], what: str) -> None:
        holds = [one.hold for one in rows]
        operations.record_reads(holds, what=what, by=actor_of(request), at=timezone.now())

    def scope(self, queryset: QuerySet[Resolution], actor: Actor) -> QuerySet[Resolution]:
        return queryset.filter(hold__in=queries.holds_seen_by(actor.own_party).values("pk"))
