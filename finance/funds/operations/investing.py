"""What the fund's money goes into: approved, and valued from time to time."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from finance.funds import models
from finance.funds.operations.writing import check_day, lock_fund
from finance.funds.rules import money
from ledger.audit.keeping import find_kept, keep
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound
from ledger.parties import queries as parties


@operation(retry=True)
def approve_investment(
    *,
    fund_id: UUID,
    code: str,
    kind: str,
    name_zh: str,
    approved_amount: Decimal,
    approved_on: date,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    name_en: str = "",
    party_id: UUID | None = None,
    text: str = "",
    approval_id: UUID | None = None,
) -> models.Investment:
    """The fund may put so much into something; a grant is money that does not come back.

    :raises NotFound: not there, or not yours; no such party
    :raises NotAnAmount, NotYet, BeforeTheFund: of amount and day
    :raises CodeTaken: the fund has an investment of this code
    """
    fund = lock_fund(fund_id, by=by)
    if done := find_kept(models.Investment, idempotency_key, by=by):
        return done
    if fund.investments.filter(code=code).exists():
        raise money.CodeTaken(code=code)
    if party_id is not None:
        parties.get_party(party_id)
    check_day(fund, approved_on, at=at)
    row = models.Investment(
        fund=fund,
        code=code,
        kind=kind,
        name_zh=name_zh,
        name_en=name_en,
        party_id=party_id,
        approved_amount=money.check_amount(approved_amount),
        approved_on=approved_on,
        text=text,
        evidence=evidence,
        approval_id=approval_id,
    )
    keep(row, "investment.approved", key=idempotency_key, by=by, at=at)
    return row


@operation(retry=True)
def value_investment(
    *,
    investment_id: UUID,
    valued_on: date,
    amount: Decimal,
    method: str,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    approval_id: UUID | None = None,
) -> models.Valuation:
    """What an investment is worth on a day; nought is a value. Of one day the newest counts.

    :raises NotFound: not there, or not yours
    :raises NotAnAmount, NotYet, BeforeTheFund: of amount and day
    """
    investment = models.Investment.objects.filter(pk=investment_id).first()
    if investment is None:
        raise NotFound
    fund = lock_fund(investment.fund_id, by=by)
    if done := find_kept(models.Valuation, idempotency_key, by=by):
        return done
    check_day(fund, valued_on, at=at)
    row = models.Valuation(
        investment=investment,
        valued_on=valued_on,
        amount=money.check_amount(amount) if amount else Decimal("0.00"),
        method=method,
        evidence=evidence,
        approval_id=approval_id,
    )
    keep(row, "investment.valued", key=idempotency_key, by=by, at=at)
    return row
