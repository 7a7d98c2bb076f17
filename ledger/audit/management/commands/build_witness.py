"""The witness as one file that a bank can run: Python and `cryptography` alone."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from ledger.doors.alone import files_in, write_alone

BELOW = (
    "ledger/kernel/errors.py",
    "ledger/audit/paths.py",
    "ledger/audit/notes.py",
    "ledger/audit/cosigning.py",
)
OWN = "ledger/audit/witnessing"
SUMMARY = "Cosigns the checkpoints of a ledger (C2SP tlog-witness)"


class Command(BaseCommand):
    help = "Write the witness to a file: python FILE init FOLDER --name NAME --log KEY"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("target", type=Path, help="NAME.pyz, or NAME-VERSION-py3-none-any.whl")

    def handle(self, *args: Any, **options: Any) -> None:
        main = f"{OWN.replace('/', '.')}.__main__:run"
        write_alone(options["target"], [*BELOW, *files_in(OWN)], main=main, summary=SUMMARY)
        self.stdout.write(str(options["target"]))
