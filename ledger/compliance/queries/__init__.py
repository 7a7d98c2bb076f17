"""What others may ask about obligations, allocation, cover and due days."""

from ledger.compliance.queries.allocating import allocations_of, classification_of
from ledger.compliance.queries.carrying import (
    carry_over_of,
    carry_overs_seen_by,
    find_carry_over,
    get_carry_over,
)
from ledger.compliance.queries.checking import check_rows_match_events
from ledger.compliance.queries.covering import (
    Gap,
    PenaltyTold,
    Usable,
    gap_of,
    holdings_for,
    penalty_of,
)
from ledger.compliance.queries.due_days import (
    Due,
    deadlines_of,
    due_dates,
    dues_near,
    lead_days,
    reminders_due,
)
from ledger.compliance.queries.facts import (
    entities_of,
    entities_seen_by,
    entities_to_reckon,
    facts_of,
    get_entity,
    standing_at,
)
from ledger.compliance.queries.lifted import blocks_lifted
from ledger.compliance.queries.over_time import MonthEnd, gap_over_time
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
    obligations_seen_by,
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
    "MonthEnd",
    "PenaltyTold",
    "Published",
    "RegimeRules",
    "Standing",
    "State",
    "Step",
    "Summary",
    "Usable",
    "YearLine",
    "allocations_of",
    "annual_dues",
    "answers_in_a_year",
    "blocks_lifted",
    "carry_over",
    "carry_over_of",
    "carry_overs_seen_by",
    "check_reckonings",
    "check_rows_match_events",
    "classification_of",
    "classify",
    "compare_surrenders",
    "contradicted",
    "deadlines_of",
    "due_dates",
    "dues_near",
    "enter",
    "entities_of",
    "entities_seen_by",
    "entities_to_reckon",
    "facts_of",
    "find_carry_over",
    "find_obligation",
    "gap_of",
    "gap_over_time",
    "get_carry_over",
    "get_entity",
    "get_obligation",
    "get_regime",
    "history",
    "holdings_for",
    "is_draft",
    "lead_days",
    "obligations_of",
    "obligations_seen_by",
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
