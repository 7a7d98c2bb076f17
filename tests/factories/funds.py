"""A fund with two investors, and short calls for its books."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from finance.funds import models, operations
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.ids import new_id
from ledger.parties import operations as parties

NOON = datetime(2026, 6, 30, 4, 0, tzinfo=UTC)
START = date(2024, 1, 1)
BOTH = frozenset({Role.FUND_MANAGER, Role.APPROVER})


def party(name_zh: str, kind: str = "COMPANY") -> UUID:
    return parties.register_party(kind=kind, name_zh=name_zh, by=SYSTEM, at=NOON).pk


def manager(party_id: UUID | None = None) -> Actor:
    """Who keeps the books, with the authority that an approval gives."""
    return Actor(user_id=new_id(), party_id=party_id or party("基金管理公司", "FUND"), roles=BOTH)


class Books:
    """A fund's books: 20 of public money, 80 of others'."""

    def __init__(self, *, vehicle: bool = False, **facts: Any) -> None:
        self.by = manager()
        self.public, self.social = party("政府引导基金"), party("社会投资人")
        self.vehicle = party("基金", "FUND") if vehicle else None
        wanted = {
            "code": f"F-{new_id()}",
            "kind": "CARBON",
            "legal_form": "PARTNERSHIP",
            "name_zh": "梅山碳基金",
            "starts_on": START,
            "evidence": "合伙协议",
            "vehicle_id": self.vehicle,
        }
        self.fund: models.Fund = self.do(operations.open_fund, **{**wanted, **facts})
        self.classes = {
            kind: self.do(
                operations.add_class,
                fund_id=self.fund.pk,
                code=kind[0],
                name_zh=kind,
                money_kind=kind,
            )
            for kind in ("PUBLIC", "SOCIAL")
        }

    def do(self, operate: Any, **given: Any) -> Any:
        key = given.pop("idempotency_key", str(new_id()))
        return operate(**{"by": self.by, "at": NOON, **given}, idempotency_key=key)

    def commit(self, public: str = "2000000", social: str = "8000000") -> None:
        for kind, investor, amount in (
            ("PUBLIC", self.public, public),
            ("SOCIAL", self.social, social),
        ):
            self.do(
                operations.record_commitment,
                fund_id=self.fund.pk,
                share_class_id=self.classes[kind].pk,
                investor_id=investor,
                amount=Decimal(amount),
                committed_on=START,
                evidence="认缴协议",
            )

    def call(self, amount: str, on: date = START, **more: Any) -> models.Call:
        made: models.Call = self.do(
            operations.make_call,
            fund_id=self.fund.pk,
            amount=Decimal(amount),
            purpose="INVESTMENT",
            called_on=on,
            due_on=on,
            **more,
        )
        return made

    def pay(self, call: models.Call) -> None:
        for line in call.lines.order_by("id"):
            self.do(
                operations.record_payment,
                line_id=line.pk,
                amount=line.amount,
                paid_on=call.due_on,
                evidence="银行回单",
            )

    def draw(self, amount: str, on: date = START, **more: Any) -> models.Call:
        """Called, and paid in on the same day."""
        made = self.call(amount, on, **more)
        self.pay(made)
        return made

    def distribute(
        self, amount: str, on: date, kind: str = "GAIN", **more: Any
    ) -> models.Distribution:
        made: models.Distribution = self.do(
            operations.make_distribution,
            fund_id=self.fund.pk,
            kind=kind,
            amount=Decimal(amount),
            paid_on=on,
            **more,
        )
        return made

    def cash(self, kind: str, amount: str, on: date = START, **more: Any) -> models.CashEntry:
        made: models.CashEntry = self.do(
            operations.tell_cash,
            fund_id=self.fund.pk,
            kind=kind,
            amount=Decimal(amount),
            happened_on=on,
            evidence="凭证",
            **more,
        )
        return made

    def invest(
        self, amount: str, *, approved: str = "9999999", kind: str = "EQUITY"
    ) -> models.Investment:
        made: models.Investment = self.do(
            operations.approve_investment,
            fund_id=self.fund.pk,
            code=f"I-{new_id()}",
            kind=kind,
            name_zh="储能项目公司",
            approved_amount=Decimal(approved),
            approved_on=START,
            evidence="投决会决议",
        )
        spent = "GRANT" if kind == "GRANT" else "INVESTED"
        self.cash(spent, amount, investment_id=made.pk)
        return made

    def value(self, investment: models.Investment, amount: str, on: date) -> models.Valuation:
        made: models.Valuation = self.do(
            operations.value_investment,
            investment_id=investment.pk,
            valued_on=on,
            amount=Decimal(amount),
            method="可比交易法",
            evidence="评估报告",
        )
        return made

    def publish(self, on: date, **more: Any) -> models.Nav:
        made: models.Nav = self.do(
            operations.publish_nav, fund_id=self.fund.pk, valued_on=on, **more
        )
        return made
