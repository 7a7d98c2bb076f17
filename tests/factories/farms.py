"""An offshore wind farm of the park: metered, issued, claimed, registered as a project."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from ledger.claims import operations
from ledger.claims.models import Issuance
from ledger.instruments import operations as instruments
from ledger.kernel.actors import SYSTEM
from ledger.kernel.ids import new_id
from ledger.kernel.periods import Period
from ledger.parameters.operations import load_seeds
from tests.factories.holdings import PARK_MANAGER, open_account, quantities

BEIJING = timezone(timedelta(hours=8))
SEEDS = Path(__file__).resolve().parents[2] / "seeds"
MAY = datetime(2024, 5, 6, 12, tzinfo=BEIJING)
JAN, FEB, MAR = date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)


class Farm:
    """An offshore wind farm of the park, with its issuer's and its own account."""

    def __init__(self, **facts: Any) -> None:
        load_seeds(folder=SEEDS, by=SYSTEM, at=MAY)
        instruments.load_schemes(by=SYSTEM, at=MAY)
        given = {"technology": "OFFSHORE_WIND", "owner_id": PARK_MANAGER.party_id, **facts}
        self.plant = instruments.register_plant(
            code=f"W-{new_id()}"[:20], name_zh="象山海上风电", by=PARK_MANAGER, at=MAY, **given
        )
        self.issuer = open_account("NEA", kind="ISSUER").pk
        self.account = open_account("GEC-1", kind="GENERATOR").pk

    def meter(self, month: date, mwh: str) -> None:
        operations.record_generation(
            plant_id=self.plant.pk,
            month=month,
            metered_mwh=Decimal(mwh),
            evidence="电网结算单",
            by=PARK_MANAGER,
            at=MAY,
        )

    def issue(self, month: date, mwh: str = "", **more: Any) -> Issuance:
        if mwh:
            self.meter(month, mwh)
        return operations.issue_certificates(
            plant_id=self.plant.pk,
            month=month,
            issuer_account_id=self.issuer,
            to_account_id=self.account,
            **{"by": PARK_MANAGER, "at": MAY, **more},
        )

    def held(self, issuance: Issuance) -> dict[str, int]:
        assert issuance.lot_id is not None
        return quantities(self.account, issuance.lot_id)

    def claim(self, issuance: Issuance, count: int, **more: Any) -> Any:
        assert issuance.lot_id is not None
        given: dict[str, Any] = {
            "claimant_id": PARK_MANAGER.party_id,
            "purpose": "用电",
            "period": Period.year(2024),
            "by": PARK_MANAGER,
            "at": MAY,
            "idempotency_key": str(new_id()),
        }
        return operations.claim_units(
            lot_id=issuance.lot_id, account_id=self.account, unit_count=count, **{**given, **more}
        )

    def register(self, **more: Any) -> UUID:
        given = {"crediting_from": date(2024, 1, 1), "crediting_to": date(2034, 1, 1), **more}
        return instruments.register_project(
            scheme="CCER",
            code=f"CCER-{new_id()}",
            name_zh="象山海上风电自愿减排项目",
            plant_id=self.plant.pk,
            by=PARK_MANAGER,
            at=MAY,
            **given,
        ).pk
