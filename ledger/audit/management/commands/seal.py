"""The sequencer: seals what was committed, signs at most one checkpoint a second."""

import signal
import time
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from ledger.audit import keys, operations
from ledger.kernel.actors import SYSTEM
from ledger.kernel.errors import DomainError

POLL_MS = 100
CHECKPOINT_MS = 1_000
LONGEST_PAUSE_MS = 10_000


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


class Command(BaseCommand):
    help = "Seal events into the log and sign a checkpoint; with --forever, until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--forever", action="store_true", help="go on until stopped")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["forever"]:
            self._forever()
            return
        self._check_database()
        try:
            sealed = self._everything()
        except DomainError as refusal:
            raise CommandError(refusal.sentence()) from refusal
        self.stdout.write(f"{sealed.tree_size} events are sealed")

    def _check_database(self) -> None:
        """:raises SystemCheckError: not a database that the product may run on"""
        self.check(tags=[Tags.database], databases=["default"])

    def _everything(self) -> operations.Sealed:
        sealed = self._step(sign=False)
        while sealed.sealed_count:
            sealed = self._step(sign=False)
        return self._step(sign=True)

    def _step(self, *, sign: bool) -> operations.Sealed:
        signer = keys.key_store().signer(keys.CHECKPOINT_KEY) if sign else None
        return operations.seal_events(by=SYSTEM, at=timezone.now(), key=signer)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.going = False

    def _forever(self) -> None:
        """Outlives restarts of the database; a refusal is said once, and tried again later."""
        self.going = True
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signed_at, unsigned, pause, said = -CHECKPOINT_MS, True, POLL_MS, ""
        is_checked = False
        while self.going:
            try:
                if not is_checked:
                    self._check_database()
                is_checked = True
                due = unsigned and _now_ms() - signed_at >= CHECKPOINT_MS
                sealed = self._step(sign=due)
                unsigned = (unsigned and not due) or (sealed.sealed_count > 0 and not due)
                signed_at = _now_ms() if due else signed_at
                busy = sealed.sealed_count >= operations.SEAL_AT_MOST
                unsigned, pause, said = unsigned or busy, 0 if busy else POLL_MS, ""
            except (OperationalError, InterfaceError, OSError, DomainError) as trouble:
                if str(trouble) != said:
                    self.stderr.write(f"sealing waits: {trouble}")
                said, pause = str(trouble), min(max(pause * 2, 500), LONGEST_PAUSE_MS)
                connection.close()
            time.sleep(pause / 1000)
