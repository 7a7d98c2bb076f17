"""The sequencer: seals what was committed, signs at most one checkpoint a second."""

import signal
import time
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from ledger.audit import keys, operations
from ledger.kernel.actors import SYSTEM
from ledger.kernel.errors import DomainError

POLL_SECONDS = 0.1
CHECKPOINT_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 10.0


class Command(BaseCommand):
    help = "Seal events into the log and sign a checkpoint; with --forever, until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--forever", action="store_true", help="go on until stopped")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["forever"]:
            self._forever()
            return
        try:
            sealed = self._everything()
        except DomainError as refusal:
            raise CommandError(refusal.sentence()) from refusal
        self.stdout.write(f"{sealed.tree_size} events are sealed")

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
        signed_at, unsigned, pause, said = 0.0, True, POLL_SECONDS, ""
        while self.going:
            try:
                due = unsigned and time.monotonic() - signed_at >= CHECKPOINT_SECONDS
                sealed = self._step(sign=due)
                unsigned = (unsigned and not due) or sealed.sealed_count > 0
                if due:
                    signed_at, unsigned = time.monotonic(), False
                busy = sealed.sealed_count >= operations.SEAL_AT_MOST
                pause, said = 0.0 if busy else POLL_SECONDS, ""
            except (OperationalError, InterfaceError, OSError, DomainError) as trouble:
                sentence = str(trouble)
                if sentence != said:
                    self.stderr.write(f"sealing waits: {sentence}")
                said, pause = sentence, min(max(pause * 2, 0.5), LONGEST_PAUSE_SECONDS)
                connection.close()
            time.sleep(pause)
