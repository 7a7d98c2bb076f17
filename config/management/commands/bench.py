"""`manage.py bench NAME`: our figures beside their floors, measured in the same run."""

import json
from argparse import ArgumentParser
from importlib import import_module
from inspect import signature
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Measure NAME (ledger, chain, …) on a PostgreSQL of its own; one JSON line per figure."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="a file of tests/bench")
        parser.add_argument("--full", action="store_true", help="the long run, recorded in docs")
        parser.add_argument("--movements", type=int, default=0, help="size of the large ledger")
        parser.add_argument("--blocks", type=int, default=0, help="serial blocks to reconcile")
        parser.add_argument("--rows", type=int, default=0, help="lines of the file to import")
        parser.add_argument("--only", default="", help="figures whose name contains this")

    def handle(self, *args: Any, **options: Any) -> None:
        bench = import_module(f"tests.bench.{options['name']}")
        bed_class = import_module("tests.bench.bed").Bed
        with bed_class() as bed:
            taken = signature(bench.figures).parameters.keys() - {"bed"}
            asked = {name: options[name] for name in taken}
            for figure in bench.figures(bed=bed, **asked):
                self.stdout.write(json.dumps(figure, ensure_ascii=False))
                self.stdout.flush()
