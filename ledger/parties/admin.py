"""Parties, people and machines: looked at here, changed by confirmed acts."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from axes.utils import reset as end_lock_out
from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from ledger.doors.admin import ConfirmedAction, ReadOnlyAdmin, actor_of, site
from ledger.kernel.actors import Actor, Role
from ledger.parties import mail, operations, queries, rules
from ledger.parties.forms import (
    ApiClientForm,
    DeputyForm,
    ExpiryForm,
    InviteForm,
    PartyForm,
    ReasonForm,
    RoleForm,
)
from ledger.parties.models import ApiClient, Membership, Party, RoleName, User

NOBODY = UUID(int=0)
KEEPERS = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})


def _mail_invitation(request: Any, user: User) -> None:
    site = f"{request.scheme}://{request.get_host()}"
    mail.ask_for_link(user=user, occasion="invitation", site=site, at=request.at)


class Act(ConfirmedAction):
    """An act of this room."""

    def who_and_when(self, request: Any) -> dict[str, Any]:
        return {"by": actor_of(request), "at": request.at}


# --- parties


class RegisterParty(Act):
    name, title, icon = "register", gettext_lazy("Register a party"), "domain_add"
    operation = "parties.register_party"
    form_class = PartyForm

    def describe(self, request: HttpRequest, obj: None, data: Mapping[str, Any]) -> list[str]:
        kind = Party.Kind(data["kind"]).label
        line = _("“%(name)s” (%(kind)s) is taken into the books.")
        return [line % {"name": data["name_zh"], "kind": kind}]

    def perform(self, request: HttpRequest, obj: None, data: Mapping[str, Any], key: str) -> str:
        party = operations.register_party(**data, **self.who_and_when(request))
        return _("“%(name)s” is registered.") % {"name": party.name_zh}


class ChangeParty(Act):
    name, title, icon = "change", gettext_lazy("Correct names and codes"), "edit"
    operation = "parties.change_party"
    form_class = PartyForm

    def initial(self, request: HttpRequest, obj: Party) -> Mapping[str, Any]:
        return {name: getattr(obj, name) for name in PartyForm.base_fields}

    def describe(self, request: HttpRequest, obj: Party, data: Mapping[str, Any]) -> list[str]:
        labels = PartyForm.base_fields
        line = _("%(field)s: from “%(old)s” to “%(new)s”")
        return [
            line % {"field": labels[name].label, "old": getattr(obj, name), "new": value}
            for name, value in data.items()
            if name != "kind" and getattr(obj, name) != value
        ] or [_("Nothing changes.")]

    def perform(self, request: HttpRequest, obj: Party, data: Mapping[str, Any], key: str) -> str:
        new = {name: value for name, value in data.items() if name != "kind"}
        operations.change_party(party_id=obj.id, **new, **self.who_and_when(request))
        return _("Changed; the former entry stays in the log.")


@admin.register(Party, site=site)
class PartyAdmin(ReadOnlyAdmin):
    list_actions = (RegisterParty,)
    confirmed_actions = (ChangeParty,)
    list_display = ("name_zh", "name_en", "kind", "uscc", "region")
    list_filter = ("kind",)
    search_fields = ("name_zh", "name_en", "uscc")
    ordering = ("name_zh",)
    fields = ("name_zh", "name_en", "kind", "uscc", "region")

    def scope(self, queryset: QuerySet[Party], actor: Actor) -> QuerySet[Party]:
        """Those who deal with others see whom they can deal with; outsiders only themselves."""
        if actor.has(Role.CARBON_MANAGER, Role.APPROVER, Role.FUND_MANAGER):
            return queryset
        return queryset.filter(id=actor.party_id or NOBODY)

    def object_context(self, request: HttpRequest, obj: Party | None) -> dict[str, Any]:
        if obj is None or not actor_of(request).has(*KEEPERS):
            return {}
        rows = [
            (one.user.name, one.get_role_display(), one.valid_from, one.valid_to or "–")
            for one in obj.memberships.select_related("user").order_by("valid_from", "id")
        ]
        headings = [_("User"), _("Role"), _("From"), _("Until before")]
        return {"related": [{"title": _("Roles"), "headings": headings, "rows": rows}]}


# --- users


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


# --- memberships


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
    list_filter = ("role", "party")
    search_fields = ("user__name", "party__name_zh")
    list_select_related = ("user", "party", "deputy_for__user")
    ordering = ("-valid_from",)
    fields = ("user", "role", "party", "valid_from", "valid_to", "standing_in")

    def scope(self, queryset: QuerySet[Membership], actor: Actor) -> QuerySet[Membership]:
        return queryset.filter(party_id=actor.party_id or NOBODY)

    @display(description=gettext_lazy("deputy of"))
    def standing_in(self, obj: Membership) -> str:
        return obj.deputy_for.user.name if obj.deputy_for else "–"


# --- machines


class MakeApiClient(Act):
    name, title, icon = "make", gettext_lazy("Make an API client"), "key"
    operation = "parties.make_api_client"
    form_class = ApiClientForm

    def describe(self, request: HttpRequest, obj: None, data: Mapping[str, Any]) -> list[str]:
        line = _("A machine “%(name)s” may act as “%(role)s” for %(party)s until %(day)s.")
        return [
            line
            % {
                "name": data["name"],
                "role": RoleName(data["role"]).label,
                "party": queries.shown_name(data["party"]),
                "day": data["expires_at"],
            },
            _("Its secret is shown once, on the next page."),
        ]

    def perform(self, request: HttpRequest, obj: None, data: Mapping[str, Any], key: str) -> str:
        client, secret = operations.make_api_client(
            party_id=data["party"].id,
            name=data["name"],
            role=data["role"],
            scopes=data["scopes"],
            expires_at=data["expires_at"],
            **self.who_and_when(request),
        )
        return _secret_sentence(client, secret)


class OnLiveClient(Act):
    def is_offered(self, request: HttpRequest, obj: ApiClient) -> bool:
        return obj.revoked_at is None


class RotateSecret(OnLiveClient):
    name, title, icon = "rotate", gettext_lazy("New secret"), "autorenew"
    operation = "parties.rotate_api_secret"
    form_class = ExpiryForm

    def describe(self, request: HttpRequest, obj: ApiClient, data: Mapping[str, Any]) -> list[str]:
        return [_("A new secret is made and shown once. The old one works for one more day.")]

    def perform(
        self, request: HttpRequest, obj: ApiClient, data: Mapping[str, Any], key: str
    ) -> str:
        return _secret_sentence(
            *operations.rotate_api_secret(
                client_id=obj.id, expires_at=data["expires_at"], **self.who_and_when(request)
            )
        )


class RevokeClient(OnLiveClient):
    name, title, icon = "revoke", gettext_lazy("Revoke"), "block"
    operation = "parties.revoke_api_client"
    form_class = ReasonForm
    dangerous = True

    def describe(self, request: HttpRequest, obj: ApiClient, data: Mapping[str, Any]) -> list[str]:
        return [_("“%(name)s” has no access any more, at once.") % {"name": obj.name}]

    def perform(
        self, request: HttpRequest, obj: ApiClient, data: Mapping[str, Any], key: str
    ) -> str:
        reason = data["reason"]
        operations.revoke_api_client(client_id=obj.id, reason=reason, **self.who_and_when(request))
        return _("Revoked.")


def _secret_sentence(client: ApiClient, secret: str) -> str:
    line = _("Client id: %(id)s · secret, shown only now: %(secret)s")
    return line % {"id": client.id, "secret": secret}


@admin.register(ApiClient, site=site)
class ApiClientAdmin(ReadOnlyAdmin):
    readers = KEEPERS
    list_actions = (MakeApiClient,)
    confirmed_actions = (RotateSecret, RevokeClient)
    list_display = ("name", "party", "role", "scopes", "expires_at", "revoked_at")
    list_filter = ("role", "party")
    search_fields = ("name",)
    list_select_related = ("party",)
    fields = ("id", "name", "party", "role", "scopes", "expires_at", "created_at", "revoked_at")
    export_fields = ("id", "name", "party_id", "role", "expires_at", "revoked_at")
