"""A party's green bond of 100 M and two projects, and short calls for its use."""

from datetime import UTC, date, datetime
from decimal import Decimal as D  # noqa: N817
from typing import Any
from uuid import UUID

from finance.proceeds import models, operations
from ledger.kernel.actors import Actor, Role
from ledger.kernel.ids import new_id
from tests.factories.funds import party

NOON = datetime(2026, 6, 30, 4, 0, tzinfo=UTC)
DAY = date(2026, 1, 5)


def officer(party_id: UUID | None = None) -> Actor:
    roles = frozenset({Role.CARBON_MANAGER, Role.APPROVER})
    return Actor(
        user_id=new_id(), party_id=party_id or party("园区运营方", "PARK_OPERATOR"), roles=roles
    )


class Desk:
    """One party's green bond of 100 M and two projects."""

    def __init__(self, **facts: Any) -> None:
        self.by = officer()
        self.bond = self.do(operations.register_raising, **{**self.facts(), **facts})
        self.roof = self.project("P-1", "屋顶光伏", "60000000")
        self.store = self.project("P-2", "储能电站", "40000000")

    @staticmethod
    def facts() -> dict[str, Any]:
        return {
            "code": "GB-1", "kind": "GREEN_BOND", "stance": "RAISED", "name_zh": "绿色债券",
            "principal": D("100000000"), "raised_amount": D("99500000"), "raised_on": DAY,
            "category": "CLEAN_ENERGY", "tag": "GREEN", "evidence": "募集说明书",
        }  # fmt: skip

    def do(self, operate: Any, **given: Any) -> Any:
        given.setdefault("idempotency_key", str(new_id()))
        return operate(**{"by": self.by, "at": NOON, **given})

    def project(self, code: str, name: str, investment: str, **more: Any) -> models.Project:
        return self.do(
            operations.register_project, code=code, name_zh=name, category="STORAGE",
            investment_amount=D(investment), **more,
        )  # fmt: skip

    def allocate(self, amount: Any, project: Any = None, **more: Any) -> models.Allocation:
        return self.do(
            operations.allocate, raising_id=self.bond.pk, project_id=(project or self.roof).pk,
            amount=D(amount), allocated_on=DAY, tag="GREEN", evidence="决议", **more,
        )  # fmt: skip

    def spend(self, amount: Any, project: Any = None, **more: Any) -> models.Spending:
        return self.do(
            operations.spend,
            **{
                "raising_id": self.bond.pk, "project_id": (project or self.roof).pk,
                "amount": D(amount), "spent_on": DAY, "payee": "总包方",
                "evidence": "发票 1", **more,
            },
        )  # fmt: skip
