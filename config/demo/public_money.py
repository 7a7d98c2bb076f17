"""A green bond and its use, a budget line, and agreements that share revenue out."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from config.demo.funds import day_of
from config.demo.people import Cast
from finance.proceeds import operations as proceeds
from finance.sharing import operations as sharing

MAKER, CHECKER = "CARBON_MANAGER", "APPROVER"


class Story:
    """What the operator raised, spent and shared in the demonstration year."""

    def __init__(self, facts: Mapping[str, Any], *, cast: Cast, year: int, at: datetime) -> None:
        self.facts, self.cast, self.year, self.at = facts, cast, year, at
        self.raisings: dict[str, UUID] = {}
        self.projects: dict[str, UUID] = {}
        self.numbers = count(1)

    def do(self, operate: Any, **given: Any) -> Any:
        """By the maker; with `who`, by somebody else."""
        who = given.pop("who", MAKER)
        key = f"demo-money-{next(self.numbers)}"
        return operate(**given, by=self.cast.actors[who], at=self.at, idempotency_key=key)

    def register(self) -> None:
        for one in self.facts["raisings"]:
            self.raisings[one["key"]] = self._raising(one)
        for one in self.facts["projects"]:
            made = self.do(
                proceeds.register_project,
                **{name: one[name] for name in ("code", "name_zh", "name_en", "category")},
                investment_amount=Decimal(one["investment"]),
                multiplier=Decimal(one["multiplier"]) if "multiplier" in one else None,
            )
            self.projects[one["key"]] = made.pk

    def _raising(self, one: Mapping[str, Any]) -> UUID:
        named = ("code", "kind", "stance", "name_zh", "name_en", "category", "tag")
        maybe = ("issuer", "coupon_bps", "opinion")
        effects = ("expected_tco2e", "expected_tce")
        made = self.do(
            proceeds.register_raising,
            **{name: one[name] for name in named},
            **{name: one[name] for name in maybe if name in one},
            **{name: Decimal(one[name]) for name in effects if name in one},
            principal=Decimal(one["principal"]),
            raised_amount=Decimal(one["raised"]),
            raised_on=day_of(one, self.year),
            matures_on=date(self.year + 3, 1, 20) if one["kind"] == "GREEN_BOND" else None,
            evidence="登记文件（演示）",
        )
        pk: UUID = made.pk
        return pk

    def use(self) -> None:
        for one in self.facts["allocations"]:
            self.do(
                proceeds.allocate,
                who=CHECKER,
                **self._place(one),
                allocated_on=day_of(one, self.year),
                tag="GREEN",
                evidence="资金使用计划（演示）",
            )
        for one in self.facts["spendings"]:
            told = {name: one[name] for name in ("payee", "evidence")}
            spent_on = day_of(one, self.year)
            self.do(proceeds.spend, **self._place(one), **told, spent_on=spent_on)
        for one in self.facts["impacts"]:
            self.do(
                proceeds.record_impact,
                project_id=self.projects[one["project"]],
                **self.whole_year("period_start", "period_end"),
                reduced_tco2e=Decimal(one["reduced_tco2e"]),
                saved_tce=Decimal(one["saved_tce"]),
                method=one["method"],
                verified_by="东海碳核查有限公司（演示）",
                evidence="环境效益核算报告（演示）",
            )

    def _place(self, one: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "raising_id": self.raisings[one["raising"]],
            "project_id": self.projects[one["project"]],
            "amount": Decimal(one["amount"]),
        }

    def whole_year(self, first: str, last: str) -> dict[str, date]:
        return {first: date(self.year, 1, 1), last: date(self.year + 1, 1, 1)}

    def support(self) -> None:
        for one in self.facts["subsidies"]:
            self.do(
                proceeds.grant_subsidy,
                who=CHECKER,
                raising_id=self.raisings[one["raising"]],
                beneficiary_id=self.cast.parties[one["beneficiary"]],
                **{name: one[name] for name in ("loan", "subsidy_bps", "basis_days")},
                principal=Decimal(one["principal"]),
                **self.whole_year("starts_on", "ends_on"),
                evidence="借款合同与利息清单（演示）",
            )
        self.do(
            proceeds.record_rating,
            **self.facts["rating"],
            valid_from=date(self.year, 6, 1),
            valid_to=date(self.year + 2, 6, 1),
            evidence="评级证书（演示）",
        )

    def share(self) -> None:
        for one in self.facts["agreements"]:
            made = self.do(
                sharing.enter_agreement,
                **{name: one[name] for name in ("code", "kind", "name_zh", "name_en")},
                starts_on=date(self.year, 1, 1),
                evidence="协议文本（演示）",
            )
            self._terms(made.pk, one)
            for number, told in enumerate(one.get("quarters", []), start=1):
                self._settle(made.pk, number, revenue=told[0], costs=told[1])
            for number, told in enumerate(one.get("savings", []), start=1):
                named = ("baseline_mwh", "measured_mwh", "unit_price")
                savings: dict[str, Any] = dict(
                    zip(named, map(Decimal, [*told, one["price"]]), strict=True)
                )
                self._settle(made.pk, number, **savings)

    def _terms(self, agreement_id: UUID, one: Mapping[str, Any]) -> None:
        people = [
            {**told, "party_id": str(self.cast.parties[told["party"]])} for told in one["people"]
        ]
        self.do(
            sharing.set_terms,
            who=CHECKER,
            agreement_id=agreement_id,
            valid_from=date(self.year, 1, 1),
            basis=one["basis"],
            participants=people,
            evidence="协议第三条（演示）",
        )

    def _settle(
        self,
        agreement_id: UUID,
        number: int,
        *,
        revenue: str = "0",
        costs: str = "0",
        **savings: Any,
    ) -> None:
        last = number == 4
        self.do(
            sharing.settle,
            who=CHECKER,
            agreement_id=agreement_id,
            period_start=date(self.year, 3 * number - 2, 1),
            period_end=date(self.year + last, 1 if last else 3 * number + 1, 1),
            revenue_amount=Decimal(revenue),
            costs_amount=Decimal(costs),
            evidence="季度结算单（演示）",
            **savings,
        )


def load(facts: Mapping[str, Any], *, cast: Cast, year: int, at: datetime) -> None:
    """Register, allocate, spend, subsidise and share out."""
    story = Story(facts, cast=cast, year=year, at=at)
    story.register()
    story.use()
    story.support()
    story.share()
