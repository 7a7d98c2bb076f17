"""What each investor promised, paid in, can still be called for, got back and holds."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum

from finance.funds import models
from finance.funds.rules.returns import Flow
from finance.funds.states import CashKind, DistributionKind

NOUGHT = Decimal(0)
Holder = tuple[UUID, UUID]  # class of shares, investor


@dataclass(slots=True)
class Position:
    """One investor's class in a fund, on a day. Amounts in the fund's currency."""

    fund_id: UUID
    share_class_id: UUID
    investor_id: UUID
    committed: Decimal = NOUGHT
    called: Decimal = NOUGHT
    paid_in: Decimal = NOUGHT
    recallable: Decimal = NOUGHT
    distributed: Decimal = NOUGHT
    by_kind: dict[str, Decimal] = field(default_factory=dict)
    shares: Decimal = NOUGHT
    flows: list[Flow] = field(default_factory=list)

    @property
    def undrawn(self) -> Decimal:
        """What can still be asked for: promised and not paid in, and what may be called again."""
        return self.committed - self.paid_in + self.recallable

    @property
    def callable(self) -> Decimal:
        """The same less what is called and not paid yet."""
        return self.committed - self.called + self.recallable


def positions_of(
    fund_ids: Iterable[UUID], *, on: date, investor_id: UUID | None = None
) -> list[Position]:
    """Every holder's position in these funds, by class; of one investor if asked for."""
    ids, found = list(fund_ids), dict[tuple[UUID, UUID, UUID], Position]()

    def of(row: dict[str, Any]) -> Position:
        key = row["fund_id"], row["share_class_id"], row["investor_id"]
        return found.setdefault(key, Position(*key))

    def mine(rows: QuerySet[Any]) -> QuerySet[Any]:
        rows = rows.filter(fund_id__in=ids)
        return rows if investor_id is None else rows.filter(investor_id=investor_id)

    holder = ("fund_id", "share_class_id", "investor_id")
    commitments = mine(models.Commitment.objects.filter(committed_on__lte=on))
    for row in _sums(commitments, *holder):
        of(row).committed = row["total"]
    for row in _sums(mine(models.CallLine.objects.filter(call__called_on__lte=on)), *holder):
        of(row).called = row["total"]
    _payments(mine, of, on)
    _distributions(mine, of, on)
    return sorted(found.values(), key=lambda one: (str(one.fund_id), -one.committed))


def _sums(rows: QuerySet[Any], *names: str) -> Any:
    return rows.order_by().values(*names).annotate(total=Sum("amount"))


def _payments(mine: Any, of: Any, on: date) -> None:
    """Read through the lines: a payment is its line's investor's."""
    lines = mine(models.CallLine.objects.all())
    rows = models.CashEntry.objects.filter(
        kind=CashKind.PAID_IN, call_line__in=lines, happened_on__lte=on
    )
    for entry in rows.select_related("call_line").order_by("happened_on", "number"):
        line: Any = entry.call_line
        position = of(_holder(line))
        position.paid_in += entry.amount
        position.shares += entry.shares
        position.flows.append(Flow(entry.happened_on, -entry.amount))


def _distributions(mine: Any, of: Any, on: date) -> None:
    rows = mine(models.DistributionLine.objects.filter(distribution__paid_on__lte=on))
    for line in rows.select_related("distribution").order_by("distribution__paid_on", "id"):
        position, kind = of(_holder(line)), line.distribution.kind
        position.distributed += line.amount
        position.by_kind[kind] = position.by_kind.get(kind, NOUGHT) + line.amount
        position.shares -= line.shares
        position.flows.append(Flow(line.distribution.paid_on, line.amount))
        if kind == DistributionKind.RECALLABLE:
            position.recallable += line.amount


def _holder(row: Any) -> dict[str, Any]:
    return {
        "fund_id": row.fund_id,
        "share_class_id": row.share_class_id,
        "investor_id": row.investor_id,
    }


def weights_of(
    positions: Iterable[Position], *, share_class_id: UUID | None, by_shares: bool
) -> dict[Holder, Decimal]:
    """By what a call (commitments) or a distribution (shares) is shared out."""
    return {
        (one.share_class_id, one.investor_id): one.shares if by_shares else one.committed
        for one in positions
        if share_class_id in {None, one.share_class_id}
    }


def cash_on(fund_id: UUID, on: date) -> Decimal:
    rows = models.CashEntry.objects.filter(fund_id=fund_id, happened_on__lte=on)
    return rows.aggregate(total=Sum("amount"))["total"] or NOUGHT


def shares_on(fund_id: UUID, on: date) -> Decimal:
    """Shares issued less redeemed: the sum of what the holders have (I33)."""
    paid = models.CashEntry.objects.filter(fund_id=fund_id, happened_on__lte=on)
    redeemed = models.DistributionLine.objects.filter(
        fund_id=fund_id, distribution__paid_on__lte=on
    )
    issued = paid.aggregate(total=Sum("shares"))["total"] or NOUGHT
    return issued - (redeemed.aggregate(total=Sum("shares"))["total"] or NOUGHT)
