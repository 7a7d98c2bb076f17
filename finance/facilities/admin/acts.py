"""Acts on a facility: the borrower's, the lender's, and what both may tell."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.facilities import forms, operations, queries
from finance.facilities.approvable import said_figure
from finance.facilities.models import Facility
from finance.facilities.rules.margins import check_fits
from finance.facilities.states import OWING, FacilityState, LineKind
from ledger.approvals.proposing import ProposedAction
from ledger.doors.admin import Choices, ConfirmedAction, ToldAction, actor_of
from ledger.doors.figures import amount
from ledger.doors.wording import number_format
from ledger.kernel.actors import Role
from ledger.parties import queries as parties

MAKERS = frozenset({Role.CARBON_MANAGER})
OPEN = OWING | {FacilityState.AGREED}


def borrows(request: HttpRequest, row: Facility) -> bool:
    return bool(row.borrower_id == actor_of(request).party_id)


def lends(request: HttpRequest, row: Facility) -> bool:
    return bool(row.lender_id == actor_of(request).party_id)


class EnterFacility(ConfirmedAction):
    name = "enter"
    title = gettext_lazy("Enter a facility")
    operation = "facilities.enter_facility"
    form_class = forms.EnterFacility
    icon = "account_balance"

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        banks = parties.parties(kind="BANK")
        return {"lender_id": [(str(one.pk), parties.shown_name(one)) for one in banks]}

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        about = {
            "code": data["code"],
            "bank": parties.name_of(data["lender_id"]),
            "amount": amount(data["limit_amount"]),
            "first": date_format(data["starts_on"]),
            "last": date_format(data["matures_on"]),
        }
        return [
            _("Facility %(code)s of %(bank)s is entered: %(amount)s, %(first)s to %(last)s.")
            % about,
            _("Its terms are final. A second person of your party agrees to them next."),
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        given = {**data, "lender_id": UUID(data["lender_id"])}
        operations.enter_facility(
            **given, by=actor_of(request), at=timezone.now(), idempotency_key=key
        )
        return _("The facility is entered.")


class _Proposed(ProposedAction):
    makers = MAKERS

    def values(self, obj: Facility, data: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"facility_id": obj.pk, **data}


class Agree(_Proposed):
    name = "agree"
    title = gettext_lazy("Agree to the terms")
    operation = "facilities.agree_facility"
    icon = "handshake"

    def is_offered(self, request: HttpRequest, obj: Facility) -> bool:
        return borrows(request, obj) and obj.state == FacilityState.DRAFT


class Draw(_Proposed):
    name = "draw"
    title = gettext_lazy("Draw money")
    operation = "facilities.draw"
    form_class = forms.Draw
    icon = "payments"

    def is_offered(self, request: HttpRequest, obj: Facility) -> bool:
        return borrows(request, obj) and obj.state in {FacilityState.AGREED, FacilityState.DRAWN}

    def initial(self, request: HttpRequest, obj: Facility) -> Mapping[str, Any]:
        return {"drawn_on": timezone.localdate()}


class _Told(ToldAction):
    about = "facility_id"


class Cancel(_Told):
    name = "cancel"
    title = gettext_lazy("Cancel the facility")
    operation = "facilities.cancel_facility"
    form_class = forms.Reason
    icon = "cancel"
    dangerous = True
    operate = staticmethod(operations.cancel_facility)
    done = gettext_lazy("The facility is cancelled.")

    def is_offered(self, request: HttpRequest, obj: Facility) -> bool:
        open_ = {FacilityState.DRAFT, FacilityState.AGREED}
        return borrows(request, obj) and obj.state in open_

    def describe(self, request: HttpRequest, obj: Facility, data: Mapping[str, Any]) -> list[str]:
        return [_("Facility %(code)s ends; nothing was drawn of it.") % {"code": obj.code}]


class RecordLine(_Told):
    name = "line"
    title = gettext_lazy("Record a payment, fee or use")
    operation = "facilities.record_line"
    form_class = forms.RecordLine
    icon = "receipt_long"
    operate = staticmethod(operations.record_line)
    done = gettext_lazy("The line is recorded.")

    def is_offered(self, request: HttpRequest, obj: Facility) -> bool:
        return obj.state in OPEN

    def describe(self, request: HttpRequest, obj: Facility, data: Mapping[str, Any]) -> list[str]:
        about = {
            "kind": LineKind(data["kind"]).label,
            "amount": f"{amount(data['amount'])} {obj.currency}",
            "day": date_format(data["happened_on"]),
            "evidence": data["evidence"],
        }
        return [
            _("%(kind)s: %(amount)s on %(day)s.") % about,
            _("Evidence: %(evidence)s.") % about,
        ]


class SetMarginStep(_Told):
    name = "step"
    title = gettext_lazy("Set a margin step")
    operation = "facilities.set_margin_step"
    form_class = forms.SetMarginStep
    icon = "stairs"
    operate = staticmethod(operations.set_margin_step)
    done = gettext_lazy("The step is set.")

    def is_offered(self, request: HttpRequest, obj: Facility) -> bool:
        return borrows(request, obj) and obj.state in OPEN | {FacilityState.DRAFT}

    def describe(self, request: HttpRequest, obj: Facility, data: Mapping[str, Any]) -> list[str]:
        about = {**data, "day": date_format(data["applies_on"])}
        return [
            _(
                "From %(day)s the margin changes by %(met_bps)s bp if %(indicator)s of %(year)s "
                "meets its target, by %(missed_bps)s bp if not."
            )
            % about,
            _("A figure that nobody has verified misses the target."),
        ]


class DrawFigure(_Told):
    name = "figure"
    title = gettext_lazy("Take a figure from a verified inventory")
    operation = "facilities.draw_figure"
    form_class = forms.DrawFigure
    icon = "fact_check"
    operate = staticmethod(operations.draw_figure)
    done = gettext_lazy("The figure is recorded.")

    def is_offered(self, request: HttpRequest, obj: Facility) -> bool:
        return obj.state in OPEN and obj.steps.exists()

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        found = queries.verified_figures(obj)
        return {
            "step_id": [(str(one.pk), f"{one} ({one.measure})") for one in obj.steps.all()],
            "source": [(one.source, said_figure(one)) for one in found],
        }

    def describe(self, request: HttpRequest, obj: Facility, data: Mapping[str, Any]) -> list[str]:
        found = {one.source: one for one in queries.verified_figures(obj)}[data["source"]]
        step = obj.steps.get(pk=data["step_id"])
        check_fits(found, year=step.year, measure=step.measure)
        about = {
            "indicator": step.indicator, "year": step.year, "verified_by": found.verified_by,
            "value": number_format(found.value, force_grouping=True),
        }  # fmt: skip
        return [
            _("%(indicator)s of %(year)s was %(value)s, verified by %(verified_by)s.") % about,
            _("It decides the margin steps of that year and is final."),
        ]


class RecordFigure(_Proposed):
    name = "typed-figure"
    title = gettext_lazy("Type a verified figure in")
    operation = "facilities.record_figure"
    form_class = forms.RecordFigure
    icon = "edit_note"

    def is_offered(self, request: HttpRequest, obj: Facility) -> bool:
        return borrows(request, obj) and obj.state in OPEN and obj.steps.exists()


class PromiseSubsidy(_Told):
    name = "subsidy"
    title = gettext_lazy("Record an interest subsidy")
    operation = "facilities.promise_subsidy"
    form_class = forms.PromiseSubsidy
    icon = "percent"
    operate = staticmethod(operations.promise_subsidy)
    done = gettext_lazy("The subsidy is recorded.")

    def is_offered(self, request: HttpRequest, obj: Facility) -> bool:
        return borrows(request, obj) and obj.state in OPEN

    def describe(self, request: HttpRequest, obj: Facility, data: Mapping[str, Any]) -> list[str]:
        days = {"first": date_format(data["starts_on"]), "last": date_format(data["ends_on"])}
        said = _("%(granted_by)s pays %(bps)s bp of interest from %(first)s until before %(last)s.")
        return [said % {**data, **days}]


class CloseFacility(_Told):
    name = "close"
    title = gettext_lazy("Confirm repayment")
    operation = "facilities.close_facility"
    form_class = forms.Evidence
    icon = "task_alt"
    operate = staticmethod(operations.close_facility)
    done = gettext_lazy("The facility is closed.")

    def is_offered(self, request: HttpRequest, obj: Facility) -> bool:
        return lends(request, obj) and obj.state in OWING

    def describe(self, request: HttpRequest, obj: Facility, data: Mapping[str, Any]) -> list[str]:
        owed = queries.standing_on(obj, timezone.localdate()).owed
        about = {"code": obj.code, "owed": f"{amount(owed)} {obj.currency}"}
        return [
            _("Facility %(code)s is closed: the lender confirms that all is repaid.") % about,
            _("Still owed today: %(owed)s.") % about,
        ]


class DeclareDefault(_Told):
    name = "default"
    title = gettext_lazy("Declare default")
    operation = "facilities.declare_default"
    form_class = forms.Reason
    icon = "report"
    dangerous = True
    operate = staticmethod(operations.declare_default)
    done = gettext_lazy("Default is declared.")

    def is_offered(self, request: HttpRequest, obj: Facility) -> bool:
        return lends(request, obj) and obj.state == FacilityState.DRAWN

    def describe(self, request: HttpRequest, obj: Facility, data: Mapping[str, Any]) -> list[str]:
        said = _("The borrower of %(code)s is in default; pledges can be enforced from then on.")
        return [said % {"code": obj.code}, _("Reason: %(reason)s.") % data]
