"""What every write of the room does first: lock the fund, look at the day."""

from datetime import date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from django.db.models import Max

from finance.funds import models
from finance.funds.queries.funds import get_managed_fund
from finance.funds.rules.money import BeforeTheFund, NotYet
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound

BEIJING = timezone(timedelta(hours=8))


def lock_fund(fund_id: UUID, *, by: Actor) -> models.Fund:
    """What is written in one fund's books follows each other.

    :raises NotFound: not there, or not yours
    """
    get_managed_fund(fund_id, by=by)
    return models.Fund.objects.select_for_update().get(pk=fund_id)


def check_day(fund: models.Fund, day: date, *, at: datetime) -> None:
    """:raises NotYet: in the future
    :raises BeforeTheFund: before its first day
    """
    if day > at.astimezone(BEIJING).date():
        raise NotYet(day=day.isoformat())
    if day < fund.starts_on:
        raise BeforeTheFund(day=day.isoformat())


def next_number(rows: Any) -> int:
    highest: int = rows.aggregate(top=Max("number"))["top"] or 0
    return highest + 1


def get_class(fund: models.Fund, class_id: UUID | None) -> models.ShareClass | None:
    """:raises NotFound: no class of this fund"""
    if class_id is None:
        return None
    found = fund.classes.filter(pk=class_id).first()
    if found is None:
        raise NotFound
    return found
