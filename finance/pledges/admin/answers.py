"""Acts on requests: the creditor consents or refuses, the debtor withdraws."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.pledges import forms, operations
from finance.pledges.admin.acts import holds, owes
from finance.pledges.approvable import part_said
from finance.pledges.models import Request
from finance.pledges.states import RequestState
from ledger.doors.admin import ConfirmedAction, actor_of
from ledger.doors.figures import count


class _OnRequest(ConfirmedAction):
    operation = "pledges.decide"
    consents: bool

    def is_offered(self, request: HttpRequest, obj: Request) -> bool:
        return holds(request, obj.pledge) and obj.state == RequestState.WAITING

    def perform(self, request: HttpRequest, obj: Request, data: Mapping[str, Any], key: str) -> str:
        operations.decide(
            request_id=obj.pk, consents=self.consents, **data, by=actor_of(request),
            at=timezone.now(), idempotency_key=key,
        )  # fmt: skip
        return _("Your decision is recorded.")


class Consent(_OnRequest):
    name = "consent"
    title = gettext_lazy("Consent")
    form_class = forms.Consent
    icon = "check_circle"
    consents = True

    def describe(self, request: HttpRequest, obj: Request, data: Mapping[str, Any]) -> list[str]:
        said = [
            _("You consent to: %(kind)s, pledge %(number)s. It happens at once.")
            % {"kind": obj.get_kind_display(), "number": obj.pledge.number}
        ]
        if obj.new_part is not None:
            said.append(_("Comes in: %(what)s.") % {"what": part_said(obj.new_part)})
        if obj.part is not None and obj.unit_count:
            said.append(
                _("%(count)s of these are free again: %(what)s.")
                % {"count": count(obj.unit_count), "what": part_said(obj.part)}
            )
        return said


class Refuse(_OnRequest):
    name = "refuse"
    title = gettext_lazy("Refuse")
    form_class = forms.Refuse
    icon = "block"
    dangerous = True
    consents = False

    def describe(self, request: HttpRequest, obj: Request, data: Mapping[str, Any]) -> list[str]:
        return [
            _("You refuse: %(kind)s, pledge %(number)s. Nothing moves.")
            % {"kind": obj.get_kind_display(), "number": obj.pledge.number}
        ]


class WithdrawRequest(ConfirmedAction):
    name = "withdraw"
    title = gettext_lazy("Withdraw the request")
    operation = "pledges.withdraw_request"
    icon = "undo"

    def is_offered(self, request: HttpRequest, obj: Request) -> bool:
        return owes(request, obj.pledge) and obj.state == RequestState.WAITING

    def describe(self, request: HttpRequest, obj: Request, data: Mapping[str, Any]) -> list[str]:
        return [_("The creditor is no longer asked; what was reserved for it is free again.")]

    def perform(self, request: HttpRequest, obj: Request, data: Mapping[str, Any], key: str) -> str:
        operations.withdraw_request(
            request_id=obj.pk, by=actor_of(request), at=timezone.now(), idempotency_key=key
        )
        return _("The request is withdrawn.")
