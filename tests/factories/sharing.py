"""An agreement of several participants, and short calls for its settlements."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal as D  # noqa: N817
from typing import Any

from finance.sharing import models, operations
from ledger.kernel.actors import Actor, Role
from ledger.kernel.ids import new_id
from tests.factories.funds import party

NOON = datetime(2026, 6, 30, 4, 0, tzinfo=UTC)
START = date(2026, 1, 1)


def quarter(n: int) -> dict[str, date]:
    return {
        "period_start": date(2026, 3 * n - 2, 1),
        "period_end": date(2027, 1, 1) if n == 4 else date(2026, 3 * n + 1, 1),
    }


class Deal:
    """Land, investor and operator share 3 : 3 : 1."""

    def __init__(self, kind: str = "LAND", weights: Sequence[int] = (3, 3, 1)) -> None:
        self.by = Actor(
            user_id=new_id(), party_id=party("园区运营方", "PARK_OPERATOR"),
            roles=frozenset({Role.CARBON_MANAGER, Role.APPROVER}),
        )  # fmt: skip
        self.people = [party(f"参与方{n}") for n, _weight in enumerate(weights)]
        self.weights = weights
        self.row = self.do(
            operations.enter_agreement, code="A-1", kind=kind, name_zh="土地入股",
            starts_on=START, evidence="协议", ends_on=date(2027, 1, 1),
        )  # fmt: skip

    def do(self, operate: Any, **given: Any) -> Any:
        given.setdefault("idempotency_key", str(new_id()))
        return operate(**{"by": self.by, "at": NOON, **given})

    def terms(
        self, valid_from: date = START, weights: Any = None, people: Any = None
    ) -> models.Terms:
        told = [
            {"party_id": str(one), "role": "INVESTOR", "weight": weight}
            for one, weight in zip(people or self.people, weights or self.weights, strict=False)
        ]
        return self.do(
            operations.set_terms, agreement_id=self.row.pk, valid_from=valid_from,
            basis="净收益", participants=told, evidence="协议第3条",
        )  # fmt: skip

    def settle(self, revenue: str = "100.00", costs: str = "0", **more: Any) -> models.Settlement:
        return self.do(
            operations.settle, agreement_id=self.row.pk,
            **{
                **quarter(1), "revenue_amount": D(revenue), "costs_amount": D(costs),
                "evidence": "结算单", **more,
            },
        )  # fmt: skip

    def parts(self, row: models.Settlement) -> list[D]:
        return list(row.parts.order_by("participant__place").values_list("amount", flat=True))
