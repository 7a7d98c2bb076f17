"""A net asset value is worked out from the books and frozen; a correction is a new version."""

from datetime import date, datetime
from uuid import UUID

from finance.funds import models
from finance.funds.operations.writing import check_day, lock_fund
from finance.funds.queries.content import hash_of_nav
from finance.funds.queries.navs import work_out
from ledger.audit.keeping import find_kept, fit, keep
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor


@operation(retry=True)
def publish_nav(
    *,
    fund_id: UUID,
    valued_on: date,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    note: str = "",
    approval_id: UUID | None = None,
) -> models.Nav:
    """Freeze what the fund is worth on a day, with its parts and their hash.

    :raises NotFound: not there, or not yours
    :raises NotYet, BeforeTheFund: of the day
    :raises NoMark: units without a price
    """
    fund = lock_fund(fund_id, by=by)
    if done := find_kept(models.Nav, idempotency_key, by=by):
        return done
    check_day(fund, valued_on, at=at)
    row = models.Nav(
        fund=fund,
        valued_on=valued_on,
        version=fund.navs.filter(valued_on=valued_on).count() + 1,
        note=note,
        approval_id=approval_id,
        **work_out(fund, valued_on).figures(),
    )
    fit(row)
    row.content_hash = hash_of_nav(row)
    keep(row, "nav.published", key=idempotency_key, by=by, at=at)
    return row
