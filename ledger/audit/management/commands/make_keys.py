from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ledger.audit import operations
from ledger.kernel.actors import SYSTEM


class Command(BaseCommand):
    help = "Make the signing keys that are missing, and record their public halves in the log."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--demonstration", action="store_true", help="mark them; refused in production"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        demonstration = options["demonstration"]
        if demonstration and settings.PRODUCTION:
            raise CommandError("demonstration keys have no place in production")
        made = operations.make_keys(by=SYSTEM, at=timezone.now(), is_demonstration=demonstration)
        self.stdout.write(f"made: {', '.join(made)}" if made else "all keys are there")
