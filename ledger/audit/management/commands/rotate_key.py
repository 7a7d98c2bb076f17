from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ledger.audit import keys, operations
from ledger.kernel.actors import SYSTEM
from ledger.kernel.errors import DomainError


class Command(BaseCommand):
    help = (
        "Put a new key in place: checkpoint (the former signs no more), or webhooks (new secrets "
        "follow from it, addresses keep theirs until they rotate). The change is an event."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reason", required=True)
        names = [keys.CHECKPOINT_KEY, *keys.key_rotators()]
        parser.add_argument("--key", choices=names, default=keys.CHECKPOINT_KEY)
        parser.add_argument("--demonstration", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["demonstration"] and settings.PRODUCTION:
            raise CommandError("demonstration keys have no place in production")
        try:
            verifier = operations.rotate_key(
                by=SYSTEM,
                at=timezone.now(),
                is_demonstration=options["demonstration"],
                reason=options["reason"],
                name=options["key"],
            )
        except DomainError as refusal:
            raise CommandError(refusal.sentence()) from refusal
        self.stdout.write(verifier)
