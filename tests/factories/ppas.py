"""A green power contract between two parties, with meters and their rows: short calls for tests."""

import io
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from finance.ppas import operations, tasks
from finance.ppas.models import Contract, Point, Settlement, Upload
from finance.ppas.operations import DeviationTerm, PriceTerm
from finance.ppas.rules.terms import read_volumes
from ledger.instruments.operations import load_schemes, register_plant
from ledger.kernel.actors import SYSTEM, Actor, Role
from ledger.kernel.ids import new_id
from ledger.kernel.periods import Period
from ledger.parties import operations as parties

NOON = datetime(2026, 2, 2, 4, 0, tzinfo=UTC)
DECEMBER = date(2020, 12, 1)
BASIS = "合同第 3 条"
EVERYTHING = frozenset({Role.CARBON_MANAGER, Role.APPROVER, Role.DATA_OFFICER})


def company(name: str) -> UUID:
    return parties.register_party(kind="COMPANY", name_zh=name, by=SYSTEM, at=NOON).pk


def person(party_id: UUID) -> Actor:
    return Actor(user_id=new_id(), party_id=party_id, roles=EVERYTHING)


class Bargain:
    """A wind farm's owner, a user, their meters and one contract; the user keeps the book."""

    def __init__(
        self,
        *,
        first: date = DECEMBER,
        months: int = 1,
        grain: str = "MONTH",
        buyer: UUID | None = None,
        manager: Actor | None = None,
        **facts: Any,
    ) -> None:
        load_schemes(by=SYSTEM, at=NOON)
        self.seller_id, self.buyer_id = company("梅山风电"), buyer or company("申洲针织")
        self.manager = manager or person(self.buyer_id)
        self.plant = register_plant(
            code=f"W-{new_id().hex[-8:]}",
            name_zh="梅山风电场",
            technology="WIND",
            region="330000",
            owner_id=self.seller_id,
            by=SYSTEM,
            at=NOON,
        )
        self.wind = self.point("WIND", "GENERATION", grain, plant_id=self.plant.pk)
        self.user = self.point("MILL", "CONSUMPTION", grain, user_id=self.buyer_id)
        end = first
        for _ in range(months):
            end = Period.month(end.year, end.month).end
        self.term = Period(first, end)
        self.contract = self.contract_with(**facts)

    def point(self, code: str, side: str, grain: str, **whose: Any) -> Point:
        return operations.register_point(
            code=code, name=code, side=side, grain=grain, by=self.manager, at=NOON, **whose
        )

    def contract_with(self, **facts: Any) -> Contract:
        given: dict[str, Any] = {
            "number": f"PPA-{new_id().hex[-8:]}",
            "title": "申洲针织 ↔ 梅山风电",
            "kind": "GREEN_TRADE",
            "seller_id": self.seller_id,
            "buyer_id": self.buyer_id,
            "valid_from": self.term.start,
            "valid_to": self.term.end,
            "quantity_rule": "THREE_WAY",
            "region": "330000",
            "evidence": "合同扫描件",
            "idempotency_key": str(new_id()),
        }
        return operations.enter_contract(**{**given, **facts}, by=self.manager, at=NOON)

    def price(self, kind: str, amount: str, tariff: str = "", **given: Any) -> None:
        term = PriceTerm(kind, Decimal(amount), self.term.start, BASIS, tariff)
        operations.add_price(
            contract_id=self.contract.pk, price=term, by=self.manager, at=NOON, **given
        )

    def rule(self, of: str, kind: str, **numbers: Any) -> None:
        term = DeviationTerm(of, kind, self.term.start, BASIS, **numbers)
        operations.set_deviation(contract_id=self.contract.pk, rule=term, by=self.manager, at=NOON)

    def volumes(self, text: str) -> None:
        operations.set_volumes(
            contract_id=self.contract.pk, volumes=read_volumes(text), by=self.manager, at=NOON
        )

    def attach(self, point: Point, share_bps: int = 10_000) -> None:
        operations.attach_point(
            contract_id=self.contract.pk,
            point_id=point.pk,
            share_bps=share_bps,
            by=self.manager,
            at=NOON,
        )

    def sign(self) -> None:
        operations.sign_contract(contract_id=self.contract.pk, by=SYSTEM, at=NOON)

    def signed(self, volumes: str, **prices: str) -> "Bargain":
        """Both meters whole, these volumes and prices, in force."""
        self.attach(self.wind)
        self.attach(self.user)
        self.volumes(volumes)
        for kind, amount in prices.items():
            self.price(kind, amount)
        self.sign()
        return self

    def read(self, rows: Iterable[tuple[str, str, str]], unit: str = "MWh") -> Upload:
        """Rows of a file (point, time, energy), brought and taken in at once."""
        lines = [f"{code},{time},{energy},{unit}" for code, time, energy in rows]
        return read_text("\n".join(["point,time,energy,unit", *lines]), by=self.manager)

    def settle(self, period: Period | None = None) -> list[Settlement]:
        return operations.settle_months(
            contract_ids=[self.contract.pk], period=period or self.term, by=SYSTEM, at=NOON
        )

    def finalise(self, *months: date) -> list[Settlement]:
        return operations.finalise_settlements(
            contract_id=self.contract.pk,
            months=months or [one.start for one in self.term.months()],
            by=self.manager,
            at=NOON,
        )

    def adjust(self, month: date, reason: str = "表计更正") -> Settlement:
        return operations.adjust_settlement(
            contract_id=self.contract.pk, month=month, reason=reason, by=self.manager, at=NOON
        )


def read_text(text: str, *, by: Actor) -> Upload:
    upload = operations.upload_readings(
        content=io.BytesIO(text.encode()), name="rows.csv", by=by, at=NOON
    )
    tasks.read_upload(upload.pk)
    upload.refresh_from_db()
    return upload


def meishan(**facts: Any) -> Bargain:
    """Rule book §8.4: 20,000 MWh contracted for a month, 14,000 delivered, premium of 0.01."""
    bargain = Bargain(**facts)
    bargain.signed("2020-12 20000", ENVIRONMENT="0.01")
    bargain.read([("WIND", "2020-12", "14000"), ("MILL", "2020-12", "20000")])
    return bargain
