"""A borrower with 600,000 CEA at 74.63, a bank, a secured facility; short calls for a pledge."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from finance.pledges import models, operations
from finance.pledges.operations import Wanted
from ledger.accounts.models import Account
from ledger.holds import operations as holds
from ledger.kernel.actors import SYSTEM
from ledger.kernel.ids import new_id
from ledger.parameters.operations import load_seeds
from tests.factories import prices
from tests.factories.holdings import open_account, quantities
from tests.factories.loans import Loan, banker, borrower
from tests.factories.units import issued, lot

DAY = date(2026, 1, 5)
NOON = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]


class Secured:
    at = NOON

    def __init__(
        self, *, price: str | None = "74.63", first: int | None = None, units: int = 600_000
    ) -> None:
        load_seeds(folder=ROOT / "seeds", by=SYSTEM, at=NOON)
        prices.load()
        if price:
            prices.mark(DAY, price, reason="测试")
        self.borrower, self.bank = borrower(), banker()
        self.account: Account = open_account(f"A-{new_id()}", by=self.borrower)
        self.lot = lot(space=first is not None)
        issued(self.account.pk, units, lot_id=self.lot, first=first)
        self._open_loan()

    def _open_loan(self) -> None:
        self.loan = Loan(borrower_as=self.borrower, bank_as=self.bank, is_secured=True)

    def another_bank(self) -> "Secured":
        """The same borrower and units, another lender."""
        other = object.__new__(Secured)
        other.__dict__.update(self.__dict__)
        other.bank = banker()
        other._open_loan()
        return other

    def do(self, operate: Any, pledge: models.Pledge, **given: Any) -> Any:
        given.setdefault("idempotency_key", str(new_id()))
        return operate(**{"by": self.borrower, "at": self.at, "pledge_id": pledge.pk, **given})

    def submit(self, units: int, *, ranges: Any = (), **facts: Any) -> models.Pledge:
        wanted: dict[str, Any] = {
            "facility_id": self.loan.facility.pk, "number": f"P-{new_id()}",
            "collateral": [Wanted(self.account.pk, self.lot, units, ranges)],
            "loan_share": Decimal("0.6"), "reference": "LAST", "target_ltv": Decimal("0.6"),
            "warning_ltv": Decimal("0.7"), "top_up_ltv": Decimal("0.8"),
            "close_out_ltv": Decimal("0.9"), "evidence": "质押合同", "cure_days": 3,
            "idempotency_key": str(new_id()), "by": self.borrower, "at": self.at,
        }  # fmt: skip
        return operations.submit_pledge(**{**wanted, **facts})

    def approve(self, pledge: models.Pledge) -> models.Pledge:
        made: models.Pledge = self.do(operations.approve_pledge, pledge)
        return made

    def register(self, pledge: models.Pledge, register: str, **more: Any) -> None:
        wanted = {"number": "06660001", "registered_on": DAY, "document": "登记证明", **more}
        self.do(operations.register, pledge, register=register, **wanted)

    def perfect(self, units: int, *, drawn: str = "", **facts: Any) -> models.Pledge:
        made = self.approve(self.submit(units, **facts))
        self.register(made, "ZDW", expires_on=date(2028, 1, 1))
        self.register(made, "REGISTRY")
        if drawn:
            self.draw(drawn)
        return models.Pledge.objects.get(pk=made.pk)

    def draw(self, amount: str) -> None:
        self.loan.draw(amount, DAY)

    def value(self, pledge: models.Pledge, on: date) -> models.Valuation:
        return operations.value_pledge(pledge_id=pledge.pk, valued_on=on, by=SYSTEM, at=self.at)

    def ask(self, pledge: models.Pledge, kind: str, **more: Any) -> models.Request:
        made: models.Request = self.do(operations.ask, pledge, kind=kind, reason="还款", **more)
        return made

    def substitute(self, pledge: models.Pledge, units: int) -> models.Request:
        return self.ask(
            pledge, "SUBSTITUTION", part_id=pledge.parts.get().pk, unit_count=units,
            new=Wanted(self.account.pk, self.lot, units),
        )  # fmt: skip

    def decide(self, request: models.Request, **given: Any) -> models.Request:
        wanted = {"by": self.bank, "consents": True, "answer": "同意", **given}
        return operations.decide(
            request_id=request.pk, at=self.at, idempotency_key=str(new_id()), **wanted
        )

    def buyer(self) -> Account:
        return open_account(f"B-{new_id()}", by=borrower())

    def court_freeze(self, pledge: models.Pledge) -> None:
        """A court's freeze of more than is free: the rest waits behind the pledge."""
        part = pledge.parts.get()
        holds.place_hold(
            kind="FREEZE", account_id=part.account_id, lot_id=part.lot_id, unit_count=1000,
            behind=part.hold_id, order_number="(2026)浙02执7号", order_body="宁波中院",
            by=self.borrower, at=self.at, idempotency_key=str(new_id()),
        )  # fmt: skip

    def held(self) -> dict[str, int]:
        return quantities(self.account.pk, self.lot)
