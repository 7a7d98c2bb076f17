"""Every move of a break, behind its page of plain words."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ledger.accounts import queries as accounts
from ledger.doors.admin import Choices, ConfirmedAction, actor_of
from ledger.files import operations as files
from ledger.instruments import queries as instruments
from ledger.kernel.actors import Role
from ledger.kernel.transitions import allows, check_transition
from ledger.parties import queries as parties
from ledger.reconciliation import approvable, forms, models, operations, queries
from ledger.reconciliation.operations.corrections import payload_of
from ledger.reconciliation.states import TRANSITIONS, BreakKind, BreakState

OWNERS = (Role.CARBON_MANAGER, Role.APPROVER, Role.DATA_OFFICER)


def owner_choices(request: HttpRequest) -> Choices:
    """Who can look after a break: the party's own people."""
    actor, today = actor_of(request), timezone.localdate()
    ids = {
        row.user_id
        for role in OWNERS
        for row in parties.holders_of(role, on=today).filter(party_id=actor.own_party)
    }
    return sorted(((str(one), name) for one, name in parties.names_of(ids).items()), key=_name)


def _name(choice: tuple[str, str]) -> str:
    return choice[1]


class Assign(ConfirmedAction):
    name = "assign"
    title = gettext_lazy("Assign")
    operation = "reconciliation.assign_breaks"
    form_class = forms.Assign
    icon = "person_add"

    def is_offered(self, request: HttpRequest, obj: models.Break) -> bool:
        return obj.state != BreakState.CLOSED

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        return {"owner": owner_choices(request)}

    def describe(
        self, request: HttpRequest, obj: models.Break, data: Mapping[str, Any]
    ) -> list[str]:
        name = parties.name_of(data["owner"])
        return [
            approvable.sentence_of(obj),
            _("%(name)s looks after it from now on.") % {"name": name},
        ]

    def perform(
        self, request: HttpRequest, obj: models.Break, data: Mapping[str, Any], key: str
    ) -> str:
        operations.assign_breaks(
            break_ids=[obj.pk],
            owner_id=UUID(data["owner"]),
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("Assigned.")


class AssignMany(Assign):
    name = "assign_many"
    title = gettext_lazy("Assign many")
    form_class = forms.AssignMany

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        mine = accounts.accounts_of(actor_of(request).own_party)
        schemes = models.Break.objects.filter(account__in=mine).values_list("scheme", flat=True)
        return {
            "owner": owner_choices(request),
            "account": [(str(one.pk), str(one)) for one in mine],
            "scheme": [(one, instruments.scheme_name(one)) for one in sorted(set(schemes))],
        }

    @staticmethod
    def _meant(request: HttpRequest, data: Mapping[str, Any]) -> QuerySet[models.Break]:
        asked = {
            "kind": data["kind"],
            "account_id": data["account"],
            "scheme": data["scheme"],
            "vintage_year": data["vintage_year"],
        }
        mine = queries.breaks_of(actor_of(request).own_party).filter(state=BreakState.OPEN)
        return mine.filter(**{name: value for name, value in asked.items() if value})

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        count = self._meant(request, data).count()
        about = {"count": count, "name": parties.name_of(data["owner"])}
        return [
            ngettext(
                "%(count)s open break is assigned to %(name)s.",
                "%(count)s open breaks are assigned to %(name)s.",
                count,
            )
            % about
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.assign_breaks(
            break_ids=list(self._meant(request, data).values_list("pk", flat=True)),
            owner_id=UUID(data["owner"]),
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("Assigned.")


class _Note(ConfirmedAction):
    form_class = forms.Note

    def describe(
        self, request: HttpRequest, obj: models.Break, data: Mapping[str, Any]
    ) -> list[str]:
        return [approvable.sentence_of(obj), data["text"]]


class Comment(_Note):
    name = "comment"
    title = gettext_lazy("Comment")
    operation = "reconciliation.add_note"
    icon = "comment"

    def perform(
        self, request: HttpRequest, obj: models.Break, data: Mapping[str, Any], key: str
    ) -> str:
        operations.add_note(
            break_id=obj.pk, text=data["text"], by=actor_of(request), at=timezone.now()
        )
        return _("The comment is kept.")


class Explain(_Note):
    name = "explain"
    title = gettext_lazy("Explain")
    operation = "reconciliation.explain_break"
    icon = "help"

    def is_offered(self, request: HttpRequest, obj: models.Break) -> bool:
        return allows(check_transition, TRANSITIONS, obj.state, BreakState.EXPLAINED)

    def perform(
        self, request: HttpRequest, obj: models.Break, data: Mapping[str, Any], key: str
    ) -> str:
        operations.explain_break(
            break_id=obj.pk, text=data["text"], by=actor_of(request), at=timezone.now()
        )
        return _("Explained. It blocks until the difference is gone.")


class Attach(ConfirmedAction):
    name = "attach"
    title = gettext_lazy("Attach evidence")
    operation = "reconciliation.add_note"
    form_class = forms.Evidence
    icon = "attach_file"
    asks_first = False

    def perform(
        self, request: HttpRequest, obj: models.Break, data: Mapping[str, Any], key: str
    ) -> str:
        by, at = actor_of(request), timezone.now()
        stored = files.store_file(
            content=data["file"].file,
            name=data["file"].name,
            purpose="break",
            party_id=by.own_party,
            by=by,
            at=at,
        )
        operations.add_note(break_id=obj.pk, text=data["text"], file_id=stored.pk, by=by, at=at)
        return _("The file is kept with the break.")


class Correct(ConfirmedAction):
    name = "correct"
    title = gettext_lazy("Correct by an entry")
    operation = "reconciliation.propose_correction"
    form_class = forms.Correct
    icon = "edit_note"

    def is_offered(self, request: HttpRequest, obj: models.Break) -> bool:
        ready = obj.state in {BreakState.ASSIGNED, BreakState.EXPLAINED, BreakState.CORRECTING}
        return ready and obj.kind != BreakKind.ATTRIBUTE

    def choices(self, request: HttpRequest, obj: models.Break) -> Mapping[str, Choices]:
        return {
            "counter_account": queries.counter_choices(obj),
            "lot": queries.lot_choices(obj),
        }

    @staticmethod
    def _asked(data: Mapping[str, Any]) -> dict[str, UUID | None]:
        return {
            "counter_account_id": UUID(data["counter_account"])
            if data["counter_account"]
            else None,
            "lot_id": UUID(data["lot"]) if data["lot"] else None,
        }

    def _sentences(self, obj: models.Break, data: Mapping[str, Any], key: str) -> list[str]:
        payload = payload_of(obj.pk, data["reason"], key, **self._asked(data))
        return approvable.describe_correction(payload)

    def describe(
        self, request: HttpRequest, obj: models.Break, data: Mapping[str, Any]
    ) -> list[str]:
        operations.check_correction(break_id=obj.pk, by=actor_of(request), **self._asked(data))
        said = self._sentences(obj, data, "")
        return [
            *said,
            _("Nothing moves yet: this asks for an approval, and another person decides."),
        ]

    def perform(
        self, request: HttpRequest, obj: models.Break, data: Mapping[str, Any], key: str
    ) -> str:
        operations.propose_correction(
            break_id=obj.pk,
            reason=data["reason"],
            summary=self._sentences(obj, data, key),
            by=actor_of(request),
            at=timezone.now(),
            idempotency_key=key,
            **self._asked(data),
        )
        return _("The request waits for an approver. Nothing has moved yet.")


class Close(ConfirmedAction):
    name = "close"
    title = gettext_lazy("Close the break")
    operation = "reconciliation.close_break"
    form_class = forms.Reason
    icon = "check"

    def is_offered(self, request: HttpRequest, obj: models.Break) -> bool:
        return obj.state != BreakState.CLOSED and obj.vanished_at is not None

    def describe(
        self, request: HttpRequest, obj: models.Break, data: Mapping[str, Any]
    ) -> list[str]:
        return [
            approvable.sentence_of(obj),
            _("The newest comparison sees the difference no more. The break is closed."),
            _("It opens again by itself when the difference is seen again."),
        ]

    def perform(
        self, request: HttpRequest, obj: models.Break, data: Mapping[str, Any], key: str
    ) -> str:
        operations.close_break(
            break_id=obj.pk, reason=data["reason"], by=actor_of(request), at=timezone.now()
        )
        return _("The break is closed.")
