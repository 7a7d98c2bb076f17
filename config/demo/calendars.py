"""Calendar years that are not announced yet: a park of a later day works on some week."""

from datetime import date, datetime

from ledger.kernel.actors import SYSTEM
from ledger.parameters import operations, queries
from ledger.parameters.states import Calendar

# Days off that no notice moves; what follows the moon, and exchanged weekends, nobody knows yet.
FIXED = ("01-01 元旦", "05-01 劳动节", "10-01 国庆节", "10-02 国庆节", "10-03 国庆节")


def load(*, on: date, at: datetime) -> None:
    """The demonstration's year and the running one, where the seeds do not reach them."""
    known = queries.calendar_years(Calendar.CHINA)
    drafts = [_draft(year) for year in (on.year - 1, on.year) if year not in known]
    if drafts:
        operations.load_calendars(facts=drafts, by=SYSTEM, at=at)


def _draft(year: int) -> operations.CalendarFact:
    days = (one.split(" ") for one in FIXED)
    return operations.CalendarFact(
        calendar=Calendar.CHINA,
        year=year,
        days=tuple((f"{year}-{day}", "OFF", name) for day, name in days),
        source=operations.DEMONSTRATION,
        confidence="C",
    )
