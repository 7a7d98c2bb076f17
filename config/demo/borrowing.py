"""Units that are with somebody else and must come back: two repos, a borrowing, a custody."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from config.demo.people import Cast, both
from finance.repos import operations as repos
from ledger.accounts import operations as accounts
from ledger.kernel.actors import SYSTEM
from ledger.parties import operations as parties
from ledger.units import operations as units
from ledger.units.operations import LotFacts

FIGURES = ("first_price", "second_price", "fee", "deposit", "manager_share", "loss_floor")
TRUSTED_SINCE = timedelta(days=340)


class Story:
    """The agreements as their parties made and kept them, each on its days."""

    def __init__(
        self,
        facts: Mapping[str, Any],
        *,
        accounts_made: Mapping[str, UUID],
        cast: Cast,
        year: int,
        on: date,
        at: datetime,
    ) -> None:
        self.facts, self.cast, self.year, self.on, self.at = facts, cast, year, on, at
        self.accounts = dict(accounts_made)
        self.lots: dict[str, UUID] = {}
        self.by = both(cast)

    def open(self) -> None:
        partner = {name: value for name, value in self.facts["partner"].items() if name != "key"}
        made = parties.register_party(**partner, by=SYSTEM, at=self.at)
        holders = {**self.cast.parties, self.facts["partner"]["key"]: made.pk}
        for one in self.facts["accounts"]:
            account = accounts.open_account(
                holder_id=holders[one["holder"]],
                **{name: one[name] for name in ("type", "registry", "number")},
                by=SYSTEM,
                at=self.at,
            )
            self.accounts[one["key"]] = account.pk
            if one["type"] == "OUTSIDE":
                accounts.trust_account(
                    account_id=account.pk,
                    reason=self.facts["agreements"][0]["evidence"],
                    by=self.by,
                    at=self.at - TRUSTED_SINCE,
                )

    def issue(self) -> None:
        for one in self.facts["lots"]:
            space = tuple(one["space"]) if "space" in one else None
            first = one.get("first_serial", 0)
            lot = LotFacts(
                code=one["code"],
                scheme=one["scheme"],
                vintage_year=self.year + one["year"],
                space=space,
            )
            self.lots[one["code"]] = units.open_lot(facts=lot, by=SYSTEM, at=self.at)
            units.issue_units(
                lot_id=self.lots[one["code"]],
                from_account_id=self.accounts[one["source"]],
                to_account_id=self.accounts[one["account"]],
                unit_count=one["units"],
                ranges=((first, first + one["units"] - 1),) if space else (),
                happened_on=self._before(one["ago"]),
                by=SYSTEM,
                at=self.at,
                idempotency_key=f"demo-issue-{one['code']}",
            )

    def agree(self, one: Mapping[str, Any]) -> None:
        serves = one.get("usable_for_year")
        told: dict[str, Any] = {
            **{name: one[name] for name in ("number", "kind", "evidence")},
            **{name: Decimal(one[name]) for name in FIGURES if name in one},
        }
        terms = repos.Terms(
            **told,
            from_account_id=self.accounts[one["from"]],
            to_account_id=self.accounts[one["to"]],
            lot_id=self.lots[one["lot"]],
            unit_count=one["units"],
            starts_on=self._before(one["ago"]),
            ends_on=self._before(-one["ends_in"]),
            usable_for_year=None if serves is None else self.year + serves,
            may_reuse=one.get("may_reuse", True),
        )
        given: dict[str, Any] = {"by": self.by, "at": self.at}
        key = f"demo-{one['number']}"
        row = repos.make_agreement(terms=terms, idempotency_key=key, **given)
        handed: dict[str, Any] = {"agreement_id": row.pk, **given}
        repos.start_agreement(
            happened_on=terms.starts_on,
            evidence=terms.evidence,
            idempotency_key=f"{key}-start",
            **handed,
        )
        for ago, count, evidence in one.get("returns", []):
            repos.return_units(
                lot_id=terms.lot_id,
                unit_count=count,
                happened_on=self._before(ago),
                evidence=evidence,
                idempotency_key=f"{key}-{ago}",
                **handed,
            )

    def _before(self, days: int) -> date:
        return self.on - timedelta(days=days)


def load(
    facts: Mapping[str, Any],
    *,
    accounts_made: Mapping[str, UUID],
    cast: Cast,
    year: int,
    on: date,
    at: datetime,
) -> None:
    """Open the partner's accounts, issue what the agreements are about, keep the agreements."""
    story = Story(facts, accounts_made=accounts_made, cast=cast, year=year, on=on, at=at)
    story.open()
    story.issue()
    for one in facts["agreements"]:
        story.agree(one)
