"""Back up the database, the files and the checkpoints; the keys only apart, when asked."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config import backup
from config.embedded.running import embedded_database
from config.env import DatabaseAddress


class Command(BaseCommand):
    help = (
        "Write a backup into a new folder. Keys are left out; --keys packs them into a file apart."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--keys", type=Path, help="pack the signing keys into this file, too")

    def handle(self, *args: Any, folder: Path, keys: Path | None, **options: Any) -> None:
        try:
            with embedded_database():
                count = backup.back_up(to=folder, source=here(), at=timezone.now())
            if keys:
                backup.pack_keys(keys=Path(settings.KEY_DIR), to=keys, backup=folder)
        except backup.CannotBackUp as reason:
            raise CommandError(str(reason)) from None
        self.stdout.write(f"{folder}: {count} files and their manifest")
        if not keys:
            self.stdout.write("The signing keys are not in it (--keys FILE packs them apart).")


def here() -> backup.Source:
    """What this installation consists of."""
    storages: dict[str, Any] = settings.STORAGES
    evidence = storages["evidence"]["OPTIONS"]
    return backup.Source(
        database=_administrator(),
        files=None if "bucket_name" in evidence else Path(evidence["location"]),
        checkpoints=None if "checkpoints" in storages else Path(settings.CHECKPOINT_DIR),
    )


def _administrator() -> DatabaseAddress:
    """The owner's login; the application's may not read all there is."""
    if settings.DATABASE_ADMIN_URL:
        return DatabaseAddress.parse("DATABASE_ADMIN_URL", settings.DATABASE_ADMIN_URL)
    raise CommandError("DATABASE_ADMIN_URL is needed: the owner's login")
