"""Acts on pledges and requests: the debtor's, the creditor's, and what both may tell."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.facilities import queries as facilities
from finance.pledges import approvable, forms, operations, queries
from finance.pledges.approvable import part_said
from finance.pledges.models import Pledge
from finance.pledges.operations import Wanted
from finance.pledges.states import (
    PERFECT,
    SECURING,
    PledgeState,
    Register,
    RequestKind,
)
from ledger.accounts import queries as accounts
from ledger.approvals import operations as approvals
from ledger.approvals import queries as asked
from ledger.approvals.proposing import ProposedAction
from ledger.doors.admin import Choices, ConfirmedAction, ToldAction, actor_of
from ledger.doors.figures import count
from ledger.kernel.actors import Role
from ledger.kernel.errors import NotFound
from ledger.parties import queries as parties
from ledger.units import queries as units

CENT = Decimal("0.01")


def owes(request: HttpRequest, row: Pledge) -> bool:
    return bool(row.debtor_id == actor_of(request).party_id)


def holds(request: HttpRequest, row: Pledge) -> bool:
    return bool(row.creditor_id == actor_of(request).party_id)


def places(request: HttpRequest) -> Choices:
    return units.place_choices(actor_of(request).own_party)


def wanted_of(place: str, unit_count: int, first: int | None = None) -> Wanted:
    """:raises ValidationError: no such place (the form has offered others)"""
    account, _colon, lot = place.partition(":")
    if not lot:
        raise ValidationError("place")
    ranges = () if first is None else ((first, first + unit_count - 1),)
    return Wanted(UUID(account), UUID(lot), unit_count, ranges)


def place_said(wanted: Wanted) -> dict[str, str]:
    return {
        "count": count(wanted.unit_count),
        "lot": units.get_lot(wanted.lot_id).code,
        "account": accounts.get_account(wanted.account_id).number,
    }


class SubmitPledge(ConfirmedAction):
    """Draws the pledge up, reserves its units, and asks the party's approvers, in one go."""

    name = "submit"
    title = gettext_lazy("Draw up a pledge")
    operation = "pledges.submit_pledge"
    form_class = forms.SubmitPledge
    icon = "shield_lock"

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        by = actor_of(request)
        open_ = facilities.facilities_seen_by(by).filter(
            borrower_id=by.own_party, state__in=["AGREED", "DRAWN"]
        )
        firsts = queries.behind_choices(by.own_party)
        return {
            "facility_id": [(str(one.pk), one.code) for one in open_],
            "place": places(request),
            "behind_id": [(str(one.pk), one.number) for one in firsts],
        }

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        wanted = wanted_of(data["place"], data["unit_count"], data["first_serial"])
        facility = facilities.get_facility(UUID(data["facility_id"]), by=actor_of(request))
        about = {
            **place_said(wanted),
            "bank": parties.name_of(facility.lender_id),
            "number": data["number"],
        }
        return [
            _("%(count)s units of lot %(lot)s in account %(account)s are reserved now.") % about,
            _("When a second person agrees they are pledged to %(bank)s (%(number)s).") % about,
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        by, at = actor_of(request), timezone.now()
        wanted = wanted_of(data["place"], data["unit_count"], data["first_serial"])
        row = operations.submit_pledge(
            facility_id=UUID(data["facility_id"]),
            number=data["number"],
            collateral=[wanted],
            reference=data["reference"],
            behind_id=UUID(data["behind_id"]) if data["behind_id"] else None,
            **{name: data[name] for name in _PLAIN},
            **{name: (data[column] * CENT) for name, column in _SHARES.items()},
            by=by,
            at=at,
            idempotency_key=key,
        )
        payload = {"pledge_id": str(row.pk), "key": f"{key}:approve"}
        made = approvals.propose(
            operation=approvable.APPROVE,
            payload=payload,
            summary=asked.describe(approvable.APPROVE, payload),
            party_id=by.own_party,
            by=by,
            at=at,
        )
        return asked.what_came_of(made.approval is None)


_PLAIN = ("cure_days", "has_haircut", "with_interest", "ends_on", "consent_number", "evidence")
_SHARES = {
    "loan_share": "loan_percent",
    "target_ltv": "target_percent",
    "warning_ltv": "warning_percent",
    "top_up_ltv": "top_up_percent",
    "close_out_ltv": "close_out_percent",
}


class _Told(ToldAction):
    about = "pledge_id"


class Withdraw(_Told):
    name = "withdraw"
    title = gettext_lazy("Withdraw the draft")
    operation = "pledges.withdraw_pledge"
    form_class = forms.Reason
    icon = "undo"
    dangerous = True
    operate = staticmethod(operations.withdraw_pledge)
    done = gettext_lazy("The draft is withdrawn; its units are free.")

    def is_offered(self, request: HttpRequest, obj: Pledge) -> bool:
        return owes(request, obj) and obj.state == PledgeState.DRAFT

    def describe(self, request: HttpRequest, obj: Pledge, data: Mapping[str, Any]) -> list[str]:
        return [
            _("Pledge %(number)s ends before it began; these units are free again:")
            % {"number": obj.number},
            *(part_said(part) for part in queries.parts_of(obj)),
        ]


class RegisterEntry(_Told):
    name = "register"
    title = gettext_lazy("Record a registration")
    operation = "pledges.register"
    form_class = forms.RegisterEntry
    icon = "app_registration"
    operate = staticmethod(operations.register)
    done = gettext_lazy("The registration is recorded.")

    def is_offered(self, request: HttpRequest, obj: Pledge) -> bool:
        return obj.state in SECURING

    def describe(self, request: HttpRequest, obj: Pledge, data: Mapping[str, Any]) -> list[str]:
        register = Register(data["register"]).label
        about = {
            "register": register, "number": data["number"],
            "day": date_format(data["registered_on"]), "document": data["document"],
        }  # fmt: skip
        return [
            _("%(register)s: number %(number)s of %(day)s, document %(document)s.") % about,
            _("The entry is final; a renewal is recorded as a further entry."),
        ]


class RecordProceeding(_Told):
    name = "proceeding"
    title = gettext_lazy("Record insolvency proceedings")
    operation = "pledges.record_proceeding"
    form_class = forms.RecordProceeding
    icon = "gavel"
    dangerous = True
    operate = staticmethod(operations.record_proceeding)
    done = gettext_lazy("The proceedings are recorded.")

    def is_offered(self, request: HttpRequest, obj: Pledge) -> bool:
        return obj.state in SECURING

    def describe(self, request: HttpRequest, obj: Pledge, data: Mapping[str, Any]) -> list[str]:
        about = {"number": data["number"], "day": date_format(data["opened_on"])}
        return [
            _("A court opened proceedings over the debtor on %(day)s (%(number)s).") % about,
            _("Nothing more is drawn or pledged from then on."),
        ]


class TopUp(ProposedAction):
    name = "top_up"
    title = gettext_lazy("Top up")
    operation = approvable.ADD
    form_class = forms.Units
    icon = "add_moderator"
    makers = frozenset({Role.CARBON_MANAGER})

    def is_offered(self, request: HttpRequest, obj: Pledge) -> bool:
        return owes(request, obj) and obj.state in SECURING and obj.behind_id is None

    def initial(self, request: HttpRequest, obj: Pledge) -> Mapping[str, Any]:
        call = queries.open_call(obj)
        return {"unit_count": call.unit_count} if call else {}

    def choices(self, request: HttpRequest, obj: Pledge) -> Mapping[str, Choices]:
        return {"place": places(request)}

    def values(self, obj: Pledge, data: Mapping[str, Any]) -> Mapping[str, Any]:
        wanted = wanted_of(data["place"], data["unit_count"])
        return {
            "pledge_id": obj.pk, "account_id": wanted.account_id, "lot_id": wanted.lot_id,
            "unit_count": wanted.unit_count,
        }  # fmt: skip


class Ask(_Told):
    name = "ask"
    title = gettext_lazy("Ask the creditor")
    operation = "pledges.ask"
    form_class = forms.Ask
    icon = "contact_support"

    def is_offered(self, request: HttpRequest, obj: Pledge) -> bool:
        return owes(request, obj) and obj.state in SECURING

    def choices(self, request: HttpRequest, obj: Pledge) -> Mapping[str, Choices]:
        parts = queries.parts_of(obj).filter(state="PLEDGED")
        return {
            "part_id": [(str(one.pk), part_said(one)) for one in parts],
            "place": places(request),
        }

    def describe(self, request: HttpRequest, obj: Pledge, data: Mapping[str, Any]) -> list[str]:
        about = {
            "bank": parties.name_of(obj.creditor_id),
            "kind": RequestKind(data["kind"]).label,
            "number": obj.number,
        }
        said = [_("%(bank)s is asked for: %(kind)s, pledge %(number)s.") % about]
        if data["kind"] == RequestKind.SUBSTITUTION and data["place"] and data["new_count"]:
            wanted = wanted_of(data["place"], data["new_count"])
            words = _("%(count)s units of lot %(lot)s in account %(account)s are reserved now.")
            said.append(words % place_said(wanted))
        return [*said, _("Nothing that is pledged moves before the creditor consents.")]

    def perform(self, request: HttpRequest, obj: Pledge, data: Mapping[str, Any], key: str) -> str:
        comes = data["kind"] == RequestKind.SUBSTITUTION and data["place"] and data["new_count"]
        operations.ask(
            pledge_id=obj.pk,
            kind=data["kind"],
            reason=data["reason"],
            part_id=UUID(data["part_id"]) if data["part_id"] else None,
            unit_count=data["unit_count"],
            new=wanted_of(data["place"], data["new_count"]) if comes else None,
            by=actor_of(request),
            at=timezone.now(),
            idempotency_key=key,
        )
        return _("The creditor is asked.")


class Enforce(ProposedAction):
    name = "enforce"
    title = gettext_lazy("Enforce")
    operation = approvable.ENFORCE
    form_class = forms.Enforce
    icon = "gavel"
    dangerous = True

    def is_offered(self, request: HttpRequest, obj: Pledge) -> bool:
        return holds(request, obj) and obj.state in PERFECT

    def values(self, obj: Pledge, data: Mapping[str, Any]) -> Mapping[str, Any]:
        account = accounts.find_account(registry=data["registry"], number=data["number"])
        if account is None:
            raise NotFound
        rest = {name: one for name, one in data.items() if name not in {"registry", "number"}}
        return {"pledge_id": obj.pk, "to_account_id": account.pk, **rest}


class GiveUp(ProposedAction):
    name = "give_up"
    title = gettext_lazy("Give the pledge up")
    operation = approvable.LAPSE
    form_class = forms.Reason
    icon = "lock_open"
    dangerous = True

    def is_offered(self, request: HttpRequest, obj: Pledge) -> bool:
        return holds(request, obj) and obj.state in SECURING

    def values(self, obj: Pledge, data: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"pledge_id": obj.pk, **data}


class Value(ConfirmedAction):
    name = "value"
    title = gettext_lazy("Value it today")
    operation = "pledges.value_pledge"
    icon = "price_check"

    def is_offered(self, request: HttpRequest, obj: Pledge) -> bool:
        return obj.state in SECURING

    def describe(self, request: HttpRequest, obj: Pledge, data: Mapping[str, Any]) -> list[str]:
        return [
            _("Pledge %(number)s is valued by the newest prices, once for the day.")
            % {"number": obj.number},
            _("When its top-up line is reached, units are called for."),
        ]

    def perform(self, request: HttpRequest, obj: Pledge, data: Mapping[str, Any], key: str) -> str:
        at = timezone.now()
        operations.value_pledge(
            pledge_id=obj.pk, valued_on=timezone.localdate(at), by=actor_of(request), at=at
        )
        return _("The pledge is valued.")
