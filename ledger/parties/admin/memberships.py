"""Who holds which role, and who stands in."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.doors.admin import ReadOnlyAdmin, actor_of, site
from ledger.kernel.actors import Actor, Role
from ledger.parties import operations
from ledger.parties.admin.acts import NOBODY, Act
from ledger.parties.forms import DeputyForm, ReasonForm
from ledger.parties.models import Membership


class OnHeldRole(Act):
    def is_offered(self, request: Any, obj: Membership) -> bool:
        return obj.valid_to is None or obj.valid_to > timezone.localdate(request.at)


class RevokeRole(OnHeldRole):
    name, title, icon = "revoke", gettext_lazy("End the role"), "block"
    operation = "parties.revoke_role"
    form_class = ReasonForm
    dangerous = True

    def describe(self, request: HttpRequest, obj: Membership, data: Mapping[str, Any]) -> list[str]:
        return [_("From today: no longer %(role)s.") % {"role": str(obj)}]

    def perform(self, request: Any, obj: Membership, data: Mapping[str, Any], key: str) -> str:
        operations.revoke_role(
            membership_id=obj.id,
            on=timezone.localdate(request.at),
            reason=data["reason"],
            **self.who_and_when(request),
        )
        return _("The role has ended.")


class AppointDeputy(OnHeldRole):
    name, title, icon = "deputy", gettext_lazy("Appoint a deputy"), "supervisor_account"
    operation = "parties.appoint_deputy"
    form_class = DeputyForm

    def is_offered(self, request: Any, obj: Membership) -> bool:
        actor = actor_of(request)
        hers = obj.user_id == actor.user_id or actor.has(Role.ADMINISTRATOR)
        return obj.deputy_for_id is None and hers and super().is_offered(request, obj)

    def describe(self, request: HttpRequest, obj: Membership, data: Mapping[str, Any]) -> list[str]:
        line = _("%(deputy)s stands in for: %(role)s, from %(first)s until before %(last)s.")
        return [
            line
            % {
                "deputy": data["user"],
                "role": str(obj),
                "first": data["valid_from"],
                "last": data["valid_to"],
            },
            _("What she does is shown as done by her, not by the holder."),
        ]

    def perform(self, request: Any, obj: Membership, data: Mapping[str, Any], key: str) -> str:
        operations.appoint_deputy(
            membership_id=obj.id,
            user_id=data["user"].id,
            valid_from=data["valid_from"],
            valid_to=data["valid_to"],
            **self.who_and_when(request),
        )
        return _("The deputy is appointed.")


@admin.register(Membership, site=site)
class MembershipAdmin(ReadOnlyAdmin):
    confirmed_actions = (AppointDeputy, RevokeRole)
    list_display = ("user", "role", "party", "valid_from", "valid_to", "standing_in")
    # only parties that the reader sees rows of: a plain filter would name everybody
    list_filter = ("role", ("party", admin.RelatedOnlyFieldListFilter))
    search_fields = ("user__name", "party__name_zh")
    list_select_related = ("user", "party", "deputy_for__user")
    ordering = ("-valid_from",)
    fields = ("user", "role", "party", "valid_from", "valid_to", "standing_in")

    def scope(self, queryset: QuerySet[Membership], actor: Actor) -> QuerySet[Membership]:
        return queryset.filter(party_id=actor.party_id or NOBODY)

    @display(description=gettext_lazy("deputy of"))
    def standing_in(self, obj: Membership) -> str:
        return obj.deputy_for.user.name if obj.deputy_for else "–"
