"""The witness of another ledger, from a checkout; alone it comes from `build_witness`."""

import sys
from typing import NoReturn

from django.core.management.base import BaseCommand

from ledger.audit.witnessing.__main__ import main


class Command(BaseCommand):
    help = "Cosign another ledger's checkpoints: witness init | trust | serve | show (--help)"

    def run_from_argv(self, argv: list[str]) -> NoReturn:
        sys.exit(main(argv[2:]))
