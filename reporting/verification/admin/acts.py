"""Acts of the desk on engagements, findings and requests."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.doors.admin import Choices, ConfirmedAction, actor_of
from ledger.kernel.errors import NotFound
from ledger.kernel.periods import Period
from ledger.kernel.transitions import allows, check_transition
from ledger.parties import queries as parties
from reporting.parks import queries as parks
from reporting.verification import forms, models, operations, queries
from reporting.verification.states import (
    ENGAGEMENT_MOVES,
    FINDING_MOVES,
    REQUEST_MOVES,
    AssuranceLevel,
    EngagementState,
    FindingKind,
    FindingState,
    OpinionKind,
    RequestState,
)


class Open(ConfirmedAction):
    name, title = "open", gettext_lazy("Engage a verifier")
    operation = "verification.open_engagement"
    form_class = forms.EngagementForm
    icon = "handshake"

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        return {"park_code": parks.park_choices(actor_of(request))}

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        names = {"verifier": parties.shown_name(data["verifier"]), "year": str(data["year"])}
        return [
            _("%(verifier)s is engaged to verify the inventory of %(year)s.") % names,
            _("The verifier will be able to read that inventory and raise findings."),
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        park = parks.find_park(data["park_code"])
        if park is None:
            raise NotFound
        operations.open_engagement(
            park_id=park.id,
            period=Period.year(data["year"]),
            verifier_id=data["verifier"].pk,
            criteria=data["criteria"],
            level=AssuranceLevel(data["level"]),
            scope=data["scope"],
            accreditation=data["accreditation"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("The engagement was opened.")


class _OfEngagement(ConfirmedAction):
    """An act that an engagement's state must allow."""

    to: EngagementState

    def is_offered(self, request: HttpRequest, obj: models.Engagement) -> bool:
        return allows(check_transition, ENGAGEMENT_MOVES, obj.state, self.to)


class Declare(_OfEngagement):
    name, title = "declare", gettext_lazy("Declare independence")
    operation = "verification.declare_independence"
    form_class = forms.StatementForm
    to = EngagementState.ACTIVE
    icon = "verified_user"

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        return [_("Your declaration is recorded and the work begins."), data["statement"]]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.declare_independence(
            engagement_id=obj.pk,
            statement=data["statement"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("Declared.")


class Raise(_OfEngagement):
    name, title = "raise", gettext_lazy("Raise a finding")
    operation = "verification.raise_finding"
    form_class = forms.FindingForm
    to = EngagementState.CONCLUDED
    icon = "flag"

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        return [_("The operator will see this finding and must answer it."), data["text"]]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.raise_finding(
            engagement_id=obj.pk,
            kind=FindingKind(data["kind"]),
            text=data["text"],
            effect_tco2e=data["effect_tco2e"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("The finding was raised.")


class GiveOpinion(_OfEngagement):
    name, title = "opinion", gettext_lazy("Give an opinion signed on paper")
    operation = "verification.give_opinion"
    form_class = forms.OpinionForm
    to = EngagementState.CONCLUDED
    icon = "gavel"

    def choices(self, request: HttpRequest, obj: models.Engagement) -> Mapping[str, Choices]:
        found = queries.frozen_inventories(obj)
        return {"content_hash": [(one.content_hash, one.content_hash) for one in found]}

    def initial(self, request: HttpRequest, obj: models.Engagement) -> Mapping[str, Any]:
        found = queries.frozen_inventories(obj)
        return {"content_hash": found[0].content_hash} if found else {}

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        kind = dict(models.OpinionKindChoice.choices)[data["kind"]]
        return [
            _("Your opinion: %(kind)s") % {"kind": kind},
            _("It binds to this content and its dataset: %(hash)s")
            % {"hash": data["content_hash"]},
            _("It cannot be changed. If the data changes later, it is shown as superseded."),
            _("To sign with a certificate of your own, prepare it in the verifier's room instead."),
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.give_opinion(
            engagement_id=obj.pk,
            kind=OpinionKind(data["kind"]),
            content_hash=data["content_hash"],
            text=data["text"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("The opinion was given.")


class _OfFinding(ConfirmedAction):
    to: FindingState

    def is_offered(self, request: HttpRequest, obj: models.Finding) -> bool:
        return allows(check_transition, FINDING_MOVES, obj.state, self.to)


class AnswerFinding(_OfFinding):
    name, title = "answer", gettext_lazy("Answer")
    operation = "verification.answer_finding"
    form_class = forms.AnswerForm
    to = FindingState.ANSWERED
    icon = "reply"

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        return [_("The verifier will see your answer."), data["answer"]]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.answer_finding(
            finding_id=obj.pk, answer=data["answer"], by=actor_of(request), at=timezone.now()
        )
        return _("Answered.")


class CloseFinding(_OfFinding):
    name, title = "close", gettext_lazy("Close")
    operation = "verification.close_finding"
    form_class = forms.CloseForm
    to = FindingState.CLOSED
    icon = "task_alt"

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        corrected = _("It is closed as corrected.")
        standing = _("It is closed uncorrected and weighed against materiality.")
        return [corrected if data["is_corrected"] else standing, data["conclusion"]]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.close_finding(
            finding_id=obj.pk,
            is_corrected=data["is_corrected"],
            conclusion=data["conclusion"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("Closed.")


class Withdraw(_OfEngagement):
    name, title = "withdraw", gettext_lazy("Withdraw the engagement")
    operation = "verification.withdraw_engagement"
    form_class = forms.ReasonForm
    to = EngagementState.WITHDRAWN
    icon = "cancel"
    dangerous = True

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        return [
            _("The engagement ends without an opinion; the verifier reads nothing more."),
            data["reason"],
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.withdraw_engagement(
            engagement_id=obj.pk, reason=data["reason"], by=actor_of(request), at=timezone.now()
        )
        return _("The engagement was withdrawn.")


class TellFact(ConfirmedAction):
    name, title = "later-fact", gettext_lazy("Tell a fact discovered later")
    operation = "verification.tell_later_fact"
    form_class = forms.FactForm
    icon = "new_releases"

    def is_offered(self, request: HttpRequest, obj: models.Engagement) -> bool:
        return queries.standing_opinion(obj) is not None

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        return [
            _("The verifier is told and decides whether her opinion still stands."),
            data["text"],
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.tell_later_fact(
            engagement_id=obj.pk, text=data["text"], by=actor_of(request), at=timezone.now()
        )
        return _("The verifier was told.")


class AnswerRequest(ConfirmedAction):
    name, title = "answer", gettext_lazy("Answer with evidence")
    operation = "verification.answer_request"
    form_class = forms.ReplyForm
    icon = "reply"
    asks_first = False  # a file cannot travel through the confirm page

    def is_offered(self, request: HttpRequest, obj: models.Request) -> bool:
        return allows(check_transition, REQUEST_MOVES, obj.state, RequestState.ANSWERED)

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        return [_("The verifier will see your answer and its files.")]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.answer_request(
            request_id=obj.pk,
            text=data["text"],
            attachments=forms.attachments_in(data),
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("Answered.")
