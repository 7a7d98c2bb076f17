"""What others may ask about obligations, allocation, cover and due days."""

from ledger.compliance.queries.allocating import classification_of
from ledger.compliance.queries.carrying import carry_over_of, find_carry_over, get_carry_over
from ledger.compliance.queries.checking import check_rows_match_events
from ledger.compliance.queries.covering import (
    Gap,
    PenaltyTold,
    Usable,
    gap_of,
    holdings_for,
    penalty_of,
)
from ledger.compliance.queries.due_days import Due, due_dates, reminders_due
from ledger.compliance.queries.facts import (
    entities_of,
    entities_to_reckon,
    get_entity,
    standing_at,
)
from ledger.compliance.queries.regimes import (
    annual_dues,
    answers_in_a_year,
    get_regime,
    history,
    is_draft,
    offset_cap_of,
    regime_name,
    regimes,
)
from ledger.compliance.queries.years import (
    check_reckonings,
    find_obligation,
    get_obligation,
    obligations_of,
)
from ledger.compliance.rules.allocation import Entitlement, classify
from ledger.compliance.rules.carryover import CarryOver, carry_over
from ledger.compliance.rules.obligations import (
    Cover,
    Published,
    Summary,
    YearLine,
    compare_surrenders,
    contradicted,
    running,
    settled_status,
    summarise,
    whole_tonnes,
)
from ledger.compliance.rules.regimes import RegimeRules
from ledger.compliance.rules.standing import (
    Fact,
    Standing,
    State,
    Step,
    enter,
    standing_before,
)

__all__ = [
    "CarryOver",
    "Cover",
    "Due",
    "Entitlement",
    "Fact",
    "Gap",
    "PenaltyTold",
    "Published",
    "RegimeRules",
    "Standing",
    "State",
    "Step",
    "Summary",
    "Usable",
    "YearLine",
    "annual_dues",
    "answers_in_a_year",
    "carry_over",
    "carry_over_of",
    "check_reckonings",
    "check_rows_match_events",
    "classification_of",
    "classify",
    "compare_surrenders",
    "contradicted",
    "due_dates",
    "enter",
    "entities_of",
    "entities_to_reckon",
    "find_carry_over",
    "find_obligation",
    "gap_of",
    "get_carry_over",
    "get_entity",
    "get_obligation",
    "get_regime",
    "history",
    "holdings_for",
    "is_draft",
    "obligations_of",
    "offset_cap_of",
    "penalty_of",
    "regime_name",
    "regimes",
    "reminders_due",
    "running",
    "settled_status",
    "standing_at",
    "standing_before",
    "summarise",
    "whole_tonnes",
]
