"""Facilities and pledges: who decides, what is verified, what must be secured first."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID


def connect() -> None:
    """Called once, by `config/wiring_finance.py`."""
    from finance.facilities import approvable as lending
    from finance.facilities import operations as facilities
    from finance.facilities import queries as books
    from finance.pledges import approvable as securing
    from finance.pledges import operations as pledges
    from finance.pledges import queries as watched
    from ledger.approvals import operations as approvals
    from ledger.approvals import proposing
    from ledger.audit import keys
    from ledger.audit import queries as audit
    from ledger.webhooks import keys as webhook_keys
    from ledger.webhooks import queries as webhooks
    from reporting.attestations import assembling

    proposing.register_all(lending.ACTS)
    for name, (act, size) in securing.ACTS.items():
        approvals.register(
            name,
            execute=act.execute,
            describe=act.say,
            fingerprint=act.fingerprint,
            size=size,
            title=act.title,
        )
    webhooks.register_kinds(*pledges.KINDS)
    keys.register_key_maker(webhook_keys.NAME, webhook_keys.make_missing_key)
    keys.register_key_rotator(webhook_keys.NAME, webhooks.rotate_key)
    audit.register_check("webhooks.rows_match_events", webhooks.check_rows_match_events)
    facilities.drawdown_guards.append(pledges.check_drawdown)
    audit.register_check("facilities.rows_match_events", books.check_rows_match_events)
    audit.register_check("pledges.rows_match_events", watched.check_rows_match_events)
    # finance knows what a hold secures; an attestation says it beside its proofs
    assembling.finance.append(watched.told_of_holds)
    books.figure_tellers.append(_verified_figures)
    assembling.subjects.append(watched.subjects_of_holds)


def _verified_figures(party_id: UUID) -> Iterator[Any]:
    """Totals of a borrower's inventories, as her verifiers left them."""
    from finance.facilities.rules.margins import Verified
    from ledger.parties import queries as parties
    from reporting.verification import queries as verification

    for one in verification.verified_figures(party_id):
        view = one.opinion
        yield Verified(
            source=one.source,
            name=f"{one.park}: {verification.TOTALS[one.total]}",
            year=one.year,
            value=one.value,
            measure=one.measure,
            verified_by=parties.name_of(one.verifier_id)[:200],
            opinion=f"{view.kind}, {view.given_at:%Y-%m-%d}, {view.bound_hash[:16]}",
            sha256=view.bound_hash,
        )
