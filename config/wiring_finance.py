"""What finance's rooms tell those below: acts that wait for an approval, rows to be verified."""


def connect() -> None:
    """Called once, by `config/wiring.py`."""
    _approvable_finance()
    _checks_of_funds()
    _approvable_ppas()
    _checks_of_contracts()
    _settlements()
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


def _approvable_ppas() -> None:
    from finance.ppas import approvable as ppas
    from ledger.approvals import operations as approvals

    acts = (
        (ppas.SIGN, ppas.sign, ppas.describe_sign, ppas.fingerprint_sign),
        (ppas.AMEND, ppas.amend, ppas.describe_amend, ppas.fingerprint_amend),
        (ppas.FINALISE, ppas.finalise, ppas.describe_finalise, ppas.fingerprint_finalise),
        (ppas.ADJUST, ppas.adjust, ppas.describe_adjust, ppas.fingerprint_adjust),
    )
    for name, execute, describe, fingerprint in acts:
        approvals.register(name, execute=execute, describe=describe, fingerprint=fingerprint)
    approvals.register(
        ppas.DELIVER,
        execute=ppas.deliver,
        describe=ppas.describe_deliver,
        fingerprint=ppas.fingerprint_deliver,
        size=ppas.size_of_delivery,
        title=ppas.TITLES[ppas.DELIVER],
    )
    approvals.register(
        ppas.CLAIM,
        execute=ppas.claim,
        describe=ppas.describe_claim,
        fingerprint=ppas.fingerprint_claim,
        size=ppas.size_of_claim,
        title=ppas.TITLES[ppas.CLAIM],
    )


def _checks_of_contracts() -> None:
    from finance.ppas import queries as ppas
    from ledger.audit import queries as audit

    audit.register_check("ppas.rows_match_events", ppas.check_rows_match_events)
    audit.register_check("ppas.meter_rows", ppas.check_meter_rows)
    audit.register_check("ppas.sums", ppas.check_sums)


def _settlements() -> None:
    """Statements become documents, and lead to what they do to emissions, further up."""
    from finance.ppas.queries import documents as statements
    from reporting.documents import queries as documents
    from reporting.inventories import queries as inventories

    statements.renderers.append(documents.get_settlement_pdf)
    statements.more_links.append(inventories.links_of_settlement)


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
