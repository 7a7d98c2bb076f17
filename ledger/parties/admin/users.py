"""Logins: invited, given roles, left."""

from collections.abc import Mapping
from typing import Any

from axes.utils import reset as end_lock_out
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.doors.admin import ReadOnlyAdmin, site
from ledger.kernel.actors import Role
from ledger.parties import mail, operations, queries, rules
from ledger.parties.admin.acts import KEEPERS, Act
from ledger.parties.forms import InviteForm, ReasonForm, RoleForm
from ledger.parties.models import RoleName, User


def _mail_invitation(request: Any, user: User) -> None:
    site = f"{request.scheme}://{request.get_host()}"
    mail.ask_for_link(user=user, occasion="invitation", site=site, at=request.at)


class Invite(Act):
    name, title, icon = "invite", gettext_lazy("Invite a user"), "person_add"
    operation = "parties.invite_user"
    form_class = InviteForm

    def describe(self, request: HttpRequest, obj: None, data: Mapping[str, Any]) -> list[str]:
        first = _("%(name)s gets a login and a mail to %(email)s with a link to choose a password.")
        return [first % data, _("Without a role the login can do nothing; grant one afterwards.")]

    def perform(self, request: HttpRequest, obj: None, data: Mapping[str, Any], key: str) -> str:
        with transaction.atomic():  # the login and its mail, both or neither
            user = operations.invite_user(**data, **self.who_and_when(request))
            _mail_invitation(request, user)
        return _("%(name)s is invited.") % {"name": user.name}


class OnActiveUser(Act):
    def is_offered(self, request: HttpRequest, obj: User) -> bool:
        return obj.is_active


class InviteAgain(OnActiveUser):
    name, title, icon = "invite-again", gettext_lazy("Send the link again"), "mail"
    operation = "parties.invite_user"

    def describe(self, request: HttpRequest, obj: User, data: Mapping[str, Any]) -> list[str]:
        return [_("%(email)s gets a new link to choose a password.") % {"email": obj.email}]

    def perform(self, request: HttpRequest, obj: User, data: Mapping[str, Any], key: str) -> str:
        _mail_invitation(request, obj)
        return _("The link is on its way.")


class GrantRole(OnActiveUser):
    name, title, icon = "grant", gettext_lazy("Grant a role"), "badge"
    operation = "parties.grant_role"
    form_class = RoleForm

    def describe(self, request: HttpRequest, obj: User, data: Mapping[str, Any]) -> list[str]:
        line = _("%(name)s may act as “%(role)s” for %(party)s from %(day)s.")
        sentences = [
            line
            % {
                "name": obj.name,
                "role": RoleName(data["role"]).label,
                "party": queries.shown_name(data["party"]),
                "day": data["valid_from"],
            }
        ]
        if Role(data["role"]) in rules.NEEDS_SECOND_FACTOR:
            sentences.append(_("This role asks for a second factor at the next sign-in."))
        return sentences

    def perform(self, request: HttpRequest, obj: User, data: Mapping[str, Any], key: str) -> str:
        operations.grant_role(
            user_id=obj.id,
            party_id=data["party"].id,
            role=data["role"],
            valid_from=data["valid_from"],
            valid_to=data["valid_to"],
            **self.who_and_when(request),
        )
        return _("The role is granted.")


class Deactivate(OnActiveUser):
    name, title, icon = "leave", gettext_lazy("Leaves"), "person_off"
    operation = "parties.deactivate_user"
    form_class = ReasonForm
    dangerous = True

    def describe(self, request: HttpRequest, obj: User, data: Mapping[str, Any]) -> list[str]:
        return [
            _("The login of %(name)s closes now and for good.") % {"name": obj.name},
            _("Every session ends, every role and every deputy of these roles with it."),
            _("What this person has asked for cannot be approved any more."),
        ]

    def perform(self, request: Any, obj: User, data: Mapping[str, Any], key: str) -> str:
        operations.deactivate_user(
            user_id=obj.id,
            on=timezone.localdate(request.at),
            reason=data["reason"],
            **self.who_and_when(request),
        )
        return _("%(name)s has left.") % {"name": obj.name}


class ResetSecondFactor(OnActiveUser):
    name, title, icon = "reset-factor", gettext_lazy("Take the second factor away"), "phonelink_off"
    operation = "parties.reset_second_factor"
    form_class = ReasonForm
    dangerous = True

    def describe(self, request: HttpRequest, obj: User, data: Mapping[str, Any]) -> list[str]:
        return [
            _("The authenticator app and the recovery codes of %(name)s stop working.")
            % {"name": obj.name},
            _("Every session ends. At the next sign-in a new second factor is set up."),
            _("Make sure that it is really this person who asks."),
        ]

    def perform(self, request: HttpRequest, obj: User, data: Mapping[str, Any], key: str) -> str:
        reason = data["reason"]
        operations.reset_second_factor(user_id=obj.id, reason=reason, **self.who_and_when(request))
        return _("The second factor is gone.")


class EndLockOut(OnActiveUser):
    name, title, icon = "unlock", gettext_lazy("End the lock-out"), "lock_open"
    operation = "parties.end_lock_out"

    def describe(self, request: HttpRequest, obj: User, data: Mapping[str, Any]) -> list[str]:
        return [_("Failed attempts are forgotten; %(name)s may try again.") % {"name": obj.name}]

    def perform(self, request: HttpRequest, obj: User, data: Mapping[str, Any], key: str) -> str:
        operations.end_lock_out(user_id=obj.id, **self.who_and_when(request))
        end_lock_out(username=obj.email)
        return _("The lock-out is over.")


@admin.register(User, site=site)
class UserAdmin(ReadOnlyAdmin):
    readers = KEEPERS
    list_actions = (Invite,)
    confirmed_actions = (GrantRole, InviteAgain, EndLockOut, ResetSecondFactor, Deactivate)
    list_display = ("name", "email", "is_active", "last_login", "left_at")
    list_filter = ("is_active",)
    search_fields = ("name", "email")
    ordering = ("name",)
    fields = ("name", "email", "is_active", "language", "last_login", "left_at")
    export_fields = ("id", "name", "email", "is_active", "last_login", "left_at")

    def object_context(self, request: HttpRequest, obj: User | None) -> dict[str, Any]:
        if obj is None:
            return {}
        rows = [
            (
                queries.shown_name(one.party),
                one.get_role_display(),
                one.valid_from,
                one.valid_to or "–",
                one.deputy_for.user.name if one.deputy_for else "–",
            )
            for one in obj.memberships.select_related("party", "deputy_for__user").order_by("id")
        ]
        headings = [_("Party"), _("Role"), _("From"), _("Until before"), _("Deputy of")]
        return {"related": [{"title": _("Roles"), "headings": headings, "rows": rows}]}
