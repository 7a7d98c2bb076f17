"""The wind PPA of the demonstration: 20,000 MWh contracted, 14,000 delivered with certificates.

Beside it stands the case of the rule book (8.4): the same quantities in one month of 2020.
"""

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from config.demo.people import Cast
from finance.ppas import operations, queries, tasks
from finance.ppas.operations import DeviationTerm, PriceTerm
from finance.ppas.rules.terms import read_volumes
from ledger.instruments import operations as instruments
from ledger.instruments import queries as plants
from ledger.kernel.actors import SYSTEM
from ledger.kernel.periods import Period

Facts = Mapping[str, Any]


def load(facts: Facts, *, cast: Cast, year: int, at: datetime) -> None:
    """Enter both contracts, bring their meter rows, settle them; claim what was delivered."""
    _register_old_plant(facts["case"]["plant"], cast=cast, at=at)
    for story, of_year in ((facts["year"], year), (facts["case"], facts["case"]["year"])):
        _contract(story, cast=cast, year=of_year, at=at)


def _register_old_plant(facts: Facts, *, cast: Cast, at: datetime) -> None:
    instruments.register_plant(
        **facts, technology="WIND", owner_id=cast.parties["wind"], region="330000",
        commissioned_on=date(2018, 1, 1), by=SYSTEM, at=at,
    )  # fmt: skip


def _contract(facts: Facts, *, cast: Cast, year: int, at: datetime) -> None:
    by = cast.actors["CARBON_MANAGER"]
    given: dict[str, Any] = {"by": by, "at": at}
    months = [date(year, one, 1) for one in facts["months"]]
    last = months[-1]
    contract = operations.enter_contract(
        **facts["contract"],
        seller_id=cast.parties["wind"],
        buyer_id=by.own_party,
        valid_from=months[0],
        valid_to=Period.month(last.year, last.month).end,
        idempotency_key=f"demo-ppa-{year}",
        **given,
    )
    _meters(facts, contract_id=contract.pk, given=given)
    _terms(facts, contract_id=contract.pk, months=months, given=given)
    operations.sign_contract(contract_id=contract.pk, by=SYSTEM, at=at)
    _rows(facts, months=months, given=given)
    period = Period(contract.valid_from, contract.valid_to)
    operations.settle_months(contract_ids=[contract.pk], period=period, by=SYSTEM, at=at)
    operations.finalise_settlements(contract_id=contract.pk, months=months, by=SYSTEM, at=at)
    for month in months:
        _claim(contract.pk, month, purpose=facts["purpose"], given=given)


def _meters(facts: Facts, *, contract_id: UUID, given: Facts) -> None:
    plant = plants.find_plant(facts["plant_code"])
    assert plant is not None  # noqa: S101  registered before
    user_id = given["by"].own_party
    for side, whose in (
        ("generation", {"plant_id": plant.pk}),
        ("consumption", {"user_id": user_id}),
    ):
        point = operations.register_point(
            **facts[side], **whose, side=side.upper(), grain="MONTH", **given
        )
        operations.attach_point(
            contract_id=contract_id, point_id=point.pk, share_bps=10_000, **given
        )


def _terms(facts: Facts, *, contract_id: UUID, months: Sequence[date], given: Facts) -> None:
    for price in facts["prices"]:
        operations.add_price(
            contract_id=contract_id,
            price=PriceTerm(
                kind=price["kind"],
                cny_per_kwh=Decimal(price["cny_per_kwh"]),
                valid_from=months[0].replace(month=price.get("month", months[0].month)),
                basis=price["basis"],
            ),
            **given,
        )
    for rule in facts["deviations"]:
        operations.set_deviation(
            contract_id=contract_id, rule=DeviationTerm(**rule, valid_from=months[0]), **given
        )
    when = f"{months[0]:%Y}" if len(months) > 1 else f"{months[0]:%Y-%m}"
    operations.set_volumes(
        contract_id=contract_id,
        volumes=read_volumes(f"{when} {facts['contracted_mwh']}"),
        **given,
    )


def _rows(facts: Facts, *, months: Sequence[date], given: Facts) -> None:
    lines = ["point,time,energy,unit"]
    for side in ("generation", "consumption"):
        code = facts[side]["code"]
        for month, energy in zip(months, facts[f"{side}_mwh"], strict=True):
            lines.append(f"{code},{month:%Y-%m},{energy},MWh")
    upload = operations.upload_readings(
        content=io.BytesIO("\n".join(lines).encode()),
        name=f"meters-{months[0]:%Y}.csv",
        **given,
    )
    tasks.read_upload(upload.pk)


def _claim(contract_id: UUID, month: date, *, purpose: str, given: Facts) -> None:
    """What came to the buyer for the month is matched, and claimed: once."""
    contract = queries.get_contract(contract_id, by=given["by"])
    found = queries.arrivals(contract, month)
    for one in found:
        operations.match_certificates(
            contract_id=contract_id, month=month, entry_id=one.entry_id, lot_id=one.lot_id, **given
        )
    if found:
        operations.claim_power(contract_id=contract_id, month=month, purpose=purpose, **given)
