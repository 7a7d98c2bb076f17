"""Statements: the standing one of each month, and what they come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet, Sum

from finance.ppas.models import CertificateMatch, Contract, PowerClaim, Settlement
from finance.ppas.queries.contracts import contracts_visible_to, points_of, terms_in
from finance.ppas.queries.gathering import Gathered, gather, newest_volumes, volumes_of
from finance.ppas.rules.quantities import WH_PER_MWH
from finance.ppas.rules.statement import Draft, make_draft
from finance.ppas.states import MatchPurpose, StatementKind
from ledger.accounts import queries as accounts
from ledger.kernel.actors import Actor
from ledger.kernel.errors import NotFound

FINAL = (StatementKind.FINAL, StatementKind.ADJUSTED)


def settlements_visible_to(actor: Actor) -> QuerySet[Settlement]:
    return Settlement.objects.filter(contract__in=contracts_visible_to(actor))


def get_settlement(settlement_id: UUID, *, by: Actor) -> Settlement:
    """:raises NotFound: not there, or not yours"""
    found = settlements_visible_to(by).select_related("contract").filter(pk=settlement_id).first()
    if found is None:
        raise NotFound(str(settlement_id))
    return found


def standing(contract_ids: Sequence[UUID] | QuerySet[Contract]) -> QuerySet[Settlement]:
    """The last version of every month."""
    return Settlement.objects.filter(contract__in=contract_ids, superseded_by=None)


def standing_of(contract_id: UUID, month: date) -> Settlement | None:
    return standing([contract_id]).filter(month=month).select_related("contract").first()


def standing_by_month(contract_ids: Sequence[UUID]) -> dict[tuple[UUID, date], Settlement]:
    return {(row.contract_id, row.month): row for row in standing(contract_ids)}


def is_standing(row: Settlement) -> bool:
    return not Settlement.objects.filter(supersedes=row).exists()


def drafts(
    contracts: Sequence[Contract],
    months: Sequence[date],
    *,
    known: dict[tuple[UUID, date], Settlement],
    wanted: set[tuple[UUID, date]],
) -> list[tuple[Contract, date, Draft]]:
    """What the wanted months come to now, in their order; each carries on from the one before.

    `known`: the standing statements. A month that is drafted here counts as drafted for the carry
    of the next.

    :raises PriceMissing: hours with energy have no price
    """
    found = gather(contracts, months)
    volumes = newest_volumes([one.pk for one in contracts])
    made = []
    for contract in contracts:
        settled = {
            month: (row.settled_wh, row.certificate_count)
            for (contract_id, month), row in known.items()
            if contract_id == contract.pk
        }
        for month in months:
            if (contract.pk, month) not in wanted:
                continue
            one = found.get((contract.pk, month), Gathered())
            draft = make_draft(
                terms_in(contract, month),
                volumes=volumes_of(contract, one, volumes.get((contract.pk, month))),
                meters=one.meters,
                carried_in_wh=_carried(settled, month),
            )
            settled[month] = (draft.found.settled_wh, draft.certificates.unit_count)
            made.append((contract, month, draft))
    return made


def _carried(settled: dict[date, tuple[int, int]], before: date) -> int:
    earlier = [one for month, one in settled.items() if month < before]
    return sum(energy - count * WH_PER_MWH for energy, count in earlier)


def draft_of(contract: Contract, month: date) -> Draft:
    """What one month comes to now."""
    known = standing_by_month([contract.pk])
    wanted = {(contract.pk, month)}
    ((_contract, _month, draft),) = drafts([contract], [month], known=known, wanted=wanted)
    return draft


# --- certificates and claims of a month


@dataclass(frozen=True, slots=True)
class Delivered:
    """How far a settled month has come: certificates due, delivered, claimed; energy claimed."""

    due: int
    delivered: int
    claimed: int
    made_good: int
    claimed_wh: int

    @property
    def left(self) -> int:
        return max(0, self.due - self.delivered)


def delivered_of(row: Settlement) -> Delivered:
    matches = CertificateMatch.objects.filter(contract=row.contract_id, month=row.month)
    settled = matches.filter(purpose=MatchPurpose.SETTLED)
    claims = PowerClaim.objects.filter(contract=row.contract_id, month=row.month)

    def units(rows: QuerySet[CertificateMatch]) -> int:
        return int(rows.aggregate(sum=Sum("unit_count"))["sum"] or 0)

    return Delivered(
        due=row.certificate_count,
        delivered=units(settled),
        claimed=units(settled.filter(claim__isnull=False)),
        made_good=units(matches.filter(purpose=MatchPurpose.MAKE_GOOD)),
        claimed_wh=int(claims.aggregate(sum=Sum("energy_wh"))["sum"] or 0),
    )


@dataclass(frozen=True, slots=True)
class Summary:
    """A contract so far, over its standing statements."""

    contracted_wh: int
    delivered_wh: int
    settled_wh: int
    shortfall_wh: int
    certificate_count: int
    buyer_pays_cny: Decimal

    @property
    def delivery_bps(self) -> int | None:
        """Delivered of contracted, in basis points."""
        if not self.contracted_wh:
            return None
        return self.delivered_wh * 10_000 // self.contracted_wh


def summary_of(rows: Sequence[Settlement]) -> Summary:
    return Summary(
        contracted_wh=sum(row.contracted_wh for row in rows),
        delivered_wh=sum(row.delivered_wh for row in rows),
        settled_wh=sum(row.settled_wh for row in rows),
        shortfall_wh=sum(max(0, row.contracted_wh - row.delivered_wh) for row in rows),
        certificate_count=sum(row.certificate_count for row in rows),
        buyer_pays_cny=sum((row.buyer_pays_cny for row in rows), start=Decimal(0)),
    )


# --- entries that may have delivered certificates

_ENTRIES = """
SELECT e.id, l.id, l.code, e.happened_on, sum(m.unit_count)
FROM ledger_units_movement m
JOIN ledger_units_entry e ON e.id = m.entry_id AND e.kind = 'TRANSFER'
JOIN ledger_units_position f ON f.id = m.from_position_id
JOIN ledger_units_position t ON t.id = m.to_position_id
JOIN ledger_units_lot l ON l.id = m.lot_id
JOIN ledger_instruments_scheme s ON s.code = l.scheme AND s.family = 'ENERGY_CERTIFICATE'
WHERE t.account_id = ANY(%(own)s) AND f.account_id <> ALL(%(own)s)
  AND l.plant_id = ANY(%(plants)s) AND l.generated_from <= %(month)s AND l.generated_to > %(month)s
  AND NOT EXISTS (SELECT 1 FROM ledger_units_entry r WHERE r.reverses_id = e.id)
  AND NOT EXISTS (SELECT 1 FROM finance_ppas_certificatematch c
                  WHERE c.entry_id = e.id AND c.lot_id = l.id)
GROUP BY e.id, l.id, l.code, e.happened_on ORDER BY e.happened_on, l.code LIMIT 200
"""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Certificates of the contract's plants that came to the buyer and are not matched yet."""

    entry_id: UUID
    lot_id: UUID
    lot: str
    happened_on: date
    unit_count: int


def arrivals(contract: Contract, month: date) -> list[Arrival]:
    plants = [point.plant_id for point, _share in points_of(contract) if point.plant_id]
    own = accounts.account_ids_of(contract.buyer_id)
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, {"own": own, "plants": plants, "month": month})
        return [
            Arrival(entry, lot_id, lot, day, int(count))
            for entry, lot_id, lot, day, count in cursor.fetchall()
        ]
