"""The demonstration park: loaded once, through the product's own operations."""

import tomllib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from config.demo import (
    attestations,
    borrowing,
    calendars,
    compliance,
    disclosure,
    funds,
    hedging,
    holdings,
    indicators,
    loans,
    notices,
    park,
    people,
    ppas,
    prices,
    public_money,
    readings,
    reconciliation,
    trades,
)
from ledger.audit import keys
from ledger.parties import queries as parties
from reporting.packages import operations as packages

SEEDS = settings.BASE_DIR / "seeds" / "demo"
HEAD = """Demonstration logins (role, e-mail, password, key of the second factor)
`python3 manage.py demo_code EMAIL` prints the six digits of the moment.
"""


def _facts(name: str) -> dict[str, Any]:
    return tomllib.loads((SEEDS / name).read_text())


class Command(BaseCommand):
    help = "Load the demonstration park and write its logins to the data folder."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demonstration is not loaded in production.")
        if parties.parties(kind="PARK_OPERATOR").exists():
            raise CommandError(
                "There is a park operator already; the demonstration wants to be alone."
            )
        if not keys.key_store().has(keys.CHECKPOINT_KEY):
            raise CommandError("There is no signing key; run make_keys --demonstration first.")
        at = timezone.now()
        today = timezone.localdate(at)
        year = today.year - 1
        facts = _facts("park.toml")
        with transaction.atomic():
            calendars.load(on=today, at=at)
            cast = people.load(facts, since=today.replace(month=1, day=1), on=today, at=at)
            moment: dict[str, Any] = {"cast": cast, "year": year, "on": today, "at": at}
            trading = _facts("trades.toml")
            trades.begin(trading, cast=cast, year=year, at=at)
            made = holdings.load(_facts("holdings.toml"), **moment)
            ppas.load(_facts("ppas.toml"), cast=cast, year=year, at=at)
            trades.load(trading, **moment)
            compliance.load(_facts("compliance.toml"), **moment)
            prices.load(_facts("prices.toml"), year=year, on=today, at=at)
            borrowed = {"accounts_made": made.accounts, **moment}
            borrowing.load(_facts("borrowing.toml"), **borrowed)
            hedging.load(_facts("hedging.toml"), **moment)
            money = _facts("funds.toml")
            funds.load(money, **moment)
            public_money.load(money, cast=cast, year=year, at=at)
            units = {"accounts_made": made.accounts, "lots": made.lots}
            pledge_ids = loans.load(_facts("loans.toml"), cast=cast, on=today, at=at, **units)
            stated = _facts("reconciliation.toml")
            account_id = made.accounts[stated["account"]]
            reconciliation.load(stated, folder=SEEDS, account_id=account_id, **moment)
            agreeing = stated["agreeing"]
            reconciliation.load_agreeing(
                agreeing, account_id=made.accounts[agreeing["account"]], cast=cast, on=today, at=at
            )
            told = _facts("indicators.toml")
            park_id, _ = park.load(
                facts, folder=SEEDS, cast=cast, year=year, at=at, entries=told["entries"]
            )
            readings.load(park_id=park_id, folder=SEEDS, cast=cast, year=year, at=at)
            frozen_id = disclosure.load(
                park_id=park_id, year=year, cast=cast, at=at, judged=told["significance"],
                denominators=told["denominators"],
            )  # fmt: skip
            indicators.load(told, park_id=park_id, year=year, cast=cast, at=at)
            for language in ("zh-hans", "en"):
                packages.request_report(
                    frozen_inventory_id=frozen_id,
                    language=language,
                    by=cast.actors["CARBON_MANAGER"],
                    at=at,
                )
            notices.load(at=at)
        attestations.load(pledge_ids[0], cast=cast, at=at)
        self._write_logins(cast)

    def _write_logins(self, cast: people.Cast) -> None:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        target: Path = settings.DATA_DIR / "demo_logins.txt"
        target.touch(mode=0o600)
        target.write_text(HEAD + "\n".join(one.line for one in cast.logins) + "\n")
        self.stdout.write(f"The demonstration park is loaded; logins are in {target.name}.")
