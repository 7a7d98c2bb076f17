"""The offline verifier as one file that runs wherever there is Python and `cryptography`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from ledger.doors.alone import files_in, write_alone

BELOW = (
    "ledger/kernel/errors.py",
    "ledger/kernel/measures.py",
    "ledger/audit/paths.py",
    "ledger/audit/notes.py",
    "ledger/audit/proofs.py",
    "ledger/audit/cosigning.py",
    "ledger/audit/policy.py",
    "ledger/proofs/sumtree.py",
)
OWN = "reporting/packages/verifier"
SUMMARY = "Checks attestations and reports of a ledger without its server"


class Command(BaseCommand):
    help = "Write the offline verifier to a file: python FILE DOCUMENT --trust KEYS"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("target", type=Path, help="NAME.pyz, or NAME-VERSION-py3-none-any.whl")

    def handle(self, *args: Any, **options: Any) -> None:
        main = f"{OWN.replace('/', '.')}.__main__:run"
        write_alone(options["target"], [*BELOW, *files_in(OWN)], main=main, summary=SUMMARY)
        self.stdout.write(str(options["target"]))
