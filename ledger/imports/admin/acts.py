"""Acts on an import: taken in, undone, checked again, told of, lines set aside, discarded."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.approvals import operations as approvals
from ledger.approvals import queries as asked
from ledger.doors.admin import Choices, ConfirmedAction, actor_of
from ledger.doors.wording import number_format
from ledger.imports import approvable, forms, models, operations, queries
from ledger.imports.operations import deciding
from ledger.imports.operations.deciding import check_may_commit
from ledger.imports.rules import get_target
from ledger.imports.states import TRANSITIONS, ImportState
from ledger.kernel.actors import Actor, Role
from ledger.kernel.transitions import allows, check_transition


class _Step(ConfirmedAction):
    """An act that the table of moves allows now."""

    to: ImportState
    sentence: Any = ""

    def is_offered(self, request: HttpRequest, obj: models.Import) -> bool:
        return allows(check_transition, TRANSITIONS, obj.state, self.to)

    def describe(
        self, request: HttpRequest, obj: models.Import, data: Mapping[str, Any]
    ) -> list[str]:
        return [obj.file_name, str(self.sentence)]


def _waits(
    request: HttpRequest, name: str, row: models.Import, payload: dict[str, Any], said: list[str]
) -> bool:
    """Whether others decide now, by the party's thresholds; if not, the job has been asked for."""
    actor = actor_of(request)
    if not get_target(row.target).is_approved:
        approvable.JOBS[name](payload, by=actor, at=timezone.now(), approval_id=None)
        return False
    proposal = approvals.propose(
        operation=name, payload=payload, summary=said, party_id=actor.own_party, by=actor,
        at=timezone.now(),
    )  # fmt: skip
    return proposal.approval is not None


WAITS = gettext_lazy("The request waits for an approver. Nothing has been written yet.")


def _who_decides(request: HttpRequest, name: str, row: models.Import) -> list[str]:
    if not get_target(row.target).is_approved:
        return []
    payload = approvable.payload_of(row)
    return [asked.who_decides(name, payload, by=actor_of(request), at=timezone.now())]


class TakeIn(_Step):
    name, title, operation = "take-in", gettext_lazy("Take into the books"), approvable.COMMIT
    to = ImportState.COMMITTING
    icon = "download_done"

    def describe(
        self, request: HttpRequest, obj: models.Import, data: Mapping[str, Any]
    ) -> list[str]:
        check_may_commit(obj)
        return [*approvable.sentences_of(obj), *_who_decides(request, self.operation, obj)]

    def perform(
        self, request: HttpRequest, obj: models.Import, data: Mapping[str, Any], key: str
    ) -> str:
        check_may_commit(obj)
        payload = approvable.payload_of(obj, key=key)
        if _waits(request, self.operation, obj, payload, approvable.sentences_of(obj)):
            return str(WAITS)
        return _("The file is being taken in.")


class Undo(_Step):
    name, title, operation = "undo", gettext_lazy("Undo"), approvable.UNDO
    to = ImportState.UNDOING
    icon = "undo"
    dangerous = True
    form_class = forms.ReasonForm

    def may(self, actor: Actor) -> bool:
        """A carbon manager may ask for what only an approver lets happen."""
        return actor.has(Role.CARBON_MANAGER) or super().may(actor)

    def describe(
        self, request: HttpRequest, obj: models.Import, data: Mapping[str, Any]
    ) -> list[str]:
        said = approvable.describe_undo(approvable.payload_of(obj, reason=data["reason"]))
        return [*said, *_who_decides(request, self.operation, obj)]

    def perform(
        self, request: HttpRequest, obj: models.Import, data: Mapping[str, Any], key: str
    ) -> str:
        payload = approvable.payload_of(obj, key=key, reason=data["reason"])
        said = approvable.describe_undo(payload)
        if _waits(request, self.operation, obj, payload, said):
            return str(WAITS)
        return _("The import is being undone.")


class CheckAgain(_Step):
    name, title = "check", gettext_lazy("Check again")
    operation = "imports.check_again"
    to = ImportState.STAGING
    icon = "refresh"
    sentence = gettext_lazy("The lines are compared with the books as they are now.")

    def is_offered(self, request: HttpRequest, obj: models.Import) -> bool:
        return obj.is_staged and super().is_offered(request, obj)

    def perform(
        self, request: HttpRequest, obj: models.Import, data: Mapping[str, Any], key: str
    ) -> str:
        operations.check_again(import_id=obj.pk, by=actor_of(request), at=timezone.now())
        return _("The file is being checked.")


