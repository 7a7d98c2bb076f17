"""API clients."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.doors.admin import ReadOnlyAdmin, site
from ledger.parties import operations, queries
from ledger.parties.admin.acts import KEEPERS, Act
from ledger.parties.forms import ApiClientForm, ExpiryForm, ReasonForm
from ledger.parties.models import ApiClient, RoleName


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
