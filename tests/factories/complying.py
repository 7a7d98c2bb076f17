"""A company with two people, an entity that owes for a year, and allowances to hand in."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from ledger.approvals import operations as approvals
from ledger.compliance import approvable
from ledger.compliance import operations as compliance
from ledger.compliance.models import Entity, Obligation
from ledger.kernel.actors import Actor
from tests.factories import holdings, people
from tests.factories.units import issued, lot

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
TODAY = NOON.date()


class Company(NamedTuple):
    """The rule book must have been loaded."""

    party: Any
    manager: Actor
    approver: Actor
    entity: Entity
    account: Any
    lot_id: UUID

    @property
    def year(self) -> Obligation:
        return Obligation.objects.get(entity=self.entity, year=2025)


def company(*, owed: int = 100, held: int = 300) -> Company:
    """Owes so much of 2025, and holds so many allowances of that year in one account."""
    party = people.make_party(kind="COMPANY", name_zh="甬能热电")
    manager = people.make_actor("CARBON_MANAGER", party=party, name="陈安")
    approver = people.make_actor("APPROVER", party=party, name="林青")
    entity = compliance.enter_entity(
        party_id=party.pk,
        regime="CN_NATIONAL",
        code="E-1",
        sector="POWER",
        first_year=2025,
        told_on=TODAY,
        by=manager,
        at=NOON,
    )
    compliance.record_emissions(
        entity_id=entity.pk,
        year=2025,
        parts={"1": Decimal(owed)},
        purpose="ETS",
        verification="V",
        content_hash="cd" * 32,
        evidence="E",
        told_on=TODAY,
        by=manager,
        at=NOON,
    )
    account = holdings.open_account("A-9", by=manager)
    lot_id = lot()
    issued(account.pk, held, lot_id=lot_id)
    return Company(party, manager, approver, entity, account, lot_id)


def ask_to_surrender(of: Company, count: int = 100, *, key: str = "k-1") -> approvals.Proposal:
    """As its manager's page does."""
    place = {"account_id": str(of.account.pk), "lot_id": str(of.lot_id)}
    payload = {
        "obligation_id": str(of.year.pk),
        "lines": [{**place, "unit_count": count}],
        "happened_on": TODAY.isoformat(),
        "reason": "2025 年度履约",
        "key": key,
    }
    return approvals.propose(
        operation=approvable.SURRENDER,
        payload=payload,
        summary=approvable.describe(payload),
        party_id=of.party.pk,
        by=of.manager,
        at=NOON,
    )
