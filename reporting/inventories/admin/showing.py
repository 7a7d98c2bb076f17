"""What the lists and pages share: figures for the eye, and who may read which rows."""

from decimal import Decimal

from django.db.models import Q

from ledger.kernel.actors import Actor
from reporting.inventories import queries

TWO_PLACES = Decimal("0.01")


def shown(tonnes: Decimal | None) -> str:
    """For the eye only: two places; the exact number stands on the object's page."""
    return "–" if tonnes is None else f"{tonnes.quantize(TWO_PLACES):,}"


def readable(actor: Actor, prefix: str = "") -> Q:
    """The operator's own, and what an engagement lets a verifier read."""
    mine = Q(**{f"{prefix}party_id": actor.own_party})
    for park_id, period_start in queries.also_readable(actor):
        names = {f"{prefix}park_id": park_id, f"{prefix}period_start": period_start}
        mine |= Q(**names)
    return mine
