"""A carbon fund and a special fund of the demonstration: two years of their books."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from config.demo.people import Cast
from finance.funds import operations as funds
from finance.prices import operations as price_operations
from finance.prices import queries as prices
from finance.prices.operations import MarkFact
from ledger.accounts import operations as accounts
from ledger.accounts import queries as account_queries
from ledger.kernel.actors import SYSTEM
from ledger.units import operations as units
from ledger.units.operations import LotFacts

MANAGER, APPROVER = "FUND_MANAGER", "FUND_APPROVER"
A_YEAR = timedelta(days=355)  # older marks of the demonstration are not told


def day_of(facts: Mapping[str, Any], year: int) -> date:
    """`year` is an offset, `day` month and day."""
    return date.fromisoformat(f"{year + facts.get('year', 0)}-{facts['day']}")


class Story:
    """The demonstration's fund books, told act by act: a maker's facts, an approver's acts."""

    def __init__(self, facts: Mapping[str, Any], *, cast: Cast, year: int, at: datetime) -> None:
        self.facts, self.cast, self.year, self.at = facts, cast, year, at
        self.funds: dict[str, UUID] = {}
        self.classes: dict[tuple[str, str], UUID] = {}
        self.investments: dict[str, UUID] = {}
        self.numbers = count(1)

    def do(self, operate: Any, who: str = APPROVER, **given: Any) -> Any:
        key = f"demo-fund-{next(self.numbers)}"
        return operate(**given, by=self.cast.actors[who], at=self.at, idempotency_key=key)

    def open(self) -> None:
        for one in self.facts["funds"]:
            self.funds[one["key"]] = self._fund(one)
        for one in self.facts["classes"]:
            made = self.do(
                funds.add_class,
                MANAGER,
                fund_id=self.funds[one["fund"]],
                **{name: one[name] for name in ("code", "name_zh", "name_en", "money_kind")},
            )
            self.classes[one["fund"], one["code"]] = made.pk
        for one in self.facts["commitments"]:
            self.do(
                funds.record_commitment,
                fund_id=self.funds[one["fund"]],
                share_class_id=self.classes[one["fund"], one["class"]],
                investor_id=self.cast.parties[one["investor"]],
                amount=Decimal(one["amount"]),
                committed_on=self.start,
                evidence="认缴承诺书（演示）",
            )

    @property
    def start(self) -> date:
        return date(self.year - 1, 1, 1)

    def _fund(self, one: Mapping[str, Any]) -> UUID:
        vehicle = one.get("vehicle")
        named = ("code", "kind", "legal_form", "name_zh", "name_en", "filing_number", "evidence")
        made = self.do(
            funds.open_fund,
            MANAGER,
            starts_on=self.start,
            vehicle_id=self.cast.parties[vehicle] if vehicle else None,
            **{name: one[name] for name in named},
        )
        rates = ("fee_bps", "fee_basis", "hurdle_bps", "carry_bps", "evidence")
        self.do(
            funds.set_terms,
            fund_id=made.pk,
            valid_from=self.start,
            **{name: one[name] for name in rates},
        )
        pk: UUID = made.pk
        return pk

    def invest(self) -> None:
        for one in self.facts["investments"]:
            made = self.do(
                funds.approve_investment,
                fund_id=self.funds[one["fund"]],
                **{name: one[name] for name in ("code", "kind", "name_zh", "name_en")},
                approved_amount=Decimal(one["approved"]),
                approved_on=self.start,
                evidence="投资决策委员会决议（演示）",
            )
            self.investments[one["key"]] = made.pk

    def run(self) -> None:
        acts = {"call": self._call, "cash": self._cash, "distribute": self._distribute}
        for one in self.facts["events"]:
            acts[one["act"]](one, day_of(one, self.year), Decimal(one["amount"]))
        for one in self.facts["values"]:
            self.do(
                funds.value_investment,
                investment_id=self.investments[one["about"]],
                valued_on=day_of(one, self.year),
                amount=Decimal(one["amount"]),
                method="可比公司法与现金流折现（演示）",
                evidence="估值报告（演示）",
            )
        for one in self.facts["index"]:
            self.do(
                funds.tell_index_level,
                MANAGER,
                code=one["code"],
                on=day_of(one, self.year),
                level=Decimal(one["level"]),
                source="演示指数",
            )

    def _call(self, one: Mapping[str, Any], on: date, amount: Decimal) -> None:
        call = self.do(
            funds.make_call,
            fund_id=self.funds[one["fund"]],
            amount=amount,
            purpose="INVESTMENT",
            called_on=on,
            due_on=on,
        )
        for line in call.lines.order_by("id"):
            self.do(
                funds.record_payment,
                MANAGER,
                line_id=line.pk,
                amount=line.amount,
                paid_on=on,
                evidence="银行回单（演示）",
            )

    def _cash(self, one: Mapping[str, Any], on: date, amount: Decimal) -> None:
        self.do(
            funds.tell_cash,
            fund_id=self.funds[one["fund"]],
            kind=one["kind"],
            amount=amount,
            happened_on=on,
            investment_id=self.investments[one["about"]] if "about" in one else None,
            evidence="付款凭证（演示）",
        )

    def _distribute(self, one: Mapping[str, Any], on: date, amount: Decimal) -> None:
        self.do(
            funds.make_distribution,
            fund_id=self.funds[one["fund"]],
            kind=one["kind"],
            amount=amount,
            paid_on=on,
        )

    def hold_units(self) -> None:
        """The fund's own account and its allowances."""
        told = self.facts["units"]
        source = account_queries.find_account(registry=told["registry"], number=told["source"])
        assert source is not None  # noqa: S101  holdings.toml opens it
        account = accounts.open_account(
            holder_id=self.cast.parties["carbonfund"],
            type="HOLDING",
            registry=told["registry"],
            number=told["number"],
            by=SYSTEM,
            at=self.at,
        )
        lot = LotFacts(code=told["lot"], scheme=told["scheme"], vintage_year=self.year)
        units.issue_units(
            lot_id=units.open_lot(facts=lot, by=SYSTEM, at=self.at),
            from_account_id=source.pk,
            to_account_id=account.pk,
            unit_count=told["units"],
            happened_on=day_of(told, self.year),
            by=SYSTEM,
            at=self.at,
            idempotency_key="demo-issue-fund",
        )

    def ask_prices(self, on: date) -> None:
        """A broker's quote for each quarter's end, for the days of which no mark is known."""
        told, vintage = self.facts["units"], self.year
        days = [prices.last_trading_day(quarter) for quarter in last_quarters(on)]
        marks = [
            MarkFact(
                scheme=told["scheme"],
                vintage_year=vintage,
                source="BROKER",
                marked_on=day,
                price=Decimal(quote),
            )
            for day, quote in zip(days, told["quotes"], strict=False)
            if prices.mark_on(told["scheme"], vintage, day) is None
        ]
        if marks:
            key = "demo-fund-quotes"
            price_operations.tell_marks(facts=marks, by=SYSTEM, at=self.at, idempotency_key=key)

    def publish(self, on: date) -> None:
        """A net asset value for each quarter of the last year."""
        for fund_id in self.funds.values():
            for quarter in last_quarters(on):
                self.do(funds.publish_nav, fund_id=fund_id, valued_on=quarter)


def last_quarters(on: date) -> list[date]:
    """The ends of the last four quarters, the oldest first; none more than a year ago."""
    ends = [
        date(year, month, day)
        for year in (on.year - 1, on.year)
        for month, day in ((3, 31), (6, 30), (9, 30), (12, 31))
    ]
    return [one for one in ends if one < on <= one + A_YEAR][-4:]


def load(facts: Mapping[str, Any], *, cast: Cast, year: int, on: date, at: datetime) -> None:
    """Open the funds, run their books and publish what they are worth."""
    story = Story(facts, cast=cast, year=year, at=at)
    story.open()
    story.invest()
    story.run()
    story.hold_units()
    story.ask_prices(on)
    story.publish(on)
