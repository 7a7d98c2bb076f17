"""Is everything still as it was written? Exit code 1 and the first altered item of each kind."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from ledger.audit import verifying


class Command(BaseCommand):
    help = "Check the whole log, its checkpoints inside and outside, and what the rooms registered."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
        parser.add_argument(
            "--since", type=int, default=0, metavar="SIZE", help="begin at the checkpoint of SIZE"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        report = verifying.verify(since=options["since"], say=self.stderr.write)
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False, indent=1))
        else:
            self._tell(report)
        if not report.is_good:
            sys.exit(1)

    def _tell(self, report: verifying.Report) -> None:
        self.stdout.write(
            f"{report.tree_size} sealed events, {report.unsealed_count} waiting, "
            f"{report.checkpoint_count} checkpoints, {report.outside_count} outside, "
            f"{len(report.checks)} checks of other rooms"
        )
        for fault in report.first.values():
            times = report.counts[fault.kind]
            self.stdout.write(f"ALTERED {fault.kind} ({times}): {fault.subject}: {fault.text}")
        if report.is_good:
            self.stdout.write("good: nothing was altered")
