"""Money, projects and ratings, entered as they were given."""

from datetime import date, datetime
from decimal import Decimal

from finance.proceeds import models, queries, rules
from finance.proceeds.operations.days import BEIJING, check_past
from ledger.audit.keeping import find_kept, keep
from ledger.doors.operation import operation
from ledger.kernel.actors import Actor


@operation(retry=True)
def register_raising(
    *,
    code: str,
    kind: str,
    stance: str,
    name_zh: str,
    principal: Decimal,
    raised_amount: Decimal,
    raised_on: date,
    category: str,
    tag: str,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    name_en: str = "",
    issuer: str = "",
    currency: str = "CNY",
    coupon_bps: int | None = None,
    matures_on: date | None = None,
    opinion: str = "",
    expected_tco2e: Decimal | None = None,
    expected_tce: Decimal | None = None,
) -> models.Raising:
    """Enter a bond, a trust, a budget line …; what is only held is a position.

    :raises InUse: the party has one of this code
    :raises NotAnAmount, EmptyTime, InTheFuture: of amounts and days
    """
    if done := find_kept(models.Raising, idempotency_key, by=by):
        return done
    if models.Raising.objects.filter(party_id=by.own_party, code=code).exists():
        raise rules.InUse(code=code)
    if matures_on is not None:
        rules.check_period(raised_on, matures_on)
    check_past(raised_on, at=at)
    row = models.Raising(
        party_id=by.own_party,
        code=code,
        kind=kind,
        stance=stance,
        name_zh=name_zh,
        name_en=name_en,
        issuer=issuer,
        currency=currency,
        principal=rules.check_amount(principal),
        raised_amount=rules.check_amount(raised_amount),
        coupon_bps=coupon_bps,
        raised_on=raised_on,
        matures_on=matures_on,
        category=category,
        tag=tag,
        opinion=opinion,
        expected_tco2e=expected_tco2e,
        expected_tce=expected_tce,
        evidence=evidence,
    )
    keep(row, "raising.registered", key=idempotency_key, by=by, at=at)
    return row


@operation(retry=True)
def register_project(
    *,
    code: str,
    name_zh: str,
    category: str,
    investment_amount: Decimal,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    name_en: str = "",
    multiplier: Decimal | None = None,
    text: str = "",
) -> models.Project:
    """Enter what money is spent on; its investment may count more than once (N23).

    :raises InUse: the party has a project of this code
    :raises NotAnAmount: of the investment
    :raises OddMultiplier: outside the range of the rule book
    """
    if done := find_kept(models.Project, idempotency_key, by=by):
        return done
    if models.Project.objects.filter(party_id=by.own_party, code=code).exists():
        raise rules.InUse(code=code)
    if multiplier is not None:
        allowed = queries.multipliers_on(at.astimezone(BEIJING).date())
        if not allowed.low <= multiplier <= allowed.high:
            raise rules.OddMultiplier(first=f"{allowed.low:f}", last=f"{allowed.high:f}")
    row = models.Project(
        party_id=by.own_party,
        code=code,
        name_zh=name_zh,
        name_en=name_en,
        category=category,
        investment_amount=rules.check_amount(investment_amount),
        multiplier=multiplier,
        text=text,
    )
    keep(row, "financed_project.registered", key=idempotency_key, by=by, at=at)
    return row


@operation(retry=True)
def record_rating(
    *,
    agency: str,
    scale: str,
    grade: str,
    document: str,
    valid_from: date,
    evidence: str,
    by: Actor,
    at: datetime,
    idempotency_key: str,
    valid_to: date | None = None,
) -> models.Rating:
    """Keep a rating that an exchange gave to the actor's party; we score nothing ourselves.

    :raises EmptyTime: it ends before it begins
    """
    if done := find_kept(models.Rating, idempotency_key, by=by):
        return done
    if valid_to is not None:
        rules.check_period(valid_from, valid_to)
    row = models.Rating(
        party_id=by.own_party,
        agency=agency,
        scale=scale,
        grade=grade,
        document=document,
        valid_from=valid_from,
        valid_to=valid_to,
        evidence=evidence,
    )
    keep(row, "rating.recorded", key=idempotency_key, by=by, at=at)
    return row
