"""Claims, metered months and certificates against the log and against the units they retired."""

from collections.abc import Iterator
from typing import Any

from django.db import connection

from ledger.audit.queries import Fault, compare_rows_with_events
from ledger.claims.models import Claim, ClaimedRange, Generation, GenerationSlice, Issuance
from ledger.claims.queries.certificates import content_of_issuance
from ledger.claims.rules import plain


def content_of_claim(claim: Claim) -> dict[str, Any]:
    """A claim with its serials and slices, as its newest event tells it."""
    facts = {item.attname: getattr(claim, item.attname) for item in claim._meta.concrete_fields}
    facts["request_digest"] = bytes(claim.request_digest).hex()
    facts["mwh"] = plain(claim.mwh) if claim.mwh is not None else None
    ranges = ClaimedRange.objects.filter(claim=claim).order_by("space", "first_serial")
    facts["ranges"] = [[r.space, r.first_serial, r.last_serial, r.stands] for r in ranges]
    slices = GenerationSlice.objects.filter(claim=claim).order_by("generation__month")
    facts["slices"] = [[str(s.generation_id), plain(s.mwh), s.stands] for s in slices]
    return facts


def content_of_generation(row: Generation) -> dict[str, Any]:
    """What the meter said; what is left of it follows from the claims."""
    facts = {item.attname: getattr(row, item.attname) for item in row._meta.concrete_fields}
    del facts["remaining_mwh"]
    return {**facts, "metered_mwh": plain(row.metered_mwh)}


def check_rows_match_events() -> Iterator[Fault]:
    """Every claim and every metered month as its newest event tells it."""
    yield from compare_rows_with_events(
        ((f"claims.Claim:{row.pk}", content_of_claim(row)) for row in Claim.objects.iterator()),
        kind="claims.row",
        verbs=["claim.made", "claim.reversed"],
    )
    issuances = Issuance.objects.iterator()
    yield from compare_rows_with_events(
        ((f"claims.Issuance:{row.pk}", content_of_issuance(row)) for row in issuances),
        kind="claims.issuance",
        verbs=["certificates.issued", "certificates.issue_reversed"],
    )
    rows = Generation.objects.iterator()
    yield from compare_rows_with_events(
        ((f"claims.Generation:{row.pk}", content_of_generation(row)) for row in rows),
        kind="claims.generation",
        verbs=["generation.recorded"],
    )


# A standing claim has one retirement of its lot and size, not reversed; what is left of a month is
# what was metered less what standing claims took.
_RETIREMENTS = """
SELECT c.id, c.unit_count, coalesce(m.units, 0), r.id IS NOT NULL, c.state
FROM ledger_claims_claim c
LEFT JOIN LATERAL (
    SELECT sum(v.unit_count) AS units FROM ledger_units_movement v
    JOIN ledger_units_position p ON p.id = v.to_position_id
    WHERE v.entry_id = c.entry_id AND v.lot_id = c.lot_id AND p.state = 'RETIRED') m ON true
LEFT JOIN ledger_units_entry r ON r.reverses_id = c.entry_id
WHERE c.entry_id IS NOT NULL
  AND (coalesce(m.units, 0) <> c.unit_count OR (r.id IS NOT NULL) <> (c.state = 'REVERSED')
       OR (c.state = 'REVERSED' AND r.id IS DISTINCT FROM c.reversal_entry_id))
"""
# An issue taken back has its reversal, and no other issue has one.
_ISSUANCES = """
SELECT i.id, i.state, r.id IS NOT NULL
FROM ledger_claims_issuance i
LEFT JOIN ledger_units_entry r ON r.reverses_id = i.entry_id
WHERE i.entry_id IS NOT NULL
  AND ((r.id IS NOT NULL) <> (i.state = 'REVERSED')
       OR (i.state = 'REVERSED' AND r.id IS DISTINCT FROM i.reversal_entry_id))
"""
_REMAINING = """
SELECT g.id, g.remaining_mwh, g.metered_mwh - coalesce(s.mwh, 0)
FROM ledger_claims_generation g
LEFT JOIN (SELECT generation_id, sum(mwh) AS mwh FROM ledger_claims_generationslice
           WHERE stands GROUP BY 1) s ON s.generation_id = g.id
WHERE g.remaining_mwh <> g.metered_mwh - coalesce(s.mwh, 0)
"""


def check_against_retirements() -> Iterator[Fault]:
    """Claims against the movements that retired their units, and months against their claims."""
    with connection.cursor() as cursor:
        cursor.execute(_RETIREMENTS)
        for claim, wanted, retired, is_reversed, state in cursor.fetchall():
            text = f"claims {wanted} ({state}), its entry retired {retired}"
            text += ", and was reversed" if is_reversed else ""
            yield Fault("claims.retirements", f"claims.Claim:{claim}", text)
        cursor.execute(_ISSUANCES)
        for issuance, state, is_reversed in cursor.fetchall():
            text = f"{state}, its entry " + ("was reversed" if is_reversed else "was not reversed")
            yield Fault("claims.issuance", f"claims.Issuance:{issuance}", text)
        cursor.execute(_REMAINING)
        for row, told, counted in cursor.fetchall():
            text = f"{told} MWh said to be left, {counted} by its claims"
            yield Fault("claims.remaining", f"claims.Generation:{row}", text)
