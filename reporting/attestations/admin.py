from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.doors.admin import Choices, ConfirmedAction, ReadOnlyAdmin, actor_of, site
from ledger.kernel.actors import Actor, Role
from ledger.kernel.errors import DomainError
from ledger.parties import queries as parties
from reporting.attestations import forms, operations, queries
from reporting.attestations.models import Attestation, Language
from reporting.attestations.states import AttestationState

COLOURS = {
    AttestationState.CURRENT: "success",
    AttestationState.SUPERSEDED: "warning",
    AttestationState.REVOKED: "danger",
}


def _name_of(hold: Any) -> str:
    said = _("%(count)s units of %(lot)s in account %(account)s, for %(bank)s")
    return said % {
        "count": hold.controlled_count,
        "lot": hold.lot.code,
        "account": hold.account.number,
        "bank": parties.name_of(hold.in_favour_of),
    }


class Attest(ConfirmedAction):
    name, title = "attest", gettext_lazy("Attest a pledge")
    operation = "attestations.issue_attestation"
    form_class = forms.AttestForm
    icon = "verified_user"

    def initial(self, request: HttpRequest, obj: Any) -> Mapping[str, Any]:
        return {"hold_id": request.GET.get("hold", "")}

    def choices(self, request: HttpRequest, obj: Any) -> Mapping[str, Choices]:
        found = queries.pledges_to_attest(actor_of(request))
        return {"hold_id": [(str(one.pk), _name_of(one)) for one in found]}

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        return [
            _("The pledge as it stands now is stated, proved and signed by the ledger's key."),
            _("The attestation supersedes the former ones of this pledge. Nothing else changes."),
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        made = operations.attest(
            hold_id=UUID(data["hold_id"]),
            by=actor_of(request),
            at=timezone.now(),
            idempotency_key=key,
        )
        return _("Attestation %(number)s was issued.") % {"number": made.number}


class PrintIt(ConfirmedAction):
    name, title = "print", gettext_lazy("Make the signed PDF")
    operation = "attestations.request_print"
    form_class = forms.PrintForm
    icon = "picture_as_pdf"

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        said = _("A job prints the attestation in %(language)s and signs every byte of the file.")
        return [said % {"language": Language(data["language"]).label}]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.request_print(
            attestation_id=obj.pk,
            language=data["language"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return _("The PDF is being made; its job shows how far it has come.")


class Revoke(ConfirmedAction):
    name, title = "revoke", gettext_lazy("Revoke the attestation")
    operation = "attestations.revoke_attestation"
    form_class = forms.RevokeForm
    icon = "block"
    dangerous = True

    def is_offered(self, request: HttpRequest, obj: Any) -> bool:
        return queries.state_of(obj) != AttestationState.REVOKED

    def describe(self, request: HttpRequest, obj: Any, data: Mapping[str, Any]) -> list[str]:
        return [
            _("Whoever checks %(number)s is told that it was revoked.") % {"number": obj.number}
        ]

    def perform(self, request: HttpRequest, obj: Any, data: Mapping[str, Any], key: str) -> str:
        operations.revoke_attestation(
            attestation_id=obj.pk, reason=data["reason"], by=actor_of(request), at=timezone.now()
        )
        return _("The attestation was revoked.")


@admin.register(Attestation, site=site)
class AttestationAdmin(ReadOnlyAdmin):
    list_display = ("number", "show_state", "creditor_id", "debtor_id", "unit_count", "issued_at")
    list_filter = ("issued_at",)
    search_fields = ("number", "sha256", "hold_id")
    list_actions = (Attest,)
    confirmed_actions = (PrintIt, Revoke)
    readers = frozenset({Role.BANK_OFFICER, Role.CARBON_MANAGER, Role.APPROVER, Role.AUDITOR})
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "number",
                    "show_worth",
                    "creditor_id",
                    "debtor_id",
                    "unit_count",
                    "issued_at",
                    "issued_by",
                )
            },
        ),
        (
            gettext_lazy("Proof"),
            {"fields": ("checkpoint_size", "sha256", "show_before", "show_revocation")},
        ),
        (None, {"fields": ("hold_id",)}),
    )
    readonly_fields = ("show_worth", "show_before", "show_revocation")

    def scope(self, queryset: QuerySet[Attestation], actor: Actor) -> QuerySet[Attestation]:
        return queryset.filter(pk__in=queries.attestations_for(actor).values("pk"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attestation]:
        return super().get_queryset(request).defer("document")

    def ask_once(self, rows: list[Any]) -> None:
        """What each is worth today."""
        known = queries.states_of(rows)
        for row in rows:
            row.states_of_page = known

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<uuid:attestation_id>/file.<str:form>",
            self.admin_site.admin_view(self.download),
            name="reporting_attestations_attestation_file",
        )
        return [own, *super().get_urls()]

    def download(self, request: HttpRequest, attestation_id: UUID, form: str) -> HttpResponse:
        """The JSON or a PDF; each download is on record."""
        try:
            name, content = operations.take_away(
                attestation_id=attestation_id, form=form, by=actor_of(request), at=timezone.now()
            )
        except DomainError as error:
            raise Http404 from error
        kind = "application/json" if form == "json" else "application/pdf"
        response = HttpResponse(content, content_type=kind)
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def object_context(self, request: HttpRequest, obj: Attestation | None) -> dict[str, Any]:
        if obj is None:
            return {}
        pledge = reverse("admin:ledger_holds_hold_change", args=[obj.hold_id])
        return {"links": [*queries.links_of(obj), (_("The pledge"), pledge)]}

    @display(description=gettext_lazy("worth today"), label=COLOURS)
    def show_state(self, row: Attestation) -> tuple[str, str]:
        known: dict[UUID, AttestationState] = row.__dict__.get("states_of_page", {})
        state = known.get(row.pk) or queries.state_of(row)
        return state.value, str(state.label)

    @display(description=gettext_lazy("worth today"))
    def show_worth(self, row: Attestation) -> str:
        return str(queries.state_of(row).label)

    @display(description=gettext_lazy("supersedes"))
    def show_before(self, row: Attestation) -> str:
        return queries.number_of(row.supersedes_id)

    @display(description=gettext_lazy("revoked"))
    def show_revocation(self, row: Attestation) -> str:
        return queries.why_revoked(row)
