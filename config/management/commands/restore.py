"""Restore a backup into an empty database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config import backup
from config.embedded.running import embedded_database
from config.management.commands.backup import here
from ledger.audit import queries
from ledger.kernel.errors import DomainError


class Command(BaseCommand):
    help = "Restore a backup into an empty database; newer checkpoints outside stay where they are."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--keys", type=Path, help="unpack the signing keys from this file, too")

    def handle(self, *args: Any, folder: Path, keys: Path | None, **options: Any) -> None:
        try:
            with embedded_database(create=True):
                backup.restore(folder=folder, target=here())
                call_command("prepare_database", verbosity=0)
                if keys:
                    backup.unpack_keys(file=keys, keys=Path(settings.KEY_DIR))
                self._look_outside()
        except backup.CannotBackUp as reason:
            raise CommandError(str(reason)) from None

    def _look_outside(self) -> None:
        try:
            queries.check_not_behind_outside_checkpoint()
        except DomainError as refusal:
            self.stderr.write(f"Restored, but it will neither seal nor sign: {refusal}")
        else:
            self.stdout.write("Restored, and no checkpoint outside is ahead of it.")
