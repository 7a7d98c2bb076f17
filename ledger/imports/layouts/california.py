"""California: the table of issued offset credits, with what became of each issue. No serials."""

import re

from ledger.imports.layouts.cells import Cells, some
from ledger.imports.layouts.registry import Layout, register
from ledger.imports.records import Act, DateOrder, Record, Row
from ledger.kernel.errors import N_

ISSUED = "arb offset credits issued"
BUFFER = "forest buffer account contribution"
ISSUANCE = "carb issuance id"
# column, what happened, and the reason as the ledger keeps it (the column's own words)
USES = (
    ("buffer pool retired", Act.RETIRED, "Buffer Pool Retired"),
    ("retired for intentional reversal", Act.RETIRED, "Retired for Intentional Reversal"),
    ("retired voluntarily", Act.RETIRED, "Retired Voluntarily"),
    ("retired 1st compliance period (ca)", Act.SURRENDERED, "Retired 1st Compliance Period (CA)"),
    ("retired 2nd compliance period (ca)", Act.SURRENDERED, "Retired 2nd Compliance Period (CA)"),
    ("retired 3rd compliance period (ca)", Act.SURRENDERED, "Retired 3rd Compliance Period (CA)"),
    ("retired 4th compliance period (ca)", Act.SURRENDERED, "Retired 4th Compliance Period (CA)"),
    ("retired 5th compliance period (ca)", Act.SURRENDERED, "Retired 5th Compliance Period (CA)"),
    ("retired for compliance in quebec", Act.SURRENDERED, "Retired for Compliance in Quebec"),
)
_NO_ISSUE = re.compile(r"\(?(?:zero|reversal|reforest defer)\)?.*", re.IGNORECASE)


def read_issue(row: Row) -> list[Record]:
    """One issue: issued, to the buffer, then each use. More used than issued is reported.

    A row of a project's year without credits says so in words where the number should stand; it
    brings no units.
    """
    cells = Cells(row)
    issuance = cells.identifier(ISSUANCE, required=True)
    if _tells_no_issue(cells, issuance):
        message = N_("%(issuance)s records a period without credits (%(text)s).")
        text = cells.text(ISSUED).strip("()") or "–"
        cells.brings_nothing(ISSUED, message, issuance=issuance, text=text)
        cells.check()
    issued = cells.positive(ISSUED)
    buffer = cells.whole_or_none(BUFFER) or 0
    used = [(act, why, cells.whole_or_none(column) or 0) for column, act, why in USES]
    invalidated = cells.whole_or_none("invalidated or canceled") or 0
    used.append((Act.CANCELLED, "Invalidated or Canceled", invalidated))
    vintage = cells.year("vintage", required=True)
    happened_on = cells.day("issuance date", required=True)
    period_from = cells.day("reporting period start date")
    period_to = cells.day("reporting period end date")
    _check_not_overused(cells, issued, buffer, used)
    cells.check()
    told = [(Act.ISSUED, "", issued), (Act.BUFFERED, "Forest Buffer Account", buffer), *used]
    return [
        Record(
            act=act,
            scheme="ARB",
            quantity=count,
            vintage_year=vintage,
            period_from=period_from,
            period_to=period_to,
            project_code=cells.identifier("opr project id"),
            project_name=cells.text("offset project name"),
            happened_on=happened_on,
            # units of the pool end there; the others where the issue went
            account="BUFFER" if reason == "Buffer Pool Retired" else "",
            reason=reason,
            # a use grows from table to table: the key names the line, the quantity is its present
            natural_key=f"{act}:ARB:{issuance}:{reason}",
            extra=some(
                issuance=issuance,
                type=cells.text("project type"),
                programme=cells.text("early action/ compliance"),
                state=cells.text("state"),
                comment=cells.text("comment"),
            ),
        )
        for act, reason, count in told
        if count
    ]


def _tells_no_issue(cells: Cells, issuance: str) -> bool:
    """ "CAFR5037-(zero)": words stand for a number, in the id or in the quantity."""
    text = cells.text(ISSUED)
    words_in_id = issuance.endswith(")") and "(" in issuance
    return bool(_NO_ISSUE.fullmatch(text)) or (words_in_id and not text.replace(",", "").isdigit())


def _check_not_overused(
    cells: Cells, issued: int, buffer: int, used: list[tuple[Act, str, int]]
) -> None:
    """Uses of one issue may not exceed it: reported, not cut down to fit."""
    gone = sum(count for _, _, count in used)
    if issued and gone > issued:
        message = N_("%(gone)s of %(issued)s issued units are said to be used: %(more)s too many.")
        more = gone - issued
        cells.fault(ISSUED, "more_used_than_issued", message, gone=gone, issued=issued, more=more)
    if issued and buffer > issued:
        message = N_("%(buffer)s of %(issued)s issued units are said to be in the buffer.")
        cells.fault(BUFFER, "more_buffer_than_issued", message, buffer=buffer, issued=issued)


register(
    Layout(
        code="arb_issuance_table",
        name=N_("California ARB: offset credit issuance table"),
        scheme="ARB",
        required_headers=frozenset(
            {"opr project id", "vintage", ISSUED, BUFFER, "issuance date", ISSUANCE}
        ),
        read=read_issue,
        dates=DateOrder.MONTH_FIRST,
    )
)
