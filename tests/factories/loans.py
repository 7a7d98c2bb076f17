"""A bank, a borrower and a facility between them; and, with a pledge, what secures it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from finance.facilities import models, operations
from ledger.kernel.actors import Actor, Role
from ledger.kernel.ids import new_id
from tests.factories.funds import party

NOON = datetime(2026, 12, 31, 4, 0, tzinfo=UTC)


def borrower(party_id: UUID | None = None) -> Actor:
    roles = frozenset({Role.CARBON_MANAGER, Role.APPROVER})
    return Actor(user_id=new_id(), party_id=party_id or party("借款企业"), roles=roles)


def banker(party_id: UUID | None = None) -> Actor:
    return Actor(
        user_id=new_id(),
        party_id=party_id or party("某银行", "BANK"),
        roles=frozenset({Role.BANK_OFFICER}),
    )


class Loan:
    """22 M or whatever is drawn of a limit of 30 M at 3.45 %, ACT/360, from 5 January 2026."""

    at = NOON

    def __init__(
        self,
        *,
        agreed: bool = True,
        borrower_as: Actor | None = None,
        bank_as: Actor | None = None,
        **facts: Any,
    ) -> None:
        self.borrower, self.bank = borrower_as or borrower(), bank_as or banker()
        wanted: dict[str, Any] = {
            "code": f"L-{new_id()}", "lender_id": self.bank.party_id,
            "limit_amount": Decimal("30000000"), "rate_kind": "FIXED", "rate_bps": 345,
            "day_count": "ACT/360", "plan": "BULLET", "starts_on": date(2026, 1, 5),
            "matures_on": date(2027, 1, 5), "purpose": "屋顶光伏建设", "evidence": "借款合同",
            "is_secured": False, "period_months": 12,
        }  # fmt: skip
        self.facility: models.Facility = operations.enter_facility(
            **{**wanted, **facts}, by=self.borrower, at=self.at, idempotency_key=str(new_id())
        )
        if agreed:
            self.facility = self.do(operations.agree_facility)

    def do(self, operate: Any, **given: Any) -> Any:
        given.setdefault("facility_id", self.facility.pk)
        given.setdefault("idempotency_key", str(new_id()))
        return operate(**{"by": self.borrower, "at": self.at, **given})

    def draw(self, amount: str, on: date, **more: Any) -> models.Line:
        made: models.Line = self.do(
            operations.draw, amount=Decimal(amount), drawn_on=on, evidence="放款凭证", **more
        )
        return made

    def line(self, kind: str, amount: str, on: date, **more: Any) -> models.Line:
        wanted = {"evidence": "银行回单", **more}
        made: models.Line = self.do(
            operations.record_line, kind=kind, amount=Decimal(amount), happened_on=on, **wanted
        )
        return made
