"""What the ledger knows that an inventory tells: energy claims, credits, certificates sold."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from ledger.claims import queries as claims
from ledger.instruments import queries as schemes
from ledger.kernel.periods import Period
from reporting.inventories import models
from reporting.inventories.engine.market import CERTIFICATES
from reporting.inventories.engine.values import ONE, Claim, share_of
from reporting.inventories.states import Answer, Consolidation
from reporting.parks import queries as parks

# Whose claims count: the party, and the codes under which it is a tenant; none for the operator.
Reporters = Mapping[UUID, Sequence[str]]


def share(way: Consolidation, tenant: parks.TenantView | None) -> Decimal:
    """How much of a tenant's activity counts (R5.2); what is the operator's own counts whole."""
    if tenant is None:
        return ONE
    return share_of(
        way,
        equity_share=tenant.equity_share,
        has_operational_control=tenant.has_operational_control,
        has_financial_control=tenant.has_financial_control,
    )


def reporters_of(inventory: models.Inventory, period: Period) -> Reporters:
    """The operator, and every tenant with a party of its own that is within the boundary.

    In a park within the park: its tenants through the whole period. What the operator claimed is
    the whole park's; one of several parks within it would count what another counts, too.
    """
    way, inner = Consolidation(inventory.consolidation), inventory.inner_park
    places = parks.places_of(inventory.park_id) if inner else None
    found: dict[UUID, list[str]] = {} if inner else {inventory.party_id: []}
    for tenant in parks.tenants_of(inventory.park_id, period):
        if tenant.party_id in {None, inventory.party_id} or not share(way, tenant):
            continue
        if places is not None and not places.tenant_stays(inner, tenant.code, period):
            continue
        assert tenant.party_id is not None  # noqa: S101  one line above
        codes = found.setdefault(tenant.party_id, [])
        if tenant.code not in codes:  # other terms since are the same tenant
            codes.append(tenant.code)
    return found


def energy_claims(reporters: Reporters, period: Period) -> list[Claim]:
    """Their claims in the ledger on energy of the period, in the order they were made."""
    return [
        Claim(
            id=str(one.claim_id),
            instrument=str(one.instrument),
            mwh=Decimal(one.mwh),
            entry_id=str(one.entry_id or ""),
            plant=str(one.plant),
            plant_en=str(one.plant_en),
            generation=one.generation,
            answers={number: Answer(str(said)) for number, said in one.answers.items()},
            tenants=codes,
        )
        for party_id, codes in reporters.items()
        for one in claims.energy_claims(claimant_id=party_id, period=period)
    ]


# Whoever froze first keeps the claim; what was frozen later than an inventory cannot touch it.
_USED_ELSEWHERE = """
SELECT DISTINCT used.one ->> 'id'
FROM reporting_inventories_frozeninventory f
JOIN reporting_inventories_inventory i ON i.id = f.inventory_id
CROSS JOIN LATERAL jsonb_array_elements(f.content -> 'result' -> 'claims') AS used (one)
LEFT JOIN reporting_inventories_frozeninventory own ON own.inventory_id = %(inventory)s
WHERE i.park_id <> %(park)s AND i.period_start < %(end)s AND i.period_end > %(start)s
  AND used.one ->> 'used_mwh' <> '0' AND used.one ->> 'id' = ANY(%(claims)s)
  AND (own.id IS NULL OR (f.frozen_at, f.id) < (own.frozen_at, own.id))
ORDER BY 1
"""


def claims_of_other_parks(inventory: models.Inventory, claim_ids: Sequence[str]) -> list[str]:
    """Those that a frozen inventory of another park has used: one MWh, one claim, one park."""
    asked: dict[str, Any] = {
        "inventory": inventory.pk,
        "park": inventory.park_id,
        "start": inventory.period_start,
        "end": inventory.period_end,
        "claims": list(claim_ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(_USED_ELSEWHERE, asked)
        return [claim_id for (claim_id,) in cursor.fetchall()]


def credits_used(reporters: Reporters, period: Period) -> list[dict[str, Any]]:
    """Credits they claimed for the period, or retired or cancelled in it without a claim (R5.1)."""
    found = []
    for party_id, codes in reporters.items():
        for claim in claims.credit_retirements(claimant_id=party_id, period=period):
            facts = {"use": claim.use, "purpose": claim.purpose, "claim": str(claim.claim_id)}
            found.append({**_credit(claim), **facts, "tenants": list(codes), "on": ""})
        for end in claims.credits_ended(holder_id=party_id, period=period):
            facts = {"use": end.state, "purpose": "", "claim": ""}
            day = end.happened_on.isoformat()
            found.append({**_credit(end), **facts, "tenants": list(codes), "on": day})
    return found


def _credit(one: claims.CreditRetirement | claims.CreditEnd) -> dict[str, Any]:
    scheme = schemes.get_scheme(one.scheme)
    return {
        "scheme": one.scheme,
        "name_zh": scheme.name_zh,
        "name_en": scheme.name_en,
        "vintage_year": one.vintage_year,
        "lot": one.lot_code,
        "tco2e": str(one.unit_count),  # a unit is a tonne
        "entry": str(one.entry_id),
    }


def certificates_passed_on(reporters: Reporters, period: Period) -> Decimal:
    """MWh of their own plants whose certificates are with others."""
    return claims.certificates_passed_on(owner_ids=list(reporters), period=period)


def certificates_of_park(park_id: UUID, period: Period, inner_park: str = "") -> list[Claim]:
    """Certificates that the operator and every company of the park claimed for the period; in a
    park within the park, every company in it through the whole period.
    """
    park, places = parks.get_park(park_id), parks.places_of(park_id)
    found: dict[UUID, list[str]] = {} if inner_park else {park.operator_id: []}
    for tenant in parks.tenants_of(park_id, period):
        if inner_park and not places.tenant_stays(inner_park, tenant.code, period):
            continue
        if tenant.party_id not in {None, park.operator_id}:
            assert tenant.party_id is not None  # noqa: S101  one line above
            codes = found.setdefault(tenant.party_id, [])
        if tenant.code not in codes:  # other terms since are the same tenant
            codes.append(tenant.code)
    return [one for one in energy_claims(found, period) if one.instrument in CERTIFICATES]
