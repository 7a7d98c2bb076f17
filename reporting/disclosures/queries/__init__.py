"""What other rooms may ask about statements, data points and who told them."""

from reporting.disclosures.frameworks import (
    Framework,
    data_points,
    fitting,
    frameworks,
    get_data_point,
    get_framework,
)
from reporting.disclosures.models import Statement
from reporting.disclosures.queries.entries import (
    changed_since,
    comments_for,
    comments_on,
    current_entries,
    entries_for,
    find_entry,
    find_last_years,
    told_entries,
    year_before,
)
from reporting.disclosures.queries.statements import (
    check_rows,
    find_latest,
    get_statement,
    hash_of,
    is_superseded,
    row_facts,
    statements_of,
)

__all__ = [
    "Framework",
    "Statement",
    "changed_since",
    "check_rows",
    "comments_for",
    "comments_on",
    "current_entries",
    "data_points",
    "entries_for",
    "find_entry",
    "find_last_years",
    "find_latest",
    "fitting",
    "frameworks",
    "get_data_point",
    "get_framework",
    "get_statement",
    "hash_of",
    "is_superseded",
    "row_facts",
    "statements_of",
    "told_entries",
    "year_before",
]
