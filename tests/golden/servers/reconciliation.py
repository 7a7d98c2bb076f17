"""California's issuance table held against the surrenders that its compliance reports list."""

import re
from datetime import UTC, datetime
from uuid import UUID

from ledger.accounts import operations as accounts
from ledger.instruments.operations import load_schemes
from ledger.kernel.actors import SYSTEM
from ledger.kernel.ids import new_id
from ledger.reconciliation import operations
from ledger.reconciliation.models import Break, Comparison
from ledger.reconciliation.operations import Line
from ledger.reconciliation.rules import Coverage
from ledger.units.operations import Draft, Leg, LotFacts, open_lots, post_entries
from ledger.units.states import UnitState
from tests.factories.units import ISSUER
from tests.golden.running import Case, serves

AT = datetime(2024, 12, 31, 4, tzinfo=UTC)
ENDED = UnitState.SURRENDERED
# How the issuance table writes an id; what is written otherwise cannot be in it.
ISSUANCE = re.compile(r"CA[A-Z]{2}[0-9]{4}-[A-Z]+[0-9]?")


def surrender(here: dict[str, int], year: int) -> UUID:
    """An account whose books say what the issuance table says: issued, and handed in."""
    load_schemes(by=SYSTEM, at=AT)
    account = accounts.open_account(
        holder_id=new_id(), type="HOLDING", registry="CITSS", number="ALL", by=SYSTEM, at=AT
    ).pk
    there = {code: count for code, count in here.items() if count}
    facts = [LotFacts(code, "ARB", year, traits={"project_code": code}) for code in there]
    lots = dict(zip(there, open_lots(facts=facts, by=SYSTEM, at=AT), strict=True))
    unissued, free = (ISSUER, UnitState.UNISSUED), (account, UnitState.FREE)
    moves = {"ISSUE": (unissued, free), "SURRENDER": (free, (account, ENDED))}
    drafts = [
        Draft(
            kind,
            [Leg(lots[code], *source, *target, count) for code, count in there.items()],
            AT.date(),
            str(new_id()),
        )
        for kind, (source, target) in moves.items()
    ]
    post_entries(drafts=drafts, by=SYSTEM, at=AT)
    return account


@serves("ledger_arb_reconciliation")
def reconcile(case: Case) -> dict[str, object]:
    year = int(case.inputs["period"][:4])
    here, there = (
        {code: int(count) for code, count in case.inputs[name].items()}
        for name in ("issuance_table_retired", "compliance_report_surrendered")
    )
    account = surrender(here, year)
    operations.record_statement(
        account_id=account,
        as_of_at=AT,
        coverage=[Coverage("ARB", None, frozenset({str(ENDED)}))],
        lines=[
            Line("ARB", year, str(ENDED), count, project_code=code)
            for code, count in there.items()
            if count
        ],
        by=SYSTEM,
        at=AT,
    )
    operations.compare_account(account_id=account, by=SYSTEM, at=AT)
    told = Comparison.objects.get(statement__account_id=account)
    breaks = sorted(Break.objects.filter(account_id=account), key=lambda one: one.project_code)
    return {
        "total_issuance_table": told.our_count,
        "total_compliance_report": told.their_count,
        "difference": told.their_count - told.our_count,
        "number_of_differences": told.difference_count,
        "unknown_ids": [
            one.project_code
            for one in breaks
            if not one.our_count and not ISSUANCE.fullmatch(one.project_code)
        ],
        "differences": [
            {
                "issuance_id": one.project_code,
                "issuance_table": one.our_count,
                "compliance_report": one.their_count,
                "difference": one.their_count - one.our_count,
            }
            for one in breaks
        ],
    }
