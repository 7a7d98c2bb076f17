"""Accounts and units: allowances by quantity, credits and certificates by serial number."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from config.demo.people import Cast
from ledger.accounts import operations as accounts
from ledger.claims import operations as claims
from ledger.holds import operations as holds
from ledger.instruments import operations as instruments
from ledger.kernel.actors import SYSTEM
from ledger.kernel.periods import Period
from ledger.units import operations as units
from ledger.units.operations import LotFacts


def load(facts: Mapping[str, Any], *, cast: Cast, year: int, on: date, at: datetime) -> None:
    """Open the accounts, issue the units, deliver the certificates, pledge and claim."""
    made = {
        one["key"]: accounts.open_account(
            holder_id=cast.parties[one["holder"]],
            type=one["type"],
            registry=one["registry"],
            number=one["number"],
            by=SYSTEM,
            at=at,
        ).pk
        for one in facts["accounts"]
    }
    lots = {
        one["code"]: _lot(one, accounts_made=made, year=year, on=on, at=at) for one in facts["lots"]
    }
    _pledge(facts["pledge"], accounts_made=made, lots=lots, cast=cast, at=at)
    _wind(facts["wind"], accounts_made=made, cast=cast, year=year, on=on, at=at)


def _lot(
    facts: Mapping[str, Any],
    *,
    accounts_made: Mapping[str, UUID],
    year: int,
    on: date,
    at: datetime,
) -> UUID:
    vintage = year + facts["year"]
    account = accounts_made[facts["account"]]
    serials = "prefix" in facts
    lot_id = units.open_lot(
        facts=LotFacts(
            code=facts["code"],
            scheme=facts["scheme"],
            vintage_year=vintage,
            space=("DEMO", facts["scheme"], facts["prefix"]) if serials else None,
            generated_from=date(vintage, 1, 1) if facts["scheme"] == "IREC" else None,
            generated_to=date(vintage + 1, 1, 1) if facts["scheme"] == "IREC" else None,
        ),
        by=SYSTEM,
        at=at,
    )
    first = facts.get("first_serial", 0)
    units.issue_units(
        lot_id=lot_id,
        from_account_id=accounts_made[facts["source"]],
        to_account_id=account,
        unit_count=facts["units"],
        ranges=((first, first + facts["units"] - 1),) if serials else (),
        happened_on=on,
        by=SYSTEM,
        at=at,
        idempotency_key=f"demo-issue-{facts['code']}",
    )
    return lot_id


def _pledge(
    facts: Mapping[str, Any],
    *,
    accounts_made: Mapping[str, UUID],
    lots: Mapping[str, UUID],
    cast: Cast,
    at: datetime,
) -> None:
    holds.place_hold(
        kind="PLEDGE",
        account_id=accounts_made[facts["account"]],
        lot_id=lots[facts["lot"]],
        unit_count=facts["units"],
        in_favour_of=cast.parties[facts["in_favour_of"]],
        reason=facts["reason"],
        by=SYSTEM,
        at=at,
        idempotency_key="demo-pledge",
    )


def _wind(
    facts: Mapping[str, Any],
    *,
    accounts_made: Mapping[str, UUID],
    cast: Cast,
    year: int,
    on: date,
    at: datetime,
) -> None:
    plant = instruments.register_plant(
        code=facts["code"],
        name_zh=facts["name_zh"],
        name_en=facts["name_en"],
        technology="WIND",
        owner_id=cast.parties["wind"],
        commissioned_on=date(year - 3, 1, 1),
        region="330000",
        by=SYSTEM,
        at=at,
    )
    serial = 1
    for month, mwh in enumerate(facts["monthly_mwh"], start=1):
        period = Period.month(year, month)
        lot_id = _certificates(
            facts,
            plant_id=plant.pk,
            period=period,
            first=serial,
            count=mwh,
            source=accounts_made["gec-source"],
            wind=accounts_made["gec-wind"],
            on=on,
            at=at,
        )
        claims.record_generation(
            plant_id=plant.pk,
            month=period.start,
            metered_mwh=Decimal(mwh + facts["unsold_mwh"]),
            evidence=f"关口表 {period.start:%Y-%m}（演示）",
            by=SYSTEM,
            at=at,
        )
        units.transfer_units(
            lot_id=lot_id,
            from_account_id=accounts_made["gec-wind"],
            to_account_id=accounts_made["gec"],
            unit_count=mwh,
            happened_on=on,
            by=SYSTEM,
            at=at,
            idempotency_key=f"demo-gec-delivery-{period.start:%Y-%m}",
        )
        claims.claim_units(
            lot_id=lot_id,
            unit_count=mwh,
            account_id=accounts_made["gec"],
            claimant_id=cast.parties["operator"],
            purpose=facts["purpose"],
            period=Period.year(year),
            by=cast.actors["CARBON_MANAGER"],
            at=at,
            idempotency_key=f"demo-gec-claim-{period.start:%Y-%m}",
        )
        serial += mwh


def _certificates(
    facts: Mapping[str, Any],
    *,
    plant_id: UUID,
    period: Period,
    first: int,
    count: int,
    source: UUID,
    wind: UUID,
    on: date,
    at: datetime,
) -> UUID:
    """The certificates of one month of the wind farm, issued to its owner."""
    month = f"{period.start:%Y%m}"
    lot_id = units.open_lot(
        facts=LotFacts(
            code=f"{facts['prefix']}{month}",
            scheme="GEC",
            vintage_year=period.start.year,
            space=("DEMO", "GEC", facts["prefix"]),
            plant_id=plant_id,
            generated_from=period.start,
            generated_to=period.end,
        ),
        by=SYSTEM,
        at=at,
    )
    units.issue_units(
        lot_id=lot_id,
        from_account_id=source,
        to_account_id=wind,
        unit_count=count,
        ranges=((first, first + count - 1),),
        happened_on=on,
        by=SYSTEM,
        at=at,
        idempotency_key=f"demo-gec-{month}",
    )
    return lot_id
