"""What finance's rooms tell those below: acts that wait for an approval, rows to be verified."""

from config import wiring_loans


def connect() -> None:
    """Called once, by `config/wiring.py`."""
    wiring_loans.connect()
    _approvable_finance()
    _checks_of_funds()
    _approvable_ppas()
    _checks_of_contracts()
    _settlements()
    _prices()
    _agreements_and_hedges()
    _approvable_trades()
    _checks_of_trades()
    _imports()


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


def _approvable_trades() -> None:
    from finance.trades import approvable as trades
    from ledger.approvals import operations as approvals

    approvals.register(
        trades.RECORD,
        execute=trades.record,
        describe=trades.describe_record,
        fingerprint=trades.fingerprint_record,
        size=trades.size,
        title=trades.TITLES[trades.RECORD],
    )
    approvals.register(
        trades.SETTLE,
        execute=trades.settle,
        describe=trades.describe_settlement,
        fingerprint=trades.fingerprint_settlement,
        size=trades.size_of_settlement,
        title=trades.TITLES[trades.SETTLE],
    )
    approvals.register(
        trades.REVERSE,
        execute=trades.reverse,
        describe=trades.describe_reversal,
        fingerprint=trades.fingerprint_settlement,
        size=trades.size_of_reversal,
        title=trades.TITLES[trades.REVERSE],
    )
    approvals.register(
        trades.POLICY,
        execute=trades.set_policy,
        describe=trades.describe_policy,
        fingerprint=trades.fingerprint_policy,
    )


def _checks_of_trades() -> None:
    """Trades against what the log says of them, and cost lots against the positions."""
    from finance.trades import queries as trades
    from ledger.audit import queries as audit

    audit.register_check("trades.rows_match_events", trades.check_rows_match_events)
    audit.register_check("trades.cost_lots", trades.check_cost_lots_match_positions)


def _imports() -> None:
    """A broker's list of deals is held against trades; a source's prices become marks."""
    from finance.prices import importing as prices
    from finance.trades import importing as deals
    from ledger.imports import operations as imports
    from ledger.kernel.errors import N_

    imports.register_target(
        "deals",
        title=N_("Broker's statement, to be matched with trades"),
        check=deals.check,
        commit=deals.commit,
        undo=deals.undo,
        summarise=deals.summarise,
        schemes=deals.schemes_to_choose,
        leads_to=deals.leads_to,
    )
    imports.register_target(
        "prices",
        title=N_("Prices and exchange rates of days"),
        check=prices.check,
        commit=prices.commit,
        undo=prices.undo,
        summarise=prices.summarise,
        schemes=prices.schemes_to_choose,
        constants=prices.constants,
        leads_to=prices.leads_to,
        acts=prices.ACTS,
        moves_units=False,
        is_approved=True,
        is_whole=True,
    )
