"""Load everything under `seeds/` that rules and factors rest on. Safe to run again."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from config.wiring import reference_loaders
from ledger.kernel.actors import SYSTEM
from ledger.kernel.errors import DomainError


class Command(BaseCommand):
    help = "Load parameters, calendars, factors and schemes from seeds/; prints what was new."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seeds", type=Path, default=settings.BASE_DIR / "seeds")

    def handle(self, *args: Any, seeds: Path, **options: Any) -> None:
        at = timezone.now()
        try:
            with transaction.atomic():
                for load in reference_loaders():
                    for loaded in load(folder=seeds, by=SYSTEM, at=at):
                        self._tell(loaded)
        except DomainError as refusal:
            raise CommandError(refusal.sentence()) from refusal

    def _tell(self, loaded: Any) -> None:
        self.stdout.write(
            f"{loaded.kind}: {loaded.new_count} new, {loaded.ended_count} ended, "
            f"{loaded.unchanged_count} unchanged"
        )
        for note in loaded.notes:
            self.stdout.write(f"  gap: {note}")
