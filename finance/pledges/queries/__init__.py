"""What other rooms may ask about pledges.

The contract that the bank's door stands on: `pledges_of_creditor`, `get_pledge_seen_by`, and of a
pledge `seen_as` (`SeenPledge`: id, number, facility, debtor, creditor, hold_ids, state,
registrations, `valuation(on)`, `ltv_series()`).
"""

from finance.pledges.queries.attesting import subjects_of_holds, told_of_holds
from finance.pledges.queries.checking import check_rows_match_events
from finance.pledges.queries.clashes import Alert, alerts_of, is_creditors_view, say, shown_to
from finance.pledges.queries.covering import Cover, Mark, NoPrice, cover_of, reference_value
from finance.pledges.queries.pledges import (
    SeenPledge,
    behind_choices,
    drafts_before,
    find_freezes,
    get_pledge,
    get_pledge_seen_by,
    get_request,
    hold_ids_of,
    newest_columns,
    open_call,
    parts_of,
    pledges_of_creditor,
    pledges_of_facility,
    pledges_seen_by,
    proceeding_of,
    registration_of,
    requests_seen_by,
    seen_as,
    serials_of,
    to_watch,
)

__all__ = [
    "Alert",
    "Cover",
    "Mark",
    "NoPrice",
    "SeenPledge",
    "alerts_of",
    "behind_choices",
    "check_rows_match_events",
    "cover_of",
    "drafts_before",
    "find_freezes",
    "get_pledge",
    "get_pledge_seen_by",
    "get_request",
    "hold_ids_of",
    "is_creditors_view",
    "newest_columns",
    "open_call",
    "parts_of",
    "pledges_of_creditor",
    "pledges_of_facility",
    "pledges_seen_by",
    "proceeding_of",
    "reference_value",
    "registration_of",
    "requests_seen_by",
    "say",
    "seen_as",
    "serials_of",
    "shown_to",
    "subjects_of_holds",
    "to_watch",
    "told_of_holds",
]
