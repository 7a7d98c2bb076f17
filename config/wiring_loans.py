"""Facilities and pledges: who decides, what is verified, what must be secured first."""


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
    from ledger.audit import queries as audit
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
    audit.register_check("webhooks.rows_match_events", webhooks.check_rows_match_events)
    facilities.drawdown_guards.append(pledges.check_drawdown)
    audit.register_check("facilities.rows_match_events", books.check_rows_match_events)
    audit.register_check("pledges.rows_match_events", watched.check_rows_match_events)
    # finance knows what a hold secures; an attestation says it beside its proofs
    assembling.finance.append(watched.told_of_holds)
