"""What `verify_ledger` asks of every room: its rows against what the log says of them."""


def connect() -> None:
    """Called once, by the wiring."""
    _ledger()
    _proofs()
    _finance()
    _reporting()


def _ledger() -> None:
    from ledger.accounts import queries as accounts
    from ledger.approvals import checks as approvals
    from ledger.audit import queries as audit
    from ledger.claims import queries as claims
    from ledger.compliance import queries as compliance
    from ledger.files import queries as files
    from ledger.holds import queries as holds
    from ledger.imports import queries as imports
    from ledger.instruments import queries as instruments
    from ledger.parameters import queries as parameters
    from ledger.parties import checks as parties
    from ledger.reconciliation import checks as reconciliation
    from ledger.units import queries as units

    audit.register_check("parties.rows_match_events", parties.check_rows)
    audit.register_check("approvals.rows_match_events", approvals.check_rows)
    audit.register_check("parameters.rows_match_events", parameters.check_rows_against_events)
    audit.register_check("instruments.rows_match_events", instruments.check_rows_match_events)
    audit.register_check("imports.rows_match_events", imports.check_rows_match_events)
    audit.register_check("files.rows_and_contents", files.check_rows_and_contents)
    audit.register_check("accounts.rows_match_events", accounts.check_rows_match_events)
    audit.register_check("units.rows_match_events", units.check_bodies)
    audit.register_check("units.balances", units.check_balances)
    audit.register_check("holds.rows_match_events", holds.check_rows_match_events)
    audit.register_check("holds.match_positions", holds.check_against_positions)
    audit.register_check("claims.rows_match_events", claims.check_rows_match_events)
    audit.register_check("claims.match_retirements", claims.check_against_retirements)
    audit.register_check("reconciliation.rows_match_events", reconciliation.check_rows)
    audit.register_check(
        "reconciliation.statements_are_answered", reconciliation.check_differences_are_breaks
    )
    audit.register_check("compliance.rows_match_events", compliance.check_rows_match_events)
    audit.register_check("compliance.reckoned_again", compliance.check_reckonings)


def _proofs() -> None:
    from ledger.audit import queries as audit
    from ledger.proofs import queries as proofs

    audit.register_check("audit.cosignatures", audit.check_cosignatures)
    audit.register_check("proofs.commitments", proofs.check_commitments)
    audit.register_check("proofs.trees", proofs.check_trees)


def _finance() -> None:
    from finance.hedges import queries as hedges
    from finance.planner import queries as planner
    from finance.prices import queries as prices
    from finance.repos import queries as repos
    from ledger.audit import queries as audit

    audit.register_check("prices.rows_match_events", prices.check_rows_match_events)
    audit.register_check("repos.rows_match_events", repos.check_rows_match_events)
    audit.register_check("hedges.rows_match_events", hedges.check_rows_match_events)
    audit.register_check("planner.rows_match_events", planner.check_rows_match_events)


def _reporting() -> None:
    from ledger.audit import queries as audit
    from reporting.activity import queries as activity
    from reporting.attestations import queries as attestations
    from reporting.disclosures import queries as disclosures
    from reporting.entries import queries as entries
    from reporting.factors import queries as factors
    from reporting.indicators import queries as indicators
    from reporting.inventories import queries as inventories
    from reporting.packages import queries as packages
    from reporting.parks import queries as parks
    from reporting.readings import queries as readings
    from reporting.targets import queries as targets
    from reporting.verification import queries as verification

    audit.register_check("entries.rows_match_events", entries.check_rows)
    audit.register_check("indicators.rows_match_events", indicators.check_rows)
    audit.register_check("targets.rows_match_events", targets.check_rows)
    audit.register_check("disclosures.rows_match_events", disclosures.check_rows)
    audit.register_check("packages.rows_match_events", packages.check_rows)
    audit.register_check("attestations.rows_match_events", attestations.check_rows)
    audit.register_check("parks.rows_match_events", parks.rows_match_events)
    audit.register_check("readings.rows_match_events", readings.check_rows)
    audit.register_check("inventories.rows_match_events", inventories.rows_match_events)
    audit.register_check("verification.rows_match_events", verification.rows_match_events)
    audit.register_check("factors.rows_match_events", factors.check_rows_against_events)
    audit.register_check("activity.rows_match_events", activity.check_rows_against_events)
