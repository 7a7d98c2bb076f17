"""The desk of the demonstration as its readers see it, each page asked for once in a process."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Model, UUIDField
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice
from lxml import html

from ledger.doors.admin import site
from ledger.parties.middleware import SIGNED_IN_AT
from ledger.parties.models import User


def signed_in(name: str) -> Client:
    user = User.objects.get(email=f"{name}@demo.example")
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[SIGNED_IN_AT] = timezone.now().isoformat()
    device = TOTPDevice.objects.filter(user=user).first()
    if device:
        session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return client


def lists() -> dict[str, str]:
    return {
        model._meta.label: reverse(
            f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        )
        for model in site._registry
    }


@dataclass(frozen=True)
class Page:
    status: int
    content: bytes
    rows: tuple[Any, ...]  # of a list: its first objects' keys

    @property
    def main(self) -> Any:
        whole = html.fromstring(self.content.decode())
        found = whole.xpath("//*[@id='main']")
        return found[0] if found else whole


@cache
def _reader(database: str, role: str, language: str) -> Client:
    client = signed_in(role)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client


@cache
def page(role: str, language: str, address: str) -> Page:
    """What a role is answered. The demonstration is only looked at: once is enough."""
    client = _reader(str(connection.settings_dict["NAME"]), role, language)
    answer = client.get(address, headers={"accept-language": language})
    listed = getattr(answer, "context_data", None) or {}
    rows = listed["cl"].result_list if "cl" in listed else ()
    return Page(answer.status_code, answer.content, tuple(row.pk for row in rows[:4]))


def openable(model: type[Model], identifiers: Iterable[UUID]) -> list[UUID]:
    """Of these ids those that are a row of the model, and one that is of none."""
    known = list(identifiers)
    if not isinstance(model._meta.pk, UUIDField):
        return known[:1]
    rows = set(model._base_manager.filter(pk__in=known).values_list("pk", flat=True))
    return [*rows, *[one for one in known if one not in rows][:1]]