class Tell(CheckAgain):
    """Who an unknown giver is, and of which vintage lines are that name none: never guessed."""

    name, title = "tell", gettext_lazy("Say what the file leaves open")
    operation = "imports.tell_of_lines"
    icon = "contact_support"
    form_class = forms.TellForm

    def is_offered(self, request: HttpRequest, obj: models.Import) -> bool:
        return get_target(obj.target).outside is not None and super().is_offered(request, obj)

    def choices(self, request: HttpRequest, obj: models.Import) -> Mapping[str, Choices]:
        outside = get_target(obj.target).outside
        opened = _("an account outside our books, opened when the file is taken in")
        known = outside(actor_of(request)) if outside else ()
        return {
            "number": [(one, one) for one in queries.unknown_givers(obj)],
            "account": [(deciding.OPEN, opened), *known],
        }

    @staticmethod
    def _givers(obj: models.Import, data: Mapping[str, Any]) -> dict[str, str]:
        if not data["account"]:
            return {}
        chosen = [data["number"]] if data["number"] else queries.unknown_givers(obj)
        return dict.fromkeys(chosen, data["account"])

    def describe(
        self, request: HttpRequest, obj: models.Import, data: Mapping[str, Any]
    ) -> list[str]:
        names = dict(self.choices(request, obj)["account"])
        said = [
            _("%(number)s is: %(account)s.") % {"number": number, "account": names[account]}
            for number, account in self._givers(obj, data).items()
        ]
        if data["vintage_year"] is not None:
            year = {"year": str(data["vintage_year"])}
            said.append(_("Lines that name no vintage are of %(year)s.") % year)
        return [*said, _("All lines are checked again.")]

    def perform(
        self, request: HttpRequest, obj: models.Import, data: Mapping[str, Any], key: str
    ) -> str:
        operations.tell_of_lines(
            import_id=obj.pk, givers=self._givers(obj, data), vintage_year=data["vintage_year"],
            by=actor_of(request), at=timezone.now(),
        )  # fmt: skip
        return _("The file is being checked.")


class SetAside(CheckAgain):
    name, title = "set-aside", gettext_lazy("Set lines aside")
    operation = "imports.set_aside_lines"
    icon = "playlist_remove"
    form_class = forms.SetAsideForm

    def describe(
        self, request: HttpRequest, obj: models.Import, data: Mapping[str, Any]
    ) -> list[str]:
        chosen = self._lines(obj, data)
        count = len(chosen) or queries.standing_problems(obj).filter(is_blocking=True).count()
        return [
            _("%(count)s lines are left out; they stay in the import, with their problems.")
            % {"count": number_format(count)},
            _("Reason: %(reason)s.") % {"reason": data["reason"]},
            _("The rest is checked again."),
        ]

    @staticmethod
    def _lines(obj: models.Import, data: Mapping[str, Any]) -> list[tuple[int, int]]:
        wanted = Q()
        for first, last in data["rows"]:
            wanted |= Q(row_number__gte=first, row_number__lte=last)
        if not data["rows"]:
            return []
        rows = models.ImportRow.objects.filter(wanted, import_id=obj.pk)
        return list(rows.order_by("row_number", "line").values_list("row_number", "line"))

    def perform(
        self, request: HttpRequest, obj: models.Import, data: Mapping[str, Any], key: str
    ) -> str:
        count = operations.set_aside_lines(
            import_id=obj.pk, lines=self._lines(obj, data), reason=data["reason"],
            by=actor_of(request), at=timezone.now(),
        )  # fmt: skip
        return _("%(count)s lines are set aside.") % {"count": count}


class Discard(_Step):
    name, title = "discard", gettext_lazy("Discard")
    operation = "imports.discard_import"
    to = ImportState.DISCARDED
    icon = "delete"
    dangerous = True
    form_class = forms.ReasonForm
    sentence = gettext_lazy("The file is put aside; nothing of it is in the books.")

    def perform(
        self, request: HttpRequest, obj: models.Import, data: Mapping[str, Any], key: str
    ) -> str:
        operations.discard_import(
            import_id=obj.pk, reason=data["reason"], by=actor_of(request), at=timezone.now()
        )
        return _("The import is discarded.")


class Upload(ConfirmedAction):
    """A link above the list: the upload has a page of its own."""

    name, title, operation = "upload", gettext_lazy("Import a file"), "imports.upload_file"
    icon = "upload_file"
