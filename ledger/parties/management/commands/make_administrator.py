"""The first administrator of an installation without the demonstration."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from ledger.doors.admin import refusal_text
from ledger.kernel.actors import Role
from ledger.kernel.errors import DomainError
from ledger.parties import mail, operations, queries
from ledger.parties.models import Party


class Command(BaseCommand):
    help = "Make the first administrator and her operator; print the link to choose a password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("name")
        parser.add_argument("operator", help="the park operator's Chinese name")
        parser.add_argument("--site", default="http://127.0.0.1:8000", help="where people sign in")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                link = self._make(**options)
        except DomainError as error:
            raise CommandError(refusal_text(error)) from error
        self.stdout.write(f"Choose a password, then set up the second factor: {link}")

    def _make(self, *, email: str, name: str, operator: str, site: str, **_: Any) -> str:
        by, at = queries.system_actor(), timezone.now()
        today = timezone.localdate(at)
        if queries.holders_of(Role.ADMINISTRATOR, on=today).exists():
            raise CommandError("There is an administrator already: she can invite others.")
        party = queries.parties(kind=Party.Kind.PARK_OPERATOR).filter(name_zh=operator).first()
        party = party or operations.register_party(
            kind=Party.Kind.PARK_OPERATOR, name_zh=operator, by=by, at=at
        )
        user = operations.invite_user(email=email, name=name, by=by, at=at)
        operations.grant_role(
            user_id=user.id,
            party_id=party.id,
            role=Role.ADMINISTRATOR,
            valid_from=today,
            by=by,
            at=at,
        )
        return mail.password_link(user=user, site=site.rstrip("/"))
