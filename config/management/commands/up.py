"""Listed for `manage.py help`; `manage.py` itself runs it, before there are settings to read."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Start the whole product on this machine."

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError("start it as: python3 manage.py up")
