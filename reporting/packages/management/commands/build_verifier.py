"""The offline verifier as one file that runs wherever there is Python and `cryptography`."""

import zipapp
from argparse import ArgumentParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

BELOW = (
    "ledger/kernel/errors.py",
    "ledger/audit/merkle.py",
    "ledger/audit/notes.py",
    "ledger/audit/proofs.py",
    "ledger/audit/cosigning.py",
    "ledger/proofs/sumtree.py",
)
OWN = "reporting/packages/verifier"


class Command(BaseCommand):
    help = "Write the offline verifier to a file: python FILE DOCUMENT --trust KEYS"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("target", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        root = Path(settings.BASE_DIR)
        files = [root / name for name in BELOW] + sorted((root / OWN).glob("*.py"))
        with TemporaryDirectory() as folder:
            for file in files:
                copy = Path(folder) / file.relative_to(root)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(file.read_bytes())
            # the folders' own __init__ are left out: packages need none
            zipapp.create_archive(
                folder, options["target"], main=f"{OWN.replace('/', '.')}.__main__:run"
            )
        self.stdout.write(str(options["target"]))
