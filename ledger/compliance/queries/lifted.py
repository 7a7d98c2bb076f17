"""Blocks that two persons lifted, and that surrenders of a compliance year went through."""

from datetime import date, timedelta

from ledger.accounts import queries as accounts
from ledger.compliance.models import Obligation
from ledger.kernel.periods import Period
from ledger.reconciliation import queries as reconciliation


def blocks_lifted(obligation: Obligation) -> list[reconciliation.OverrideView]:
    """Since the year began and until its newest surrender."""
    made = list(obligation.surrenders.values_list("entry_id", "surrendered_on"))
    if not made:
        return []
    until = max(day for _entry, day in made) + timedelta(days=1)
    return reconciliation.overrides_behind(
        entry_ids=[entry for entry, _day in made],
        account_ids=accounts.account_ids_of(obligation.entity.party_id),
        period=Period(min(date(obligation.year, 1, 1), until - timedelta(days=1)), until),
    )
