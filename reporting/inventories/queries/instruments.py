"""What the ledger knows that an inventory tells: energy claims, credits, certificates sold."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from ledger.claims import queries as claims
from ledger.instruments import queries as schemes
from ledger.kernel.periods import Period
from reporting.inventories import models
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
    """The operator, and every tenant with a party of its own that is within the boundary."""
    way = Consolidation(inventory.consolidation)
    found: dict[UUID, list[str]] = {inventory.party_id: []}
    for tenant in parks.tenants_of(inventory.park_id, period):
        if tenant.party_id in {None, inventory.party_id} or not share(way, tenant):
            continue
        assert tenant.party_id is not None  # noqa: S101  one line above
        found.setdefault(tenant.party_id, []).append(tenant.code)
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
