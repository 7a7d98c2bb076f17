"""What finance's rooms tell those below: acts that wait for an approval, rows to be verified."""

from config import wiring_loans


def connect() -> None:
    """Called once, by `config/wiring.py`."""
    wiring_loans.connect()
    _approvable_finance()
    _checks_of_funds()
    _prices()
    _agreements_and_hedges()


def _approvable_finance() -> None:
    """Acts on other people's money."""
    from finance.funds import approvable as funds
    from finance.proceeds import approvable as proceeds
    from finance.sharing import approvable as sharing
    from ledger.approvals import proposing

    for acts in (funds.ACTS, proceeds.ACTS, sharing.ACTS):
        proposing.register_all(acts)


def _checks_of_funds() -> None:
    """Funds, raised money and agreements against what the log says of them."""
    from finance.funds import queries as funds
    from finance.proceeds import queries as proceeds
    from finance.sharing import queries as sharing
    from ledger.audit import queries as audit

    audit.register_check("funds.rows_match_events", funds.check_rows_match_events)
    audit.register_check("proceeds.rows_match_events", proceeds.check_rows_match_events)
    audit.register_check("sharing.rows_match_events", sharing.check_rows_match_events)


def _prices() -> None:
    """Everybody's values rest on marks: whoever tells them does not agree to them."""
    from finance.prices import approvable
    from ledger.approvals import operations as approvals

    for name, (execute, describe, fingerprint) in approvable.OPERATIONS.items():
        approvals.register(
            name,
            execute=execute,
            describe=describe,
            fingerprint=fingerprint,
            title=approvable.TITLES[name],
        )


def _agreements_and_hedges() -> None:
    """Units that go over to another party, and contracts that bind."""
    from finance.hedges import approvable as hedges
    from finance.repos import approvable as repos
    from ledger.approvals import operations as approvals
    from ledger.approvals import proposing

    proposing.register_all(hedges.ACTS)
    for name, act in repos.ACTS.items():
        approvals.register(
            name,
            execute=act.execute,
            describe=act.say,
            fingerprint=act.fingerprint,
            size=repos.size,
            title=act.title,
        )
