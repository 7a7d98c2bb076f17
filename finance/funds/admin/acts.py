"""Acts on a fund and in its books; those on other people's money ask for an approval."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.funds import forms, operations
from finance.funds.models import Call, CallLine, CashEntry, Distribution, Fund, Investment
from finance.funds.operations.calling import open_of
from finance.funds.states import FundKind
from ledger.approvals.proposing import ProposedAction
from ledger.doors.admin import Choices, ConfirmedAction, actor_of
from ledger.doors.figures import amount
from ledger.kernel.actors import Role
from ledger.parties import queries as parties

MAKERS = frozenset({Role.FUND_MANAGER})


def keeps_books(request: HttpRequest, fund: Fund) -> bool:
    return fund.manager_id == actor_of(request).party_id


def _party_choices(request: HttpRequest) -> Choices:
    return parties.party_choices(actor_of(request))


def _class_choices(fund: Fund) -> Choices:
    return [(str(one.pk), str(one)) for one in fund.classes.all()]


class OpenFund(ConfirmedAction):
    name = "open"
    title = gettext_lazy("Open a fund")
    operation = "funds.open_fund"
    form_class = forms.OpenFund
    icon = "savings"

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        return {"vehicle_id": _party_choices(request)}

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        about = {
            "name": data["name_zh"],
            "kind": FundKind(data["kind"]).label,
            "day": date_format(data["starts_on"]),
        }
        return [
            _("%(name)s (%(kind)s) begins on %(day)s; your party keeps its books.") % about,
            _("The entry is final; terms can be set anew from a later day."),
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        given = {**data, "vehicle_id": UUID(data["vehicle_id"]) if data["vehicle_id"] else None}
        operations.open_fund(**given, by=actor_of(request), at=timezone.now(), idempotency_key=key)
        return _("The fund is opened.")


class AddClass(ConfirmedAction):
    name = "class"
    title = gettext_lazy("Add a class of shares")
    operation = "funds.add_class"
    form_class = forms.AddClass
    icon = "layers"

    def is_offered(self, request: HttpRequest, obj: Fund) -> bool:
        return keeps_books(request, obj)

    def describe(self, request: HttpRequest, obj: Fund, data: Mapping[str, Any]) -> list[str]:
        about = {"fund": str(obj), "name": data["name_zh"]}
        return [_("%(fund)s gets the class %(name)s.") % about]

    def perform(self, request: HttpRequest, obj: Fund, data: Mapping[str, Any], key: str) -> str:
        operations.add_class(
            fund_id=obj.pk, **data, by=actor_of(request), at=timezone.now(), idempotency_key=key
        )
        return _("The class is added.")


class _OnFund(ProposedAction):
    makers = MAKERS

    def is_offered(self, request: HttpRequest, obj: Fund) -> bool:
        return keeps_books(request, obj)

    def values(self, obj: Fund, data: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"fund_id": obj.pk, **data}


class SetTerms(_OnFund):
    name = "terms"
    title = gettext_lazy("Set terms")
    operation = "funds.set_terms"
    form_class = forms.SetTerms
    icon = "contract"


class RecordCommitment(_OnFund):
    name = "commit"
    title = gettext_lazy("Record a commitment")
    operation = "funds.record_commitment"
    form_class = forms.RecordCommitment
    icon = "handshake"

    def choices(self, request: HttpRequest, obj: Fund) -> Mapping[str, Choices]:
        return {"investor_id": _party_choices(request), "share_class_id": _class_choices(obj)}


class MakeCall(_OnFund):
    name = "call"
    title = gettext_lazy("Call capital")
    operation = "funds.make_call"
    form_class = forms.MakeCall
    icon = "campaign"

    def initial(self, request: HttpRequest, obj: Fund) -> Mapping[str, Any]:
        return {"called_on": timezone.localdate(), "share_price": 1}

    def choices(self, request: HttpRequest, obj: Fund) -> Mapping[str, Choices]:
        return {"share_class_id": _class_choices(obj)}


class MakeDistribution(_OnFund):
    name = "distribute"
    title = gettext_lazy("Distribute")
    operation = "funds.make_distribution"
    form_class = forms.MakeDistribution
    icon = "payments"

    def initial(self, request: HttpRequest, obj: Fund) -> Mapping[str, Any]:
        return {"paid_on": timezone.localdate()}

    def choices(self, request: HttpRequest, obj: Fund) -> Mapping[str, Choices]:
        return {"share_class_id": _class_choices(obj)}


class TellCash(_OnFund):
    name = "cash"
    title = gettext_lazy("Tell the cash book")
    operation = "funds.tell_cash"
    form_class = forms.TellCash
    icon = "account_balance_wallet"

    def choices(self, request: HttpRequest, obj: Fund) -> Mapping[str, Choices]:
        return {"investment_id": [(str(one.pk), str(one)) for one in obj.investments.all()]}


class ApproveInvestment(_OnFund):
    name = "invest"
    title = gettext_lazy("Approve an investment or a grant")
    operation = "funds.approve_investment"
    form_class = forms.ApproveInvestment
    icon = "solar_power"

    def choices(self, request: HttpRequest, obj: Fund) -> Mapping[str, Choices]:
        return {"party_id": _party_choices(request)}


class PublishNav(_OnFund):
    name = "nav"
    title = gettext_lazy("Publish a net asset value")
    operation = "funds.publish_nav"
    form_class = forms.PublishNav
    icon = "monitoring"

    def initial(self, request: HttpRequest, obj: Fund) -> Mapping[str, Any]:
        return {"valued_on": timezone.localdate()}


class ValueInvestment(ProposedAction):
    name = "value"
    title = gettext_lazy("Value the investment")
    operation = "funds.value_investment"
    form_class = forms.ValueInvestment
    icon = "price_check"
    makers = MAKERS

    def is_offered(self, request: HttpRequest, obj: Investment) -> bool:
        return keeps_books(request, obj.fund) and obj.kind != "GRANT"

    def values(self, obj: Investment, data: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"investment_id": obj.pk, **data}


class _TakeBack(ProposedAction):
    name = "take_back"
    title = gettext_lazy("Take back")
    form_class = forms.TakeBack
    icon = "undo"
    dangerous = True
    makers = MAKERS

    def is_offered(self, request: HttpRequest, obj: Any) -> bool:
        taken = type(obj)._default_manager.filter(reverses=obj).exists()
        return keeps_books(request, obj.fund) and obj.reverses_id is None and not taken


class TakeBackCall(_TakeBack):
    operation = "funds.take_back_call"

    def values(self, obj: Call, data: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"call_id": obj.pk, **data}


class TakeBackDistribution(_TakeBack):
    operation = "funds.take_back_distribution"

    def values(self, obj: Distribution, data: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"distribution_id": obj.pk, **data}


class TakeBackEntry(_TakeBack):
    operation = "funds.take_back_entry"

    def is_offered(self, request: HttpRequest, obj: CashEntry) -> bool:
        return obj.distribution_line_id is None and super().is_offered(request, obj)

    def values(self, obj: CashEntry, data: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"entry_id": obj.pk, **data}


class RecordPayment(ConfirmedAction):
    name = "pay"
    title = gettext_lazy("Record a payment")
    operation = "funds.record_payment"
    form_class = forms.RecordPayment
    icon = "price_check"

    def is_offered(self, request: HttpRequest, obj: CallLine) -> bool:
        return keeps_books(request, obj.fund) and open_of(obj) > 0

    def initial(self, request: HttpRequest, obj: CallLine) -> Mapping[str, Any]:
        return {"amount": open_of(obj), "paid_on": timezone.localdate()}

    def describe(self, request: HttpRequest, obj: CallLine, data: Mapping[str, Any]) -> list[str]:
        about = {
            "investor": parties.name_of(obj.investor_id),
            "amount": f"{amount(data['amount'])} {obj.fund.currency}",
            "day": date_format(data["paid_on"]),
        }
        return [
            _("%(investor)s has paid in %(amount)s on %(day)s.") % about,
            _("Shares are issued at the price of the call, and the cash book gets its line."),
        ]

    def perform(
        self, request: HttpRequest, obj: CallLine, data: Mapping[str, Any], key: str
    ) -> str:
        operations.record_payment(
            line_id=obj.pk, **data, by=actor_of(request), at=timezone.now(), idempotency_key=key
        )
        return _("The payment is recorded.")


class TellIndexLevel(ConfirmedAction):
    name = "tell"
    title = gettext_lazy("Tell an index level")
    operation = "funds.tell_index_level"
    form_class = forms.TellIndexLevel
    icon = "show_chart"

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        about = {**data, "day": date_format(data["on"])}
        return [_("%(code)s stood at %(level)s on %(day)s; source: %(source)s.") % about]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.tell_index_level(
            **data, by=actor_of(request), at=timezone.now(), idempotency_key=key
        )
        return _("The level is recorded.")
