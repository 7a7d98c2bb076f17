"""What may be done with a contract: its terms told, put in force, amended, settled."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.ppas import approvable, forms, operations, queries
from finance.ppas.admin.asking import Proposed, keeps, somebody
from finance.ppas.models import Contract
from finance.ppas.operations import DeviationTerm, PriceTerm
from finance.ppas.rules.terms import read_volumes
from finance.ppas.showing import words
from finance.ppas.states import ContractState
from ledger.doors.admin import Choices, ConfirmedAction, actor_of
from ledger.kernel.periods import Period
from ledger.parties import queries as parties


class EnterContract(ConfirmedAction):
    name = "enter"
    title = gettext_lazy("Enter a contract")
    operation = "ppas.enter_contract"
    form_class = forms.EnterContract
    icon = "note_add"

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        return {"seller": somebody(request), "buyer": somebody(request)}

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        about = {
            "number": data["number"],
            "seller": parties.name_of(data["seller"]),
            "buyer": parties.name_of(data["buyer"]),
            "first": f"{data['first_month']:%Y-%m}",
            "last": f"{data['last_month']:%Y-%m}",
        }
        return [
            _("%(number)s is entered as a draft: %(seller)s sells to %(buyer)s.") % about,
            _("It runs from %(first)s through %(last)s.") % about,
            _("Meters, quantities, prices and rules are added next; then it is put in force."),
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        last = data["last_month"]
        operations.enter_contract(
            number=data["number"],
            title=data["title"],
            kind=data["kind"],
            seller_id=UUID(data["seller"]),
            buyer_id=UUID(data["buyer"]),
            valid_from=data["first_month"],
            valid_to=Period.month(last.year, last.month).end,
            region=data["region"],
            quantity_rule=data["quantity_rule"],
            matching=data["matching"],
            tariff_hours=data["tariff_hours"],
            is_bundled=data["is_bundled"],
            is_direct=data["is_direct"],
            agreement=data["agreement"],
            line=data["line"],
            evidence=data["evidence"],
            by=actor_of(request),
            at=timezone.now(),
            idempotency_key=key,
        )
        return _("The contract is entered.")


class OfDraft(ConfirmedAction):
    """Terms of a draft: its keeper tells them alone."""

    def is_offered(self, request: HttpRequest, obj: Contract) -> bool:
        return obj.state == ContractState.DRAFT and keeps(request, obj.party_id)


class OfSigned(Proposed):
    """Acts on a contract in force."""

    def is_offered(self, request: HttpRequest, obj: Contract) -> bool:
        return obj.state == ContractState.SIGNED and keeps(request, obj.party_id)


def _price(data: Mapping[str, Any]) -> PriceTerm:
    return PriceTerm(**data)


def _rule(data: Mapping[str, Any]) -> DeviationTerm:
    return DeviationTerm(**data)


class AttachPoint(OfDraft):
    name = "attach"
    title = gettext_lazy("Attach a meter")
    operation = "ppas.attach_point"
    form_class = forms.AttachPoint
    icon = "electric_meter"

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        found = queries.points_visible_to(actor_of(request)).order_by("code")
        return {"point": [(str(one.pk), f"{one} · {one.get_side_display()}") for one in found]}

    def describe(self, request: HttpRequest, obj: Contract, data: Mapping[str, Any]) -> list[str]:
        point = queries.get_point(UUID(data["point"]), by=actor_of(request))
        about = {"point": str(point), "share": words.percent(data["share_bps"])}
        return [
            _("%(share)s of %(point)s is this contract's for its whole term.") % about,
            _("No other contract can have the same share of the meter."),
        ]

    def perform(
        self, request: HttpRequest, obj: Contract, data: Mapping[str, Any], key: str
    ) -> str:
        operations.attach_point(
            contract_id=obj.pk,
            point_id=UUID(data["point"]),
            share_bps=data["share_bps"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("The meter is attached.")


class SetVolumes(OfDraft):
    name = "volumes"
    title = gettext_lazy("Contracted quantities")
    operation = "ppas.set_volumes"
    form_class = forms.SetVolumes
    icon = "calendar_month"

    def describe(self, request: HttpRequest, obj: Contract, data: Mapping[str, Any]) -> list[str]:
        return [approvable.describe_volumes(read_volumes(data["volumes"]))]

    def perform(
        self, request: HttpRequest, obj: Contract, data: Mapping[str, Any], key: str
    ) -> str:
        operations.set_volumes(
            contract_id=obj.pk,
            volumes=read_volumes(data["volumes"]),
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("The quantities are recorded.")


class AddPrice(OfDraft):
    name = "price"
    title = gettext_lazy("Add a price")
    operation = "ppas.add_price"
    form_class = forms.AddPrice
    icon = "sell"

    def initial(self, request: HttpRequest, obj: Contract) -> Mapping[str, Any]:
        return {"valid_from": obj.valid_from}

    def describe(self, request: HttpRequest, obj: Contract, data: Mapping[str, Any]) -> list[str]:
        return [approvable.describe_price(_price(data))]

    def perform(
        self, request: HttpRequest, obj: Contract, data: Mapping[str, Any], key: str
    ) -> str:
        operations.add_price(
            contract_id=obj.pk, price=_price(data), by=actor_of(request), at=timezone.now()
        )
        return _("The price is recorded.")


class SetDeviation(OfDraft):
    name = "deviation"
    title = gettext_lazy("Shortfall or surplus rule")
    operation = "ppas.set_deviation"
    form_class = forms.SetDeviation
    icon = "difference"

    def initial(self, request: HttpRequest, obj: Contract) -> Mapping[str, Any]:
        return {"valid_from": obj.valid_from}

    def describe(self, request: HttpRequest, obj: Contract, data: Mapping[str, Any]) -> list[str]:
        return [approvable.describe_rule(_rule(data))]

    def perform(
        self, request: HttpRequest, obj: Contract, data: Mapping[str, Any], key: str
    ) -> str:
        operations.set_deviation(
            contract_id=obj.pk, rule=_rule(data), by=actor_of(request), at=timezone.now()
        )
        return _("The rule is recorded.")


class Sign(Proposed):
    name = "sign"
    title = approvable.TITLES[approvable.SIGN]
    operation = approvable.SIGN
    icon = "verified"

    def is_offered(self, request: HttpRequest, obj: Contract) -> bool:
        return obj.state == ContractState.DRAFT and keeps(request, obj.party_id)

    def payload(
        self, request: HttpRequest, obj: Contract, data: Mapping[str, Any], key: str
    ) -> dict[str, Any]:
        return {"contract_id": str(obj.pk), "key": key}


class Discard(OfDraft):
    name = "discard"
    title = gettext_lazy("Discard the draft")
    operation = "ppas.discard_contract"
    form_class = forms.Reason
    icon = "delete"
    dangerous = True

    def describe(self, request: HttpRequest, obj: Contract, data: Mapping[str, Any]) -> list[str]:
        return [_("The draft %(contract)s is given up; it stays readable.") % {"contract": obj}]

    def perform(
        self, request: HttpRequest, obj: Contract, data: Mapping[str, Any], key: str
    ) -> str:
        operations.discard_contract(
            contract_id=obj.pk, reason=data["reason"], by=actor_of(request), at=timezone.now()
        )
        return _("The draft is discarded.")


class AmendPrice(OfSigned):
    name = "amend-price"
    title = gettext_lazy("Amend a price")
    operation = approvable.AMEND
    form_class = forms.AddPrice
    icon = "sell"

    def payload(
        self, request: HttpRequest, obj: Contract, data: Mapping[str, Any], key: str
    ) -> dict[str, Any]:
        price = approvable.payload_of_price(_price(data))
        return {"contract_id": str(obj.pk), "price": price, "key": key}


class AmendVolumes(OfSigned):
    name = "amend-volumes"
    title = gettext_lazy("Amend quantities")
    operation = approvable.AMEND
    form_class = forms.SetVolumes
    icon = "calendar_month"

    def payload(
        self, request: HttpRequest, obj: Contract, data: Mapping[str, Any], key: str
    ) -> dict[str, Any]:
        return {"contract_id": str(obj.pk), "volumes": data["volumes"], "key": key}


class AmendRule(OfSigned):
    name = "amend-rule"
    title = gettext_lazy("Amend a shortfall or surplus rule")
    operation = approvable.AMEND
    form_class = forms.SetDeviation
    icon = "difference"

    def payload(
        self, request: HttpRequest, obj: Contract, data: Mapping[str, Any], key: str
    ) -> dict[str, Any]:
        rule = approvable.payload_of_rule(_rule(data))
        return {"contract_id": str(obj.pk), "rule": rule, "key": key}


class Settle(ConfirmedAction):
    name = "settle"
    title = gettext_lazy("Settle months")
    operation = "ppas.request_settlement"
    form_class = forms.Months
    icon = "calculate"

    def initial(self, request: HttpRequest, obj: Contract) -> Mapping[str, Any]:
        return {"first": obj.valid_from, "last": queries.term_of(obj).last_day}

    def is_offered(self, request: HttpRequest, obj: Contract) -> bool:
        return obj.state == ContractState.SIGNED

    def describe(self, request: HttpRequest, obj: Contract, data: Mapping[str, Any]) -> list[str]:
        about = {"first": f"{data['first']:%Y-%m}", "last": f"{data['last']:%Y-%m}"}
        return [
            _("A job settles %(first)s through %(last)s from the meter rows as they stand.")
            % about,
            _("Its statements are preliminary; what is final stays as it is."),
        ]

    def perform(
        self, request: HttpRequest, obj: Contract, data: Mapping[str, Any], key: str
    ) -> str:
        operations.request_settlement(
            contract_id=obj.pk,
            first=data["first"],
            last=data["last"],
            by=actor_of(request),
            at=timezone.now(),
            idempotency_key=key,
        )
        return _("The settlement is running; its job shows how far it has come.")


class Finalise(OfSigned):
    name = "finalise"
    title = approvable.TITLES[approvable.FINALISE]
    operation = approvable.FINALISE
    form_class = forms.Months
    icon = "task_alt"

    def initial(self, request: HttpRequest, obj: Contract) -> Mapping[str, Any]:
        return {"first": obj.valid_from, "last": queries.term_of(obj).last_day}

    def payload(
        self, request: HttpRequest, obj: Contract, data: Mapping[str, Any], key: str
    ) -> dict[str, Any]:
        last = data["last"]
        period = Period(data["first"], Period.month(last.year, last.month).end)
        months = [one.isoformat() for one in queries.months_of(obj, period)]
        return {"contract_id": str(obj.pk), "months": months, "key": key}
